//! The engine: from an invocation to the right to try it.

mod attempt_ids;
mod builder;

use core::fmt;
use std::sync::Arc;

use skeleton_invocation_context::Access;
use skeleton_invocation_context::AccessKind;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;

pub use self::builder::BuildError;
pub use self::builder::EngineBuilder;
pub use self::builder::NoMode;
pub use self::builder::Policies;
pub use self::builder::PolicyOf;
use crate::ask::Ask;
use crate::ask::Mode;
use crate::ask::Owner;
#[cfg(feature = "tower")]
use crate::driver::Limits;
#[cfg(feature = "tower")]
use crate::driver::Shared;
use crate::execution::Execution;
use crate::fingerprint::Fingerprint;
use crate::fingerprint::FingerprintKeys;
use crate::key::IdempotencyKey;
use crate::key::KeyError;
use crate::observe::Observe;
use crate::observe::Signal;
use crate::payload::Payload;
use crate::policy::Anonymous;
use crate::policy::Policy;
use crate::policy::RequestParts;
use crate::refused::Refused;
use crate::store::InTransaction;
use crate::store::Store;
use crate::window::Window;

/// Makes executions, and drives them to their ends. Cheap to clone.
pub struct Engine<S = InTransaction>(Arc<Parts<S>>);

pub(crate) struct Parts<S> {
    pub(crate) store: S,
    keys: FingerprintKeys,
    pub(crate) clock: Box<dyn Clock>,
    ids: Box<dyn IdGenerator>,
    pub(crate) window: Window,
    policies: Policies,
    pub(crate) observer: Arc<dyn Observe>,
    #[cfg(feature = "tower")]
    pub(crate) limits: Limits,
    #[cfg(feature = "tower")]
    pub(crate) shared: Shared,
}

impl<S> Clone for Engine<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl Engine {
    /// Begins an engine whose operations are all transactional: each keeps its record in the database of its effect.
    #[must_use]
    pub fn in_transactions(
        keys: FingerprintKeys,
        clock: impl Clock + 'static,
    ) -> EngineBuilder<InTransaction, Policies> {
        Self::builder(InTransaction, keys, clock).mode(Mode::Transactional)
    }
}

impl<S: Store> Engine<S> {
    /// Begins an engine on a store, with the keys of its fingerprints.
    #[must_use]
    pub fn builder(
        store: S,
        keys: FingerprintKeys,
        clock: impl Clock + 'static,
    ) -> EngineBuilder<S, NoMode> {
        EngineBuilder::new(store, keys, clock)
    }

    /// How an operation is guarded; nothing if it is not.
    #[must_use]
    pub fn policy_of(&self, operation: &Operation) -> Option<Policy> {
        self.0.policies.of(operation)
    }

    /// Prepares to try an invocation. Nothing is claimed yet.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the client named no invocation, nobody is known, the key is outside of its window, or the payload has
    /// no fingerprint.
    pub fn begin<'p, A: AccessKind>(
        &self,
        ctx: &InvocationContext<A>,
        operation: &Operation,
        payload: impl Into<Payload<'p>>,
    ) -> Result<Execution, Refused> {
        self.prepare(ctx, operation, (payload.into(), RequestParts::default()))
    }

    pub(crate) fn prepare<A: AccessKind>(
        &self,
        ctx: &InvocationContext<A>,
        operation: &Operation,
        (payload, parts): (Payload<'_>, RequestParts<'_>),
    ) -> Result<Execution, Refused> {
        let policy = self.policy_of(operation).ok_or(Refused::Misconfigured(
            "the operation has no policy of idempotency",
        ))?;
        let mode = policy.mode();
        let prepared = self.under(policy, ctx, operation, (payload, parts));
        prepared.inspect_err(|refused| {
            let signal = Signal::Answered(refused.result());
            self.0.observer.observe(operation, mode, signal);
        })
    }

    fn under<A: AccessKind>(
        &self,
        policy: Policy,
        ctx: &InvocationContext<A>,
        operation: &Operation,
        (payload, parts): (Payload<'_>, RequestParts<'_>),
    ) -> Result<Execution, Refused> {
        policy
            .check(self.0.window.max_run())
            .map_err(|_| Refused::Misconfigured("the operation's policy cannot be kept to"))?;
        if policy.mode() != Mode::Transactional && !self.0.store.keeps_claims() {
            return Err(Refused::Misconfigured(
                "the mode of the operation needs a store that keeps claims",
            ));
        }
        let (key, is_status_only) = key_of(ctx, operation, &policy, parts).map_err(Refused::Key)?;
        let now = self.0.clock.now();
        if !self.0.window.accepts(&key, now) {
            let window = Some(self.0.window.of(&key));
            return Err(Refused::Expired { window });
        }
        let fingerprint = self.fingerprint(&policy, payload)?;
        let owner = Owner::generate(&*self.0.ids, now);
        let expires_at = self.0.window.expires_at(&key);
        let ask = Ask::new(key, fingerprint, policy.mode(), owner, expires_at);
        Ok(Execution::new(ask, policy, is_status_only))
    }

    fn fingerprint(&self, policy: &Policy, payload: Payload<'_>) -> Result<Fingerprint, Refused> {
        payload
            .fingerprint(&self.0.keys, policy.payload())
            .map_err(Refused::Payload)
    }

    #[cfg(feature = "tower")]
    pub(crate) fn parts(&self) -> &Parts<S> {
        &self.0
    }
}

/// The key of an invocation, and whether its replays carry the status alone.
fn key_of<A: AccessKind>(
    ctx: &InvocationContext<A>,
    operation: &Operation,
    policy: &Policy,
    parts: RequestParts<'_>,
) -> Result<(IdempotencyKey, bool), KeyError> {
    let refused = match IdempotencyKey::of(ctx, operation) {
        Err(KeyError::Anonymous) => KeyError::Anonymous,
        other => return other.map(|key| (key, false)),
    };
    match policy.anonymous() {
        Anonymous::Refused => Err(refused),
        Anonymous::StatusOnly => {
            let key = IdempotencyKey::of_anonymous(ctx, operation, &[0; 32])?;
            Ok((key, true))
        }
        Anonymous::Bound(bind) => {
            let ctx: InvocationContext<Access> = ctx.clone().into_access();
            let binding = bind(&ctx, &parts).ok_or(KeyError::Unbound)?;
            let key = IdempotencyKey::of_anonymous(&ctx, operation, &binding)?;
            Ok((key, false))
        }
    }
}

impl<S> fmt::Debug for Engine<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("policies", &self.0.policies)
            .finish_non_exhaustive()
    }
}
