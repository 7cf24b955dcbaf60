//! Claim, effect and answer in one commit.

use super::Execution;
use super::Scope;
use super::Work;
use crate::answer::Answer;
use crate::answered::Answered;
use crate::ask::Ask;
use crate::ask::Hold;
use crate::refused::Refused;
use crate::store::CommitError;
use crate::store::Transactions;
use crate::verbs::Claim;
use crate::verbs::Completed;

/// How often a transaction is done that meets others.
const MAX_TRIES: u8 = 3;

/// Why a transaction left nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError<S, W> {
    /// The invocation was not tried: it is under way, or its key was used for something else.
    #[error(transparent)]
    Refused(Refused),
    /// The store failed.
    #[error(transparent)]
    Store(S),
    /// The work refused: everything was rolled back, and nothing is recorded.
    #[error(transparent)]
    Work(W),
}

/// What became of one try.
enum Tried<S> {
    Ended(Answered),
    /// It met others, or was busy: nothing is left of it.
    Again(Option<S>),
}

impl Execution {
    /// Does `work` in a transaction that commits its effect together with the claim and the answer: all of it, or nothing.
    /// Of any number of attempts one commits, and the others get its answer.
    ///
    /// `work` may be done again if its transaction meets another one: let it touch nothing but the transaction. A refusal
    /// that is to be kept is an [`Answer`]; an error rolls back and keeps nothing.
    ///
    /// # Errors
    ///
    /// [`TransactionError`] if the invocation is under way or its key was used for something else, if the store fails, or if
    /// the work refuses; nothing is written then. Only after a commit whose acknowledgement was lost, with a store that
    /// cannot be asked either, a store's failure says nothing: a repetition finds out.
    pub async fn transaction<'env, S, Tx, E>(
        self,
        store: &S,
        mut work: impl for<'t> FnMut(Scope<'t, 'env, Tx>) -> Work<'t, Answer, E> + Send,
    ) -> Result<Answered, TransactionError<S::Error, E>>
    where
        S: Transactions<Tx>,
        Tx: Send,
    {
        self.must_be_transactional()
            .map_err(TransactionError::Refused)?;
        let mut ask = Ask::clone(&self.ask);
        let mut tries = 1;
        loop {
            match attempt(store, &mut ask, &mut work).await? {
                Tried::Ended(answered) => {
                    self.guarded.set();
                    return Ok(answered);
                }
                Tried::Again(error) if tries >= MAX_TRIES => {
                    return Err(error.map_or(
                        TransactionError::Refused(Refused::Unavailable),
                        TransactionError::Store,
                    ));
                }
                Tried::Again(_) => tries += 1,
            }
        }
    }
}

async fn attempt<'env, S, Tx, E>(
    store: &S,
    ask: &mut Ask,
    work: &mut (impl for<'t> FnMut(Scope<'t, 'env, Tx>) -> Work<'t, Answer, E> + Send),
) -> Result<Tried<S::Error>, TransactionError<S::Error, E>>
where
    S: Transactions<Tx>,
    Tx: Send,
{
    let mut tx = match store.begin().await {
        Ok(tx) => tx,
        Err(error) => return again(store, error),
    };
    match store.claim_in(&mut tx, ask, Hold::Commit).await {
        Ok(Claim::Granted(_grant)) => {}
        Ok(Claim::Fenced { last }) => {
            let owner = ask.owner().later_than(last);
            *ask = ask.clone().by(owner);
            return Ok(Tried::Again(None));
        }
        Ok(claim) => return told(claim).map(Tried::Ended),
        Err(error) => return again(store, error),
    }
    let answer = work(Scope::of(&mut tx))
        .await
        .map_err(TransactionError::Work)?;
    match store.finish_in(&mut tx, ask, &answer).await {
        Ok(Completed::Stored) => {}
        Ok(_) => return Ok(Tried::Again(None)),
        Err(error) => return again(store, error),
    }
    match store.commit(tx).await {
        Ok(()) => Ok(Tried::Ended(Answered::recorded(answer))),
        Err(CommitError::Lost(claim)) => told(claim).map(Tried::Ended),
        Err(CommitError::Store(error)) => in_doubt(store, ask, (error, answer)).await,
    }
}

/// The commit's acknowledgement was lost, or it failed: the record tells which.
async fn in_doubt<S, Tx, E>(
    store: &S,
    ask: &Ask,
    (error, answer): (S::Error, Answer),
) -> Result<Tried<S::Error>, TransactionError<S::Error, E>>
where
    S: Transactions<Tx>,
    Tx: Send,
{
    match store.peek(ask).await {
        Ok(Claim::Done(kept)) if kept == answer => Ok(Tried::Ended(Answered::recorded(kept))),
        Ok(Claim::Done(kept)) => Ok(Tried::Ended(Answered::replay(kept))),
        Ok(Claim::Granted(_grant)) => again(store, error),
        _ => Err(TransactionError::Store(error)),
    }
}

fn again<S, Tx, E>(
    store: &S,
    error: S::Error,
) -> Result<Tried<S::Error>, TransactionError<S::Error, E>>
where
    S: Transactions<Tx>,
{
    if store.is_transient(&error) {
        Ok(Tried::Again(Some(error)))
    } else {
        Err(TransactionError::Store(error))
    }
}

/// What a claim that was not granted says to its caller.
fn told<S, E>(claim: Claim) -> Result<Answered, TransactionError<S, E>> {
    match claim {
        Claim::Done(answer) => Ok(Answered::replay(answer)),
        claim => Err(TransactionError::Refused(
            Refused::of_claim(&claim).unwrap_or(Refused::Unavailable),
        )),
    }
}
