//! Labels of the product: words of lower-case letters, digits and inner hyphens.

use core::fmt;
use std::borrow::Cow;

/// The text is not a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a label is made of 1 to 32 lower-case letters, digits and inner hyphens")]
pub struct LabelError(());

macro_rules! label {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// Reads a label.
            ///
            /// # Errors
            ///
            /// [`LabelError`] unless it is 1 to 32 of `[a-z0-9-]` without a hyphen at an end.
            pub fn parse(text: &str) -> Result<Self, LabelError> {
                is_label(text)
                    .then(|| Self(text.to_owned().into()))
                    .ok_or(LabelError(()))
            }

            /// The label.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

label! {
    /// A label of the product for its kinds of tenants. Fixed at birth.
    TenantKind
}

label! {
    /// Where the data of a tenant lives, in the words of the product: `eu`, `us`. Fixed at birth.
    ResidencyLabel
}

impl TenantKind {
    /// The vendor's own tenants.
    pub const INTERNAL: Self = Self(Cow::Borrowed("internal"));
    /// Customers.
    pub const EXTERNAL: Self = Self(Cow::Borrowed("external"));
}

fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=32).contains(&text.len())
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
