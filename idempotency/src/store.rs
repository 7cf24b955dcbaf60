//! The ports: a store takes part in the transactions of whoever uses it.

use core::future::Future;

use crate::answer::Answer;
use crate::key::IdempotencyKey;
use crate::record::Ask;
use crate::record::Claim;
use crate::record::Completed;
use crate::record::Fence;
use crate::record::Hold;

/// Keeps records inside transactions of type `Tx`: a database connection, or an append under way.
pub trait TxStore<Tx: ?Sized>: Clone + Send + Sync + 'static {
    /// What the store fails with.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Claims an invocation within `tx`. Rolling back undoes it.
    fn claim_in(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        hold: Hold,
    ) -> impl Future<Output = Result<Claim, Self::Error>> + Send;

    /// Stores the answer of a workflow that the log holds, within `tx`.
    fn complete_in(
        &self,
        tx: &mut Tx,
        key: &IdempotencyKey,
        fence: Fence,
        answer: &Answer,
    ) -> impl Future<Output = Result<Completed, Self::Error>> + Send;
}

/// A store that begins and commits transactions itself. A `Tx` that is dropped is rolled back.
///
/// Let `Tx` name no lifetime: wrap a transaction such as `sqlx::Transaction<'static, Sqlite>` in a type of your own. The
/// compiler takes such a lifetime for a demand on the variables that the work borrows.
pub trait Transactions<Tx>: TxStore<Tx> {
    /// Begins.
    fn begin(&self) -> impl Future<Output = Result<Tx, Self::Error>> + Send;

    /// Commits all of `tx`, or nothing of it.
    fn commit(&self, tx: Tx) -> impl Future<Output = Result<(), CommitError<Self::Error>>> + Send;
}

/// Why nothing was committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError<E> {
    /// Another attempt was faster, and this is what the store says to it now.
    #[error("another attempt was faster")]
    Lost(Claim),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] E),
}
