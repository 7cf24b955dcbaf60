//! Doubts that somebody can end: the hook is asked, and believed when it may be.

use core::time::Duration;
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use skeleton_idempotency::Found;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Policy;
use skeleton_idempotency::Reconcile;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use tokio::time::Instant;
use tokio::time::advance;
use tokio::time::sleep;

use crate::helpers::answer;
use crate::script::Count;
use crate::script::Gate;
use crate::script::until;
use crate::stage::Door;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::of_status;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

const MAX_RUN: Duration = Duration::from_secs(15 * 60);

/// Says what it was told to say.
#[derive(Clone, Default)]
struct Oracle {
    found: Arc<Mutex<Option<Found>>>,
    asked: Count,
    /// Whether it never says anything.
    is_mute: bool,
}

impl Oracle {
    fn finds(&self, found: Found) {
        *self.found.lock().unwrap() = Some(found);
    }
}

#[async_trait]
impl Reconcile for Oracle {
    async fn reconcile(&self, key: &IdempotencyKey, epoch: u64) -> Option<Found> {
        assert_eq!((key.operation().as_str(), epoch), ("transfer-money", 1));
        self.asked.add();
        if self.is_mute {
            core::future::pending::<()>().await;
        }
        self.found.lock().unwrap().clone()
    }
}

/// A door whose first run ends in doubt, and the hook of it.
async fn in_doubt(stage: &Stage, oracle: &Oracle, runs: &Count) -> Door {
    let policy = Policy::new(Mode::AtMostOnce).with_reconcile(oracle.clone());
    let counted = runs.clone();
    let door = stage.door(policy, move |_| {
        let run = counted.add();
        async move {
            if run == 1 {
                of_status(500, "broke")
            } else {
                ok(format!("run {run}"))
            }
        }
    });
    assert_eq!(send(&door, call(1, "{}")).await.status, 500);
    assert_eq!(oracle.asked.get(), 0);
    door
}

