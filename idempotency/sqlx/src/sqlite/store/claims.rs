//! Claims with a lease, each verb in a transaction of its own.

use core::time::Duration;

use skeleton_idempotency::Ask;
use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Found;
use skeleton_idempotency::Held;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::NoEffect;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Record;
use skeleton_idempotency::Released;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::Store;
use skeleton_idempotency::Swept;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::Verb;
use tokio::time::sleep;
use tokio::time::timeout;

use super::SqliteStore;
use crate::sqlite::error::SqliteError;
use crate::sqlite::records;
use crate::sqlite::reply;

/// How often whoever waits looks whether another process ended the run: rarer and rarer.
const FIRST_LOOK: Duration = Duration::from_millis(25);
const LAST_LOOK: Duration = Duration::from_millis(400);

impl SqliteStore {
    async fn settle(&self, key: &IdempotencyKey, verb: &Verb<'_>) -> Result<Reply, SqliteError> {
        let mut tx = self.begin().await?;
        let (reply, is_written) = self.apply(&mut tx, key, verb).await?;
        if is_written {
            self.end(tx).await?;
        }
        Ok(reply)
    }

    /// Whether that run is under way, as far as its lease lasts.
    async fn runs(&self, key: &IdempotencyKey, epoch: u64) -> Result<bool, SqliteError> {
        let record = self.find(key).await?;
        let now = self.records.now();
        let lapsed = |record: &Record| matches!(record.state, State::Running { held: Held::Until(until) } if until <= now);
        Ok(records::run(record.as_ref()) == Some(epoch) && !record.as_ref().is_some_and(lapsed))
    }
}

impl Store for SqliteStore {
    type Error = SqliteError;

    /// A repetition is answered from what is committed, and takes no lock.
    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, SqliteError> {
        let verb = Verb::Claim(ask, Hold::Lease(lease));
        let mut connection = self.pool.acquire().await?;
        let (seen, is_settled) = self.records.look(&mut connection, ask.key(), &verb).await?;
        drop(connection);
        let reply = if is_settled {
            seen
        } else {
            self.settle(ask.key(), &verb).await?
        };
        Ok(reply::claim(reply))
    }

    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, SqliteError> {
        let verb = Verb::Beat(key, *fence, lease);
        self.settle(key, &verb).await.map(reply::beat)
    }

    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, SqliteError> {
        let verb = Verb::Complete(key, *fence, end);
        self.settle(key, &verb).await.map(reply::completed)
    }

    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, SqliteError> {
        let verb = Verb::Release(key, *fence, proof);
        self.settle(key, &verb).await.map(reply::released)
    }

    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, SqliteError> {
        let verb = Verb::Reconcile(key, epoch, found);
        self.settle(key, &verb).await.map(reply::reconciled)
    }

    /// Told at once by this process, and found within 400 ms if another one ended the run.
    async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        let mut pause = FIRST_LOOK;
        loop {
            let ended = self.watch.ended(key);
            match self.runs(key, seen).await {
                Ok(false) => return,
                // Whichever comes first: it looks again.
                Ok(true) => drop(timeout(pause, ended).await),
                Err(_) => return sleep(pause).await,
            }
            pause = pause.saturating_mul(2).min(LAST_LOOK);
        }
    }

    async fn sweep(&self, limit: u32) -> Result<Swept, SqliteError> {
        let mut tx = self.begin().await?;
        let swept = self.records.sweep(&mut tx, limit).await?;
        if swept != Swept::default() {
            self.end(tx).await?;
            self.watch.tell_all();
        }
        Ok(swept)
    }
}
