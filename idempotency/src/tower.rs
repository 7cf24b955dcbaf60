//! Step 6 of the way of an invocation: key, window and fingerprint before the handler.

use core::future::Future;
use core::iter;
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
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;
use tower::Layer;
use tower::Service;

use crate::engine::Engine;
use crate::execution::Execution;
use crate::execution::Used;

/// Says on an answer that it is the first one given again.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The most bytes of a payload.
const MAX_PAYLOAD: usize = 1024 * 1024;

/// Prepares an [`Execution`] for every request that reaches it and hands it to the handler. The payload is read
/// once and passed on as it came.
///
/// A success of a handler that never asked its store becomes a 500: the effect was not guarded.
///
/// It stands inside authorization, so that a caller whose rights were revoked gets no stored answer, and directly around
/// the handlers that it guards. The operation is the request's
/// ([`Operation::of`](skeleton_invocation_context::Operation::of)).
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

impl Execution {
    /// Takes the attempt that [`IdempotencyLayer`] prepared out of a request's extensions; nothing without the layer,
    /// or the second time. With axum it is an extractor.
    #[must_use]
    pub fn take_from(extensions: &http::Extensions) -> Option<Self> {
        let Slot(slot) = extensions.get()?;
        slot.lock().unwrap_or_else(PoisonError::into_inner).take()
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
            let (request, used, instance) = match prepare(&engine, request).await {
                Ok(prepared) => prepared,
                Err(problem) => return Ok(problem.into_http()),
            };
            let mut response = inner.call(request).await?;
            let is_stored = response.extensions().get::<Stored>().is_some();
            if response.status().is_success() && !is_stored && !used.is_set() {
                let unguarded = Problem::new(ProblemKind::Misconfigured)
                    .with_detail("the handler answered without asking its store")
                    .with_instance(instance);
                return Ok(unguarded.into_http());
            }
            if !is_stored {
                response.headers_mut().remove(REPLAYED);
            }
            Ok(response)
        })
    }
}

/// The request with its attempt, the sign that the attempt was used, and the id of the hop.
async fn prepare<B>(
    engine: &Engine,
    request: Request<B>,
) -> Result<(Request<B>, Used, InvocationId), Problem>
where
    B: Body + From<Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (mut parts, body) = request.into_parts();
    let ctx = parts.extensions.get::<InvocationContext>().cloned();
    let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
    let instance = ctx.trace().current();
    let operation = Operation::of(&parts).ok_or_else(|| {
        Problem::new(ProblemKind::Misconfigured)
            .with_detail("the request names no operation")
            .with_instance(instance)
    })?;
    let payload = read(body)
        .await
        .map_err(|problem| problem.with_instance(instance))?;
    let execution = engine.begin(&ctx, &operation, &payload);
    let execution = execution.map_err(|refused| Problem::from(refused).with_instance(instance))?;
    let used = execution.used();
    parts
        .extensions
        .insert(Slot(Arc::new(Mutex::new(Some(execution)))));
    Ok((Request::from_parts(parts, payload.into()), used, instance))
}

async fn read<B>(body: B) -> Result<Bytes, Problem>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, MAX_PAYLOAD).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if is_too_large(&*error) => Err(Problem::new(ProblemKind::TooLarge)),
        Err(_) => Err(Problem::new(ProblemKind::Malformed).with_detail("the body broke off")),
    }
}

/// Whether the payload passed this limit, or that of a layer further out.
fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    iter::successors(Some(error), |error| error.source())
        .any(|error| error.is::<LengthLimitError>())
}
