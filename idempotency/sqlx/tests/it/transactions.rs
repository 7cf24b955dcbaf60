//! Claim, effect and answer share the caller's transaction: all of it is kept, or nothing.

use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Hold;
use skeleton_idempotency::TxStore;
use sqlx::Connection;

use crate::helpers::BY_LOG;
use crate::helpers::File;
use crate::helpers::HELD;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::begin;
use crate::helpers::effect;
use crate::helpers::epoch;

#[tokio::test]
async fn a_rollback_leaves_nothing() {
    let file = File::new().await;
    let first = attempt(1, "1");
    let mut connection = file.connect().await;
    let mut tx = begin(&mut connection).await;
    let claim = file
        .records
        .claim_in(&mut tx, &first, Hold::Log)
        .await
        .unwrap();
    assert_eq!(epoch(&claim), Some(1));
    effect(&mut tx, "half").await;
    assert_eq!(
        file.records
            .complete_in(&mut tx, first.key(), &answer("a"))
            .await
            .unwrap(),
        Completed::Stored
    );
    tx.rollback().await.unwrap();
    assert_eq!(
        (file.find(&first).await, file.effects().await),
        (None, vec![])
    );
    assert_eq!(epoch(&file.claim(&attempt(1, "2")).await), Some(1));
}

#[tokio::test]
async fn a_duplicate_changes_nothing_even_if_it_commits() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    let before = file.find(&first).await;
    for other in [attempt(1, "1"), attempt(1, "2")] {
        file.claim(&other).await;
    }
    assert_eq!(file.find(&first).await, before);
}

#[tokio::test]
async fn the_answer_is_committed_with_the_effect_that_it_tells() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    let mut connection = file.connect().await;
    for is_kept in [false, true] {
        let mut tx = begin(&mut connection).await;
        effect(&mut tx, "moved").await;
        let completed = file
            .records
            .complete_in(&mut tx, first.key(), &answer("moved"))
            .await;
        assert_eq!(completed.unwrap(), Completed::Stored);
        if is_kept {
            tx.commit().await.unwrap();
            assert_eq!(file.effects().await, ["moved"]);
            assert_eq!(
                file.claim(&attempt(1, "1")).await,
                Claim::Done(answer("moved"))
            );
        } else {
            tx.rollback().await.unwrap();
            assert_eq!(file.effects().await.len(), 0);
            assert_eq!(file.claim(&attempt(1, "1")).await, HELD);
        }
    }
}

#[tokio::test]
async fn claim_effect_and_answer_may_be_one_transaction() {
    for hold in [Hold::Commit, Hold::Log] {
        one_transaction(hold).await;
    }
}

async fn one_transaction(hold: Hold) {
    let file = File::new().await;
    let first = attempt(1, "1");
    let mut connection = file.connect().await;
    let mut tx = begin(&mut connection).await;
    let claim = file.records.claim_in(&mut tx, &first, hold).await;
    assert_eq!(epoch(&claim.unwrap()), Some(1));
    effect(&mut tx, "moved").await;
    let completed = match hold {
        Hold::Log => {
            file.records
                .complete_in(&mut tx, first.key(), &answer("moved"))
                .await
        }
        _ => {
            file.records
                .finish_in(&mut tx, &first, &answer("moved"))
                .await
        }
    };
    assert_eq!(completed.unwrap(), Completed::Stored);
    tx.commit().await.unwrap();
    assert_eq!(
        file.claim(&attempt(1, "1")).await,
        Claim::Done(answer("moved"))
    );
    assert_eq!(file.effects().await, ["moved"]);
}

/// Several units that share a commit each have a savepoint: one that fails takes only its own claim along.
#[tokio::test]
async fn a_savepoint_that_is_rolled_back_takes_its_claim_along_and_no_other() {
    let file = File::new().await;
    let (kept, undone) = (attempt(1, "1"), attempt(2, "1"));
    let mut connection = file.connect().await;
    let mut tx = begin(&mut connection).await;
    for (ask, is_kept) in [(&kept, true), (&undone, false)] {
        let mut unit = tx.begin().await.unwrap();
        let claim = file
            .records
            .claim_in(&mut unit, ask, Hold::Log)
            .await
            .unwrap();
        assert_eq!(epoch(&claim), Some(1));
        effect(&mut unit, "unit").await;
        if is_kept {
            unit.commit().await.unwrap();
        } else {
            unit.rollback().await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    assert_eq!(file.find(&kept).await.unwrap().state, BY_LOG);
    assert_eq!(
        (file.find(&undone).await, file.effects().await.len()),
        (None, 1)
    );
}

/// Of two that finish one workflow, the second is told to roll back.
#[tokio::test]
async fn two_answers_to_one_workflow_leave_one_effect() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    let mut connection = file.connect().await;
    for (body, expected) in [("a", Completed::Stored), ("b", Completed::AlreadyDone)] {
        let mut tx = begin(&mut connection).await;
        effect(&mut tx, body).await;
        let completed = file
            .records
            .complete_in(&mut tx, first.key(), &answer(body))
            .await;
        assert_eq!(completed.unwrap(), expected);
        if expected == Completed::Stored {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
        }
    }
    assert_eq!(file.effects().await, ["a"]);
    assert_eq!(file.claim(&attempt(1, "1")).await, Claim::Done(answer("a")));
}

/// T21: what a transaction has done is not the first any more.
#[tokio::test]
async fn an_answer_that_comes_second_is_told_to_roll_back() {
    let file = File::new().await;
    let (first, second) = (attempt(1, "1"), attempt(1, "1"));
    let mut connection = file.connect().await;
    for (ask, expected) in [
        (&first, Completed::Stored),
        (&second, Completed::AlreadyDone),
    ] {
        let mut tx = begin(&mut connection).await;
        let finished = file.records.finish_in(&mut tx, ask, &answer("a")).await;
        assert_eq!(finished.unwrap(), expected);
        tx.commit().await.unwrap();
    }
    // Past retention a record would be purged before its repetitions are refused.
    let late = attempt(2, "1");
    file.clock.set(late.expires_at());
    let mut tx = begin(&mut connection).await;
    let finished = file.records.finish_in(&mut tx, &late, &answer("a")).await;
    assert_eq!(finished.unwrap(), Completed::AlreadyDone);
    tx.commit().await.unwrap();
    assert_eq!(file.find(&late).await, None);
}
