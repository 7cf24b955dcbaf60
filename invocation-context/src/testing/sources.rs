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

/// A clock that moves ahead by one step whenever it is asked. Clones share the time.
#[derive(Clone, Debug)]
pub struct SteppingClock {
    next: Arc<AtomicU64>,
    step: u64,
}

impl SteppingClock {
    /// A clock that shows `at` first and then always `step` more.
    #[must_use]
    pub fn from(at: Timestamp, step: Duration) -> Self {
        Self {
            next: Arc::new(AtomicU64::new(at.as_millis())),
            step: u64::try_from(step.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        let later = |now: u64| Some(now.saturating_add(self.step));
        let now = self
            .next
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, later);
        Timestamp::from_millis(now.unwrap_or_else(|now| now))
    }
}

/// Ids that are the same in every run with one seed, and different within a run. Clones share the sequence.
#[derive(Clone, Debug)]
pub struct SeededIds(Arc<AtomicU64>);

impl SeededIds {
    /// The sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // Mixed first, or the sequence of the next seed would be this one from its second number on.
        Self(Arc::new(AtomicU64::new(mixed(
            seed ^ 0x6a09_e667_f3bc_c908,
        ))))
    }

    fn draw(&self) -> u64 {
        mixed(self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst))
    }
}

/// The mixer of SplitMix64.
const fn mixed(state: u64) -> u64 {
    let mut z = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
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
