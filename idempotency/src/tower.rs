//! Step 6 of the way of an invocation: key, window and fingerprint before the handler.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use bytes::Bytes;
use http::HeaderName;
use http::Request;
use http::Response;
use http_body::Body;
use http_body_util::BodyExt;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;
use tower::Layer;
use tower::Service;

use crate::engine::Engine;
use crate::execution::Execution;

/// Says on an answer that it is the first one given again.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The most bytes of a payload.
const MAX_PAYLOAD: usize = 1024 * 1024;

/// Prepares an [`Execution`] for every request that reaches it and hands it to the handler. The payload is read
/// once and passed on as it came.
///
/// It stands inside authorization, so that a caller whose rights were revoked gets no stored answer, and directly around
/// the handlers that it guards. The operation is the request's
/// ([`Operation::of_http`](skeleton_invocation_context::Operation::of_http)).
#[derive(Clone, Debug)]
pub struct IdempotencyLayer {
    engine: Engine,
}

impl IdempotencyLayer {
    /// A layer of this engine.
    #[must_use]
    pub const fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

impl<S> Layer<S> for IdempotencyLayer {
    type Service = IdempotencyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        IdempotencyService {
            inner,
            engine: self.engine.clone(),
        }
    }
}

/// The service that [`IdempotencyLayer`] makes.
#[derive(Clone, Debug)]
pub struct IdempotencyService<S> {
    inner: S,
    engine: Engine,
}

/// Hands an [`Execution`] from the layer to the extractor; it can be emptied once.
#[derive(Clone, Debug)]
pub(crate) struct Slot(Arc<Mutex<Option<Execution>>>);

impl Slot {
    #[cfg_attr(
        not(feature = "axum-08"),
        expect(dead_code, reason = "its reader is an extractor")
    )]
    pub(crate) fn take(&self) -> Option<Execution> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A marker on an answer that is truly a stored one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored;

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for IdempotencyService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    ReqBody: Body + From<Bytes> + Send + 'static,
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
        let engine = self.engine.clone();
        Box::pin(async move {
            match prepare(&engine, request).await {
                Err(problem) => Ok(problem.into_http()),
                Ok(request) => {
                    let mut response = inner.call(request).await?;
                    if response.extensions().get::<Stored>().is_none() {
                        response.headers_mut().remove(REPLAYED);
                    }
                    Ok(response)
                }
            }
        })
    }
}

async fn prepare<B>(engine: &Engine, request: Request<B>) -> Result<Request<B>, Problem>
where
    B: Body + From<Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut parts, body) = request.into_parts();
    let ctx = parts.extensions.get::<InvocationContext>().cloned();
    let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
    let instance = ctx.trace().current();
    let operation = Operation::of_http(&parts).ok_or_else(|| {
        Problem::new(ProblemKind::Misconfigured)
            .with_detail("the request names no operation")
            .with_instance(instance)
    })?;
    let payload = read(body)
        .await
        .map_err(|problem| problem.with_instance(instance))?;
    let execution = engine.begin(&ctx, &operation, &payload);
    let execution = execution.map_err(|refused| Problem::from(refused).with_instance(instance))?;
    parts
        .extensions
        .insert(Slot(Arc::new(Mutex::new(Some(execution)))));
    Ok(Request::from_parts(parts, payload.into()))
}

async fn read<B>(body: B) -> Result<Bytes, Problem>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, MAX_PAYLOAD).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::new(ProblemKind::TooLarge)),
        Err(_) => Err(Problem::new(ProblemKind::Malformed).with_detail("the body broke off")),
    }
}
