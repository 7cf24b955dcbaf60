//! Puts an engine together. There is no mode by default: what is guaranteed is the mode's.

use core::fmt;
use std::sync::Arc;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::Operation;

use super::Engine;
use super::Parts;
use super::attempt_ids::AttemptIds;
use crate::ask::Mode;
#[cfg(feature = "tower")]
use crate::driver::Limits;
#[cfg(feature = "tower")]
use crate::driver::Shared;
#[cfg(feature = "tower")]
use crate::driver::Tracker;
use crate::fingerprint::FingerprintKeys;
use crate::observe::Observe;
use crate::observe::Unobserved;
use crate::policy::Policy;
use crate::policy::PolicyError;
use crate::store::Store;
use crate::window::Window;

/// Why an engine cannot be made.
pub type BuildError = PolicyError;

/// An engine under way. One that lacks its mode cannot be built:
///
/// ```compile_fail
/// use skeleton_idempotency::{Engine, FingerprintKeys, InTransaction};
/// use skeleton_invocation_context::SystemClock;
/// let engine = Engine::builder(InTransaction, FingerprintKeys::new([7; 32]), SystemClock).build();
/// ```
pub struct EngineBuilder<S, M> {
    store: S,
    keys: FingerprintKeys,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdGenerator>,
    window: Window,
    policies: M,
    observer: Arc<dyn Observe>,
    #[cfg(feature = "tower")]
    limits: Limits,
    #[cfg(feature = "tower")]
    tracker: Tracker,
}

/// No mode was named yet.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NoMode;

/// The policy of an operation; nothing if it is not guarded.
pub type PolicyOf = Box<dyn Fn(&Operation) -> Option<Policy> + Send + Sync>;

/// How each operation is guarded.
#[non_exhaustive]
pub enum Policies {
    /// All of them in the same way.
    Same(Policy),
    /// Each in its own way, or not at all.
    Of(PolicyOf),
}

impl Policies {
    pub(super) fn of(&self, operation: &Operation) -> Option<Policy> {
        match self {
            Self::Same(policy) => Some(policy.clone()),
            Self::Of(policy_of) => policy_of(operation),
        }
    }
}

impl fmt::Debug for Policies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(policy) => f.debug_tuple("Same").field(policy).finish(),
            Self::Of(_) => f.write_str("Of"),
        }
    }
}

impl<S> EngineBuilder<S, NoMode> {
    pub(super) fn new(store: S, keys: FingerprintKeys, clock: impl Clock + 'static) -> Self {
        Self {
            store,
            keys,
            clock: Box::new(clock),
            ids: Box::new(AttemptIds::new()),
            window: Window::default(),
            policies: NoMode,
            observer: Arc::new(Unobserved),
            #[cfg(feature = "tower")]
            limits: Limits::default(),
            #[cfg(feature = "tower")]
            tracker: Tracker::new(),
        }
    }

    /// Guards every operation that reaches the engine in this mode, or by this policy.
    #[must_use]
    pub fn mode(self, policy: impl Into<Policy>) -> EngineBuilder<S, Policies> {
        self.with_policies(Policies::Same(policy.into()))
    }

    /// Guards each operation by a policy of its own. What has none is not guarded, and passes the layer as if there were
    /// none: that is a declaration too.
    #[must_use]
    pub fn policy_of(
        self,
        policy_of: impl Fn(&Operation) -> Option<Policy> + Send + Sync + 'static,
    ) -> EngineBuilder<S, Policies> {
        self.with_policies(Policies::Of(Box::new(policy_of)))
    }

    fn with_policies(self, policies: Policies) -> EngineBuilder<S, Policies> {
        EngineBuilder {
            store: self.store,
            keys: self.keys,
            clock: self.clock,
            ids: self.ids,
            window: self.window,
            policies,
            observer: self.observer,
            #[cfg(feature = "tower")]
            limits: self.limits,
            #[cfg(feature = "tower")]
            tracker: self.tracker,
        }
    }
}

impl<S, M> EngineBuilder<S, M> {
    /// Sets the window; 24 hours by default.
    #[must_use]
    pub fn window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Sets where the names of attempts come from. By default they are random once per engine, and count from there: they
    /// are no secrets, and need only differ.
    #[must_use]
    pub fn ids(self, ids: impl IdGenerator + 'static) -> Self {
        let ids = Box::new(ids);
        Self { ids, ..self }
    }

    /// Sets who counts what happens; nobody by default.
    #[must_use]
    pub fn observer(self, observer: impl Observe + 'static) -> Self {
        let observer = Arc::new(observer);
        Self { observer, ..self }
    }
}

#[cfg(feature = "tower")]
impl<S, M> EngineBuilder<S, M> {
    /// Sets who keeps count of what runs: drain it when the service shuts down.
    #[must_use]
    pub fn tracker(self, tracker: &Tracker) -> Self {
        let tracker = tracker.clone();
        Self { tracker, ..self }
    }

    /// Sets how long callers wait, and how many of them may.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}

impl<S: Store> EngineBuilder<S, Policies> {
    /// The engine.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if the policy of all operations cannot be kept to with this store and these lengths of time: a lease is
    /// at most the longest run, and that is shorter than the window. A policy of one operation is looked at when it is used:
    /// 500 `misconfigured`.
    pub fn build(self) -> Result<Engine<S>, BuildError> {
        if self.window.max_run() >= self.window.shortest() {
            return Err(PolicyError::MaxRun);
        }
        if let Policies::Same(policy) = &self.policies {
            policy.check(self.window.max_run())?;
            if policy.mode() != Mode::Transactional && !self.store.keeps_claims() {
                return Err(PolicyError::NoClaims);
            }
        }
        Ok(Engine(Arc::new(Parts {
            store: self.store,
            keys: self.keys,
            clock: self.clock,
            ids: self.ids,
            window: self.window,
            policies: self.policies,
            observer: self.observer,
            #[cfg(feature = "tower")]
            limits: self.limits,
            #[cfg(feature = "tower")]
            shared: Shared::new(&self.limits, self.tracker),
        })))
    }
}

impl<S, M: fmt::Debug> fmt::Debug for EngineBuilder<S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("policies", &self.policies)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}
