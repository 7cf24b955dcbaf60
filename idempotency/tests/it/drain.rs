//! A service that ends: it begins nothing more, and leaves as little as it can.

use core::time::Duration;

use skeleton_idempotency::Drained;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Mode;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use tokio::time::Instant;

use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::invocation_no;
use crate::helpers::transfer;
use crate::script::Gate;
use crate::script::until;
use crate::stage::Door;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

const BOTH: [Mode; 2] = [Mode::Resumable, Mode::AtMostOnce];
const LIMIT: Duration = Duration::from_secs(20);

fn gated(stage: &Stage, mode: Mode, gate: &Gate) -> Door {
    let gate = gate.clone();
    stage.door(mode, move |_| {
        let gate = gate.clone();
        async move {
            gate.pass().await;
            ok("done")
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_drain_waits_for_whoever_runs_and_lets_nobody_begin() {
    for mode in BOTH {
        let (stage, gate) = (Stage::new(), Gate::default());
        let door = gated(&stage, mode, &gate);
        let running = sending(&door, call(1, "{}"));
        gate.reached(1).await;
        let tracker = stage.tracker.clone();
        let draining = tokio::spawn(async move { tracker.drain(LIMIT).await });
        tokio::task::yield_now().await;
        assert!(send(&door, call(2, "{}")).await.is(503, "unavailable"));
        assert_eq!(stage.faults().calls(StoreCall::Claim), 1);
        let began = Instant::now();
        gate.open();
        assert_eq!(draining.await.unwrap(), Drained { left: 0 });
        assert_eq!(began.elapsed(), Duration::ZERO);
        assert_eq!(running.await.unwrap().status, 200);
        assert!(
            send(&door, call(3, "{}")).await.is(503, "unavailable"),
            "it stays shut"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_of_nothing_ends_at_once() {
    let (stage, began) = (Stage::new(), Instant::now());
    assert_eq!(stage.tracker.drain(LIMIT).await, Drained { left: 0 });
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn at_its_limit_a_drain_cuts_short_what_another_process_resumes_at_once() {
    let (here, gate) = (Stage::new(), Gate::default());
    let there = here.elsewhere();
    let running = sending(&gated(&here, Mode::Resumable, &gate), call(1, "{}"));
    gate.reached(1).await;
    assert_eq!(here.tracker.drain(LIMIT).await, Drained { left: 0 });
    let told = running.await.unwrap();
    assert!(told.is(503, "unavailable"), "{told:?}");
    // Not a moment later.
    let (engine, began) = (there.engine(Mode::Resumable), Instant::now());
    assert_eq!(epoch_of(&engine).await, 2);
    assert_eq!(began.elapsed(), Duration::ZERO);
}

/// Runs the first invocation, and says under which epoch.
async fn epoch_of<S: skeleton_idempotency::Store>(engine: &Engine<S>) -> u64 {
    let ctx = alice_calls().invocation(invocation_no(1)).build();
    let run = |once: Execution| async move {
        Ok::<_, skeleton_invocation_context::Problem>(answer(&once.epoch().unwrap().to_string()))
    };
    let answered = engine.run(&ctx, &transfer(), b"{}", run).await.unwrap();
    String::from_utf8_lossy(answered.answer().body())
        .parse()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn at_its_limit_a_drain_leaves_what_nobody_else_may_repeat() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let door = gated(&stage, Mode::AtMostOnce, &gate);
    let running = sending(&door, call(1, "{}"));
    gate.reached(1).await;
    let began = Instant::now();
    assert_eq!(stage.tracker.drain(LIMIT).await, Drained { left: 1 });
    assert!(began.elapsed() <= LIMIT + Duration::from_secs(5));
    assert!(!running.is_finished());
    gate.open();
    assert_eq!(
        running.await.unwrap().status,
        200,
        "it may end for as long as the process lives"
    );
}

#[tokio::test(start_paused = true)]
async fn a_drain_sends_away_whoever_waits_for_another_process() {
    let (here, gate) = (Stage::new(), Gate::default());
    let there = here.elsewhere();
    let running = sending(&gated(&here, Mode::AtMostOnce, &gate), call(1, "{}"));
    gate.reached(1).await;
    let waiting = sending(&gated(&there, Mode::AtMostOnce, &gate), call(1, "{}"));
    until(|| there.tracker.running() == 1).await;
    assert_eq!(
        there.tracker.drain(Duration::from_millis(1)).await,
        Drained { left: 0 }
    );
    assert!(waiting.await.unwrap().is(503, "unavailable"));
    gate.open();
    assert_eq!(running.await.unwrap().status, 200);
}

/// Its claim is on its way when the limit is over.
#[tokio::test(start_paused = true)]
async fn what_is_granted_after_the_limit_of_a_drain_does_not_begin() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let door = gated(&stage, Mode::Resumable, &gate);
    stage.faults().hold(StoreCall::Claim, Moment::After);
    let late = sending(&door, call(1, "{}"));
    until(|| stage.faults().calls(StoreCall::Claim) == 1).await;
    let tracker = stage.tracker.clone();
    let draining = tokio::spawn(async move { tracker.drain(Duration::from_secs(1)).await });
    tokio::time::sleep(Duration::from_secs(2)).await;
    stage.faults().let_go();
    assert_eq!(draining.await.unwrap(), Drained { left: 0 });
    assert_eq!(gate.came(), 0, "it began to run after everybody was to end");
    assert!(late.await.unwrap().is(503, "unavailable"));
}
