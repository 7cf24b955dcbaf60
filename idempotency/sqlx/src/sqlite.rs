//! The store on SQLite.

use core::fmt;
use std::sync::Arc;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::TxStore;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::Timestamp;
use sqlx::SqliteConnection;

use crate::row;

const MIGRATE: &str = include_str!("sql/migrate.sql");
const FIND: &str = include_str!("sql/find.sql");
const CLAIM: &str = include_str!("sql/claim.sql");
const COMPLETE: &str = include_str!("sql/complete.sql");
const SWEEP: &str = include_str!("sql/sweep.sql");

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A stored record cannot be read.
    #[error("a stored record cannot be read: {0}")]
    Corrupt(&'static str),
}

/// Records in a table of the caller's own database, written within the caller's own transaction. Cheap to clone.
///
/// A transaction that claims should begin with `BEGIN IMMEDIATE`: one that reads first and writes later may find that
/// SQLite no longer lets it.
#[derive(Clone)]
pub struct SqliteIdempotency {
    clock: Arc<dyn Clock>,
}

impl Default for SqliteIdempotency {
    /// The store by the clock of this machine, on which the database file lies too.
    fn default() -> Self {
        Self::new(SystemClock)
    }
}

impl SqliteIdempotency {
    /// A store that tells by `clock` whether a record is past its retention.
    #[must_use]
    pub fn new(clock: impl Clock + 'static) -> Self {
        Self {
            clock: Arc::new(clock),
        }
    }

    /// Makes the table if it is not there.
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
        let query = sqlx::query(FIND)
            .bind(key.day())
            .bind(key.address().as_slice());
        let row = query.fetch_optional(connection).await?;
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
        let record = self.find(connection, ask.key()).await?;
        Ok(claim_on(record, ask, self.clock.now()))
    }

    /// Purges at most `limit` records past their retention, and tells how many it purged.
    ///
    /// # Errors
    ///
    /// What the database answers.
    pub async fn sweep(
        &self,
        connection: &mut SqliteConnection,
        limit: u32,
    ) -> Result<u64, SqliteError> {
        let query = sqlx::query(SWEEP)
            .bind(row::millis(self.clock.now()))
            .bind(limit);
        Ok(query.execute(connection).await?.rows_affected())
    }
}

impl TxStore<SqliteConnection> for SqliteIdempotency {
    type Error = SqliteError;

    async fn claim_in(
        &self,
        tx: &mut SqliteConnection,
        ask: &Ask,
        _hold: Hold,
    ) -> Result<Claim, SqliteError> {
        let now = self.clock.now();
        if ask.expires_at() <= now {
            return Ok(Claim::Expired);
        }
        let key = ask.key();
        let query = sqlx::query(CLAIM)
            .bind(key.day())
            .bind(key.address().as_slice())
            .bind(key.tenant().map(|tenant| tenant.to_bytes().to_vec()))
            .bind(key.operation().as_str())
            .bind(ask.fingerprint().as_bytes().as_slice())
            .bind(ask.mode().number())
            .bind(ask.owner().to_bytes().to_vec())
            .bind(row::millis(ask.expires_at()))
            .bind(row::millis(now));
        let record = row::read(&query.fetch_one(tx).await?)?;
        // The statement has made room if that was due: what it returns is the record, whatever the time.
        Ok(claim_on(Some(record), ask, Timestamp::MIN))
    }

    async fn complete_in(
        &self,
        tx: &mut SqliteConnection,
        key: &IdempotencyKey,
        _fence: Fence,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        let now = self.clock.now();
        let query = sqlx::query(COMPLETE)
            .bind(key.day())
            .bind(key.address().as_slice())
            .bind(answer.to_bytes())
            .bind(row::millis(now));
        if query.execute(&mut *tx).await?.rows_affected() == 1 {
            return Ok(Completed::Stored);
        }
        let held = self.find(tx, key).await?;
        let held = held.filter(|record| record.expires_at > now);
        match held.map(|record| record.state) {
            None => Ok(Completed::Gone),
            Some(State::Done { .. }) => Ok(Completed::AlreadyDone),
            // It runs, but the log does not hold it: no claim of this store looks so.
            Some(_) => Err(SqliteError::Corrupt("lease_until")),
        }
    }
}

/// The database decides who was first, the core what that means.
fn claim_on(record: Option<Record>, ask: &Ask, now: Timestamp) -> Claim {
    match apply(record, &Verb::Claim(ask, Hold::Log), now).1 {
        Reply::Claim(claim) => claim,
        Reply::Completed(_) => Claim::Running,
    }
}

impl fmt::Debug for SqliteIdempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteIdempotency").finish_non_exhaustive()
    }
}
