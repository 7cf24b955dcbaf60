//! What somebody types to say who they are.

use core::fmt;
use core::hash::Hash;
use core::hash::Hasher;

use zeroize::Zeroizing;

use crate::email::Email;
use crate::email::EmailError;

/// What somebody types to say who they are: an e-mail address.
///
/// # Security
///
/// Personal data: it prints as `Identifier(..)`, and does not serialize.
#[derive(Clone, PartialEq, Eq)]
pub struct Identifier(Email);

impl Identifier {
    /// An address as the identifier.
    ///
    /// # Errors
    ///
    /// [`EmailError`] if the text is no address.
    pub fn email(text: &str) -> Result<Self, EmailError> {
        Email::parse(text).map(Self)
    }

    /// The form by which accounts are found.
    #[must_use]
    pub fn canonical(&self) -> CanonicalIdentifier {
        CanonicalIdentifier::of(&self.0)
    }
}

impl From<Email> for Identifier {
    fn from(email: Email) -> Self {
        Self(email)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identifier(..)")
    }
}

/// The one form of all spellings that name the same account: the whole address in ASCII lower case.
///
/// Nothing else is folded: dots and `+` in the local part count, whichever provider serves the domain.
///
/// # Security
///
/// Personal data, as [`Identifier`]. [`expose`](Self::expose) is for stores.
#[derive(Clone, PartialEq, Eq)]
pub struct CanonicalIdentifier(Zeroizing<String>);

impl CanonicalIdentifier {
    /// The canonical form of an address.
    #[must_use]
    pub fn of(email: &Email) -> Self {
        Self(Zeroizing::new(email.expose().to_ascii_lowercase()))
    }

    /// The form as text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Hash for CanonicalIdentifier {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_str().hash(state);
    }
}

impl fmt::Debug for CanonicalIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CanonicalIdentifier(..)")
    }
}
