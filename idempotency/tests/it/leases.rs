//! Who holds a key, for how long, and who is told that she holds it no more.

use core::time::Duration;

use axum::http::Response;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Policy;
use skeleton_idempotency::Window;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use tokio::time::Instant;
use tokio::time::sleep;
use tokio::time::timeout;

use crate::script::Count;
use crate::script::Gate;
use crate::script::Script;
use crate::script::until;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::door;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

const BOTH: [Mode; 2] = [Mode::Resumable, Mode::AtMostOnce];
const LEASE: Duration = Duration::from_secs(30);

/// Counts if it is dropped.
struct Dropped(Count);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.add();
    }
}

/// A handler that takes so long, and is counted when it is over, however that comes.
async fn takes(long: Duration, over: Count) -> Response<Script> {
    let _over = Dropped(over);
    sleep(long).await;
    ok("done")
}

#[tokio::test(start_paused = true)]
async fn beats_keep_a_run_that_takes_longer_than_its_lease() {
    for mode in BOTH {
        let (here, over) = (Stage::new(), Count::default());
        let counted = over.clone();
        let there = here.elsewhere();
        let long = LEASE * 10;
        let first = here.door(mode, move |_| takes(long, counted.clone()));
        let second = there.door(mode, |_| async { ok("never") });
        let running = sending(&first, call(1, "{}"));
        until(|| here.tracker.running() == 1).await;
        for _ in 0..9 {
            sleep(LEASE).await;
            assert!(
                send(&second, call(1, "{}"))
                    .await
                    .is(409, "invocation-in-progress")
            );
        }
        assert_eq!(
            running.await.unwrap().gist(),
            (200, b"done".as_slice(), None)
        );
        let again = send(&second, call(1, "{}")).await;
        assert_eq!(again.gist(), (200, b"done".as_slice(), Some("true")));
        assert_eq!(over.get(), 1);
        // Three in each lease.
        let beats = here.faults().calls(StoreCall::Heartbeat);
        assert!((29..=30).contains(&beats), "{beats}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_beat_that_is_lost_before_or_after_is_sent_again_in_time() {
    for mode in BOTH {
        for moment in [Moment::Before, Moment::After] {
            let (stage, over) = (Stage::new(), Count::default());
            let door = stage.door(mode, move |_| takes(LEASE * 3, over.clone()));
            for nth in [1, 2, 4, 5, 6] {
                stage.faults().fail_nth(StoreCall::Heartbeat, nth, moment);
            }
            let seen = send(&door, call(1, "{}")).await;
            assert_eq!(
                seen.gist(),
                (200, b"done".as_slice(), None),
                "{mode:?} {moment:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn law_13_whoever_cannot_beat_stops_before_somebody_else_resumes() {
    let (here, over) = (Stage::new(), Count::default());
    let there = here.elsewhere();
    let counted = over.clone();
    let first = here.door(Mode::Resumable, move |_| takes(LEASE * 10, counted.clone()));
    let stopped = over.clone();
    let second = there.door(Mode::Resumable, move |_| {
        let before = stopped.get();
        async move { ok(format!("after {before} had stopped")) }
    });
    here.faults().fail_all(StoreCall::Heartbeat, Moment::Before);
    // The claim's answer takes four seconds, which are of the lease.
    here.faults()
        .be_late(StoreCall::Claim, Duration::from_secs(4));
    let began = Instant::now();
    let running = sending(&first, call(1, "{}"));
    sleep(LEASE - Duration::from_secs(1)).await;
    let resumed = sending(&second, call(1, "{}"));
    let told = running.await.unwrap();
    assert!(told.is(409, "invocation-in-progress"), "{told:?}");
    assert!(
        began.elapsed() <= LEASE + Duration::from_millis(10),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(over.get(), 1);
    let resumed = resumed.await.unwrap();
    assert_eq!(
        resumed.gist(),
        (200, b"after 1 had stopped".as_slice(), None)
    );
}

#[tokio::test(start_paused = true)]
async fn law_r2_whoever_cannot_beat_at_most_once_goes_on_and_ends_the_doubt() {
    let (here, over) = (Stage::new(), Count::default());
    let there = here.elsewhere();
    let first = here.door(Mode::AtMostOnce, move |_| takes(LEASE * 3, over.clone()));
    let second = there.door(Mode::AtMostOnce, |_| async { ok("never") });
    here.faults().fail_all(StoreCall::Heartbeat, Moment::Before);
    let running = sending(&first, call(1, "{}"));
    sleep(LEASE * 2).await;
    assert!(
        send(&second, call(1, "{}"))
            .await
            .is(409, "outcome-unknown")
    );
    // It learns of the doubt, and is not stopped by it.
    here.faults().heal();
    assert_eq!(
        running.await.unwrap().gist(),
        (200, b"done".as_slice(), None)
    );
    let again = send(&second, call(1, "{}")).await;
    assert_eq!(again.gist(), (200, b"done".as_slice(), Some("true")));
}

#[tokio::test(start_paused = true)]
async fn law_13_a_claim_whose_answer_took_longer_than_its_lease_does_not_run() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let counted = runs.clone();
        let policy = Policy::new(mode).with_lease(Duration::from_secs(3));
        let door = stage.door(policy, move |_| {
            counted.add();
            async { ok("never") }
        });
        stage
            .faults()
            .be_late(StoreCall::Claim, Duration::from_secs(4));
        let seen = timeout(Duration::from_secs(120), send(&door, call(1, "{}"))).await;
        assert_eq!(runs.get(), 0);
        let seen = seen.expect("it asks for ever, and tells nobody");
        assert!(seen.status == 503 || seen.status == 409, "{seen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_run_ends_what_would_not_end() {
    for (mode, status, code) in [
        (Mode::Resumable, 503, "unavailable"),
        (Mode::AtMostOnce, 409, "outcome-unknown"),
    ] {
        let (here, over) = (Stage::new(), Count::default());
        let there = here.elsewhere();
        let counted = over.clone();
        let window = Window::default().with_max_run(Duration::from_secs(60));
        let first = here.building(mode).window(window).build().unwrap();
        let first = door(&first, move |_| takes(LEASE * 1_000, counted.clone()));
        let began = Instant::now();
        let told = send(&first, call(1, "{}")).await;
        assert!(told.is(status, code), "{told:?}");
        assert!(
            began.elapsed() <= Duration::from_millis(60_010),
            "{:?}",
            began.elapsed()
        );
        assert_eq!(over.get(), 1);
        // Where it may be resumed, it is at once.
        let second = there.door(mode, |_| async { ok("resumed") });
        let next = send(&second, call(1, "{}")).await;
        let expected = if mode == Mode::Resumable { 200 } else { 409 };
        assert_eq!(next.status, expected);
        assert!(began.elapsed() <= Duration::from_millis(60_010));
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_is_resumed_when_the_lease_is_over_or_is_in_doubt() {
    for (mode, status) in [(Mode::Resumable, 200), (Mode::AtMostOnce, 409)] {
        let (here, gate) = (Stage::new(), Gate::default());
        let there = here.elsewhere();
        let held = gate.clone();
        let first = here.door(mode, move |_| {
            let held = held.clone();
            async move {
                held.pass().await;
                ok("never")
            }
        });
        // A crash is a process that does nothing any more: not even its store hears of it.
        here.faults().hold(StoreCall::Heartbeat, Moment::Before);
        here.faults().hold(StoreCall::Complete, Moment::Before);
        let _gone = sending(&first, call(1, "{}"));
        gate.reached(1).await;
        let second = there.door(mode, |_| async { ok("resumed") });
        sleep(LEASE - Duration::from_millis(500)).await;
        let next = send(&second, call(1, "{}")).await;
        assert_eq!(next.status, status, "{next:?}");
    }
}