#[tokio::test(start_paused = true)]
async fn what_was_found_done_is_replayed_and_asked_for_no_more() {
    let (stage, oracle, runs) = (Stage::new(), Oracle::default(), Count::default());
    let door = in_doubt(&stage, &oracle, &runs).await;
    oracle.finds(Found::Done(answer("it went well")));
    for _ in 0..2 {
        let seen = send(&door, call(1, "{}")).await;
        assert_eq!(seen.gist(), (200, b"it went well".as_slice(), Some("true")));
    }
    assert_eq!((oracle.asked.get(), runs.get()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn that_nothing_happened_is_believed_when_the_longest_run_is_over() {
    let (stage, oracle, runs) = (Stage::new(), Oracle::default(), Count::default());
    let door = in_doubt(&stage, &oracle, &runs).await;
    oracle.finds(Found::Nothing { after: MAX_RUN });
    assert!(send(&door, call(1, "{}")).await.is(409, "outcome-unknown"));
    sleep(MAX_RUN - Duration::from_secs(1)).await;
    assert!(send(&door, call(1, "{}")).await.is(409, "outcome-unknown"));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(
        send(&door, call(1, "{}")).await.gist(),
        (200, b"run 2".as_slice(), None)
    );
    assert_eq!((oracle.asked.get(), runs.get()), (3, 2));
    assert_eq!(send(&door, call(1, "{}")).await.replayed(), Some("true"));
}

/// Whoever ran it may be at work still, whatever the hook says of how long that takes.
#[tokio::test(start_paused = true)]
async fn law_01_a_hook_that_is_in_a_hurry_starts_no_second_run_beside_the_first() {
    let (here, oracle, gate) = (Stage::new(), Oracle::default(), Gate::default());
    let there = here.elsewhere();
    let policy = Policy::new(Mode::AtMostOnce).with_reconcile(oracle.clone());
    let held = gate.clone();
    let first = here.door(policy.clone(), move |_| {
        let held = held.clone();
        async move {
            held.pass().await;
            ok("first")
        }
    });
    let runs = Count::default();
    let counted = runs.clone();
    let second = there.door(policy, move |_| {
        counted.add();
        async { ok("second") }
    });
    // It runs, and its beats do not get through.
    here.faults().fail_all(StoreCall::Heartbeat, Moment::Before);
    let running = sending(&first, call(1, "{}"));
    gate.reached(1).await;
    sleep(Duration::from_secs(31)).await;
    oracle.finds(Found::Nothing {
        after: Duration::ZERO,
    });
    let seen = send(&second, call(1, "{}")).await;
    assert!(seen.is(409, "outcome-unknown"), "{seen:?}");
    assert_eq!(runs.get(), 0);
    gate.open();
    assert_eq!(running.await.unwrap().body, "first");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_finds_nothing_out_or_never_returns_leaves_the_doubt() {
    for is_mute in [false, true] {
        let (stage, runs) = (Stage::new(), Count::default());
        let oracle = Oracle {
            is_mute,
            ..Oracle::default()
        };
        let door = in_doubt(&stage, &oracle, &runs).await;
        let began = Instant::now();
        assert!(send(&door, call(1, "{}")).await.is(409, "outcome-unknown"));
        assert!(
            began.elapsed() <= Duration::from_secs(6),
            "{:?}",
            began.elapsed()
        );
        assert_eq!(runs.get(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_settled_with_the_store_stays_a_doubt() {
    let (stage, oracle, runs) = (Stage::new(), Oracle::default(), Count::default());
    let door = in_doubt(&stage, &oracle, &runs).await;
    oracle.finds(Found::Done(answer("it went well")));
    stage
        .faults()
        .fail_all(StoreCall::Reconcile, Moment::Before);
    assert!(send(&door, call(1, "{}")).await.is(409, "outcome-unknown"));
    stage.faults().heal();
    assert_eq!(send(&door, call(1, "{}")).await.body, "it went well");
}

/// Counts how often it is polled, and never answers.
struct Slow(Count);

#[async_trait]
impl Reconcile for Slow {
    async fn reconcile(&self, _: &IdempotencyKey, _: u64) -> Option<Found> {
        core::future::poll_fn(|_| {
            self.0.add();
            core::task::Poll::Pending
        })
        .await
    }
}

/// The lease of somebody else's run was waited for, and that wait is over.
#[tokio::test(start_paused = true)]
async fn a_wait_for_an_answer_is_no_work() {
    let (here, gate, polls) = (Stage::new(), Gate::default(), Count::default());
    let (there, held) = (here.elsewhere(), gate.clone());
    let first = here.door(Mode::AtMostOnce, move |_| {
        let held = held.clone();
        async move {
            held.pass().await;
            ok("never")
        }
    });
    here.faults().fail_all(StoreCall::Heartbeat, Moment::Before);
    let _running = sending(&first, call(1, "{}"));
    gate.reached(1).await;
    sleep(Duration::from_millis(29_500)).await;
    let policy = Policy::new(Mode::AtMostOnce).with_reconcile(Slow(polls.clone()));
    let _waiting = sending(
        &there.door(policy, |_| async { ok("never") }),
        call(1, "{}"),
    );
    until(|| there.faults().calls(StoreCall::Claim) == 1).await;
    advance(Duration::from_millis(600)).await;
    until(|| polls.get() > 0).await;
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert!(
        polls.get() <= 3,
        "polled {} times while nothing happened",
        polls.get()
    );
}

#[tokio::test(start_paused = true)]
async fn of_many_who_meet_a_doubt_one_asks_the_hook() {
    let (stage, oracle, runs) = (Stage::new(), Oracle::default(), Count::default());
    let door = in_doubt(&stage, &oracle, &runs).await;
    oracle.finds(Found::Done(answer("it went well")));
    stage.faults().hold(StoreCall::Claim, Moment::Before);
    let all: Vec<_> = (0..50).map(|_| sending(&door, call(1, "{}"))).collect();
    until(|| stage.faults().calls(StoreCall::Claim) == 2).await;
    stage.faults().let_go();
    for seen in all {
        assert_eq!(seen.await.unwrap().body, "it went well");
    }
    assert_eq!(oracle.asked.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_resumes_is_no_doubt_and_asks_no_hook() {
    let (stage, oracle) = (Stage::new(), Oracle::default());
    let policy = Policy::new(Mode::Resumable).with_reconcile(oracle.clone());
    let runs = Count::default();
    let door = stage.door(policy, move |_| {
        let run = runs.add();
        async move {
            if run == 1 {
                of_status(500, "")
            } else {
                ok("second")
            }
        }
    });
    send(&door, call(1, "{}")).await;
    assert_eq!(send(&door, call(1, "{}")).await.body, "second");
    assert_eq!(oracle.asked.get(), 0);
}
