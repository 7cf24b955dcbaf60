//! Repeatable clocks and ids.

use core::num::NonZeroU128;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::sync::Arc;

use crate::source::IdGenerator;
use crate::source::assemble;
use crate::time::Clock;
use crate::time::Timestamp;

/// A clock that stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<AtomicU64>);

impl FixedClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self(Arc::new(AtomicU64::new(at.as_millis())))
    }

    /// Moves the clock ahead.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().saturating_add(by));
    }

    /// Moves the clock to `at`, be it earlier or later.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Ids that are the same in every run with one seed, and different within a run. Clones share the sequence.
#[derive(Clone, Debug)]
pub struct SeededIds(Arc<AtomicU64>);

impl SeededIds {
    /// The sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        )))
    }

    fn draw(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
}

impl IdGenerator for SeededIds {
    fn next(&self, at: Timestamp) -> NonZeroU128 {
        loop {
            let random = u128::from(self.draw()) << 64 | u128::from(self.draw());
            if let Some(id) = assemble(at, random) {
                return id;
            }
        }
    }
}
