//! Why a caller gets no answer.

use core::time::Duration;

use crate::attempt::Refusal;
use crate::fingerprint::JsonError;
use crate::key::KeyError;
use crate::observe::AttemptResult;
use crate::verbs::Claim;

/// Why an invocation was not tried, or its answer cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// It has no key.
    #[error("the invocation has no key")]
    Key(#[source] KeyError),
    /// Its payload has no fingerprint.
    #[error("the payload is not valid")]
    Payload(#[source] JsonError),
    /// Its key is outside of the window: purged by now, or from the future.
    #[error("the key is outside of its window")]
    Expired {
        /// How long a key of this kind is accepted, if that was looked up.
        window: Option<Duration>,
    },
    /// The first attempt is under way.
    #[error("the invocation is in progress")]
    InProgress {
        /// When to ask again.
        retry_after: Duration,
    },
    /// Nobody knows whether the first attempt had its effect.
    #[error("the outcome of the invocation is unknown")]
    Unknown,
    /// The key was used for another payload or another operation.
    #[error("the key was used for something else")]
    Reused,
    /// The store cannot be had, or the process ends.
    #[error("the store is not available")]
    Unavailable,
    /// The handler panicked within its transaction, of which nothing is left.
    #[error("the handler panicked")]
    Panicked,
    /// The service is not put together as it must be.
    #[error("misconfigured: {0}")]
    Misconfigured(&'static str),
}

impl Refused {
    /// What a claim in a transaction that was not granted means for its caller; nothing for one that was, or is answered.
    #[must_use]
    pub const fn of_claim(claim: &Claim) -> Option<Self> {
        match claim {
            Claim::Granted(_) | Claim::Done(_) => None,
            Claim::Running { lease, .. } => Some(Self::InProgress {
                retry_after: retry_after(*lease, None),
            }),
            Claim::Fenced { .. } => Some(Self::InProgress {
                retry_after: retry_after(None, None),
            }),
            Claim::Unknown { .. } => Some(Self::Unknown),
            Claim::Mismatch => Some(Self::Reused),
            Claim::Expired => Some(Self::Expired { window: None }),
        }
    }

    /// Under which name it is counted.
    #[must_use]
    pub const fn result(&self) -> AttemptResult {
        match self {
            Self::Key(KeyError::Anonymous) | Self::Misconfigured(_) => AttemptResult::Misconfigured,
            Self::Key(_) | Self::Payload(_) => AttemptResult::Malformed,
            Self::Expired { .. } => AttemptResult::Expired,
            Self::InProgress { .. } => AttemptResult::InProgress,
            Self::Unknown => AttemptResult::Unknown,
            Self::Reused => AttemptResult::Reused,
            Self::Unavailable => AttemptResult::Unavailable,
            Self::Panicked => AttemptResult::Panicked,
        }
    }

    /// What an attempt's refusal means for its caller, where runs usually take so long.
    #[cfg_attr(
        not(feature = "tower"),
        expect(dead_code, reason = "drivers tell their callers")
    )]
    pub(crate) const fn of(refusal: Refusal, usual: Option<Duration>) -> Self {
        match refusal {
            Refusal::InProgress { lease } => Self::InProgress {
                retry_after: retry_after(lease, usual),
            },
            Refusal::Unknown => Self::Unknown,
            Refusal::Reused => Self::Reused,
            Refusal::Expired => Self::Expired { window: None },
            Refusal::Unavailable => Self::Unavailable,
        }
    }
}

/// The lesser of what the lease lasts yet and what a run usually takes, at least one second.
const fn retry_after(lease: Option<Duration>, usual: Option<Duration>) -> Duration {
    let least = Duration::from_secs(1);
    let wait = match (lease, usual) {
        (Some(lease), Some(usual)) if usual.as_millis() < lease.as_millis() => usual,
        (Some(lease), _) => lease,
        (None, Some(usual)) => usual,
        (None, None) => least,
    };
    if wait.as_millis() < least.as_millis() {
        least
    } else {
        wait
    }
}
