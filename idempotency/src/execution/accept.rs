//! A workflow: it begins here, and the log finishes it.

use super::Execution;
use super::Guarded;
use super::Scope;
use super::Work;
use crate::ask::Hold;
use crate::refused::Refused;
use crate::store::CommitError;
use crate::store::Transactions;
use crate::verbs::Claim;

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
    /// The operation is not transactional.
    #[error(transparent)]
    Refused(Refused),
    /// The store failed.
    #[error(transparent)]
    Store(S),
    /// The work refused: everything was rolled back.
    #[error(transparent)]
    Work(W),
}

impl Execution {
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
        work: impl for<'t> FnOnce(Scope<'t, 'env, Tx>) -> Work<'t, (), E> + Send,
    ) -> Result<Accepted, AcceptError<S::Error, E>>
    where
        S: Transactions<Tx>,
        Tx: Send,
    {
        self.must_be_transactional().map_err(AcceptError::Refused)?;
        let guarded = self.guarded;
        let mut tx = store.begin().await.map_err(AcceptError::Store)?;
        let mut ask = self.ask;
        loop {
            let claim = store.claim_in(&mut tx, &ask, Hold::Log).await;
            match claim.map_err(AcceptError::Store)? {
                Claim::Granted(_grant) => break,
                Claim::Fenced { last } => {
                    let owner = ask.owner().later_than(last);
                    ask = crate::ask::Ask::clone(&ask).by(owner).into();
                }
                claim => return Ok(duplicate(&guarded, claim)),
            }
        }
        work(Scope::of(&mut tx)).await.map_err(AcceptError::Work)?;
        match store.commit(tx).await {
            Ok(()) => {
                guarded.set();
                Ok(Accepted::Fresh)
            }
            Err(CommitError::Lost(claim)) => Ok(duplicate(&guarded, claim)),
            Err(CommitError::Store(error)) => Err(AcceptError::Store(error)),
        }
    }
}

/// It had begun before. With an answer there is something to give that is guarded.
fn duplicate(guarded: &Guarded, claim: Claim) -> Accepted {
    if let Claim::Done(_) = &claim {
        guarded.set();
    }
    Accepted::Duplicate(claim)
}
