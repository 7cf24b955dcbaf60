//! A store whose commits are acknowledged as a test wants it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::CommitError;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_idempotency_sqlx::SqliteTx;

/// What becomes of one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
    /// It is done, and the caller is told that it failed.
    DoneAndLost,
    /// It is not done.
    Failed,
    /// It is not done, and may be done again.
    Busy,
}

/// A store whose next commits end like these, and all later ones as they do. It counts its transactions.
#[derive(Clone, Debug)]
pub(crate) struct Doubtful {
    store: SqliteStore,
    commits: Arc<Mutex<VecDeque<Commit>>>,
    begun: Arc<AtomicU32>,
}

impl Doubtful {
    pub(crate) fn new(store: SqliteStore, commits: impl IntoIterator<Item = Commit>) -> Self {
        Self {
            store,
            commits: Arc::new(Mutex::new(commits.into_iter().collect())),
            begun: Arc::default(),
        }
    }

    pub(crate) fn begun(&self) -> u32 {
        self.begun.load(Ordering::SeqCst)
    }
}

impl TxStore<SqliteTx> for Doubtful {
    type Error = SqliteError;

    async fn claim_in(
        &self,
        tx: &mut SqliteTx,
        ask: &Ask,
        hold: Hold,
    ) -> Result<Claim, SqliteError> {
        self.store.claim_in(tx, ask, hold).await
    }

    async fn finish_in(
        &self,
        tx: &mut SqliteTx,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        self.store.finish_in(tx, ask, answer).await
    }

    async fn complete_in(
        &self,
        tx: &mut SqliteTx,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        self.store.complete_in(tx, key, answer).await
    }
}

impl Transactions<SqliteTx> for Doubtful {
    async fn begin(&self) -> Result<SqliteTx, SqliteError> {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.store.begin().await
    }

    async fn commit(&self, tx: SqliteTx) -> Result<(), CommitError<SqliteError>> {
        let commit = self.commits.lock().unwrap().pop_front();
        let error = match commit {
            None => return self.store.commit(tx).await,
            Some(Commit::DoneAndLost) => {
                self.store.commit(tx).await?;
                sqlx::Error::WorkerCrashed
            }
            Some(Commit::Failed) => sqlx::Error::WorkerCrashed,
            Some(Commit::Busy) => sqlx::Error::PoolTimedOut,
        };
        Err(CommitError::Store(error.into()))
    }

    fn is_transient(&self, error: &SqliteError) -> bool {
        matches!(error, SqliteError::Database(sqlx::Error::PoolTimedOut))
            || self.store.is_transient(error)
    }

    async fn peek(&self, ask: &Ask) -> Result<Claim, SqliteError> {
        self.store.peek(ask).await
    }
}
