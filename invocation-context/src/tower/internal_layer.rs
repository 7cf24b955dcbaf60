//! The door of a service behind the edge.

use core::task::Context;
use core::task::Poll;
use std::sync::Arc;

use http::Request;
use http::Response;
use tower::Layer;
use tower::Service;

use super::refusal::AnswerFuture;
use crate::context::InvocationContext;
use crate::edge::strip_internal;
use crate::http::ProblemBody;
use crate::problem::Problem;
use crate::problem::ProblemKind;
use crate::source::IdGenerator;
use crate::wire::ReceiveError;
use crate::wire::TrustDomain;
use crate::wire::headers;

/// Verifies the two headers of a call within the trust domain, begins the hop, and puts its context into the request's
/// extensions. Whatever else a client may send is not read here.
///
/// Any defect, absence included, is the same 401, and nobody becomes anonymous by it. While the domain has no keys:
/// 503. A context that is there already means that two doors stand behind one another: 500.
#[derive(Clone)]
pub struct InternalContextLayer {
    domain: TrustDomain,
    ids: Arc<dyn IdGenerator>,
}

impl InternalContextLayer {
    /// A door of this domain, which draws the ids of hops from `ids`.
    #[must_use]
    pub fn new(domain: TrustDomain, ids: impl IdGenerator + 'static) -> Self {
        Self {
            domain,
            ids: Arc::new(ids),
        }
    }

    fn receive<B>(&self, request: &mut Request<B>) -> Result<InvocationContext, Problem> {
        if request.extensions().get::<InvocationContext>().is_some() {
            return Err(Problem::new(ProblemKind::Misconfigured)
                .with_detail("InternalContextLayer stands behind another door"));
        }
        let child = headers::read(request.headers(), &self.domain);
        strip_internal(request.headers_mut());
        let child = child.map_err(|error: ReceiveError| {
            #[cfg(feature = "tracing")]
            tracing::debug!(reason = error.reason(), "context.refused");
            Problem::from(error)
        })?;
        Ok(child.begin(&*self.ids, self.domain.now()))
    }
}

impl core::fmt::Debug for InternalContextLayer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("InternalContextLayer")
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for InternalContextLayer {
    type Service = InternalContextService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        InternalContextService {
            inner,
            door: self.clone(),
        }
    }
}

/// The service that [`InternalContextLayer`] makes.
#[derive(Clone, Debug)]
pub struct InternalContextService<S> {
    inner: S,
    door: InternalContextLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for InternalContextService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: ProblemBody,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = AnswerFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match self.door.receive(&mut request) {
            Ok(ctx) => {
                request.extensions_mut().insert(ctx);
                AnswerFuture::inner(self.inner.call(request))
            }
            Err(problem) => AnswerFuture::refused(problem, request.headers()),
        }
    }
}
