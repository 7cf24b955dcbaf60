//! A clock that follows the runtime's.

use core::time::Duration;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::Timestamp;
use tokio::time::Instant;

/// A clock that moves with tokio's time, paused or not. Copies show the same time, unless they are put ahead or behind.
#[derive(Clone, Copy, Debug)]
pub struct TokioClock {
    base: Timestamp,
    since: Instant,
}

impl TokioClock {
    /// A clock that shows `base` now. To follow a paused time, make it within the runtime.
    #[must_use]
    pub fn starting_at(base: Timestamp) -> Self {
        let since = Instant::now();
        Self { base, since }
    }

    /// A clock that is so far ahead of this one.
    #[must_use]
    pub fn ahead_by(self, by: Duration) -> Self {
        let base = self.base.saturating_add(by);
        Self { base, ..self }
    }

    /// A clock that is so far behind this one.
    #[must_use]
    pub fn behind_by(self, by: Duration) -> Self {
        let base = self.base.saturating_sub(by);
        Self { base, ..self }
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Timestamp {
        self.base.saturating_add(self.since.elapsed())
    }
}
