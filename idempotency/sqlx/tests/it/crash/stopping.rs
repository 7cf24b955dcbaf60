//! A store that goes no further at a planned point.

use std::io::Write;
use std::time::Duration;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::CommitError;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Found;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::NoEffect;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Released;
use skeleton_idempotency::Store;
use skeleton_idempotency::Swept;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_idempotency_sqlx::SqliteTx;

use super::plan::Point;

/// What a process says when it has come to its point.
pub(super) const REACHED: &str = "reached";

#[derive(Clone, Debug)]
pub(super) struct Stopping {
    pub(super) store: SqliteStore,
    pub(super) stop: Point,
}

impl Stopping {
    /// If this is the point, it waits to be killed.
    pub(super) async fn at(&self, point: Point) {
        if self.stop == point {
            say(REACHED);
            std::future::pending().await
        }
    }
}

/// One line to whoever started this process.
pub(super) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").unwrap();
    out.flush().unwrap();
}

impl Store for Stopping {
    type Error = SqliteError;

    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, SqliteError> {
        self.at(Point::Begun).await;
        let claim = self.store.claim(ask, lease).await;
        self.at(Point::Claimed).await;
        claim
    }

    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, SqliteError> {
        self.store.heartbeat(key, fence, lease).await
    }

    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, SqliteError> {
        let completed = self.store.complete(key, fence, end).await;
        self.at(Point::Recorded).await;
        completed
    }

    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, SqliteError> {
        self.store.release(key, fence, proof).await
    }

    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, SqliteError> {
        self.store.reconcile(key, epoch, found).await
    }

    async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        self.store.changed(key, seen).await;
    }

    async fn sweep(&self, limit: u32) -> Result<Swept, SqliteError> {
        self.store.sweep(limit).await
    }
}

impl TxStore<SqliteTx> for Stopping {
    type Error = SqliteError;

    async fn claim_in(
        &self,
        tx: &mut SqliteTx,
        ask: &Ask,
        hold: Hold,
    ) -> Result<Claim, SqliteError> {
        let claim = self.store.claim_in(tx, ask, hold).await;
        self.at(Point::Claimed).await;
        claim
    }

    async fn finish_in(
        &self,
        tx: &mut SqliteTx,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        let finished = self.store.finish_in(tx, ask, answer).await;
        self.at(Point::Finished).await;
        finished
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

impl Transactions<SqliteTx> for Stopping {
    async fn begin(&self) -> Result<SqliteTx, SqliteError> {
        let tx = self.store.begin().await;
        self.at(Point::Begun).await;
        tx
    }

    async fn commit(&self, tx: SqliteTx) -> Result<(), CommitError<SqliteError>> {
        let committed = self.store.commit(tx).await;
        self.at(Point::Recorded).await;
        committed
    }

    fn is_transient(&self, error: &SqliteError) -> bool {
        self.store.is_transient(error)
    }

    async fn peek(&self, ask: &Ask) -> Result<Claim, SqliteError> {
        self.store.peek(ask).await
    }
}
