//! Instants, and the clock as a parameter.

use core::time::Duration;
use std::sync::Arc;
use std::time::SystemTime;
use std::time::UNIX_EPOCH;

/// An instant: whole milliseconds since 1970, UTC, until the end of the year 9999.
///
/// Arithmetic saturates at both ends: no clock and no input makes it panic or wrap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The beginning of 1970.
    pub const MIN: Self = Self(0);
    /// The last millisecond of 9999.
    pub const MAX: Self = Self(253_402_300_799_999);

    /// An instant from milliseconds since 1970; later than [`Timestamp::MAX`] becomes `MAX`.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        if millis > Self::MAX.0 {
            Self::MAX
        } else {
            Self(millis)
        }
    }

    /// An instant from seconds since 1970; later than [`Timestamp::MAX`] becomes `MAX`.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self::from_millis(secs.saturating_mul(1_000))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000
    }

    /// Later by `by`, rounded down to milliseconds.
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        Self::from_millis(self.0.saturating_add(millis(by)))
    }

    /// Earlier by `by`, rounded down to milliseconds.
    #[must_use]
    pub fn saturating_sub(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(millis(by)))
    }

    /// The time since `earlier`; zero if that lies ahead.
    #[must_use]
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// Tells the time. A parameter everywhere, so that tests decide what time it is.
pub trait Clock: Send + Sync {
    /// The present instant by this clock.
    fn now(&self) -> Timestamp;
}

impl<C: Clock + ?Sized> Clock for &C {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// The clock of the operating system. A time before 1970 reads as 1970.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct is its own constructor"
)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others take"
    )]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_millis(millis(since))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
