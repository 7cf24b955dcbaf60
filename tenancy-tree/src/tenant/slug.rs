//! The label of a tenant in its host name.

use core::fmt;
use core::str::FromStr;

/// Names that serve the platform itself, or are mistaken for it. The list only grows.
const RESERVED: [&str; 30] = [
    "admin",
    "administrator",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "billing",
    "blog",
    "cdn",
    "docs",
    "edge",
    "ftp",
    "help",
    "imap",
    "internal",
    "login",
    "mail",
    "mta",
    "pop",
    "root",
    "security",
    "smtp",
    "sso",
    "static",
    "status",
    "support",
    "system",
    "www",
    "wpad",
];

/// Why a text is not a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlugError {
    /// Fewer than 3 or more than 40 characters.
    #[error("a slug has 3 to 40 characters")]
    Length,
    /// A character outside of `a-z`, `0-9` and `-`, a hyphen at an end, or `--` in places 3 and 4.
    #[error(
        "a slug is written in lower-case letters, digits and inner hyphens, and is not an encoded name"
    )]
    Alphabet,
    /// The platform keeps the name for itself.
    #[error("the slug is reserved")]
    Reserved,
}

/// The label of a tenant in its host name: `acme` in `acme.bank.example`.
///
/// 3 to 40 of `[a-z0-9-]`, no hyphen at an end, and no `--` in places 3 and 4, so that no internationalised name
/// (RFC 5890) passes for a plain one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantSlug(Box<str>);

impl TenantSlug {
    /// Reads a slug.
    ///
    /// # Errors
    ///
    /// [`SlugError`] if the text is no slug or the slug is reserved.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let bytes = text.as_bytes();
        if !(3..=40).contains(&bytes.len()) {
            return Err(SlugError::Length);
        }
        let is_allowed = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let is_encoded = matches!(bytes, [_, _, b'-', b'-', ..]);
        if !bytes.iter().all(is_allowed) || matches!(bytes, [b'-', ..] | [.., b'-']) || is_encoded {
            return Err(SlugError::Alphabet);
        }
        if RESERVED.contains(&text) {
            return Err(SlugError::Reserved);
        }
        Ok(Self(text.into()))
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TenantSlug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for TenantSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TenantSlug {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for TenantSlug {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Reads the slug of an event. One that was given once stays one, though the list of reserved names has grown since.
#[cfg(feature = "serde")]
pub(super) fn given<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<TenantSlug, D::Error> {
    let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
    match TenantSlug::parse(&text) {
        Err(SlugError::Reserved) => Ok(TenantSlug(text.as_ref().into())),
        parsed => parsed.map_err(serde::de::Error::custom),
    }
}
