//! Records in the caller's own transaction.

use core::fmt;
use std::sync::Arc;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::Swept;
use skeleton_idempotency::TxStore;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use sqlx::SqliteConnection;

use super::error::SqliteError;
use super::reply;
use super::row;

const MIGRATE: &str = include_str!("../sql/migrate.sql");
const FIND: &str = include_str!("../sql/find.sql");
const PUT: &str = include_str!("../sql/put.sql");
const DELETE: &str = include_str!("../sql/delete.sql");
const PURGE: &str = include_str!("../sql/purge.sql");
const DOUBT: &str = include_str!("../sql/doubt.sql");
const FORGET_TENANT: &str = include_str!("../sql/forget_tenant.sql");

/// Records in a table of the caller's own database, written within the caller's own transaction. Cheap to clone.
///
/// Begin a transaction that claims or completes with `BEGIN IMMEDIATE`: it reads first and writes later, which SQLite does
/// not let it once somebody else wrote in between.
#[derive(Clone)]
pub struct SqliteIdempotency {
    clock: Arc<dyn Clock>,
}

/// What a verb did.
pub(super) struct Applied {
    pub(super) reply: Reply,
    pub(super) is_written: bool,
    /// Whether somebody's run may be over by it.
    pub(super) ends_run: bool,
}

impl Default for SqliteIdempotency {
    /// The records by the clock of this machine, on which the database file lies too.
    fn default() -> Self {
        Self::new(SystemClock)
    }
}

impl SqliteIdempotency {
    /// Records that tell by `clock` whether a lease or a retention is over.
    #[must_use]
    pub fn new(clock: impl Clock + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
        }
    }

    /// Makes the table if it is not there, and what it lacks of its indexes.
    ///
    /// # Errors
    ///
    /// What the database answers.
    pub async fn migrate(connection: &mut SqliteConnection) -> Result<(), SqliteError> {
        sqlx::raw_sql(MIGRATE).execute(connection).await?;
        Ok(())
    }

    /// The record of a key, as it is committed for this connection. It takes no lock that a writer needs.
    ///
    /// # Errors
    ///
    /// [`SqliteError`] if the database fails or the record cannot be read.
    pub async fn find(
        &self,
        connection: &mut SqliteConnection,
        key: &IdempotencyKey,
    ) -> Result<Option<Record>, SqliteError> {
        let row = row::find(FIND, key).fetch_optional(connection).await?;
        row.as_ref().map(row::read).transpose()
    }

    /// What a claim would be answered, without making it: spares a repetition the writer's lock.
    ///
    /// # Errors
    ///
    /// As [`SqliteIdempotency::find`].
    pub async fn peek(
        &self,
        connection: &mut SqliteConnection,
        ask: &Ask,
    ) -> Result<Claim, SqliteError> {
        let (reply, _) = self
            .look(connection, ask.key(), &Verb::Claim(ask, Hold::Commit))
            .await?;
        Ok(reply::claim(reply))
    }

    /// Does to at most `limit` records what time has done to them: purges those past their retention, and marks those in
    /// doubt whose lease is over. Begin with `BEGIN IMMEDIATE`, or outside of a transaction.
    ///
    /// # Errors
    ///
    /// What the database answers.
    pub async fn sweep(
        &self,
        connection: &mut SqliteConnection,
        limit: u32,
    ) -> Result<Swept, SqliteError> {
        let now = row::millis(self.clock.now());
        let purge = sqlx::query_scalar::<_, bool>(PURGE).bind(now).bind(limit);
        let purged = purge.fetch_all(&mut *connection).await?;
        let left = limit.saturating_sub(u32::try_from(purged.len()).unwrap_or(limit));
        let doubt = sqlx::query(DOUBT).bind(now).bind(left);
        let doubted = doubt.execute(connection).await?.rows_affected();
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        Ok(Swept {
            purged: count(purged.len()),
            doubted,
            forgotten: count(purged.iter().filter(|forgotten| **forgotten).count()),
        })
    }

    /// Forgets whatever it holds of a tenant that is no more, and tells how many records that were.
    ///
    /// # Errors
    ///
    /// What the database answers.
    pub async fn forget_tenant(
        &self,
        connection: &mut SqliteConnection,
        tenant: TenantId,
    ) -> Result<u64, SqliteError> {
        let forget = sqlx::query(FORGET_TENANT).bind(tenant.to_bytes().to_vec());
        Ok(forget.execute(connection).await?.rows_affected())
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What a verb would be replied to, and whether it would change nothing.
    pub(super) async fn look(
        &self,
        connection: &mut SqliteConnection,
        key: &IdempotencyKey,
        verb: &Verb<'_>,
    ) -> Result<(Reply, bool), SqliteError> {
        let before = self.find(connection, key).await?;
        let (after, reply) = apply(before.clone(), verb, self.now());
        Ok((reply, after == before))
    }

    /// Reads, asks the core, and writes. The connection must be the one that may write.
    pub(super) async fn apply(
        &self,
        connection: &mut SqliteConnection,
        key: &IdempotencyKey,
        verb: &Verb<'_>,
    ) -> Result<Applied, SqliteError> {
        let before = self.find(connection, key).await?;
        let (applied, _) = self.apply_to(before, connection, key, verb).await?;
        Ok(applied)
    }

    /// The same on a record that was read before, in this transaction: nobody else has written since. Gives what it is now.
    pub(super) async fn apply_to(
        &self,
        before: Option<Record>,
        connection: &mut SqliteConnection,
        key: &IdempotencyKey,
        verb: &Verb<'_>,
    ) -> Result<(Applied, Option<Record>), SqliteError> {
        let (after, reply) = apply(before.clone(), verb, self.now());
        let is_written = after != before;
        if is_written {
            let write = match &after {
                Some(record) => row::write(PUT, key, record)?,
                None => row::find(DELETE, key),
            };
            write.execute(connection).await?;
        }
        let ran = run(before.as_ref());
        let applied = Applied {
            reply,
            is_written,
            ends_run: ran.is_some() && ran != run(after.as_ref()),
        };
        Ok((applied, after))
    }
}

