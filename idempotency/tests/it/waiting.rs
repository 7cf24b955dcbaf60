//! Duplicates: within one process they share a flight, across processes they wait for the store.

use core::pin::Pin;
use core::time::Duration;

use axum::body::Bytes;
use axum::http::Request;
use axum::http::Response;
use http_body_util::Full;
use skeleton_idempotency::AttemptResult;
use skeleton_idempotency::Limits;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Signal;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use tokio::time::Instant;

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
const SECOND: Duration = Duration::from_secs(1);

type Answering = Pin<Box<dyn Future<Output = Response<Script>> + Send>>;

/// A handler that waits at a gate, and answers.
fn gated(
    gate: &Gate,
) -> impl Fn(Request<Full<Bytes>>) -> Answering + Clone + Send + Sync + 'static {
    let gate = gate.clone();
    move |_| {
        let gate = gate.clone();
        Box::pin(async move {
            gate.pass().await;
            ok("done")
        })
    }
}

#[tokio::test(start_paused = true)]
async fn attack_13_ten_thousand_duplicates_are_one_run_and_three_trips_at_most() {
    for mode in BOTH {
        let (stage, gate) = (Stage::new(), Gate::default());
        let door = stage.door(mode, gated(&gate));
        let all: Vec<_> = (0..10_000).map(|_| sending(&door, call(1, "{}"))).collect();
        gate.reached(1).await;
        // Whoever is one too many is told so at once, while time stands still.
        until(|| all.iter().filter(|seen| seen.is_finished()).count() == 10_000 - 65).await;
        gate.open();
        let (mut first, mut replayed, mut refused) = (0, 0, 0);
        for seen in all {
            let seen = seen.await.unwrap();
            match (seen.status, seen.replayed()) {
                (200, None) => first += 1,
                (200, Some("true")) => replayed += 1,
                _ => {
                    assert!(seen.is(409, "invocation-in-progress"), "{seen:?}");
                    refused += 1;
                }
            }
        }
        assert_eq!((first, replayed, refused), (1, 64, 10_000 - 65));
        assert_eq!(gate.came(), 1);
        let trips = [StoreCall::Claim, StoreCall::Complete, StoreCall::Heartbeat];
        let trips: u64 = trips.iter().map(|of| stage.faults().calls(*of)).sum();
        assert!(trips <= 3, "{trips}");
    }
}

