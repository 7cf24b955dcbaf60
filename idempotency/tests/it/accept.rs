//! `accept`, on a store that is `apply` under a lock.

use std::convert::Infallible;

use skeleton_idempotency::AcceptError;
use skeleton_idempotency::Accepted;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;

use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::begin;
use crate::helpers::invocation_no;
use crate::helpers::transfer;
use crate::optimistic::Optimistic;

fn attempt(payload: &str) -> Execution {
    begin(&alice_calls().build(), &transfer(), payload)
}

async fn accept(store: &Optimistic, once: Execution) -> Accepted {
    let event = String::from("transfer-accepted");
    let accepted = once.accept(store, |mut tx| {
        // The work borrows what stands around it.
        let event = &event;
        Box::pin(async move {
            tx.view
                .log
                .push(if event.is_empty() { "" } else { "accepted" });
            Ok::<(), Infallible>(())
        })
    });
    accepted.await.unwrap()
}

#[tokio::test]
async fn the_first_attempt_begins_and_the_second_is_a_duplicate() {
    let store = Optimistic::default();
    assert!(matches!(
        accept(&store, attempt("1")).await,
        Accepted::Fresh
    ));
    assert!(matches!(
        accept(&store, attempt("1")).await,
        Accepted::Duplicate(Claim::Running {
            epoch: 1,
            lease: None
        })
    ));
    assert!(matches!(
        accept(&store, attempt("2")).await,
        Accepted::Duplicate(Claim::Mismatch)
    ));
    assert_eq!(store.0.lock().unwrap().log, ["accepted"]);
}

#[tokio::test]
async fn a_finished_workflow_answers_what_it_was_finished_with() {
    let store = Optimistic::default();
    let once = attempt("1");
    let key = once.key().clone();
    assert!(matches!(accept(&store, once).await, Accepted::Fresh));
    let mut tx = store.begin().await.unwrap();
    let stored = store
        .complete_in(&mut tx, &key, &answer("moved"))
        .await
        .unwrap();
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
    assert!(matches!(
        accept(&store, attempt("1")).await,
        Accepted::Fresh
    ));
}

#[tokio::test]
async fn whoever_commits_second_is_told_what_the_first_left() {
    let store = Optimistic::default();
    let faster = store.clone();
    let lost = attempt("1").accept(&store, |mut tx| {
        let faster = &faster;
        Box::pin(async move {
            assert!(matches!(
                accept(faster, attempt("1")).await,
                Accepted::Fresh
            ));
            tx.view.log.push("never");
            Ok::<(), Infallible>(())
        })
    });
    assert!(matches!(
        lost.await.unwrap(),
        Accepted::Duplicate(Claim::Running {
            epoch: 1,
            lease: None
        })
    ));
    assert_eq!(store.0.lock().unwrap().log, ["accepted"]);
}

#[tokio::test]
async fn attack_13_ten_thousand_duplicates_begin_one_workflow() {
    let store = Optimistic::default();
    let mut begun = 0;
    for _ in 0..10_000 {
        match accept(&store, attempt("1")).await {
            Accepted::Fresh => begun += 1,
            Accepted::Duplicate(claim) => assert!(matches!(claim, Claim::Running { .. })),
        }
    }
    assert_eq!((begun, store.0.lock().unwrap().log.len()), (1, 1));
}

#[tokio::test]
async fn each_invocation_begins_a_workflow_of_its_own() {
    let store = Optimistic::default();
    for number in 1..=100 {
        let ctx = alice_calls().invocation(invocation_no(number)).build();
        let once = begin(&ctx, &transfer(), "1");
        assert!(matches!(accept(&store, once).await, Accepted::Fresh));
    }
    assert_eq!(store.0.lock().unwrap().records.len(), 100);
}
