//! A store with a pool of its own.

mod claims;
mod transactions;

use core::fmt;
use std::path::Path;
use std::sync::Arc;

use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::Verb;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::TenantId;
use sqlx::SqlitePool;
use tokio::sync::Semaphore;

use super::error::SqliteError;
use super::open;
use super::records::SqliteIdempotency;
use super::tx::SqliteTx;
use super::watch::Watch;

/// Records in a SQLite database with a pool of connections. Cheap to clone; clones are one store.
///
/// It is a [`Store`](skeleton_idempotency::Store) for effects that live elsewhere, and does [`Transactions`] with effects that live in the same file.
/// The transactions of one store come one after the other, in the order in which they asked, so that of any crowd only one
/// waits for the file's lock. Begin none inside of another: it would wait for its own end.
#[derive(Clone)]
pub struct SqliteStore {
    pool: SqlitePool,
    records: SqliteIdempotency,
    writer: Arc<Semaphore>,
    watch: Arc<Watch>,
}

impl SqliteStore {
    /// A store on the application's own pool. Call [`migrate`](Self::migrate) before its first use.
    ///
    /// What was acknowledged survives a power cut only with `synchronous = FULL`, and readers do not wait for the writer
    /// only with `journal_mode = WAL`; [`open`](Self::open) sets both.
    #[must_use]
    pub fn new(pool: SqlitePool, clock: impl Clock + 'static) -> Self {
        Self {
            pool,
            records: SqliteIdempotency::new(clock),
            writer: Arc::new(Semaphore::new(1)),
            watch: Arc::new(Watch::new()),
        }
    }

    /// Opens a file, and makes it and the table if they do not exist. On Unix a new file is readable by its owner alone.
    ///
    /// # Errors
    ///
    /// [`SqliteError`] if the file cannot be made, or is no database.
    pub async fn open(
        file: impl AsRef<Path>,
        clock: impl Clock + 'static,
    ) -> Result<Self, SqliteError> {
        let store = Self::new(open::pool(file.as_ref()).await?, clock);
        store.migrate().await?;
        Ok(store)
    }

    /// Makes the table if it is not there.
    ///
    /// # Errors
    ///
    /// What the database answers.
    pub async fn migrate(&self) -> Result<(), SqliteError> {
        let mut connection = self.pool.acquire().await?;
        SqliteIdempotency::migrate(&mut connection).await
    }

    /// The connections: for reads, and for what the application does before it serves.
    #[must_use]
    pub const fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// The record of a key, as it is committed now.
    ///
    /// # Errors
    ///
    /// [`SqliteError`] if the database fails or the record cannot be read.
    pub async fn find(&self, key: &IdempotencyKey) -> Result<Option<Record>, SqliteError> {
        let mut connection = self.pool.acquire().await?;
        self.records.find(&mut connection, key).await
    }

    /// Forgets whatever it holds of a tenant that is no more, and tells how many records that were.
    ///
    /// # Errors
    ///
    /// What the database answers.
    pub async fn forget_tenant(&self, tenant: TenantId) -> Result<u64, SqliteError> {
        let mut tx = self.begin().await?;
        let forgotten = self.records.forget_tenant(&mut tx, tenant).await?;
        self.end(tx).await?;
        self.watch.tell_all();
        Ok(forgotten)
    }

    /// Waits for what is under way, and closes every connection. Every later call is refused.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A verb in a transaction that others began.
    async fn apply(
        &self,
        tx: &mut SqliteTx,
        key: &IdempotencyKey,
        verb: &Verb<'_>,
    ) -> Result<(Reply, bool), SqliteError> {
        let before = match tx.seen(key) {
            Some(seen) => seen,
            None => self.records.find(tx, key).await?,
        };
        let (applied, after) = self.records.apply_to(before, tx, key, verb).await?;
        tx.saw(key, after, applied.is_written);
        if applied.ends_run {
            tx.ends_run(key);
        }
        Ok((applied.reply, applied.is_written))
    }

    async fn end(&self, tx: SqliteTx) -> Result<(), SqliteError> {
        for address in tx.commit().await? {
            self.watch.tell(&address);
        }
        Ok(())
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}