#[tokio::test(start_paused = true)]
async fn attack_13_all_keys_together_have_a_bound_too() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let limits = Limits::default().with_waiters_per_key(3).with_waiters(5);
    let door = door(&stage.engine_within(Mode::AtMostOnce, limits), gated(&gate));
    let all: Vec<_> = (0..12)
        .map(|number| sending(&door, call(1 + number % 2, "{}")))
        .collect();
    // Two run, three and two wait, five are too many.
    until(|| all.iter().filter(|seen| seen.is_finished()).count() == 5).await;
    gate.open();
    let mut statuses = Vec::new();
    for seen in all {
        statuses.push(seen.await.unwrap().status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 7);
    // The places are free again.
    let (second, gate) = (stage.clone(), Gate::default());
    let door = second.door(Mode::AtMostOnce, gated(&gate));
    let all: Vec<_> = (0..3).map(|_| sending(&door, call(7, "{}"))).collect();
    gate.reached(1).await;
    gate.open();
    for seen in all {
        assert_eq!(seen.await.unwrap().status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn attack_03_while_one_payload_runs_another_is_told_so_at_once() {
    for mode in BOTH {
        let (stage, gate) = (Stage::new(), Gate::default());
        let door = stage.door(mode, gated(&gate));
        let first = sending(&door, call(1, "[1]"));
        gate.reached(1).await;
        let began = Instant::now();
        let mut elsewhere = call(1, "[1]");
        *elsewhere.uri_mut() = "/commands/close-account".parse().unwrap();
        for other in [call(1, "[2]"), elsewhere] {
            let told = send(&door, other).await;
            assert!(told.is(422, "idempotency-key-reused"), "{told:?}");
        }
        assert_eq!(
            (began.elapsed(), stage.faults().calls(StoreCall::Claim)),
            (Duration::ZERO, 1)
        );
        gate.open();
        assert_eq!(first.await.unwrap().status, 200);
    }
}

#[tokio::test(start_paused = true)]
async fn attack_03_whoever_asks_for_another_payload_decides_nothing_for_the_first() {
    let (stage, gate) = (Stage::new(), Gate::default());
    gate.open();
    let door = stage.door(Mode::AtMostOnce, gated(&gate));
    assert_eq!(send(&door, call(1, "[1]")).await.status, 200);
    // The one with the other payload flies first, and its claim is held back.
    stage.faults().hold(StoreCall::Claim, Moment::Before);
    let other = sending(&door, call(1, "[2]"));
    until(|| stage.faults().calls(StoreCall::Claim) == 2).await;
    let same = sending(&door, call(1, "[1]"));
    until(|| stage.faults().calls(StoreCall::Claim) == 3).await;
    stage.faults().let_go();
    assert!(other.await.unwrap().is(422, "idempotency-key-reused"));
    assert_eq!(
        same.await.unwrap().gist(),
        (200, b"done".as_slice(), Some("true"))
    );
    assert_eq!(gate.came(), 1);
}

/// A handler that panics the first time, when the gate is open.
async fn panics_once(runs: Count, gate: Gate) -> Response<Script> {
    let run = runs.add();
    gate.pass().await;
    assert!(run > 1, "boom");
    ok("second")
}

#[tokio::test(start_paused = true)]
async fn when_the_one_that_resumes_panics_one_of_those_who_wait_runs() {
    let (stage, gate, runs) = (Stage::new(), Gate::default(), Count::default());
    let (counted, held) = (runs.clone(), gate.clone());
    let door = stage.door(Mode::Resumable, move |_| {
        panics_once(counted.clone(), held.clone())
    });
    let first = sending(&door, call(1, "{}"));
    gate.reached(1).await;
    let others: Vec<_> = (0..5).map(|_| sending(&door, call(1, "{}"))).collect();
    tokio::task::yield_now().await;
    gate.open();
    assert!(first.await.unwrap().is(503, "unavailable"));
    let mut replays = 0;
    for seen in others {
        let seen = seen.await.unwrap();
        assert_eq!(
            (seen.status, seen.body.as_ref()),
            (200, b"second".as_slice()),
            "{seen:?}"
        );
        replays += usize::from(seen.replayed().is_some());
    }
    assert_eq!((runs.get(), replays), (2, 4));
}

#[tokio::test(start_paused = true)]
async fn when_the_one_that_runs_at_most_once_panics_nobody_runs() {
    let (stage, gate, runs) = (Stage::new(), Gate::default(), Count::default());
    let (counted, held) = (runs.clone(), gate.clone());
    let door = stage.door(Mode::AtMostOnce, move |_| {
        panics_once(counted.clone(), held.clone())
    });
    let all: Vec<_> = (0..5).map(|_| sending(&door, call(1, "{}"))).collect();
    gate.reached(1).await;
    gate.open();
    for seen in all {
        assert!(seen.await.unwrap().is(409, "outcome-unknown"));
    }
    assert!(send(&door, call(1, "{}")).await.is(409, "outcome-unknown"));
    assert_eq!(runs.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_for_what_had_no_effect_run_for_themselves() {
    let (stage, gate, runs) = (Stage::new(), Gate::default(), Count::default());
    let (counted, held) = (runs.clone(), gate.clone());
    let door = stage.door(Mode::Resumable, move |_| {
        let (run, held) = (counted.add(), held.clone());
        async move {
            held.pass().await;
            if run == 1 {
                crate::stage::of_status(429, "busy")
            } else {
                ok("second")
            }
        }
    });
    let first = sending(&door, call(1, "{}"));
    gate.reached(1).await;
    let others: Vec<_> = (0..3).map(|_| sending(&door, call(1, "{}"))).collect();
    tokio::task::yield_now().await;
    gate.open();
    assert_eq!(first.await.unwrap().status, 429);
    for seen in others {
        assert_eq!(seen.await.unwrap().body, "second");
    }
    assert_eq!(runs.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn law_02_those_who_wait_hear_of_an_answer_when_it_is_recorded_and_not_before() {
    let (stage, gate) = (Stage::new(), Gate::default());
    gate.open();
    let door = stage.door(Mode::AtMostOnce, gated(&gate));
    stage.faults().hold(StoreCall::Complete, Moment::Before);
    let all: Vec<_> = (0..3).map(|_| sending(&door, call(1, "{}"))).collect();
    until(|| stage.faults().calls(StoreCall::Complete) == 1).await;
    tokio::task::yield_now().await;
    assert!(all.iter().all(|seen| !seen.is_finished()));
    stage.faults().let_go();
    for seen in all {
        assert_eq!(seen.await.unwrap().body, "done");
    }
}

#[tokio::test(start_paused = true)]
async fn two_processes_on_one_store_wait_for_each_other() {
    for mode in BOTH {
        let (here, gate) = (Stage::new(), Gate::default());
        let there = here.elsewhere();
        let (first, second) = (
            here.door(mode, gated(&gate)),
            there.door(mode, gated(&gate)),
        );
        let running = sending(&first, call(1, "{}"));
        gate.reached(1).await;
        let waiting: Vec<_> = (0..4).map(|_| sending(&second, call(1, "{}"))).collect();
        until(|| there.faults().calls(StoreCall::Claim) == 1).await;
        let began = Instant::now();
        gate.open();
        assert_eq!(running.await.unwrap().replayed(), None);
        for seen in waiting {
            assert_eq!(
                seen.await.unwrap().gist(),
                (200, b"done".as_slice(), Some("true"))
            );
        }
        // They were woken, and did not sleep until their patience was over.
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(
            (gate.came(), there.faults().calls(StoreCall::Claim)),
            (1, 2)
        );
        let reused = send(&second, call(1, "[2]")).await;
        assert!(reused.is(422, "idempotency-key-reused"));
    }
}

#[tokio::test(start_paused = true)]
async fn patience_ends_and_says_when_to_come_back() {
    let (here, gate) = (Stage::new(), Gate::default());
    let there = here.elsewhere();
    let (first, second) = (
        here.door(Mode::AtMostOnce, gated(&gate)),
        there.door(Mode::AtMostOnce, gated(&gate)),
    );
    let running = sending(&first, call(1, "{}"));
    gate.reached(1).await;
    for door in [&first, &second] {
        let began = Instant::now();
        let seen = send(door, call(1, "{}")).await;
        assert!(seen.is(409, "invocation-in-progress"), "{seen:?}");
        let wait: u64 = seen.field("retry-after").unwrap().parse().unwrap();
        assert!((1..=30).contains(&wait), "{wait}");
        let waited = began.elapsed();
        assert!(waited >= 2 * SECOND && waited < 3 * SECOND, "{waited:?}");
    }
    assert_eq!(here.signals.answered(AttemptResult::InProgress), 1);
    assert_eq!(
        here.signals
            .count(|heard| matches!(heard, Signal::Waited(_))),
        1
    );
    gate.open();
    assert_eq!(running.await.unwrap().status, 200);
}

#[tokio::test(start_paused = true)]
async fn whoever_joins_late_has_patience_of_her_own() {
    let (here, gate) = (Stage::new(), Gate::default());
    let there = here.elsewhere();
    let first = sending(&here.door(Mode::AtMostOnce, gated(&gate)), call(1, "{}"));
    gate.reached(1).await;
    let second = there.door(Mode::AtMostOnce, gated(&gate));
    let leader = sending(&second, call(1, "{}"));
    tokio::time::sleep(Duration::from_millis(1_900)).await;
    let (late, began) = (sending(&second, call(1, "{}")), Instant::now());
    assert_eq!(leader.await.unwrap().status, 409);
    tokio::time::sleep(Duration::from_millis(500)).await;
    gate.open();
    assert_eq!(first.await.unwrap().status, 200);
    let late = late.await.unwrap();
    assert!(
        late.status == 200,
        "it gave up after {:?}: {late:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_never_longer_than_patience_however_often_leaders_change() {
    let stage = Stage::new();
    let door = stage.door(Mode::Resumable, |_| async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        crate::stage::of_status(429, "")
    });
    let first = sending(&door, call(1, "{}"));
    tokio::task::yield_now().await;
    let began = Instant::now();
    // Each in turn finds that nothing happened, and runs; the last would wait for all the others.
    let others: Vec<_> = (0..8).map(|_| sending(&door, call(1, "{}"))).collect();
    first.await.unwrap();
    for seen in others {
        let seen = seen.await.unwrap();
        assert!(matches!(seen.status, 429 | 409), "{seen:?}");
    }
    assert!(began.elapsed() <= 4 * SECOND, "{:?}", began.elapsed());
}