/// An answer must not be stored without its effect. Work that overheard that the database ended its transaction would
/// write what follows outside of any; within one, another one cannot begin.
pub(super) async fn must_be_open(connection: &mut SqliteConnection) -> Result<(), SqliteError> {
    let another = sqlx::query("BEGIN").execute(&mut *connection).await;
    if another.is_err() {
        return Ok(());
    }
    sqlx::query("ROLLBACK").execute(connection).await?;
    Err(SqliteError::RolledBack)
}

/// Which run is under way.
pub(super) fn run(record: Option<&Record>) -> Option<u64> {
    record
        .filter(|record| matches!(record.state, State::Running { .. }))
        .map(|record| record.epoch)
}

impl TxStore<SqliteConnection> for SqliteIdempotency {
    type Error = SqliteError;

    async fn claim_in(
        &self,
        tx: &mut SqliteConnection,
        ask: &Ask,
        hold: Hold,
    ) -> Result<Claim, SqliteError> {
        let verb = Verb::Claim(ask, hold);
        let applied = self.apply(tx, ask.key(), &verb).await?;
        Ok(reply::claim(applied.reply))
    }

    async fn finish_in(
        &self,
        tx: &mut SqliteConnection,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        must_be_open(tx).await?;
        let verb = Verb::Finish(ask, answer);
        let applied = self.apply(tx, ask.key(), &verb).await?;
        Ok(reply::completed(applied.reply))
    }

    async fn complete_in(
        &self,
        tx: &mut SqliteConnection,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        must_be_open(tx).await?;
        let end = Conclusion::Done(answer.clone());
        let verb = Verb::Complete(key, Fence::Log, &end);
        let applied = self.apply(tx, key, &verb).await?;
        Ok(reply::completed(applied.reply))
    }
}

impl fmt::Debug for SqliteIdempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteIdempotency").finish_non_exhaustive()
    }
}
