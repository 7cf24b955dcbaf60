//! `changed`: whoever waits learns that a run is over, from this process or from another one.

use std::time::Duration;

use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Store;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteStore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::helpers::File;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::epoch;
use crate::helpers::in_mode;
use crate::helpers::tenant;

const LEASE: Duration = Duration::from_secs(30);
/// Long enough for whoever would return too early.
const A_WHILE: Duration = Duration::from_millis(150);

async fn granted(store: &SqliteStore, ask: &Ask) -> Fence {
    match store.claim(ask, LEASE).await.unwrap() {
        Claim::Granted(grant) => grant.fence(),
        other => panic!("nobody else claims it: {other:?}"),
    }
}

fn wait(store: &SqliteStore, ask: &Ask, epoch: u64) -> JoinHandle<()> {
    let (store, key) = (store.clone(), ask.key().clone());
    tokio::spawn(async move { store.changed(&key, epoch).await })
}

fn resumable(number: u64) -> Ask {
    in_mode(Mode::Resumable, &attempt(number, "1"))
}

#[tokio::test]
async fn a_run_that_is_over_wakes_whoever_waits_in_this_process_and_in_others() {
    let file = File::new().await;
    let (here, there) = (file.store().await, file.store().await);
    let ask = resumable(1);
    let fence = granted(&here, &ask).await;
    let mut waiters = [wait(&here, &ask, 1), wait(&there, &ask, 1)];
    for waiter in &mut waiters {
        assert!(timeout(A_WHILE, waiter).await.is_err(), "it runs still");
    }
    let end = Conclusion::Done(answer("moved"));
    let ended = here.complete(ask.key(), &fence, &end).await.unwrap();
    assert_eq!(ended, Completed::Stored);
    for waiter in waiters {
        waiter.await.unwrap();
    }
}

#[tokio::test]
async fn a_workflow_that_the_log_finishes_wakes_whoever_waits() {
    let file = File::new().await;
    let store = file.store().await;
    let ask = attempt(1, "1");
    assert_eq!(epoch(&file.claim(&ask).await), Some(1));
    for commits in [false, true] {
        let mut waiter = wait(&store, &ask, 1);
        let mut tx = store.begin().await.unwrap();
        let completed = store
            .complete_in(&mut tx, ask.key(), &answer("moved"))
            .await;
        assert_eq!(completed.unwrap(), Completed::Stored);
        assert!(
            timeout(A_WHILE, &mut waiter).await.is_err(),
            "it is not committed"
        );
        if commits {
            store.commit(tx).await.unwrap();
            waiter.await.unwrap();
        } else {
            drop(tx);
            assert!(
                timeout(A_WHILE, &mut waiter).await.is_err(),
                "it was rolled back"
            );
            waiter.abort();
        }
    }
}

#[tokio::test]
async fn whoever_waits_for_what_does_not_run_is_woken_at_once() {
    let file = File::new().await;
    let store = file.store().await;
    let ask = resumable(1);
    store.changed(ask.key(), 1).await;
    let _fence = granted(&store, &ask).await;
    // An earlier run is over.
    store.changed(ask.key(), 0).await;
    // So is a run whose lease is, though nobody has written that.
    file.clock.advance(LEASE);
    store.changed(ask.key(), 1).await;
}

#[tokio::test]
async fn time_a_sweep_and_a_tenant_that_is_forgotten_wake_whoever_waits() {
    let file = File::new().await;
    let store = file.store().await;
    let asks = [
        resumable(1),
        in_mode(Mode::AtMostOnce, &attempt(2, "1")),
        resumable(3),
    ];
    let mut waiters = Vec::new();
    for ask in &asks {
        let _fence = granted(&store, ask).await;
        waiters.push(wait(&store, ask, 1));
    }
    assert_eq!(store.forget_tenant(tenant()).await.unwrap(), 3);
    for waiter in waiters.drain(..) {
        waiter.await.unwrap();
    }
    for ask in &asks {
        let _fence = granted(&store, ask).await;
        waiters.push(wait(&store, ask, 1));
    }
    file.clock.advance(LEASE);
    assert_eq!(store.sweep(10).await.unwrap().doubted, 1);
    for waiter in waiters {
        waiter.await.unwrap();
    }
}

/// It must not sleep on when the store cannot be had: the claim that follows finds out.
#[tokio::test]
async fn a_store_that_fails_wakes_whoever_waits() {
    let file = File::new().await;
    let store = file.store().await;
    let ask = resumable(1);
    let _fence = granted(&store, &ask).await;
    let waiter = wait(&store, &ask, 1);
    store.close().await;
    waiter.await.unwrap();
}
