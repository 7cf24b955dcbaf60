//! Step 5 of the way of an invocation: the check before the handler.

mod admission;
mod events;
mod pending;
mod slot;

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use std::sync::Arc;

use http::Request;
use http::Response;
use http_body::Body;
use skeleton_invocation_context::ProblemBody;
use tower::Layer;
use tower::Service;

use self::admission::Passed;
use self::admission::Refused;
pub use self::pending::Pending;
#[cfg(feature = "axum-08")]
pub(crate) use self::slot::Slot;
use crate::authorizer::Authorizer;
#[cfg(doc)]
use crate::decision::DecisionRecord;
use crate::guarded::ErasedLocator;
use crate::guarded::Locator;
use crate::operations::Operations;

/// Checks every request before its handler: reads the payload once, decides by one snapshot, and hands payload and proof
/// inward together with the bytes as they came.
///
/// It stands inside authentication and directly around the routes (`Router::route_layer` in axum), so that a request
/// that matches no route stays the router's 404. An operation that the registry does not name is refused with 500
/// before its handler. A listing that succeeds although its handler never took the snapshot has checked nothing: its
/// answer is dropped for a 500. The answer to a guarded operation carries the [`DecisionRecord`] in its extensions, for
/// the audit outside; there is none where nothing was decided, as for a payload that cannot be read.
///
/// Over gRPC only the service itself can read its messages. A layer that was made [for it](Self::for_grpc) leaves the
/// handler a [`Pending`] in the request's extensions, and drops a success without a check by it in the same way.
///
/// Events of `tracing`, with the target `authz`: `authz.denied`, `authz.undecidable` and `authz.unchecked`. They name
/// operation, permission and reason, never grants.
#[derive(Clone)]
pub struct AuthorizationLayer(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    authorizer: Authorizer,
    operations: Operations,
    locator: Option<Arc<dyn ErasedLocator>>,
    is_for_grpc: bool,
}

impl AuthorizationLayer {
    /// A layer that checks these operations.
    #[must_use]
    pub fn new(authorizer: Authorizer, operations: Operations) -> Self {
        Self(Arc::new(Parts {
            authorizer,
            operations,
            locator: None,
            is_for_grpc: false,
        }))
    }

    /// With the port that finds where resources are.
    #[must_use]
    pub fn with_locator(self, locator: impl Locator) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        parts.locator = Some(Arc::new(locator));
        Self(Arc::new(parts))
    }

    /// For services of tonic: their handlers check by [`Pending`].
    ///
    /// # Security
    ///
    /// It is the service that says so, never the content type of a request: else a client could choose to reach a
    /// handler of JSON unchecked.
    #[must_use]
    pub fn for_grpc(self) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        parts.is_for_grpc = true;
        Self(Arc::new(parts))
    }
}

impl core::fmt::Debug for AuthorizationLayer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("AuthorizationLayer")
            .field(&self.0.operations)
            .finish()
    }
}

impl<S> Layer<S> for AuthorizationLayer {
    type Service = AuthorizationService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthorizationService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`AuthorizationLayer`] makes.
#[derive(Clone, Debug)]
pub struct AuthorizationService<S> {
    inner: S,
    layer: AuthorizationLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for AuthorizationService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    ReqBody: Body + ProblemBody + Send + 'static,
    ReqBody::Data: Send,
    ReqBody::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    ResBody: ProblemBody,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The service that was polled ready is called; the clone waits for its turn.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let language = layer.0.language(request.headers());
            let (mut response, record) = match layer.0.admit(request).await {
                Ok(Passed { request, watched }) => {
                    let answer = inner.call(request).await?;
                    match watched {
                        Some(watched) => (watched.judged(answer, &language), watched.record()),
                        None => (answer, None),
                    }
                }
                Err(Refused { problem, record }) => (problem.answer_to(&language), record),
            };
            if let Some(record) = record {
                // A handler that checks more, and refuses, has noted the nearer decision already.
                response.extensions_mut().get_or_insert(record);
            }
            Ok(response)
        })
    }
}
