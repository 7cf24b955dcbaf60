//! Passwords as they are typed.

use core::fmt;
use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The text is too long to be a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password has at most 256 code points and 1024 bytes")]
pub struct PasswordError(());

/// A password, in Unicode normal form C: composed and decomposed spellings are one password.
///
/// # Security
///
/// It prints as `Password(..)`, does not serialize, has no way to its text, and is zeroed when the last
/// clone is dropped. Its length is bounded here, before anything is hashed (NIST SP 800-63B-4 asks for
/// at least 64 code points; 256 are accepted).
///
/// ```compile_fail
/// let password = skeleton_authn::Password::new("correct horse battery staple")?;
/// println!("{password}");
/// # Ok::<(), skeleton_authn::PasswordError>(())
/// ```
#[derive(Clone)]
pub struct Password(Arc<Zeroizing<String>>);

impl Password {
    /// The most bytes of a password in normal form C.
    pub const MAX_BYTES: usize = 1_024;
    /// The most code points of a password in normal form C.
    pub const MAX_CODE_POINTS: usize = 256;

    /// Takes what was typed.
    ///
    /// # Errors
    ///
    /// [`PasswordError`] if it has more than 256 code points or 1024 bytes in normal form C, or more than
    /// 4096 bytes as typed.
    pub fn new(typed: &str) -> Result<Self, PasswordError> {
        if typed.len() > MAX_TYPED_BYTES {
            return Err(PasswordError(()));
        }
        // Normal form C is at most three times as long, so that the text is never moved while it grows.
        let mut text = Zeroizing::new(String::with_capacity(typed.len() * 3));
        text.extend(typed.nfc());
        if text.len() > Self::MAX_BYTES || text.chars().count() > Self::MAX_CODE_POINTS {
            return Err(PasswordError(()));
        }
        Ok(Self(Arc::new(text)))
    }

    pub(crate) fn code_points(&self) -> usize {
        self.0.chars().count()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// No spelling is longer than three and a half times its normal form C (U+0390 has one of seven bytes), so
/// that whether a password is accepted does not depend on how it was typed.
const MAX_TYPED_BYTES: usize = 4 * Password::MAX_BYTES;

#[cfg(test)]
mod tests;
