//! The time of a store under test.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::Timestamp;

/// A clock that stands still until the suite moves it. Clones are one clock.
#[derive(Clone, Debug)]
pub struct MovableClock(Arc<AtomicU64>);

impl MovableClock {
    pub(super) fn at(at: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(at.as_millis())))
    }

    pub(super) fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}
