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
    type Future = ContextFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        if request.extensions().get::<InvocationContext>().is_some() {
            let twice = Problem::new(ProblemKind::Misconfigured)
                .with_detail("ContextLayer stands behind another door");
            return ContextFuture::refused(twice);
        }
        let peer = (self.peer)(request.extensions());
        match self.edge.admit(request.headers_mut(), peer) {
            Err(problem) => ContextFuture::refused(problem),
            Ok(ctx) => {
                let id = ctx.trace().originating();
                request.extensions_mut().insert(ctx);
                let inner = self.inner.call(request);
                ContextFuture {
                    state: State::Admitted { id, inner },
                }
            }
        }
    }
}

pin_project! {
    /// The future of [`ContextService`].
    #[derive(Debug)]
    pub struct ContextFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    enum State<F> {
        Refused { problem: Option<Problem> },
        Admitted { id: InvocationId, #[pin] inner: F },
    }
}

impl<F> ContextFuture<F> {
    const fn refused(problem: Problem) -> Self {
        Self {
            state: State::Refused {
                problem: Some(problem),
            },
        }
    }
}

impl<F, ResBody, E> Future for ContextFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: ProblemBody,
{
    type Output = Result<Response<ResBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (id, mut response) = match self.project().state.project() {
            Projected::Refused { problem } => {
                let problem = problem
                    .take()
                    .unwrap_or_else(|| Problem::new(ProblemKind::Misconfigured));
                (problem.instance(), problem.into_http())
            }
            Projected::Admitted { id, inner } => (Some(*id), ready!(inner.poll(cx))?),
        };
        strip_internal(response.headers_mut());
        if let Some(text) = id.and_then(|id| HeaderValue::try_from(id.to_string()).ok()) {
            response.headers_mut().insert(ORIGINATING_ID, text);
        }
        Poll::Ready(Ok(response))
    }
}
