//! Which program asked for a token.

use core::fmt;

/// Why a text is not the id of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client id is 2 to 64 of a-z, 0-9 and -, and does not look like a ULID")]
pub struct ClientIdError(());

/// The program that asked for a token, such as `bank-web` (`client_id` of RFC 9068).
///
/// It never has the shape of a ULID, so it cannot pass for the id of an account (RFC 9068 section 5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(Box<str>);

impl ClientId {
    /// Reads the id of a client.
    ///
    /// # Errors
    ///
    /// [`ClientIdError`] unless the text is 2 to 64 of `[a-z0-9-]`, and not 26 of `[a-z0-9]`.
    pub fn parse(text: &str) -> Result<Self, ClientIdError> {
        let is_written_well = text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        let is_ulid_shaped = text.len() == 26 && !text.contains('-');
        if (2..=64).contains(&text.len()) && is_written_well && !is_ulid_shaped {
            Ok(Self(text.into()))
        } else {
            Err(ClientIdError(()))
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl core::str::FromStr for ClientId {
    type Err = ClientIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
