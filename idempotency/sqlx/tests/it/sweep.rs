//! Retention: a record past it counts as absent, and is purged; no other is.

use std::time::Duration;

use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;

use crate::helpers::File;
use crate::helpers::MADE;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::epoch;

async fn sweep(file: &File, limit: u32) -> u64 {
    let mut connection = file.connect().await;
    file.store.sweep(&mut connection, limit).await.unwrap()
}

#[tokio::test]
async fn a_record_is_purged_at_the_end_of_its_retention_and_not_before() {
    let file = File::new().await;
    let (held, done) = (attempt(1, "1"), attempt(2, "1"));
    file.claim(&held).await;
    file.claim(&done).await;
    assert_eq!(
        file.complete(&done, &answer("a")).await.unwrap(),
        Completed::Stored
    );
    let end = held.expires_at();
    assert_eq!(
        end,
        MADE.saturating_add(Duration::from_secs((24 * 60 + 20) * 60))
    );
    file.clock.set(end.saturating_sub(Duration::from_millis(1)));
    assert_eq!(sweep(&file, 10).await, 0);
    assert_eq!(file.claim(&attempt(2, "1")).await, Claim::Done(answer("a")));
    file.clock.set(end);
    assert_eq!(sweep(&file, 10).await, 2);
    assert_eq!(
        (file.find(&held).await, file.find(&done).await),
        (None, None)
    );
    assert_eq!(sweep(&file, 10).await, 0);
}

#[tokio::test]
async fn a_sweep_purges_no_more_than_it_is_told_to() {
    let file = File::new().await;
    for number in 0..5 {
        file.claim(&attempt(number, "1")).await;
    }
    file.clock.set(attempt(1, "1").expires_at());
    let purged = [
        sweep(&file, 0).await,
        sweep(&file, 2).await,
        sweep(&file, 2).await,
        sweep(&file, 2).await,
    ];
    assert_eq!(purged, [0, 2, 2, 1]);
}

/// Purged or not, a record past its retention is no record: an answer to it is kept nowhere.
#[tokio::test]
async fn an_answer_past_retention_is_gone_whether_the_record_was_purged_or_not() {
    let file = File::new().await;
    let (held, done) = (attempt(1, "1"), attempt(2, "1"));
    file.claim(&held).await;
    file.claim(&done).await;
    assert_eq!(
        file.complete(&done, &answer("a")).await.unwrap(),
        Completed::Stored
    );
    file.clock.set(held.expires_at());
    let before = (file.find(&held).await, file.find(&done).await);
    for purge in [false, true] {
        if purge {
            assert_eq!(sweep(&file, 10).await, 2);
        }
        for ask in [&held, &done] {
            assert_eq!(
                file.complete(ask, &answer("b")).await.unwrap(),
                Completed::Gone
            );
        }
        if !purge {
            assert_eq!((file.find(&held).await, file.find(&done).await), before);
        }
    }
}

#[tokio::test]
async fn an_attempt_as_late_as_its_record_would_end_is_refused_and_writes_nothing() {
    let file = File::new().await;
    let late = attempt(1, "1");
    file.clock.set(late.expires_at());
    assert_eq!(file.claim(&late).await, Claim::Expired);
    assert_eq!(file.find(&late).await, None);
}

#[tokio::test]
async fn a_claim_in_the_place_of_a_record_past_retention_continues_its_epochs() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    assert_eq!(
        file.complete(&first, &answer("a")).await.unwrap(),
        Completed::Stored
    );
    // Another build kept records for a shorter time: this one is past its retention, the attempt is not.
    let mut connection = file.connect().await;
    let earlier = sqlx::query("UPDATE idempotency SET expires_at = 1");
    earlier.execute(&mut connection).await.unwrap();
    let second = attempt(1, "2");
    assert_eq!(epoch(&file.claim(&second).await), Some(2));
    let left = sqlx::query_scalar::<_, Option<Vec<u8>>>("SELECT answer FROM idempotency");
    assert_eq!(left.fetch_one(&mut connection).await.unwrap(), None);
    let held = file.find(&second).await.unwrap();
    assert_eq!((held.epoch, held.fingerprint), (2, *second.fingerprint()));
    assert!(
        matches!(held.state, skeleton_idempotency::State::HeldByLog { owner } if owner == second.owner())
    );
}
