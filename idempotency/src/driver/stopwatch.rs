//! The driver's own time: it begins with the clock's and never goes backwards.

use core::time::Duration;

use skeleton_invocation_context::Timestamp;
use tokio::time::Instant;

#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch {
    base: Timestamp,
    since: Instant,
}

impl Stopwatch {
    pub(super) fn started_at(base: Timestamp) -> Self {
        let since = Instant::now();
        Self { base, since }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.base.saturating_add(self.elapsed())
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    /// When the runtime's clock will show that time.
    pub(super) fn instant_of(&self, at: Timestamp) -> Instant {
        // Rounded up: whoever is woken a moment too early has slept for nothing.
        let ahead = at.saturating_since(self.base);
        self.since
            .checked_add(ahead.saturating_add(Duration::from_micros(1)))
            .unwrap_or(self.since)
    }
}
