//! The clocks of this crate.

use core::time::Duration;

/// Tells the time twice: by the wall, which may jump, and since some start, which may stand still while a host sleeps.
/// A lease is over when either says so.
pub trait TimeSource: Send + Sync + 'static {
    /// Milliseconds since 1970.
    fn wall_millis(&self) -> u64;

    /// The time since some start; never goes back.
    fn monotonic(&self) -> Duration;
}

/// The clocks of the operating system.
#[derive(Clone, Copy, Debug)]
pub struct SystemTime {
    start: std::time::Instant,
}

impl SystemTime {
    /// Clocks that start now.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others take"
    )]
    pub fn start() -> Self {
        Self {
            start: std::time::Instant::now(),
        }
    }
}

impl TimeSource for SystemTime {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others take"
    )]
    fn wall_millis(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        u64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}
