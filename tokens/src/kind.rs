//! Kinds of tokens. A kind is a type here and a `typ` on the wire, so no two can be confused.

use crate::claims::AccessClaims;
use crate::claims::Expected;
use crate::lifetime::TokenLifetime;
use crate::refused::Code;

/// A kind of token. Sealed: the kinds are those of this crate.
pub trait TokenKind: sealed::Sealed + Send + Sync + 'static {
    /// The media type in the header, without `application/`.
    const TYP: &'static str;
    /// The longest life that a verifier accepts, whoever signed.
    const MAX: TokenLifetime;
    /// What a verified token of this kind says.
    type Claims: Send + Sync + 'static;
}

/// The kind of the tokens that callers show at the edge: `at+jwt` (RFC 9068), at most an hour long.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a marker has no values")]
pub enum AccessToken {}

impl TokenKind for AccessToken {
    const TYP: &'static str = "at+jwt";
    const MAX: TokenLifetime = TokenLifetime::MAX;
    type Claims = AccessClaims;
}

impl sealed::Sealed for AccessToken {
    fn accept(payload: &[u8], expected: &Expected<'_>) -> Result<AccessClaims, Code> {
        AccessClaims::accept(payload, expected)
    }
}

pub(crate) mod sealed {
    use crate::claims::Expected;
    use crate::kind::TokenKind;
    use crate::refused::Code;

    #[expect(unnameable_types, reason = "this is what seals TokenKind")]
    pub trait Sealed {
        /// Reads and judges a payload whose signature was verified.
        fn accept(
            payload: &[u8],
            expected: &Expected<'_>,
        ) -> Result<<Self as TokenKind>::Claims, Code>
        where
            Self: TokenKind;
    }
}
