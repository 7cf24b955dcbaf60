//! Processes that sleep: each has a time of its own, and while one of them does nothing the others go on.

use core::time::Duration;

use skeleton_idempotency::Capacity;
use skeleton_idempotency::Engine;
use skeleton_idempotency::MemoryStore;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Signal;
use skeleton_idempotency::testing::FaultStore;
use skeleton_idempotency::testing::Recorder;
use skeleton_invocation_context::testing::FixedClock;
use tokio::runtime::Builder;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::helpers::keys;
use crate::helpers::now;
use crate::script::Gate;
use crate::stage::Door;
use crate::stage::Seen;
use crate::stage::call;
use crate::stage::door;
use crate::stage::of_status;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

/// More than a lease.
const A_WHILE: Duration = Duration::from_secs(31);

/// The clock and the store of all.
struct World {
    clock: FixedClock,
    store: FaultStore<MemoryStore>,
}

impl World {
    fn new() -> Self {
        let clock = FixedClock::at(now());
        let store = FaultStore::new(MemoryStore::new(Capacity::mib(1), clock.clone()));
        Self { clock, store }
    }

    /// A process whose handler waits at its gate, and answers its name.
    fn process(&self, mode: Mode, name: &'static str) -> Process {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        let (signals, gate) = (Recorder::default(), Gate::default());
        let engine = Engine::builder(self.store.apart(), keys(), self.clock.clone());
        let engine = engine.mode(mode).observer(signals.clone()).build().unwrap();
        let held = gate.clone();
        let door = door(&engine, move |_| {
            let held = held.clone();
            async move {
                held.pass().await;
                if name == "refuses" {
                    of_status(429, name)
                } else {
                    ok(name)
                }
            }
        });
        Process {
            runtime: runtime.unwrap(),
            door,
            signals,
            gate,
        }
    }
}

struct Process {
    runtime: Runtime,
    door: Door,
    signals: Recorder,
    gate: Gate,
}

impl Process {
    /// Begins to run, and falls asleep in the middle.
    fn begins_and_sleeps(&self) -> JoinHandle<Seen> {
        let _within = self.runtime.enter();
        let running = sending(&self.door, call(1, "{}"));
        self.runtime.block_on(self.gate.reached(1));
        running
    }

    fn wakes(&self, running: JoinHandle<Seen>) -> Seen {
        self.runtime.block_on(running).unwrap()
    }

    fn runs(&self) -> Seen {
        self.gate.open();
        self.runtime.block_on(send(&self.door, call(1, "{}")))
    }
}

#[test]
fn attack_20_whoever_slept_and_did_not_notice_is_fenced_at_its_record() {
    let world = World::new();
    let (sleeper, other) = (
        world.process(Mode::Resumable, "sleeper"),
        world.process(Mode::Resumable, "other"),
    );
    let running = sleeper.begins_and_sleeps();
    world.clock.advance(A_WHILE);
    assert_eq!(other.runs().gist(), (200, b"other".as_slice(), None));
    sleeper.gate.open();
    let told = sleeper.wakes(running);
    assert_eq!(told.gist(), (200, b"other".as_slice(), Some("true")));
    assert!(
        sleeper.signals.has(Signal::Fenced),
        "{:?}",
        sleeper.signals.heard()
    );
}

#[test]
fn attack_20_whoever_slept_is_stopped_at_its_next_beat() {
    let world = World::new();
    let (sleeper, other) = (
        world.process(Mode::Resumable, "sleeper"),
        world.process(Mode::Resumable, "other"),
    );
    let running = sleeper.begins_and_sleeps();
    world.clock.advance(A_WHILE);
    assert_eq!(other.runs().status, 200);
    // It never answers: the beat is what ends it.
    let told = sleeper.wakes(running);
    assert_eq!(told.gist(), (200, b"other".as_slice(), Some("true")));
    assert!(sleeper.signals.has(Signal::Fenced));
}

#[test]
fn attack_20_whoever_slept_while_another_one_runs_still_is_told_to_come_back() {
    for is_stopped_by_a_beat in [false, true] {
        let world = World::new();
        let (sleeper, other) = (
            world.process(Mode::Resumable, "sleeper"),
            world.process(Mode::Resumable, "other"),
        );
        let running = sleeper.begins_and_sleeps();
        world.clock.advance(A_WHILE);
        let others = other.begins_and_sleeps();
        if !is_stopped_by_a_beat {
            sleeper.gate.open();
        }
        let told = sleeper.wakes(running);
        assert!(told.is(409, "invocation-in-progress"), "{told:?}");
        assert!(
            sleeper.signals.has(Signal::Fenced),
            "{:?}",
            sleeper.signals.heard()
        );
        other.gate.open();
        assert_eq!(other.wakes(others).gist(), (200, b"other".as_slice(), None));
    }
}

#[test]
fn attack_20_whoever_slept_gives_nothing_back_that_is_somebody_elses() {
    let world = World::new();
    let (sleeper, other) = (
        world.process(Mode::Resumable, "refuses"),
        world.process(Mode::Resumable, "other"),
    );
    let running = sleeper.begins_and_sleeps();
    world.clock.advance(A_WHILE);
    assert_eq!(other.runs().status, 200);
    sleeper.gate.open();
    let told = sleeper.wakes(running);
    assert_eq!(told.gist(), (200, b"other".as_slice(), Some("true")));
    assert_eq!(
        other.runs().gist(),
        (200, b"other".as_slice(), Some("true"))
    );
}

#[test]
fn law_r2_whoever_slept_at_most_once_ends_the_doubt_that_it_left() {
    let world = World::new();
    let (sleeper, other) = (
        world.process(Mode::AtMostOnce, "sleeper"),
        world.process(Mode::AtMostOnce, "other"),
    );
    let running = sleeper.begins_and_sleeps();
    world.clock.advance(A_WHILE);
    assert!(other.runs().is(409, "outcome-unknown"));
    sleeper.gate.open();
    assert_eq!(
        sleeper.wakes(running).gist(),
        (200, b"sleeper".as_slice(), None)
    );
    assert_eq!(
        other.runs().gist(),
        (200, b"sleeper".as_slice(), Some("true"))
    );
}

#[test]
fn law_r1_whoever_slept_with_a_claim_that_nobody_took_goes_on() {
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let world = World::new();
        let sleeper = world.process(mode, "sleeper");
        let running = sleeper.begins_and_sleeps();
        world.clock.advance(A_WHILE);
        sleeper.gate.open();
        assert_eq!(
            sleeper.wakes(running).gist(),
            (200, b"sleeper".as_slice(), None)
        );
    }
}
