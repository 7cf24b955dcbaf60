//! A token that was signed, kept from logs.

use core::fmt;
use core::marker::PhantomData;

use skeleton_invocation_context::Timestamp;
use zeroize::Zeroizing;

use crate::claims::TokenId;
use crate::kind::TokenKind;

/// A signed token of kind `K`: a bearer secret.
///
/// # Security
///
/// It prints as `SignedToken(..)`, does not serialize, and its memory is zeroed when it is dropped.
/// [`expose`](Self::expose) is the one way to its text.
///
/// ```compile_fail
/// fn print(token: &skeleton_tokens::SignedToken<skeleton_tokens::AccessToken>) {
///     println!("{token}");
/// }
/// ```
///
/// It says nothing about whom it is for: a [`Verifier`](crate::Verifier) reads that, after the signature.
///
/// ```compile_fail
/// fn trust(token: &skeleton_tokens::SignedToken<skeleton_tokens::AccessToken>) {
///     let _ = token.identity();
/// }
/// ```
pub struct SignedToken<K: TokenKind> {
    text: Zeroizing<String>,
    id: TokenId,
    expires_at: Timestamp,
    kind: PhantomData<fn() -> K>,
}

impl<K: TokenKind> SignedToken<K> {
    pub(crate) const fn new(text: Zeroizing<String>, id: TokenId, expires_at: Timestamp) -> Self {
        Self {
            text,
            id,
            expires_at,
            kind: PhantomData,
        }
    }

    /// The token as it goes to its bearer.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The id of the token (claim `jti`), for logs.
    #[must_use]
    pub const fn id(&self) -> TokenId {
        self.id
    }

    /// The instant from which it is no longer good (claim `exp`).
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

impl<K: TokenKind> fmt::Debug for SignedToken<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedToken(..)")
    }
}
