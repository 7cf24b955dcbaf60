//! How the account proved who it is, as a token says it.

use skeleton_invocation_context::Assurance;

/// The strength of the proof (claim `acr`; NIST SP 800-63B).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the standard has three levels")]
pub enum Acr {
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
    /// Two factors, one of them a hardware authenticator.
    Aal3,
}

impl Acr {
    /// The level as the token writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
            Self::Aal3 => "aal3",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Aal1, Self::Aal2, Self::Aal3]
            .into_iter()
            .find(|level| level.as_str() == text)
    }
}

impl From<Acr> for Assurance {
    fn from(level: Acr) -> Self {
        match level {
            Acr::Aal1 => Self::Aal1,
            Acr::Aal2 => Self::Aal2,
            Acr::Aal3 => Self::Aal3,
        }
    }
}

impl From<Assurance> for Acr {
    fn from(level: Assurance) -> Self {
        match level {
            Assurance::Aal1 => Self::Aal1,
            Assurance::Aal2 => Self::Aal2,
            Assurance::Aal3 => Self::Aal3,
        }
    }
}

/// A method of the proof (claim `amr`; names of RFC 8176).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Amr {
    /// A password.
    Pwd,
    /// A one-time password.
    Otp,
    /// A key in hardware.
    Hwk,
}

impl Amr {
    /// The method as the token writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pwd => "pwd",
            Self::Otp => "otp",
            Self::Hwk => "hwk",
        }
    }
}
