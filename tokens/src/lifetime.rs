//! How long a token lives.

use core::time::Duration;

/// A life outside of one second to one hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token lives for 1 to 3600 seconds")]
pub struct LifetimeError(());

/// How long a token lives: whole seconds, from one second to one hour.
///
/// ```
/// use skeleton_tokens::TokenLifetime;
///
/// const SHORT: TokenLifetime = TokenLifetime::minutes::<5>();
/// assert_eq!(SHORT.as_secs(), 300);
/// ```
///
/// More than an hour does not compile:
///
/// ```compile_fail
/// let too_long = skeleton_tokens::TokenLifetime::minutes::<61>();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenLifetime(u32);

impl TokenLifetime {
    /// The longest life of any token: one hour.
    pub const MAX: Self = Self(3_600);

    /// A life of `N` minutes, 1 to 60, checked while compiling.
    #[must_use]
    pub const fn minutes<const N: u32>() -> Self {
        const { assert!(N >= 1 && N <= 60, "a token lives for 1 to 60 minutes") };
        Self(N * 60)
    }

    /// A life of `secs` seconds, for values that come from a configuration.
    ///
    /// # Errors
    ///
    /// [`LifetimeError`] unless `secs` is 1 to 3600.
    pub const fn from_secs(secs: u32) -> Result<Self, LifetimeError> {
        if secs == 0 || secs > Self::MAX.0 {
            Err(LifetimeError(()))
        } else {
            Ok(Self(secs))
        }
    }

    /// The life in seconds.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// The life as a duration.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::from_secs(self.0 as u64)
    }
}

impl Default for TokenLifetime {
    /// Thirty minutes.
    fn default() -> Self {
        Self::minutes::<30>()
    }
}
