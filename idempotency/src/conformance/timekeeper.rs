//! How a check lets time go by.

use core::fmt;
use core::future::Future;
use core::time::Duration;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::Timestamp;

use super::clock::MovableClock;
use super::factory::Capabilities;
use super::violation::Violation;

/// Where the suite's clock stands first.
const START: Timestamp = Timestamp::from_millis(1_795_428_900_000);
/// How far a server's clock may be from this machine's.
const SKEW: Duration = Duration::from_secs(1);

/// Moves the suite's clock, or waits.
#[derive(Clone, Debug)]
pub(super) struct Timekeeper {
    clock: MovableClock,
    pub(super) capabilities: Capabilities,
}

impl Timekeeper {
    pub(super) fn new(capabilities: Capabilities) -> Self {
        let clock = MovableClock::at(START);
        Self {
            clock,
            capabilities,
        }
    }

    pub(super) const fn clock(&self) -> &MovableClock {
        &self.clock
    }

    /// Whether the suite decides what time it is, so that it can be exact.
    pub(super) const fn is_exact(&self) -> bool {
        !self.capabilities.has_own_clock()
    }

    pub(super) fn now(&self) -> Timestamp {
        if self.is_exact() {
            self.clock.now()
        } else {
            SystemClock.now()
        }
    }

    /// Lets so much time go by: exactly, or at least.
    pub(super) async fn pass(&self, by: Duration) {
        if self.is_exact() {
            self.clock.advance(by);
        } else {
            // A timer may fire within the millisecond that a server still counts as the one before.
            tokio::time::sleep(by + Duration::from_millis(2)).await;
        }
    }

    /// When a record must not be kept any longer that is soon purged: late enough to be made and ended before.
    pub(super) fn soon(&self) -> Timestamp {
        let wait = if self.is_exact() {
            Duration::from_secs(60)
        } else {
            Duration::from_secs(3)
        };
        self.now().saturating_add(wait)
    }

    /// Lets time go by until then: exactly, or at least, by any of the clocks.
    pub(super) async fn pass_until(&self, at: Timestamp) {
        let wait = at.saturating_since(self.now());
        let skew = if self.is_exact() {
            Duration::ZERO
        } else {
            SKEW
        };
        self.pass(wait + skew).await;
    }

    /// What the future leads to, unless it takes longer than a verb may.
    pub(super) async fn within<F: Future>(
        &self,
        what: impl fmt::Display,
        future: F,
    ) -> Result<F::Output, Violation> {
        let patience = self.capabilities.patience();
        let ended = tokio::time::timeout(patience, future).await;
        ended.map_err(|_| Violation::new(format!("{what} does not end within {patience:?}")))
    }
}
