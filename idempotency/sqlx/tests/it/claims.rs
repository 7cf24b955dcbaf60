//! Claims: the rows of the state table that this store has, and races.

use std::time::Duration;

use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Held;
use skeleton_idempotency::Hold;
use skeleton_idempotency::Mode;
use skeleton_idempotency::State;
use skeleton_idempotency::TxStore;
use skeleton_invocation_context::operation;

use crate::helpers::BY_LOG;
use crate::helpers::File;
use crate::helpers::HELD;
use crate::helpers::MADE;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::begin;
use crate::helpers::effect;
use crate::helpers::epoch;
use crate::helpers::execution;
use crate::helpers::in_mode;

/// T3, T6, T17: run, wait, replay.
#[tokio::test]
async fn the_first_runs_the_next_waits_and_the_last_reads_the_answer() {
    let file = File::new().await;
    let [first, second, third] = [attempt(1, "1"), attempt(1, "1"), attempt(1, "1")];
    assert_eq!(epoch(&file.claim(&first).await), Some(1));
    assert_eq!(file.claim(&second).await, HELD);
    assert_eq!(
        file.complete(&first, &answer("moved")).await.unwrap(),
        Completed::Stored
    );
    assert_eq!(file.claim(&third).await, Claim::Done(answer("moved")));
    assert_eq!(file.claim(&first).await, Claim::Done(answer("moved")));
}

/// T5: a lost acknowledgement blocks nobody.
#[tokio::test]
async fn its_own_owner_is_granted_again_with_the_same_epoch() {
    let file = File::new().await;
    let first = attempt(1, "1");
    let (granted, again) = (file.claim(&first).await, file.claim(&first).await);
    assert_eq!(granted, again);
    assert_eq!(epoch(&again), Some(1));
    let held = file.find(&first).await.unwrap();
    assert_eq!((held.state, held.owner), (BY_LOG, first.owner()));
}

/// T4.
#[tokio::test]
async fn attack_03_another_payload_or_operation_is_shown_nothing() {
    let file = File::new().await;
    let first = attempt(1, "1");
    let others = [
        attempt(1, "2"),
        execution(1, &operation!("close-account"), "1")
            .ask()
            .clone(),
    ];
    assert_eq!(epoch(&file.claim(&first).await), Some(1));
    for stored in [None, Some(answer("secret"))] {
        if let Some(answer) = &stored {
            assert_eq!(
                file.complete(&first, answer).await.unwrap(),
                Completed::Stored
            );
        }
        let before = file.find(&first).await;
        for other in &others {
            assert_eq!(file.claim(other).await, Claim::Mismatch);
            let mut connection = file.connect().await;
            assert_eq!(
                file.records.peek(&mut connection, other).await.unwrap(),
                Claim::Mismatch
            );
            assert_eq!(file.find(&first).await, before);
        }
    }
}

#[tokio::test]
async fn two_invocations_share_nothing() {
    let file = File::new().await;
    let (one, other) = (attempt(1, "1"), attempt(2, "1"));
    assert_eq!(epoch(&file.claim(&one).await), Some(1));
    assert_eq!(epoch(&file.claim(&other).await), Some(1));
    assert_eq!(
        file.complete(&other, &answer("b")).await.unwrap(),
        Completed::Stored
    );
    assert_eq!(file.claim(&attempt(1, "1")).await, HELD);
}

/// T21, and an answer that nobody claimed.
#[tokio::test]
async fn the_first_answer_stays() {
    let file = File::new().await;
    let first = attempt(1, "1");
    assert_eq!(
        file.complete(&first, &answer("a")).await.unwrap(),
        Completed::Gone
    );
    assert_eq!(file.find(&first).await, None);
    file.claim(&first).await;
    assert_eq!(
        file.complete(&first, &answer("a")).await.unwrap(),
        Completed::Stored
    );
    assert_eq!(
        file.complete(&first, &answer("b")).await.unwrap(),
        Completed::AlreadyDone
    );
    assert_eq!(file.claim(&attempt(1, "1")).await, Claim::Done(answer("a")));
}

/// What a commit is to decide is not written before.
#[tokio::test]
async fn a_claim_that_a_commit_holds_only_reads() {
    let file = File::new().await;
    let first = attempt(1, "1");
    let mut connection = file.connect().await;
    let mut tx = begin(&mut connection).await;
    let claim = file.records.claim_in(&mut tx, &first, Hold::Commit).await;
    assert_eq!(epoch(&claim.unwrap()), Some(1));
    tx.commit().await.unwrap();
    assert_eq!(file.find(&first).await, None);
}

