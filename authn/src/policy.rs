//! What a password must be when it is set.

use crate::password::Password;

/// Why a password may not be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Fewer code points than the policy asks for.
    #[error("a password has at least {min} code points")]
    TooShort {
        /// The fewest that are accepted.
        min: usize,
    },
}

/// What a password must be when it is set (NIST SP 800-63B-4): long. There is no rule of composition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    min_code_points: usize,
}

impl PasswordPolicy {
    /// The fewest code points of a password that stands alone.
    pub const MIN_CODE_POINTS: usize = 15;

    /// A policy with another minimum: at least 15, at most 64.
    #[must_use]
    pub fn of_min_code_points(min: usize) -> Self {
        Self {
            min_code_points: min.clamp(Self::MIN_CODE_POINTS, 64),
        }
    }

    /// Judges a password that shall be set.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] says what to do better.
    pub fn check(self, password: &Password) -> Result<(), PolicyError> {
        if password.code_points() < self.min_code_points {
            return Err(PolicyError::TooShort {
                min: self.min_code_points,
            });
        }
        Ok(())
    }
}

impl Default for PasswordPolicy {
    /// At least 15 code points.
    fn default() -> Self {
        Self {
            min_code_points: Self::MIN_CODE_POINTS,
        }
    }
}
