//! A store that is `apply` under a lock: snapshots, of which the first to commit wins.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::CommitError;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;

use crate::helpers::now;

#[derive(Clone, Debug, Default)]
pub(crate) struct Committed {
    pub(crate) records: HashMap<[u8; 32], Record>,
    pub(crate) log: Vec<&'static str>,
    version: u64,
}

/// Snapshots that commit if nobody else did in between.
#[derive(Clone, Debug, Default)]
pub(crate) struct Optimistic(pub(crate) Arc<Mutex<Committed>>);

#[derive(Debug)]
pub(crate) struct Tx {
    pub(crate) view: Committed,
    asked: Option<(Ask, Hold)>,
}

/// Somebody else committed in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("somebody else committed in between")]
pub(crate) struct Conflict;

impl Tx {
    fn verb(&mut self, key: &IdempotencyKey, verb: &Verb<'_>) -> Reply {
        let held = self.view.records.remove(key.address());
        let (record, reply) = apply(held, verb, now());
        self.view
            .records
            .extend(record.map(|record| (*key.address(), record)));
        reply
    }
}

impl TxStore<Tx> for Optimistic {
    type Error = Conflict;

    async fn claim_in(&self, tx: &mut Tx, ask: &Ask, hold: Hold) -> Result<Claim, Conflict> {
        tx.asked = Some((ask.clone(), hold));
        match tx.verb(ask.key(), &Verb::Claim(ask, hold)) {
            Reply::Claim(claim) => Ok(claim),
            other => panic!("{other:?}"),
        }
    }

    async fn finish_in(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, Conflict> {
        match tx.verb(ask.key(), &Verb::Finish(ask, answer)) {
            Reply::Completed(completed) => Ok(completed),
            other => panic!("{other:?}"),
        }
    }

    async fn complete_in(
        &self,
        tx: &mut Tx,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, Conflict> {
        let end = Conclusion::Done(answer.clone());
        match tx.verb(key, &Verb::Complete(key, Fence::Log, &end)) {
            Reply::Completed(completed) => Ok(completed),
            other => panic!("{other:?}"),
        }
    }
}

impl Transactions<Tx> for Optimistic {
    async fn begin(&self) -> Result<Tx, Conflict> {
        Ok(Tx {
            view: self.0.lock().unwrap().clone(),
            asked: None,
        })
    }

    async fn commit(&self, tx: Tx) -> Result<(), CommitError<Conflict>> {
        let mut held = self.0.lock().unwrap();
        if held.version == tx.view.version {
            *held = Committed {
                version: held.version + 1,
                ..tx.view
            };
            return Ok(());
        }
        let mut now_there = Tx {
            view: held.clone(),
            asked: None,
        };
        let Some((ask, hold)) = tx.asked else {
            return Err(Conflict.into());
        };
        match now_there.verb(ask.key(), &Verb::Claim(&ask, hold)) {
            // It met a transaction about something else.
            Reply::Claim(Claim::Granted(_)) => Err(Conflict.into()),
            Reply::Claim(claim) => Err(CommitError::Lost(claim)),
            other => panic!("{other:?}"),
        }
    }

    fn is_transient(&self, _: &Conflict) -> bool {
        true
    }
}
