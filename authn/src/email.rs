//! E-mail addresses: to reach somebody and to log in, never as an identity.

use core::fmt;

use zeroize::Zeroizing;

/// Why a text is not an address. The text itself is personal data and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmailError {
    /// More than 254 bytes, or a local part of more than 64.
    #[error("an address has at most 254 bytes, 64 of them before the @")]
    Length,
    /// The part before the `@` is not a dot-atom (RFC 5322): quoted and non-ASCII ones are refused.
    #[error("the part before the @ is a dot-atom of ASCII characters")]
    LocalPart,
    /// The part after the `@` is not a name of ASCII labels. An internationalised one is given as its
    /// A-labels (`xn--..`).
    #[error("the part after the @ is a host name of ASCII labels")]
    Domain,
}

/// An e-mail address as somebody typed it: where mail goes.
///
/// # Security
///
/// Personal data: it prints as `Email(..)`, does not serialize, and is zeroed when dropped.
/// [`expose`](Self::expose) is the one way to its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(Zeroizing<String>);

impl Email {
    /// Reads an address: a dot-atom, an `@`, and a host name of ASCII labels; at most 254 bytes.
    ///
    /// # Errors
    ///
    /// [`EmailError`], by part.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Domain)?;
        if text.len() > 254 || local.len() > 64 {
            return Err(EmailError::Length);
        }
        if !local.split('.').all(is_atom) {
            return Err(EmailError::LocalPart);
        }
        if !domain.split('.').all(is_label) {
            return Err(EmailError::Domain);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The address as it was typed.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

fn is_atom(part: &str) -> bool {
    !part.is_empty()
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte))
}

fn is_label(part: &str) -> bool {
    (1..=63).contains(&part.len())
        && !part.starts_with('-')
        && !part.ends_with('-')
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
