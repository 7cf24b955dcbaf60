//! Callers that leave: what has begun goes on.

use core::pin::pin;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use skeleton_idempotency::Mode;
use skeleton_idempotency::Signal;
use skeleton_idempotency::Tracker;
use tokio::task::yield_now;
use tower::ServiceExt;

use crate::script::Gate;
use crate::script::until;
use crate::stage::Door;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

/// How often each key had its effect.
type Effects = Arc<Mutex<HashMap<u64, u32>>>;

/// A handler that has its effect half way, and may be left at several points.
fn effectful(stage: &Stage, mode: Mode, effects: &Effects) -> Door {
    let effects = Arc::clone(effects);
    stage.door(mode, move |request| {
        let effects = Arc::clone(&effects);
        async move {
            let number = *request.extensions().get::<u64>().unwrap();
            yield_now().await;
            *effects.lock().unwrap().entry(number).or_default() += 1;
            yield_now().await;
            ok(number.to_string())
        }
    })
}

fn numbered(number: u64) -> http::Request<http_body_util::Full<bytes::Bytes>> {
    let mut request = call(number, "{}");
    request.extensions_mut().insert(number);
    request
}

/// Polls a call so many times, and leaves.
async fn left_after(door: &Door, number: u64, polls: u64) {
    let mut called = pin!(door.clone().oneshot(numbered(number)));
    for _ in 0..polls {
        let once = core::future::poll_fn(|cx| {
            let is_ready = called.as_mut().poll(cx).is_ready();
            core::task::Poll::Ready(is_ready)
        });
        if once.await {
            return;
        }
        yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn law_01_a_caller_may_leave_at_every_point_and_nothing_is_lost_or_doubled() {
    const KEYS: u64 = 10_000;
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let (stage, effects) = (Stage::new(), Effects::default());
        let door = effectful(&stage, mode, &effects);
        let mut random = 0x5eed_u64;
        for _ in 0..50_000 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let (number, polls) = (1 + (random >> 33) % KEYS, (random >> 20) % 7);
            left_after(&door, number, polls).await;
        }
        until(|| stage.tracker.running() == 0).await;
        let had: Vec<_> = effects
            .lock()
            .unwrap()
            .iter()
            .map(|(number, times)| (*number, *times))
            .collect();
        assert!(had.len() > 9_000, "{}", had.len());
        for (number, times) in had {
            assert_eq!(times, 1, "{number}");
            let again = send(&door, numbered(number)).await;
            assert_eq!(
                again.gist(),
                (200, number.to_string().as_bytes(), Some("true"))
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_left_is_counted_and_her_answer_is_there_when_she_is_back() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let held = gate.clone();
    let door = stage.door(Mode::AtMostOnce, move |_| {
        let held = held.clone();
        async move {
            held.pass().await;
            ok("done")
        }
    });
    let leaving = sending(&door, call(1, "{}"));
    gate.reached(1).await;
    leaving.abort();
    assert!(leaving.await.unwrap_err().is_cancelled());
    gate.open();
    until(|| stage.tracker.running() == 0).await;
    assert!(stage.signals.has(Signal::Detached));
    assert_eq!(
        send(&door, call(1, "{}")).await.gist(),
        (200, b"done".as_slice(), Some("true"))
    );
}

#[tokio::test(start_paused = true)]
async fn attack_14_who_sends_and_hangs_up_fills_the_tracker_and_no_more() {
    let (mut stage, gate) = (Stage::new(), Gate::default());
    stage.tracker = Tracker::new();
    let held = gate.clone();
    let door = stage.door(Mode::AtMostOnce, move |_| {
        let held = held.clone();
        async move {
            held.pass().await;
            ok("done")
        }
    });
    for number in 1..=10_000 {
        left_after(&door, number, 1).await;
    }
    until(|| gate.came() >= 1_024).await;
    for _ in 0..100 {
        yield_now().await;
    }
    assert_eq!((gate.came(), stage.tracker.running()), (1_024, 1_024));
    assert!(send(&door, call(20_000, "{}")).await.is(503, "unavailable"));
    // Nothing was claimed for those that were refused.
    assert_eq!(stage.store.inner().len(), 1_024);
    gate.open();
    until(|| stage.tracker.running() == 0).await;
    assert_eq!(send(&door, call(20_000, "{}")).await.status, 200);
}

#[test]
fn a_runtime_that_ends_in_the_middle_drops_a_grant_and_says_so() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap()
    };
    let first = runtime();
    let stage = first.block_on(async {
        let (stage, gate) = (Stage::new(), Gate::default());
        let held = gate.clone();
        let door = stage.door(Mode::AtMostOnce, move |_| {
            let held = held.clone();
            async move {
                held.pass().await;
                ok("never")
            }
        });
        drop(sending(&door, call(1, "{}")));
        gate.reached(1).await;
        stage
    });
    drop(first);
    assert!(stage.signals.has(Signal::DroppedGrant));
    // It gave nothing back: the lease runs out.
    assert_eq!(
        stage
            .store
            .faults()
            .calls(skeleton_idempotency::testing::StoreCall::Release),
        0
    );
}
