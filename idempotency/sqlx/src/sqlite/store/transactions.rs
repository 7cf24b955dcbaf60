//! Claim, effect and answer in one commit.

use std::sync::Arc;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::CommitError;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency::Verb;
use sqlx::SqliteConnection;
use tokio::time::timeout;

use super::SqliteStore;
use crate::sqlite::error::SqliteError;
use crate::sqlite::records::must_be_open;
use crate::sqlite::reply;
use crate::sqlite::tx::SqliteTx;

/// Takes the writer's lock at once: a transaction that reads first could not write after somebody else wrote.
const BEGIN: &str = "BEGIN IMMEDIATE";

impl TxStore<SqliteTx> for SqliteStore {
    type Error = SqliteError;

    async fn claim_in(
        &self,
        tx: &mut SqliteTx,
        ask: &Ask,
        hold: Hold,
    ) -> Result<Claim, SqliteError> {
        let verb = Verb::Claim(ask, hold);
        let (reply, _) = self.apply(tx, ask.key(), &verb).await?;
        Ok(reply::claim(reply))
    }

    async fn finish_in(
        &self,
        tx: &mut SqliteTx,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        must_be_open(tx).await?;
        let verb = Verb::Finish(ask, answer);
        let (reply, _) = self.apply(tx, ask.key(), &verb).await?;
        Ok(reply::completed(reply))
    }

    async fn complete_in(
        &self,
        tx: &mut SqliteTx,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        must_be_open(tx).await?;
        let end = Conclusion::Done(answer.clone());
        let verb = Verb::Complete(key, Fence::Log, &end);
        let (reply, _) = self.apply(tx, key, &verb).await?;
        Ok(reply::completed(reply))
    }
}

impl Transactions<SqliteTx> for SqliteStore {
    /// Waits for its turn as long as the pool lets it wait for a connection.
    async fn begin(&self) -> Result<SqliteTx, SqliteError> {
        let limit = self.pool.options().get_acquire_timeout();
        let turn = timeout(limit, Arc::clone(&self.writer).acquire_owned());
        let turn = turn.await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let turn = turn.map_err(|_| sqlx::Error::PoolClosed)?;
        Ok(SqliteTx::new(self.pool.begin_with(BEGIN).await?, turn))
    }

    async fn commit(&self, tx: SqliteTx) -> Result<(), CommitError<SqliteError>> {
        self.end(tx).await.map_err(CommitError::Store)
    }

    fn is_transient(&self, error: &SqliteError) -> bool {
        error.is_transient()
    }

    /// Reads what is committed, without the writer's lock.
    async fn peek(&self, ask: &Ask) -> Result<Claim, SqliteError> {
        let mut connection = self.pool.acquire().await?;
        self.records.peek(&mut connection, ask).await
    }
}

/// In a transaction of the application's own. Whoever waits in this process is not told, and looks for itself.
impl TxStore<SqliteConnection> for SqliteStore {
    type Error = SqliteError;

    async fn claim_in(
        &self,
        tx: &mut SqliteConnection,
        ask: &Ask,
        hold: Hold,
    ) -> Result<Claim, SqliteError> {
        self.records.claim_in(tx, ask, hold).await
    }

    async fn finish_in(
        &self,
        tx: &mut SqliteConnection,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        self.records.finish_in(tx, ask, answer).await
    }

    async fn complete_in(
        &self,
        tx: &mut SqliteConnection,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        self.records.complete_in(tx, key, answer).await
    }
}
