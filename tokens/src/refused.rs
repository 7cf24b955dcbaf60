//! Why a token was refused: for logs, never for the caller.

use core::fmt;

/// The token is refused.
///
/// Opaque on purpose: whoever shows a bad token learns only that it is one. [`Refused::code`] is for the
/// operator's logs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    code: Code,
}

impl Refused {
    /// A stable word for logs and counters. It names the check, never a value of the token.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.code.as_str()
    }

    /// Whether nothing was decided, because no key that could sign for the tenant is loaded.
    ///
    /// Answer 503: a 401 would make clients throw good tokens away.
    #[must_use]
    pub const fn is_unavailable(self) -> bool {
        matches!(self.code, Code::KeysUnavailable)
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self { code }
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refused({})", self.code())
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token is refused")
    }
}

impl core::error::Error for Refused {}

/// Which check refused.
#[doc(hidden)]
#[expect(unnameable_types, reason = "it appears in the sealing trait only")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    Shape,
    Header,
    Key,
    KeysUnavailable,
    Signature,
    Json,
    Claims,
    Unsupported,
    Issuer,
    Tenant,
    Audience,
    Life,
    KeyWindow,
    NotYet,
    Expired,
}

impl Code {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Shape => "shape",
            Self::Header => "header",
            Self::Key => "key",
            Self::KeysUnavailable => "keys-unavailable",
            Self::Signature => "signature",
            Self::Json => "json",
            Self::Claims => "claims",
            Self::Unsupported => "unsupported-claim",
            Self::Issuer => "issuer",
            Self::Tenant => "tenant",
            Self::Audience => "audience",
            Self::Life => "life",
            Self::KeyWindow => "key-window",
            Self::NotYet => "not-yet-valid",
            Self::Expired => "expired",
        }
    }
}
