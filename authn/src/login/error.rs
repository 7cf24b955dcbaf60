//! Why a log-in ended.

use crate::hash::HashingError;
use crate::store::StoreError;

/// Why a log-in ended.
///
/// # Security
///
/// A wrong password, an unknown identifier and a deactivated account are one error, after one hash each.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogInError {
    /// No. It is not said why.
    #[error("the log-in is refused")]
    Refused,
    /// Too many passwords are being checked. Nothing was decided: try again in a second.
    #[error("too many passwords are being checked")]
    Saturated,
    /// The store of accounts did not answer. Nothing was decided.
    #[error("the log-in was not decided")]
    Unavailable(#[from] StoreError),
}

impl From<HashingError> for LogInError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Saturated | HashingError::NoRandomness => Self::Saturated,
        }
    }
}
