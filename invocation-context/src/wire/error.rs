//! Why a trust domain refuses.

use core::fmt;
use core::time::Duration;

use crate::problem::Problem;
use crate::problem::ProblemKind;

/// Why there is no such trust domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustDomainError {
    /// The name is empty or has more than 255 bytes.
    #[error("the name of a trust domain has 1 to 255 bytes")]
    Name,
    /// Two keys have one id.
    #[error("two keys have the id {0:02x?}")]
    KeyTwice([u8; 4]),
}

/// Why a context was not sealed. Nothing is sent then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The domain has no key that signs.
    #[error("the trust domain has no key that signs")]
    NoKey,
    /// The context was received and its seal is over: only the edge renews it.
    #[error("the sealed context has expired")]
    Expired,
    /// The context was received in another trust domain.
    #[error("the context was sealed for another trust domain")]
    OtherDomain,
    /// Both halves together are larger than the domain allows.
    #[error("the sealed context is larger than {max} bytes")]
    TooLarge {
        /// The most bytes of both.
        max: usize,
    },
}

impl From<SealError> for Problem {
    /// 503 where another try may find a key or begins with a fresh seal; else 500, for a developer must mend it.
    fn from(error: SealError) -> Self {
        match error {
            SealError::NoKey | SealError::Expired => {
                Self::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(1))
            }
            SealError::OtherDomain | SealError::TooLarge { .. } => {
                Self::new(ProblemKind::Misconfigured).with_detail(error.to_string())
            }
        }
    }
}

/// Why nothing was received. The caller is told the same whatever it was; [`ReceiveError::reason`] is for the log.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ReceiveError(pub(super) Reason);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    NoKeys,
    #[cfg(feature = "tower")]
    Lines,
    Length,
    Encoding,
    Form,
    UnknownKey,
    Tag,
    Expired,
    TooFarAhead,
    Body,
}

impl ReceiveError {
    /// Not one line of each header, or both forms at once.
    #[cfg(feature = "tower")]
    pub(super) const LINES: Self = Self(Reason::Lines);
    /// Not base64.
    #[cfg(feature = "tower")]
    pub(super) const ENCODING: Self = Self(Reason::Encoding);

    /// The defect, in kebab-case. Log it; do not answer it.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self.0 {
            Reason::NoKeys => "no-keys",
            #[cfg(feature = "tower")]
            Reason::Lines => "lines",
            Reason::Length => "length",
            Reason::Encoding => "encoding",
            Reason::Form => "form",
            Reason::UnknownKey => "unknown-key",
            Reason::Tag => "tag",
            Reason::Expired => "expired",
            Reason::TooFarAhead => "too-far-ahead",
            Reason::Body => "body",
        }
    }
}

impl fmt::Debug for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiveError({})", self.reason())
    }
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no context of this trust domain")
    }
}

impl std::error::Error for ReceiveError {}

impl From<ReceiveError> for Problem {
    /// One 401 for every defect, absence included; 503 if this process has no keys to verify with.
    fn from(error: ReceiveError) -> Self {
        if error.0 == Reason::NoKeys {
            return Self::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(1));
        }
        Self::new(ProblemKind::Unauthenticated).with_challenge("Skeleton-Context")
    }
}
