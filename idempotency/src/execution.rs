//! One attempt at an invocation.

use core::future::Future;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ops::DerefMut;
use core::pin::Pin;

use crate::key::IdempotencyKey;
use crate::record::Ask;
use crate::record::Claim;
use crate::record::Hold;
use crate::store::CommitError;
use crate::store::Transactions;

/// One attempt at an invocation: it may claim it once.
#[derive(Debug)]
#[must_use]
pub struct Execution {
    ask: Ask,
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
    pub(crate) const fn new(ask: Ask) -> Self {
        Self { ask }
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
