//! The items of a bulk request: a key each. Here all of them in one transaction; `Engine::batch` runs them on their own.

use bytes::Bytes;
use skeleton_invocation_context::AccessKind;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;

use crate::answer::Answer;
use crate::answered::Answered;
use crate::ask::Ask;
use crate::ask::Hold;
use crate::ask::Mode;
use crate::engine::Engine;
use crate::execution::Execution;
use crate::execution::Scope;
use crate::execution::Work;
use crate::payload::Payload;
use crate::refused::Refused;
use crate::store::CommitError;
use crate::store::Store;
use crate::store::Transactions;
use crate::verbs::Claim;
use crate::verbs::Completed;

/// The most items of one request.
const MAX_ITEMS: usize = 100;
/// The most bytes of all their payloads.
const MAX_BYTES: usize = 1024 * 1024;
/// How often a transaction is done that meets others.
const MAX_TRIES: u8 = 3;

/// One item of a bulk request.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the door makes it")]
pub struct Item<A: AccessKind, T> {
    /// The item's own context: [`InvocationContext::bulk_item`] makes it.
    pub ctx: InvocationContext<A>,
    /// Its operation.
    pub operation: Operation,
    /// Its payload, of which the fingerprint is made.
    pub payload: Bytes,
    /// What the work gets.
    pub what: T,
}

/// Why no item of a bulk request was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// More than 100 items.
    #[error("a bulk request of more than 100 items")]
    TooMany,
    /// More than 1 MiB of payloads.
    #[error("a bulk request of more than 1 MiB")]
    TooLarge,
}

/// Why a bulk request left nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchInError<S, W> {
    /// There are too many items, or too large ones.
    #[error(transparent)]
    Batch(BatchError),
    /// One item was refused, and all of them with it.
    #[error("item {position} was refused")]
    Refused {
        /// Which one, from 0.
        position: usize,
        /// Why.
        #[source]
        refused: Refused,
    },
    /// The work refused one item: everything was rolled back.
    #[error("the work refused item {position}")]
    Work {
        /// Which one, from 0.
        position: usize,
        /// Why.
        #[source]
        error: W,
    },
    /// The store failed, or met other transactions too often.
    #[error(transparent)]
    Store(S),
    /// Others were faster, again and again.
    #[error("other transactions were faster, again and again")]
    Busy,
}

/// Whether a bulk request is one that is tried.
pub(crate) fn check<A: AccessKind, T>(items: &[Item<A, T>]) -> Result<(), BatchError> {
    if items.len() > MAX_ITEMS {
        return Err(BatchError::TooMany);
    }
    let bytes: usize = items.iter().map(|item| item.payload.len()).sum();
    if bytes > MAX_BYTES {
        return Err(BatchError::TooLarge);
    }
    Ok(())
}

/// One item under way.
struct Prepared<T> {
    once: Execution,
    what: T,
}

impl<S: Store> Engine<S> {
    /// Runs the items of a bulk request in one transaction: all of them, or none. Those that were done before are answered
    /// from their records, and the rest runs in the order of the items.
    ///
    /// `work` may be done again if its transaction meets another one: let it touch nothing but the transaction.
    ///
    /// # Errors
    ///
    /// [`BatchInError`] if an item is refused, its operation is not transactional, the work refuses or the store fails:
    /// nothing is written then.
    pub async fn batch_in<'env, St, Tx, A, T, E>(
        &self,
        store: &St,
        items: Vec<Item<A, T>>,
        mut work: impl for<'t> FnMut(Scope<'t, 'env, Tx>, T) -> Work<'t, Answer, E> + Send,
    ) -> Result<Vec<Answered>, BatchInError<St::Error, E>>
    where
        St: Transactions<Tx>,
        Tx: Send,
        A: AccessKind,
        T: Clone + Send + Sync,
    {
        check(&items).map_err(BatchInError::Batch)?;
        let mut prepared = Vec::with_capacity(items.len());
        for (position, item) in items.into_iter().enumerate() {
            let once = self.begin_in(&item);
            let once = once.map_err(|refused| BatchInError::Refused { position, refused })?;
            let what = item.what;
            prepared.push(Prepared { once, what });
        }
        for _ in 0..MAX_TRIES {
            match all_in(store, &prepared, &mut work).await {
                Ok(Some(answers)) => return Ok(answers),
                Ok(None) => {}
                Err(BatchInError::Store(error)) if store.is_transient(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(BatchInError::Busy)
    }

    fn begin_in<A: AccessKind, T>(&self, item: &Item<A, T>) -> Result<Execution, Refused> {
        let once = self.begin(&item.ctx, &item.operation, Payload::from(&item.payload))?;
        match once.mode() {
            Mode::Transactional => Ok(once),
            _ => Err(Refused::Misconfigured(
                "the mode of the operation is not transactional",
            )),
        }
    }
}

/// One try. Nothing if it met others: nothing is left of it.
async fn all_in<'env, St, Tx, T, E>(
    store: &St,
    items: &[Prepared<T>],
    work: &mut (impl for<'t> FnMut(Scope<'t, 'env, Tx>, T) -> Work<'t, Answer, E> + Send),
) -> Result<Option<Vec<Answered>>, BatchInError<St::Error, E>>
where
    St: Transactions<Tx>,
    Tx: Send,
    T: Clone + Send + Sync,
{
    let mut tx = store.begin().await.map_err(BatchInError::Store)?;
    let mut answers = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let (ask, claim) = claimed(store, &mut tx, item.once.ask().clone()).await?;
        match claim {
            Claim::Granted(_grant) => {}
            Claim::Done(answer) => {
                answers.push(Answered::replay(answer));
                continue;
            }
            claim => {
                let refused = Refused::of_claim(&claim).unwrap_or(Refused::Unavailable);
                return Err(BatchInError::Refused { position, refused });
            }
        }
        let done = work(Scope::of(&mut tx), item.what.clone()).await;
        let answer = done.map_err(|error| BatchInError::Work { position, error })?;
        let finished = store.finish_in(&mut tx, &ask, &answer).await;
        if finished.map_err(BatchInError::Store)? != Completed::Stored {
            return Ok(None);
        }
        answers.push(Answered::recorded(answer));
    }
    match store.commit(tx).await {
        Ok(()) => Ok(Some(answers)),
        Err(CommitError::Lost(_)) => Ok(None),
        Err(CommitError::Store(error)) => Err(BatchInError::Store(error)),
    }
}

/// The claim of one item, by a name that is newer than that of whoever gave the key back.
async fn claimed<St, Tx, E>(
    store: &St,
    tx: &mut Tx,
    mut ask: Ask,
) -> Result<(Ask, Claim), BatchInError<St::Error, E>>
where
    St: Transactions<Tx>,
{
    loop {
        let claim = store.claim_in(tx, &ask, Hold::Commit).await;
        match claim.map_err(BatchInError::Store)? {
            Claim::Fenced { last } => {
                let owner = ask.owner().later_than(last);
                ask = ask.by(owner);
            }
            claim => return Ok((ask, claim)),
        }
    }
}
