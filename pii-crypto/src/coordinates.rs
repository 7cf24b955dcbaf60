//! Where a sealed value belongs: tenant, subject, category, record and tag. All of it is authenticated with the value.

#[cfg(feature = "context")]
mod context;

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

/// The text is not an id: 1 to 64 of `[0-9A-Za-z_-]`. It is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 64 letters, digits, underscores and hyphens")]
pub struct IdError(());

macro_rules! opaque_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes an id in its canonical text.
            ///
            /// # Errors
            ///
            /// [`IdError`] unless it is 1 to 64 of `[0-9A-Za-z_-]`.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let is_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
                let fits = (1..=64).contains(&text.len()) && text.bytes().all(is_id);
                if fits { Ok(Self(text.into())) } else { Err(IdError(())) }
            }

            /// The canonical text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::parse(text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                // The error of a format may repeat what it read, and that may be a number of a person.
                let text = <Cow<'de, str>>::deserialize(deserializer)
                    .map_err(|_| D::Error::custom(IdError(())))?;
                Self::parse(&text).map_err(D::Error::custom)
            }
        }
    };
}

opaque_id! {
    /// The tenant that keeps the data.
    TenantRef
}
opaque_id! {
    /// The person whose data it is. Its grammar keeps an e-mail address from being one.
    SubjectId
}
opaque_id! {
    /// The event, or the row, that holds the value.
    RecordId
}
opaque_id! {
    /// One order to forget.
    ForgetOrderId
}

/// What names a data subject. Implement it for the product's id of a person, never for anything personal itself.
pub trait AsSubject {
    /// The subject in canonical text.
    ///
    /// # Errors
    ///
    /// [`IdError`] if the id has no such text.
    fn as_subject(&self) -> Result<SubjectId, IdError>;
}

impl AsSubject for SubjectId {
    fn as_subject(&self) -> Result<SubjectId, IdError> {
        Ok(self.clone())
    }
}

/// Everything that a sealed value is bound to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Coordinates {
    pub(crate) tenant: TenantRef,
    pub(crate) subject: SubjectId,
    pub(crate) category: Cow<'static, str>,
    pub(crate) record: RecordId,
    pub(crate) tag: Cow<'static, str>,
}

/// The category of a value that names none.
pub const GENERAL: &str = "general";
