//! Drives attempts to their ends: performs what the machine asks for, and tells the caller.

mod detach;
mod drive;
mod flight;
mod lead;
mod stopwatch;
mod store_call;
mod tracker;
mod waits;

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering;
use core::time::Duration;

pub(crate) use self::detach::detached;
pub(crate) use self::detach::spawn_unless_ready;
use self::flight::Flights;
pub(crate) use self::lead::Left;
pub(crate) use self::lead::Told;
pub(crate) use self::lead::run_one;
pub use self::tracker::Drained;
pub use self::tracker::Tracker;

/// How long callers wait, and how many of them may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    patience: Duration,
    persistence: Duration,
    waiters_per_key: usize,
    waiters: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(2),
            persistence: Duration::from_secs(5),
            waiters_per_key: 64,
            waiters: 1_024,
        }
    }
}

impl Limits {
    /// How long a duplicate waits for the first one before it is told that that is in progress; 2 seconds by default.
    #[must_use]
    pub const fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How long a caller waits for the record of an answer while the store is down; 5 seconds by default.
    #[must_use]
    pub const fn with_persistence(self, persistence: Duration) -> Self {
        Self {
            persistence,
            ..self
        }
    }

    /// How many duplicates of one key wait in this process; 64 by default. The next one is told so at once.
    #[must_use]
    pub const fn with_waiters_per_key(self, waiters_per_key: usize) -> Self {
        Self {
            waiters_per_key,
            ..self
        }
    }

    /// How many duplicates wait in this process in all; 1 024 by default.
    #[must_use]
    pub const fn with_waiters(self, waiters: usize) -> Self {
        Self { waiters, ..self }
    }

    pub(crate) const fn patience(&self) -> Duration {
        self.patience
    }

    pub(crate) const fn persistence(&self) -> Duration {
        self.persistence
    }
}

/// What the attempts of one engine share.
pub(crate) struct Shared {
    flights: Flights,
    pub(crate) tracker: Tracker,
    usual: Usual,
}

impl Shared {
    pub(crate) fn new(limits: &Limits, tracker: Tracker) -> Self {
        Self {
            flights: Flights::new(limits.waiters_per_key, limits.waiters),
            tracker,
            usual: Usual::default(),
        }
    }
}

/// How long a run usually takes: each one moves it by an eighth of the difference.
#[derive(Debug, Default)]
struct Usual(AtomicU64);

impl Usual {
    fn note(&self, run: Duration) {
        let run = u64::try_from(run.as_millis()).unwrap_or(u64::MAX / 8);
        let before = self.0.load(Ordering::Relaxed);
        let after = if before == 0 {
            run.max(1)
        } else {
            (before.saturating_mul(7).saturating_add(run) / 8).max(1)
        };
        // Of two that end at once one may be forgotten.
        self.0.store(after, Ordering::Relaxed);
    }

    fn get(&self) -> Option<Duration> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            millis => Some(Duration::from_millis(millis)),
        }
    }
}
