//! The engine: a plain function from an invocation to the right to try it.

use core::fmt;
use std::sync::Arc;

use skeleton_invocation_context::AccessKind;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::RandomIds;

use crate::execution::Execution;
use crate::fingerprint::FingerprintKeys;
use crate::fingerprint::JsonError;
use crate::key::IdempotencyKey;
use crate::key::KeyError;
use crate::record::Ask;
use crate::record::Mode;
use crate::record::Owner;
use crate::window::Window;

/// Why an invocation may not be tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It has no key.
    #[error("the invocation has no key")]
    Key(#[source] KeyError),
    /// Its payload has no fingerprint.
    #[error("the payload is not valid")]
    Payload(#[source] JsonError),
    /// Its key is outside of the window: purged by now, or from the future.
    #[error("the key is outside of its window")]
    Expired {
        /// How long a key of this kind is accepted.
        window: core::time::Duration,
    },
}

/// Makes executions. Cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Parts>);

struct Parts {
    keys: FingerprintKeys,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdGenerator>,
    window: Window,
    mode: Mode,
}

/// An engine that lacks its mode. There is no default: what is guaranteed is the mode's.
///
/// ```compile_fail
/// use skeleton_idempotency::{Engine, FingerprintKeys};
/// use skeleton_invocation_context::SystemClock;
/// let engine = Engine::builder(FingerprintKeys::new([7; 32]), SystemClock).build();
/// ```
#[derive(Debug)]
pub struct EngineBuilder<M> {
    keys: FingerprintKeys,
    clock: Clocked,
    window: Window,
    mode: M,
}

/// No mode was named yet.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NoMode;

struct Clocked(Box<dyn Clock>);

impl fmt::Debug for Clocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl EngineBuilder<NoMode> {
    /// Names the mode of every operation that this engine guards.
    #[must_use]
    pub fn mode(self, mode: Mode) -> EngineBuilder<Mode> {
        EngineBuilder {
            keys: self.keys,
            clock: self.clock,
            window: self.window,
            mode,
        }
    }
}

impl<M> EngineBuilder<M> {
    /// Sets the window; 24 hours by default.
    #[must_use]
    pub fn window(self, window: Window) -> Self {
        Self { window, ..self }
    }
}

impl EngineBuilder<Mode> {
    /// The engine.
    #[must_use]
    pub fn build(self) -> Engine {
        let Self {
            keys,
            clock,
            window,
            mode,
        } = self;
        Engine(Arc::new(Parts {
            keys,
            clock: clock.0,
            ids: Box::new(RandomIds),
            window,
            mode,
        }))
    }
}

impl Engine {
    /// Begins an engine with the key of its fingerprints.
    #[must_use]
    pub fn builder(keys: FingerprintKeys, clock: impl Clock + 'static) -> EngineBuilder<NoMode> {
        let clock = Clocked(Box::new(clock));
        EngineBuilder {
            keys,
            clock,
            window: Window::default(),
            mode: NoMode,
        }
    }

    /// Prepares to try an invocation whose payload is JSON. Nothing is claimed yet.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the client named no invocation, nobody is known, the key is outside of its window, or the
    /// payload is not JSON.
    pub fn begin<A: AccessKind>(
        &self,
        ctx: &InvocationContext<A>,
        operation: &Operation,
        payload: &[u8],
    ) -> Result<Execution, Refused> {
        let Parts {
            keys,
            clock,
            ids,
            window,
            mode,
        } = &*self.0;
        let key = IdempotencyKey::of(ctx, operation).map_err(Refused::Key)?;
        let now = clock.now();
        if !window.accepts(&key, now) {
            return Err(Refused::Expired {
                window: window.of(&key),
            });
        }
        let fingerprint = keys.of_json(payload).map_err(Refused::Payload)?;
        let (owner, expires_at) = (Owner::generate(&**ids, now), window.expires_at(&key));
        Ok(Execution::new(Ask::new(
            key,
            fingerprint,
            *mode,
            owner,
            expires_at,
        )))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("mode", &self.0.mode)
            .finish_non_exhaustive()
    }
}
