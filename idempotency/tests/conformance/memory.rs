//! The store in memory, by the suite's clock, by this machine's, and behind a box.

use skeleton_idempotency::Capacity;
use skeleton_idempotency::DynStore;
use skeleton_idempotency::MemoryStore;
use skeleton_idempotency::conformance::Capabilities;
use skeleton_idempotency::conformance::Factory;
use skeleton_idempotency::conformance::MovableClock;
use skeleton_invocation_context::SystemClock;

/// By whose clock a store tells the time.
#[derive(Clone, Copy)]
enum Memory {
    BySuite,
    ByMachine,
}

impl Factory for Memory {
    type Store = MemoryStore;

    async fn fresh(&self, clock: &MovableClock) -> MemoryStore {
        let capacity = Capacity::mib(64);
        match self {
            Self::BySuite => MemoryStore::new(capacity, clock.clone()),
            Self::ByMachine => MemoryStore::new(capacity, SystemClock),
        }
    }

    /// As if it left everything.
    async fn reopen(&self, store: MemoryStore, _: &MovableClock) -> MemoryStore {
        store
    }

    fn capabilities(&self) -> Capabilities {
        match self {
            Self::BySuite => Capabilities::new(),
            Self::ByMachine => Capabilities::new().by_its_own_clock().forgetful(),
        }
    }
}

/// A store whose type is not known.
struct Boxed;

impl Factory for Boxed {
    type Store = DynStore;

    async fn fresh(&self, clock: &MovableClock) -> DynStore {
        DynStore::new(Memory::BySuite.fresh(clock).await)
    }

    async fn reopen(&self, store: DynStore, _: &MovableClock) -> DynStore {
        store
    }
}

mod by_the_suites_clock {
    skeleton_idempotency::conformance_tests!(super::Memory::BySuite);
}

mod by_this_machines_clock {
    skeleton_idempotency::conformance_tests!(super::Memory::ByMachine);
}

mod behind_a_box {
    skeleton_idempotency::conformance_tests!(super::Boxed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_names_every_check_and_says_that_it_is_kept() {
    let report = skeleton_idempotency::conformance::run(&Memory::BySuite).await;
    assert_eq!(report.violations().collect::<Vec<_>>(), []);
    let table = report.to_string();
    assert_eq!(table.lines().count(), 2 + report.checks().count());
    assert!(
        table.contains("| t05 its own owner is granted again | yes |"),
        "{table}"
    );
}