#[tokio::test]
async fn a_claim_with_a_lease_may_be_made_in_a_transaction_too() {
    let file = File::new().await;
    let first = in_mode(Mode::AtMostOnce, &attempt(1, "1"));
    let mut connection = file.connect().await;
    let mut tx = begin(&mut connection).await;
    let hold = Hold::Lease(Duration::from_secs(30));
    let claim = file.records.claim_in(&mut tx, &first, hold).await;
    assert_eq!(epoch(&claim.unwrap()), Some(1));
    tx.commit().await.unwrap();
    let until = MADE.saturating_add(Duration::from_secs(30));
    let held = file.find(&first).await.unwrap();
    assert_eq!(
        held.state,
        State::Running {
            held: Held::Until(until)
        }
    );
    assert_eq!(held.mode, Mode::AtMostOnce);
    // T8: whoever ran is gone.
    file.clock.set(until);
    let unknown = Claim::Unknown {
        epoch: 1,
        since: until,
    };
    assert_eq!(file.claim(&attempt(1, "1")).await, unknown);
    assert_eq!(
        file.find(&first).await.unwrap().state,
        State::Unknown { since: until }
    );
}

#[tokio::test]
async fn looking_claims_nothing() {
    let file = File::new().await;
    let mut connection = file.connect().await;
    let (first, second) = (attempt(1, "1"), attempt(1, "1"));
    assert_eq!(
        epoch(&file.records.peek(&mut connection, &first).await.unwrap()),
        Some(1)
    );
    assert_eq!(file.find(&first).await, None);
    file.claim(&second).await;
    assert_eq!(
        file.records.peek(&mut connection, &first).await.unwrap(),
        HELD
    );
    assert_eq!(
        file.complete(&second, &answer("a")).await.unwrap(),
        Completed::Stored
    );
    assert_eq!(
        file.records.peek(&mut connection, &first).await.unwrap(),
        Claim::Done(answer("a"))
    );
}

#[tokio::test]
async fn a_look_does_not_wait_for_a_writer() {
    let file = File::new().await;
    let (first, second) = (attempt(1, "1"), attempt(1, "1"));
    let (mut writer, mut reader) = (file.connect().await, file.connect().await);
    let mut tx = begin(&mut writer).await;
    file.records
        .claim_in(&mut tx, &first, Hold::Log)
        .await
        .unwrap();
    // The claim is not committed, so nobody else sees it.
    assert_eq!(
        epoch(&file.records.peek(&mut reader, &second).await.unwrap()),
        Some(1)
    );
    tx.commit().await.unwrap();
    assert_eq!(file.records.peek(&mut reader, &second).await.unwrap(), HELD);
}

#[tokio::test]
async fn the_table_is_made_once_and_kept() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    let mut connection = file.connect().await;
    skeleton_idempotency_sqlx::SqliteIdempotency::migrate(&mut connection)
        .await
        .unwrap();
    assert!(file.find(&first).await.is_some());
}

/// Attack 13 at the store: each racer has a connection and an owner of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_13_of_a_hundred_racers_one_is_granted() {
    let file = std::sync::Arc::new(File::new().await);
    let racers: Vec<_> = (0..100)
        .map(|racer| {
            let file = std::sync::Arc::clone(&file);
            tokio::spawn(async move {
                let ask = attempt(1, "1");
                let mut connection = file.connect().await;
                let mut tx = begin(&mut connection).await;
                let claim = file
                    .records
                    .claim_in(&mut tx, &ask, Hold::Log)
                    .await
                    .unwrap();
                if matches!(claim, Claim::Granted(_)) {
                    effect(&mut tx, &racer.to_string()).await;
                    tx.commit().await.unwrap();
                } else {
                    tx.rollback().await.unwrap();
                }
                (ask, claim)
            })
        })
        .collect();
    let mut granted = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            (ask, Claim::Granted(grant)) => granted.push((ask, grant.epoch())),
            (_, claim) => assert_eq!(claim, HELD),
        }
    }
    let [(winner, 1)] = granted.as_slice() else {
        panic!("{granted:?}")
    };
    assert_eq!(file.effects().await.len(), 1);
    let held = file.find(winner).await.unwrap();
    assert_eq!((held.state, held.owner), (BY_LOG, winner.owner()));
}
