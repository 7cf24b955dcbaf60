//! Short machine names: `[a-z0-9-]`, no hyphen at an end.

use core::borrow::Borrow;
use core::cmp::Ordering;
use core::hash::Hash;
use core::hash::Hasher;
use std::sync::Arc;

use crate::label::Label;

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing there, or more bytes than this kind of name may have.
    #[error("a name is empty or too long")]
    Length,
    /// A byte outside of `a-z`, `0-9` and `-`, or a hyphen at an end.
    #[error("a name is written in lower-case letters, digits and inner hyphens")]
    Alphabet,
}

/// Tells whether `text` is a name of at most `max` bytes. Usable while compiling.
#[doc(hidden)]
#[must_use]
pub const fn is_name(text: &str, max: usize) -> bool {
    matches!(check_name(text, max), Ok(()))
}

pub(crate) const fn check_name(text: &str, max: usize) -> Result<(), NameError> {
    let mut rest = text.as_bytes();
    if rest.is_empty() || rest.len() > max {
        return Err(NameError::Length);
    }
    if matches!(rest, [b'-', ..] | [.., b'-']) {
        return Err(NameError::Alphabet);
    }
    while let [byte, tail @ ..] = rest {
        if !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-') {
            return Err(NameError::Alphabet);
        }
        rest = tail;
    }
    Ok(())
}

/// Reading and printing of a kind of name that has `parse` and `as_str`.
macro_rules! name_text {
    ($name:ident) => {
        impl core::str::FromStr for $name {
            type Err = crate::NameError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        crate::name::name_serde!($name);
    };
}

#[cfg(feature = "serde")]
macro_rules! name_serde {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::json::text::from_str(deserializer)
            }
        }
    };
}
#[cfg(not(feature = "serde"))]
macro_rules! name_serde {
    ($name:ident) => {};
}
pub(crate) use name_serde;

/// The name of a role, such as `account-manager`: a key, not a title; at most 48 bytes, kept inline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(Label<48>);

impl RoleName {
    /// The most bytes such a name has.
    pub const MAX_BYTES: usize = 48;

    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the text is empty, too long, or not `[a-z0-9-]`.
    pub const fn parse(text: &str) -> Result<Self, NameError> {
        match Label::parse(text) {
            Ok(label) => Ok(Self(label)),
            Err(error) => Err(error),
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl core::fmt::Debug for RoleName {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RoleName({:?})", self.as_str())
    }
}

name_text!(RoleName);

/// The stable name of an invocation type, such as `transfer-account-ownership`; at most 64 bytes.
///
/// Made while compiling by [`operation!`](crate::operation), or from text by [`Operation::parse`]. Cheap to clone.
#[derive(Clone)]
pub struct Operation(Text);

#[derive(Clone)]
enum Text {
    Static(&'static str),
    Shared(Arc<str>),
}

name_text!(Operation);

impl Operation {
    /// The most bytes such a name has.
    pub const MAX_BYTES: usize = 64;

    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the text is empty, too long, or not `[a-z0-9-]`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_name(text, Self::MAX_BYTES)?;
        Ok(Self(Text::Shared(text.into())))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Static(text) => text,
            Text::Shared(text) => text,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn __checked(text: &'static str) -> Self {
        Self(Text::Static(text))
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Operation {}

impl PartialOrd for Operation {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Operation {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Operation {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// As a map of names needs it: they compare and hash as their text does.
impl Borrow<str> for Operation {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl core::fmt::Debug for Operation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Operation({:?})", self.as_str())
    }
}

/// Names an operation, checked while compiling.
///
/// ```
/// let debit = skeleton_invocation_context::operation!("debit");
/// assert_eq!(debit.as_str(), "debit");
/// ```
///
/// ```compile_fail
/// skeleton_invocation_context::operation!("Debit now");
/// ```
#[macro_export]
macro_rules! operation {
    ($name:literal) => {{
        const _: () = ::core::assert!(
            $crate::__private::is_name($name, $crate::Operation::MAX_BYTES),
            "an operation is named in lower-case letters, digits and inner hyphens, at most 64 bytes"
        );
        $crate::Operation::__checked($name)
    }};
}
