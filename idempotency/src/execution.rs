//! One attempt at an invocation, as its handler holds it.

mod accept;
mod transaction;

use core::future::Future;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ops::DerefMut;
use core::pin::Pin;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering;
use std::sync::Arc;

use skeleton_invocation_context::Step;

pub use self::accept::AcceptError;
pub use self::accept::Accepted;
pub use self::transaction::TransactionError;
use crate::ask::Ask;
use crate::ask::Grant;
use crate::ask::Mode;
use crate::key::DerivedKey;
use crate::key::IdempotencyKey;
use crate::policy::Policy;
use crate::refused::Refused;

/// One attempt at an invocation: it may claim it once.
///
/// ```compile_fail
/// fn twice(once: skeleton_idempotency::Execution) -> [skeleton_idempotency::Execution; 2] {
///     [once.clone(), once]
/// }
/// ```
#[derive(Debug)]
#[must_use]
pub struct Execution {
    ask: Arc<Ask>,
    policy: Policy,
    grant: Option<Grant>,
    is_status_only: bool,
    guarded: Guarded,
}

/// Whether a transactional attempt is recorded: it committed, or its answer was there. The layer that prepared it holds the
/// other end. Others need none.
#[derive(Clone, Debug)]
pub(crate) struct Guarded(Option<Arc<AtomicBool>>);

impl Guarded {
    fn of(mode: Mode) -> Self {
        Self((mode == Mode::Transactional).then(Arc::default))
    }

    fn set(&self) {
        if let Some(is_guarded) = &self.0 {
            is_guarded.store(true, Ordering::Release);
        }
    }

    #[cfg(feature = "tower")]
    pub(crate) fn is_set(&self) -> bool {
        let is_guarded = self.0.as_ref();
        is_guarded.is_none_or(|is_guarded| is_guarded.load(Ordering::Acquire))
    }
}

/// A boxed future that may borrow for `'t`.
pub type Work<'t, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 't>>;

/// The transaction that a piece of work takes part in: it behaves like `Tx`.
///
/// Its bound lets the work borrow the variables around it, for as long as they live.
#[derive(Debug)]
pub struct Scope<'t, 'env: 't, Tx> {
    tx: &'t mut Tx,
    env: PhantomData<&'t mut &'env ()>,
}

impl<'t, Tx> Scope<'t, '_, Tx> {
    pub(crate) fn of(tx: &'t mut Tx) -> Self {
        Self {
            tx,
            env: PhantomData,
        }
    }
}

impl<Tx> Deref for Scope<'_, '_, Tx> {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        self.tx
    }
}

impl<Tx> DerefMut for Scope<'_, '_, Tx> {
    fn deref_mut(&mut self) -> &mut Tx {
        self.tx
    }
}

impl Execution {
    pub(crate) fn new(ask: Ask, policy: Policy, is_status_only: bool) -> Self {
        let guarded = Guarded::of(ask.mode());
        Self {
            ask: Arc::new(ask),
            policy,
            grant: None,
            is_status_only,
            guarded,
        }
    }

    /// Under which key the repetitions of this invocation meet.
    #[must_use]
    pub fn key(&self) -> &IdempotencyKey {
        self.ask.key()
    }

    /// What is asked of the store.
    #[must_use]
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// How it is guarded.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.ask.mode()
    }

    /// Which grant of its key it runs under; nothing in a transactional mode, where the commit decides. It grows with each
    /// grant: show it to a resource that can compare, and it refuses whoever comes with less.
    #[must_use]
    pub fn epoch(&self) -> Option<u64> {
        self.grant.as_ref().map(Grant::epoch)
    }

    /// The key under which to call another system at this step, equal for every attempt.
    #[must_use]
    pub fn derive(&self, label: &Step) -> DerivedKey {
        self.key().derive(label)
    }

    /// The policy of its operation.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether its repetitions get the status alone: nobody is known, and the key may be guessed.
    #[must_use]
    pub const fn is_status_only(&self) -> bool {
        self.is_status_only
    }

    fn must_be_transactional(&self) -> Result<(), Refused> {
        match self.mode() {
            Mode::Transactional => Ok(()),
            _ => Err(Refused::Misconfigured(
                "the mode of the operation is not transactional: its claim is made already",
            )),
        }
    }
}

#[cfg(feature = "tower")]
impl Execution {
    /// The same attempt, which holds its key.
    pub(crate) fn granted(&self, ask: &Arc<Ask>, grant: Grant) -> Self {
        Self {
            ask: Arc::clone(ask),
            policy: self.policy.clone(),
            grant: Some(grant),
            is_status_only: self.is_status_only,
            guarded: self.guarded.clone(),
        }
    }

    pub(crate) fn shared_ask(&self) -> &Arc<Ask> {
        &self.ask
    }

    pub(crate) fn guarded(&self) -> Guarded {
        self.guarded.clone()
    }
}
