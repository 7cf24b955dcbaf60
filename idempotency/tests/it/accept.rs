//! `accept`, on a store that is `apply` under a lock.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;

use skeleton_idempotency::AcceptError;
use skeleton_idempotency::Accepted;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::CommitError;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;

use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::begin;
use crate::helpers::now;
use crate::helpers::transfer;

#[derive(Clone, Debug, Default)]
struct Committed {
    records: HashMap<[u8; 32], Record>,
    log: Vec<&'static str>,
    version: u64,
}

/// Snapshots that commit if nobody else did in between.
#[derive(Clone, Debug, Default)]
struct Optimistic(Arc<Mutex<Committed>>);

#[derive(Debug)]
struct Tx {
    view: Committed,
    asked: Option<Ask>,
}

impl Tx {
    fn verb(&mut self, key: &IdempotencyKey, verb: &Verb<'_>) -> Reply {
        let held = self.view.records.remove(key.address());
        let (record, reply) = apply(held, verb, now());
        self.view.records.extend(record.map(|record| (*key.address(), record)));
        reply
    }
}

impl TxStore<Tx> for Optimistic {
    type Error = Infallible;

    async fn claim_in(&self, tx: &mut Tx, ask: &Ask, hold: Hold) -> Result<Claim, Infallible> {
        tx.asked = Some(ask.clone());
        match tx.verb(ask.key(), &Verb::Claim(ask, hold)) {
            Reply::Claim(claim) => Ok(claim),
            other @ Reply::Completed(_) => panic!("{other:?}"),
        }
    }

    async fn complete_in(
        &self,
        tx: &mut Tx,
        key: &IdempotencyKey,
        fence: Fence,
        answer: &Answer,
    ) -> Result<Completed, Infallible> {
        match tx.verb(key, &Verb::Complete(key, fence, answer)) {
            Reply::Completed(completed) => Ok(completed),
            other @ Reply::Claim(_) => panic!("{other:?}"),
        }
    }
}

impl Transactions<Tx> for Optimistic {
    async fn begin(&self) -> Result<Tx, Infallible> {
        Ok(Tx { view: self.0.lock().unwrap().clone(), asked: None })
    }

    async fn commit(&self, tx: Tx) -> Result<(), CommitError<Infallible>> {
        let mut held = self.0.lock().unwrap();
        if held.version == tx.view.version {
            *held = Committed { version: held.version + 1, ..tx.view };
            return Ok(());
        }
        let mut now_there = Tx { view: held.clone(), asked: None };
        let ask = tx.asked.unwrap();
        match now_there.verb(ask.key(), &Verb::Claim(&ask, Hold::Log)) {
            Reply::Claim(claim) => Err(CommitError::Lost(claim)),
            other @ Reply::Completed(_) => panic!("{other:?}"),
        }
    }
}

fn attempt(payload: &str) -> Execution {
    begin(&alice_calls().build(), &transfer(), payload)
}

async fn accept(store: &Optimistic, once: Execution) -> Accepted {
    let event = String::from("transfer-accepted");
    let accepted = once.accept(store, |mut tx| {
        // The work borrows what stands around it.
        let event = &event;
        Box::pin(async move {
            tx.view.log.push(if event.is_empty() { "" } else { "accepted" });
            Ok::<(), Infallible>(())
        })
    });
    accepted.await.unwrap()
}

#[tokio::test]
async fn the_first_attempt_begins_and_the_second_is_a_duplicate() {
    let store = Optimistic::default();
    assert!(matches!(accept(&store, attempt("1")).await, Accepted::Fresh));
    assert!(matches!(accept(&store, attempt("1")).await, Accepted::Duplicate(Claim::Running)));
    assert!(matches!(accept(&store, attempt("2")).await, Accepted::Duplicate(Claim::Mismatch)));
    assert_eq!(store.0.lock().unwrap().log, ["accepted"]);
}

#[tokio::test]
async fn a_finished_workflow_answers_what_it_was_finished_with() {
    let store = Optimistic::default();
    let once = attempt("1");
    let key = once.key().clone();
    assert!(matches!(accept(&store, once).await, Accepted::Fresh));
    let mut tx = store.begin().await.unwrap();
    let stored = store.complete_in(&mut tx, &key, Fence::Log, &answer("moved")).await.unwrap();
    assert_eq!(stored, Completed::Stored);
    store.commit(tx).await.unwrap();
    let Accepted::Duplicate(Claim::Done(replayed)) = accept(&store, attempt("1")).await else {
        panic!("it is done")
    };
    assert_eq!(replayed, answer("moved"));
    assert_eq!(store.0.lock().unwrap().log, ["accepted"]);
}

#[tokio::test]
async fn work_that_refuses_leaves_nothing() {
    let store = Optimistic::default();
    let refused = attempt("1").accept(&store, |mut tx| {
        Box::pin(async move {
            tx.view.log.push("half");
            Err("no")
        })
    });
    assert!(matches!(refused.await, Err(AcceptError::Work("no"))));
    let held = store.0.lock().unwrap().clone();
    assert_eq!((held.records.len(), held.log.len()), (0, 0));
    assert!(matches!(accept(&store, attempt("1")).await, Accepted::Fresh));
}

#[tokio::test]
async fn whoever_commits_second_is_told_what_the_first_left() {
    let store = Optimistic::default();
    let faster = store.clone();
    let lost = attempt("1").accept(&store, |mut tx| {
        let faster = &faster;
        Box::pin(async move {
            assert!(matches!(accept(faster, attempt("1")).await, Accepted::Fresh));
            tx.view.log.push("never");
            Ok::<(), Infallible>(())
        })
    });
    assert!(matches!(lost.await.unwrap(), Accepted::Duplicate(Claim::Running)));
    assert_eq!(store.0.lock().unwrap().log, ["accepted"]);
}
