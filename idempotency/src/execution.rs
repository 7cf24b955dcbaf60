//! One attempt at an invocation.

use core::future::Future;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ops::DerefMut;
use core::pin::Pin;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering;
use std::sync::Arc;

use crate::key::IdempotencyKey;
use crate::record::Ask;
use crate::record::Claim;
use crate::record::Hold;
use crate::store::CommitError;
use crate::store::Transactions;

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
    ask: Ask,
    used: Used,
}

/// Whether an attempt asked its store. The layer that prepared it holds the other end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Used(Arc<AtomicBool>);

impl Used {
    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    #[cfg(feature = "tower")]
    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What became of an attempt to begin a workflow.
#[derive(Debug)]
#[must_use]
#[expect(
    clippy::exhaustive_enums,
    reason = "it began here, or it had begun before"
)]
pub enum Accepted {
    /// It began with this commit: the log will finish it.
    Fresh,
    /// It had begun before: nothing was written.
    Duplicate(Claim),
}

/// Why a workflow did not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError<S, W> {
    /// The store failed.
    #[error(transparent)]
    Store(S),
    /// The work refused: everything was rolled back.
    #[error(transparent)]
    Work(W),
}

/// A boxed future that may borrow for `'t`.
pub type Work<'t, E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send + 't>>;

/// The transaction that a piece of work takes part in: it behaves like `Tx`.
///
/// Its bound lets the work borrow the variables around it, for as long as they live.
#[derive(Debug)]
pub struct Scope<'t, 'env: 't, Tx> {
    tx: &'t mut Tx,
    env: PhantomData<&'t mut &'env ()>,
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
    pub(crate) fn new(ask: Ask) -> Self {
        Self {
            ask,
            used: Used::default(),
        }
    }

    #[cfg(feature = "tower")]
    pub(crate) fn used(&self) -> Used {
        self.used.clone()
    }

    /// Under which key the repetitions of this invocation meet.
    #[must_use]
    pub const fn key(&self) -> &IdempotencyKey {
        self.ask.key()
    }

    /// What is asked of the store.
    #[must_use]
    pub const fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Begins a workflow: the claim is committed with whatever `work` adds to the transaction, and the log that holds
    /// the commit's events finishes it (`complete_in`). If the invocation was claimed before, `work` does not run or
    /// its transaction is not committed.
    ///
    /// # Errors
    ///
    /// [`AcceptError`] if the store fails or the work refuses; nothing is written then.
    pub async fn accept<'env, S, Tx, E>(
        self,
        store: &S,
        work: impl for<'t> FnOnce(Scope<'t, 'env, Tx>) -> Work<'t, E> + Send,
    ) -> Result<Accepted, AcceptError<S::Error, E>>
    where
        S: Transactions<Tx>,
        Tx: Send,
    {
        self.used.set();
        let mut tx = store.begin().await.map_err(AcceptError::Store)?;
        match store
            .claim_in(&mut tx, &self.ask, Hold::Log)
            .await
            .map_err(AcceptError::Store)?
        {
            Claim::Granted(_grant) => {}
            claim => return Ok(Accepted::Duplicate(claim)),
        }
        work(Scope {
            tx: &mut tx,
            env: PhantomData,
        })
        .await
        .map_err(AcceptError::Work)?;
        match store.commit(tx).await {
            Ok(()) => Ok(Accepted::Fresh),
            Err(CommitError::Lost(claim)) => Ok(Accepted::Duplicate(claim)),
            Err(CommitError::Store(error)) => Err(AcceptError::Store(error)),
        }
    }
}
