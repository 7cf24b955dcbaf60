//! Step 6 of the way of an invocation, as a tower layer: key, claim, handler, record, replay.

mod body;
mod capture;
mod replay;
mod request;
mod service;
mod stream;

use http::HeaderName;
use tower::Layer;

pub use self::body::GuardedBody;
pub use self::replay::ReplayAs;
#[cfg(feature = "axum-08")]
pub(crate) use self::replay::Stored;
#[cfg(feature = "axum-08")]
pub(crate) use self::replay::response_of;
pub use self::service::IdempotencyService;
use crate::engine::Engine;
use crate::store::InTransaction;

/// Says on an answer that it is the first one given again: `true`, or `body-omitted` if its body was not kept.
pub const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Guards the operations that have a policy, on POST and PATCH: claims, runs the handler in a task that outlives its caller,
/// records the answer before it leaves, and gives it again to whoever repeats the invocation.
///
/// In [`Mode::Transactional`](crate::Mode::Transactional) the handler claims and records itself, by
/// [`Execution::transaction`](crate::Execution::transaction) or [`Execution::accept`](crate::Execution::accept); a success
/// that it gives without either becomes a 500: the effect was not guarded.
///
/// It stands inside authorization, so that a caller whose rights were revoked gets no stored answer, inside compression and
/// timeouts, and directly around the handlers. The operation is the request's
/// ([`Operation::of`](skeleton_invocation_context::Operation::of)).
#[derive(Debug)]
pub struct IdempotencyLayer<St = InTransaction> {
    engine: Engine<St>,
}

impl<St> Clone for IdempotencyLayer<St> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
        }
    }
}

impl<St> IdempotencyLayer<St> {
    /// A layer of this engine.
    #[must_use]
    pub const fn new(engine: Engine<St>) -> Self {
        Self { engine }
    }
}

impl<S, St> Layer<S> for IdempotencyLayer<St> {
    type Service = IdempotencyService<S, St>;

    fn layer(&self, inner: S) -> Self::Service {
        IdempotencyService::new(inner, self.engine.clone())
    }
}
