//! The ports: what a store does, alone or within the transactions of whoever uses it.

mod erased;

use core::future::Future;
use core::time::Duration;

pub use self::erased::DynError;
pub use self::erased::DynStore;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Hold;
use crate::key::IdempotencyKey;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;
use crate::verbs::Reconciled;
use crate::verbs::Released;

/// Keeps records of its own: for the modes whose effect lives elsewhere.
///
/// Every verb is one atomic step per key, and means what [`apply`](crate::apply) says, by the store's own clock. A future
/// that is dropped before its end leaves the verb done or not done.
#[diagnostic::on_unimplemented(
    message = "`{Self}` keeps no records of idempotency",
    note = "use `MemoryStore`, an adapter such as `SqliteStore`, or `InTransaction` if every operation is transactional"
)]
pub trait Store: Clone + Send + Sync + 'static {
    /// What the store fails with.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Claims an invocation for the length of a lease.
    fn claim(
        &self,
        ask: &Ask,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, Self::Error>> + Send;

    /// Extends the lease of a claim to so long from now.
    fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> impl Future<Output = Result<Beat, Self::Error>> + Send;

    /// Ends a claim.
    fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> impl Future<Output = Result<Completed, Self::Error>> + Send;

    /// Gives a claim back: it had no effect.
    fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> impl Future<Output = Result<Released, Self::Error>> + Send;

    /// Settles a doubt about the grant of that epoch.
    fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> impl Future<Output = Result<Reconciled, Self::Error>> + Send;

    /// Returns when the record has moved on from that epoch's run. It may return for nothing, but must not sleep on.
    fn changed(&self, key: &IdempotencyKey, seen: u64) -> impl Future<Output = ()> + Send;

    /// Does to at most `limit` records what time has done to them: leases that are over leave a doubt, and what is past its
    /// retention is purged.
    fn sweep(&self, limit: u32) -> impl Future<Output = Result<Swept, Self::Error>> + Send;

    /// Whether it keeps claims at all. One that only takes part in transactions does not, and is asked for none.
    fn keeps_claims(&self) -> bool {
        true
    }
}

/// What a sweep did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct Swept {
    /// How many records were purged.
    pub purged: u64,
    /// How many leases were over, so that nobody knows what became of their runs.
    pub doubted: u64,
    /// How many of the purged ones were in doubt: nobody ever found out.
    pub forgotten: u64,
}

/// Keeps records inside transactions of type `Tx`: a database connection, or an append under way.
#[diagnostic::on_unimplemented(
    message = "`{Self}` takes no part in transactions of type `{Tx}`",
    note = "the effect and the record must be in one database: use the adapter of that database"
)]
pub trait TxStore<Tx: ?Sized>: Clone + Send + Sync + 'static {
    /// What the store fails with.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Claims an invocation within `tx`. Rolling back undoes it. With [`Hold::Commit`] nothing is written yet:
    /// [`TxStore::finish_in`] does it.
    fn claim_in(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        hold: Hold,
    ) -> impl Future<Output = Result<Claim, Self::Error>> + Send;

    /// Stores the answer of what this transaction claimed with [`Hold::Commit`]; the last thing before it commits. Unless
    /// it answers [`Completed::Stored`], roll back.
    fn finish_in(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        answer: &Answer,
    ) -> impl Future<Output = Result<Completed, Self::Error>> + Send;

    /// Stores the answer of a workflow that the log holds, within `tx`.
    fn complete_in(
        &self,
        tx: &mut Tx,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> impl Future<Output = Result<Completed, Self::Error>> + Send;
}

/// A store that begins and commits transactions itself. A `Tx` that is dropped is rolled back.
///
/// Let `Tx` name no lifetime: wrap a transaction such as `sqlx::Transaction<'static, Sqlite>` in a type of your own. The
/// compiler takes such a lifetime for a demand on the variables that the work borrows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` begins no transactions of type `{Tx}`",
    note = "the effect and the record must be in one database: use the adapter of that database, such as `SqliteStore`"
)]
pub trait Transactions<Tx>: TxStore<Tx> {
    /// Begins.
    fn begin(&self) -> impl Future<Output = Result<Tx, Self::Error>> + Send;

    /// Commits all of `tx`, or nothing of it.
    fn commit(&self, tx: Tx) -> impl Future<Output = Result<(), CommitError<Self::Error>>> + Send;

    /// Whether the transaction may succeed if it is done again: it met another one, or the database was busy.
    fn is_transient(&self, _error: &Self::Error) -> bool {
        false
    }

    /// What a claim would be answered now, without making it. It is asked after a commit whose acknowledgement was lost.
    fn peek(&self, ask: &Ask) -> impl Future<Output = Result<Claim, Self::Error>> + Send
    where
        Tx: Send,
    {
        async move {
            let mut tx = self.begin().await?;
            self.claim_in(&mut tx, ask, Hold::Commit).await
        }
    }
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

/// The store of an engine whose operations are all transactional: it has no records of its own, as each is kept in the
/// database of its effect.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct is its own constructor"
)]
pub struct InTransaction;

/// There are no records outside of transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are no records outside of transactions")]
#[non_exhaustive]
pub struct OnlyInTransaction;

impl Store for InTransaction {
    type Error = OnlyInTransaction;

    async fn claim(&self, _: &Ask, _: Duration) -> Result<Claim, OnlyInTransaction> {
        Err(OnlyInTransaction)
    }

    async fn heartbeat(
        &self,
        _: &IdempotencyKey,
        _: &Fence,
        _: Duration,
    ) -> Result<Beat, OnlyInTransaction> {
        Err(OnlyInTransaction)
    }

    async fn complete(
        &self,
        _: &IdempotencyKey,
        _: &Fence,
        _: &Conclusion,
    ) -> Result<Completed, OnlyInTransaction> {
        Err(OnlyInTransaction)
    }

    async fn release(
        &self,
        _: &IdempotencyKey,
        _: &Fence,
        _: NoEffect,
    ) -> Result<Released, OnlyInTransaction> {
        Err(OnlyInTransaction)
    }

    async fn reconcile(
        &self,
        _: &IdempotencyKey,
        _: u64,
        _: &Found,
    ) -> Result<Reconciled, OnlyInTransaction> {
        Err(OnlyInTransaction)
    }

    async fn changed(&self, _: &IdempotencyKey, _: u64) {}

    async fn sweep(&self, _: u32) -> Result<Swept, OnlyInTransaction> {
        Ok(Swept::default())
    }

    fn keeps_claims(&self) -> bool {
        false
    }
}
