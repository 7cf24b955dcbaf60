//! Step 1 of the way of an invocation: the edge.

use core::future::Future;
use core::net::SocketAddr;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use core::task::ready;

use http::Extensions;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
use pin_project_lite::pin_project;
use tower::Layer;
use tower::Service;

use super::refusal::AnswerFuture;
use crate::context::InvocationContext;
use crate::edge::Edge;
use crate::edge::strip_internal;
use crate::http::ProblemBody;
use crate::id::InvocationId;
use crate::problem::Problem;
use crate::problem::ProblemKind;

const ORIGINATING_ID: HeaderName = HeaderName::from_static("x-originating-id");

/// Makes the context of every request, puts it into the request's extensions, and names the trace in
/// every answer (`X-Originating-Id`).
///
/// It goes around all other layers: add it last. A context that is there already means that two doors
/// stand behind one another: 500.
#[derive(Clone, Debug)]
pub struct ContextLayer<P> {
    edge: Edge,
    peer: P,
}

impl<P> ContextLayer<P>
where
    P: Fn(&Extensions) -> Option<SocketAddr> + Clone,
{
    /// A layer that admits by `edge` and learns the socket's peer by `peer`.
    #[must_use]
    pub const fn new(edge: Edge, peer: P) -> Self {
        Self { edge, peer }
    }
}

impl<S, P: Clone> Layer<S> for ContextLayer<P> {
    type Service = ContextService<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        ContextService {
            inner,
            edge: self.edge.clone(),
            peer: self.peer.clone(),
        }
    }
}

/// The service that [`ContextLayer`] makes.
#[derive(Clone, Debug)]
pub struct ContextService<S, P> {
    inner: S,
    edge: Edge,
    peer: P,
}

impl<S, P, ReqBody, ResBody> Service<Request<ReqBody>> for ContextService<S, P>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    P: Fn(&Extensions) -> Option<SocketAddr>,
    ResBody: ProblemBody,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ContextFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let peer = (self.peer)(request.extensions());
        let (id, answer) = match admit(&self.edge, &mut request, peer) {
            Ok(id) => (Some(id), AnswerFuture::inner(self.inner.call(request))),
            Err(problem) => {
                let id = problem.instance();
                (id, AnswerFuture::refused(problem, request.headers()))
            }
        };
        ContextFuture { id, answer }
    }
}

/// Puts the context of the request into its extensions; the id under which its trace begins.
fn admit<B>(
    edge: &Edge,
    request: &mut Request<B>,
    peer: Option<SocketAddr>,
) -> Result<InvocationId, Problem> {
    if request.extensions().get::<InvocationContext>().is_some() {
        return Err(Problem::new(ProblemKind::Misconfigured)
            .with_detail("ContextLayer stands behind another door"));
    }
    let admitted = edge.admit_counting(request.headers_mut(), peer);
    #[cfg(feature = "tracing")]
    crate::tracing::report_admission(&admitted);
    let (ctx, _stripped) = admitted?;
    let id = ctx.trace().originating();
    request.extensions_mut().insert(ctx);
    Ok(id)
}

pin_project! {
    /// The future of [`ContextService`].
    #[derive(Debug)]
    pub struct ContextFuture<F, B> {
        id: Option<InvocationId>,
        #[pin]
        answer: AnswerFuture<F, B>,
    }
}

impl<F, ResBody, E> Future for ContextFuture<F, ResBody>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
{
    type Output = Result<Response<ResBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.answer.poll(cx))?;
        strip_internal(response.headers_mut());
        if let Some(text) = this
            .id
            .and_then(|id| HeaderValue::try_from(id.to_string()).ok())
        {
            response.headers_mut().insert(ORIGINATING_ID, text);
        }
        Poll::Ready(Ok(response))
    }
}
