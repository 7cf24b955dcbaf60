//! Retention: a record past it counts as absent, and is purged; no other is.

use std::time::Duration;

use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Held;
use skeleton_idempotency::Mode;
use skeleton_idempotency::State;
use skeleton_idempotency::Store;
use skeleton_idempotency::Swept;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_invocation_context::TenantId;

use crate::helpers::BY_LOG;
use crate::helpers::File;
use crate::helpers::MADE;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::epoch;
use crate::helpers::in_mode;
use crate::helpers::invocation;
use crate::helpers::keys;
use crate::helpers::run;
use crate::helpers::tenant;
use crate::helpers::transfer;

async fn sweep(file: &File, limit: u32) -> u64 {
    let swept = swept(file, limit).await;
    assert_eq!((swept.doubted, swept.forgotten), (0, 0));
    swept.purged
}

async fn swept(file: &File, limit: u32) -> Swept {
    let mut connection = file.connect().await;
    file.records.sweep(&mut connection, limit).await.unwrap()
}

/// Claims in every mode for the length of one lease, and ends the last one.
async fn lease(store: &SqliteStore, lease: Duration) -> [Ask; 4] {
    let modes = [
        Mode::Transactional,
        Mode::Resumable,
        Mode::AtMostOnce,
        Mode::AtMostOnce,
    ];
    let mut number = 0;
    let asks = modes.map(|mode| {
        number += 1;
        in_mode(mode, &attempt(number, "1"))
    });
    for ask in &asks {
        let Claim::Granted(grant) = store.claim(ask, lease).await.unwrap() else {
            panic!("nobody else claims it")
        };
        if ask.key() == asks[3].key() {
            let end = Conclusion::Done(answer("done"));
            let ended = store.complete(ask.key(), &grant.fence(), &end).await;
            assert_eq!(ended.unwrap(), Completed::Stored);
        }
    }
    asks
}

/// T8, by the sweep: nobody may ever come back for it.
#[tokio::test]
async fn leases_that_are_over_leave_a_doubt_unless_their_mode_resumes() {
    let file = File::new().await;
    let store = file.store().await;
    let asks = lease(&store, Duration::from_secs(30)).await;
    let until = MADE.saturating_add(Duration::from_secs(30));
    file.clock
        .set(until.saturating_sub(Duration::from_millis(1)));
    assert_eq!(store.sweep(10).await.unwrap(), Swept::default());
    file.clock.set(until);
    // The limit holds for doubts too.
    for doubted in [1, 1, 0] {
        let expected = Swept {
            doubted,
            ..Swept::default()
        };
        assert_eq!(store.sweep(1).await.unwrap(), expected);
    }
    let [one, resumable, other, done] = &asks;
    for ask in [one, other] {
        let state = file.find(ask).await.unwrap().state;
        assert_eq!(state, State::Unknown { since: until });
    }
    let running = State::Running {
        held: Held::Until(until),
    };
    assert_eq!(file.find(resumable).await.unwrap().state, running);
    assert_eq!(
        file.find(done).await.unwrap().state,
        State::Done {
            answer: answer("done")
        }
    );
}

/// T20: a run that is under way is not cut off by the end of its retention.
#[tokio::test]
async fn a_run_under_a_live_lease_outlives_its_retention() {
    let file = File::new().await;
    let store = file.store().await;
    let day = Duration::from_secs(48 * 60 * 60);
    let asks = lease(&store, day).await;
    file.clock.set(asks[0].expires_at());
    let expected = Swept {
        purged: 1,
        ..Swept::default()
    };
    assert_eq!(
        store.sweep(10).await.unwrap(),
        expected,
        "the one that is done"
    );
    let swept_up = Swept {
        purged: 3,
        ..Swept::default()
    };
    file.clock.set(MADE.saturating_add(day));
    assert_eq!(store.sweep(10).await.unwrap(), swept_up);
    for ask in &asks {
        assert_eq!(file.find(ask).await, None);
    }
}

#[tokio::test]
async fn a_doubt_that_nobody_looked_at_is_counted_when_it_goes() {
    let file = File::new().await;
    let store = file.store().await;
    let asks = lease(&store, Duration::from_secs(30)).await;
    file.clock.advance(Duration::from_secs(30));
    assert_eq!(store.sweep(10).await.unwrap().doubted, 2);
    file.clock.set(asks[0].expires_at());
    let expected = Swept {
        purged: 4,
        doubted: 0,
        forgotten: 2,
    };
    assert_eq!(store.sweep(10).await.unwrap(), expected);
}

#[tokio::test]
async fn a_sweep_of_damaged_rows_purges_them_in_their_time() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    let mut connection = file.connect().await;
    run(
        &mut connection,
        "UPDATE idempotency SET state = 9, owner = x'00'",
    )
    .await;
    assert_eq!(sweep(&file, 10).await, 0);
    file.clock.set(first.expires_at());
    assert_eq!(sweep(&file, 10).await, 1);
}

#[tokio::test]
async fn a_tenant_that_is_forgotten_leaves_no_record_and_no_other_tenant_loses_one() {
    let file = File::new().await;
    let store = file.store().await;
    let other: TenantId = "01J0000000000000000000000A".parse().unwrap();
    let engine = Engine::in_transactions(keys(), file.clock.clone())
        .build()
        .unwrap();
    for (number, tenant) in [(1, tenant()), (2, tenant()), (3, other)] {
        let ctx = invocation(tenant, number);
        let once = engine.begin(&ctx, &transfer(), b"1").unwrap();
        assert_eq!(epoch(&file.claim(once.ask()).await), Some(1));
    }
    assert_eq!(store.forget_tenant(tenant()).await.unwrap(), 2);
    assert_eq!(store.forget_tenant(tenant()).await.unwrap(), 0);
    let mut connection = file.connect().await;
    let left: Vec<Vec<u8>> = sqlx::query_scalar("SELECT tenant FROM idempotency")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    assert_eq!(left, [other.to_bytes().to_vec()]);
    assert_eq!(
        file.records
            .forget_tenant(&mut connection, other)
            .await
            .unwrap(),
        1
    );
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
    assert_eq!((held.state, held.owner), (BY_LOG, second.owner()));
}
