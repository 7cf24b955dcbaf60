//! What the layer makes of a request before anything is claimed.

use core::iter;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use bytes::Bytes;
use http::Method;
use http::Request;
use http::request::Parts;
use http_body::Body;
use http_body_util::BodyExt;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use super::body::BoxError;
use crate::engine::Engine;
use crate::execution::Execution;
use crate::payload::Payload;
use crate::policy::RequestParts;
use crate::store::Store;

/// The most bytes of a payload.
const MAX_PAYLOAD: usize = 1024 * 1024;

/// Hands an [`Execution`] from the layer to the extractor; it can be emptied once.
#[derive(Clone, Debug)]
pub(crate) struct Slot(Arc<Mutex<Option<Execution>>>);

impl Slot {
    pub(super) fn of(once: Execution) -> Self {
        Self(Arc::new(Mutex::new(Some(once))))
    }
}

impl Execution {
    /// Takes the attempt that [`IdempotencyLayer`](crate::IdempotencyLayer) prepared out of a request's extensions; nothing
    /// without the layer, or the second time. With axum it is an extractor.
    #[must_use]
    pub fn take_from(extensions: &http::Extensions) -> Option<Self> {
        let Slot(slot) = extensions.get()?;
        slot.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A request whose payload was read, and the attempt at it.
pub(super) struct Prepared {
    pub(super) parts: Parts,
    pub(super) payload: Bytes,
    pub(super) once: Execution,
    pub(super) instance: InvocationId,
}

/// Whether the layer guards a request: its method can have an effect, and its operation a policy. A request that names no
/// operation is not let past.
pub(super) fn is_guarded<S: Store, B>(engine: &Engine<S>, request: &Request<B>) -> bool {
    let has_effect = matches!(*request.method(), Method::POST | Method::PATCH);
    has_effect
        && Operation::of_request(request)
            .is_none_or(|operation| engine.policy_of(&operation).is_some())
}

/// Reads the payload and prepares the attempt.
pub(super) async fn prepare<S: Store, B>(
    engine: &Engine<S>,
    request: Request<B>,
) -> Result<Prepared, Problem>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let (parts, body) = request.into_parts();
    let ctx = parts.extensions.get::<InvocationContext>();
    let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
    let instance = ctx.trace().current();
    let named = |problem: Problem| problem.with_instance(instance);
    let operation = Operation::of(&parts).ok_or_else(|| {
        named(
            Problem::new(ProblemKind::Misconfigured).with_detail("the request names no operation"),
        )
    })?;
    let payload = read(body).await.map_err(named)?;
    let once = {
        let query = parts.uri.query().unwrap_or_default();
        let payload = Payload::from(&payload).with_query(query);
        let once = engine.prepare(ctx, &operation, (payload, RequestParts::of(&parts.headers)));
        once.map_err(|refused| named(refused.into()))?
    };
    Ok(Prepared {
        parts,
        payload,
        once,
        instance,
    })
}

async fn read<B>(body: B) -> Result<Bytes, Problem>
where
    B: Body,
    B::Error: Into<BoxError>,
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
