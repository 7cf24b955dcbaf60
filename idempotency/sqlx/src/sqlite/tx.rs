//! A transaction that may write.

use core::fmt;
use core::ops::Deref;
use core::ops::DerefMut;

use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Record;
use sqlx::Sqlite;
use sqlx::SqliteConnection;
use sqlx::Transaction;
use tokio::sync::OwnedSemaphorePermit;

type Address = [u8; 32];

/// A transaction of a [`SqliteStore`](super::SqliteStore), which holds the writer's lock. It behaves like its connection.
/// Dropped, it is rolled back.
pub struct SqliteTx {
    tx: Transaction<'static, Sqlite>,
    ended: Vec<Address>,
    /// The record that was looked at last, as it is in this transaction: it need not be read again.
    seen: Option<(Address, Option<Record>)>,
    has_written: bool,
    /// The next one of this process begins when this one is over.
    _turn: OwnedSemaphorePermit,
}

impl SqliteTx {
    pub(super) const fn new(tx: Transaction<'static, Sqlite>, turn: OwnedSemaphorePermit) -> Self {
        Self {
            tx,
            ended: Vec::new(),
            seen: None,
            has_written: false,
            _turn: turn,
        }
    }

    /// What is known of a record: what it was, when this transaction looked last. Nothing if it did not, or cannot tell.
    pub(super) fn seen(&mut self, key: &IdempotencyKey) -> Option<Option<Record>> {
        let (address, record) = self.seen.take()?;
        (address == *key.address()).then_some(record)
    }

    /// Only what nobody has written here is remembered: the application may roll back to a savepoint of its own.
    pub(super) fn saw(&mut self, key: &IdempotencyKey, record: Option<Record>, is_written: bool) {
        self.has_written |= is_written;
        self.seen = (!self.has_written).then_some((*key.address(), record));
    }

    /// Somebody's run is over, if this is committed.
    pub(super) fn ends_run(&mut self, key: &IdempotencyKey) {
        self.ended.push(*key.address());
    }

    /// Commits, and says whose runs are over.
    pub(super) async fn commit(self) -> Result<Vec<Address>, sqlx::Error> {
        self.tx.commit().await?;
        Ok(self.ended)
    }
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.tx
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }
}

impl fmt::Debug for SqliteTx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteTx").finish_non_exhaustive()
    }
}
