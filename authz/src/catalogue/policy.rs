//! Policies: named sets of permissions.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;

use skeleton_invocation_context::__private::is_name;
use skeleton_invocation_context::NameError;

use super::Definition;
use super::PermissionSet;

/// The name of a policy, such as `account-reading`: a key, not a title; at most 48 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName(Cow<'static, str>);

impl PolicyName {
    /// The most bytes of a name.
    pub const MAX_BYTES: usize = 48;
    /// The name under which a tenant's own role holds what it took from no policy.
    pub const EXTRA: Self = Self(Cow::Borrowed("extra"));

    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the text is empty, too long, or not `[a-z0-9-]`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() || text.len() > Self::MAX_BYTES {
            return Err(NameError::Length);
        }
        if is_name(text, Self::MAX_BYTES) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(NameError::Alphabet)
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PolicyName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for PolicyName {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for PolicyName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A policy as [`permissions!`](crate::permissions) declares it: a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardPolicy {
    name: &'static str,
    permissions: &'static [Definition],
}

impl StandardPolicy {
    /// Called by the macro while compiling, where a failed assertion is an error.
    #[doc(hidden)]
    #[must_use]
    pub const fn __new(name: &'static str, permissions: &'static [Definition]) -> Self {
        assert!(
            is_name(name, PolicyName::MAX_BYTES),
            "a policy is named in lower-case letters, digits and inner hyphens, at most 48 bytes"
        );
        Self { name, permissions }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> PolicyName {
        PolicyName(Cow::Borrowed(self.name))
    }

    /// The name as text.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.name
    }

    /// What it holds.
    #[must_use]
    pub const fn permissions(&self) -> &'static [Definition] {
        self.permissions
    }
}

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    name: PolicyName,
    permissions: PermissionSet,
}

impl Policy {
    pub(crate) fn of(standard: &StandardPolicy) -> Self {
        Self {
            name: standard.name(),
            permissions: standard.permissions.iter().map(Definition::id).collect(),
        }
    }

    pub(crate) const fn new(name: PolicyName, permissions: PermissionSet) -> Self {
        Self { name, permissions }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &PolicyName {
        &self.name
    }

    /// What it holds.
    #[must_use]
    pub const fn permissions(&self) -> &PermissionSet {
        &self.permissions
    }
}
