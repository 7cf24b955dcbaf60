//! Typed key-value pairs that live as long as one invocation: an A/B variant, a log level.

#[cfg(feature = "http")]
pub(crate) mod dictionary;
mod key;
#[cfg(feature = "http")]
mod registry;
mod value;

use std::sync::Arc;

pub use key::LOG_LEVEL;
pub use key::LogLevel;
pub use key::ToggleKey;
#[cfg(feature = "http")]
pub use registry::DeclareError;
#[cfg(feature = "http")]
pub(crate) use registry::Judged;
#[cfg(feature = "http")]
pub use registry::ToggleRegistry;
pub use value::ToggleChoice;
pub use value::ToggleName;
pub use value::ToggleType;
pub use value::ToggleValue;

use crate::name::NameError;

/// Why a set of toggles was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToggleError {
    /// A name is not `[a-z0-9-]` of at most 32 bytes.
    #[error("a toggle's name is not valid")]
    Name(#[source] NameError),
    /// A number has more than 15 digits.
    #[error("a toggle's value is not valid")]
    Value,
    /// A name occurs twice.
    #[error("a toggle is named twice")]
    Twice,
    /// More than 32 toggles.
    #[error("an invocation has at most {} toggles", Toggles::MAX)]
    TooMany,
}

/// Why a toggle has no value of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToggleUnset {
    /// The invocation does not have it.
    #[error("the toggle is not set")]
    Absent,
    /// It has another type, or names a choice that this build does not know: deployments overlap.
    #[error("the toggle's value is unknown to this build")]
    Unreadable,
}

/// The toggles of one invocation: at most 32, no name twice, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Toggles(
    /// Nothing for no toggles, which is the usual case and costs no allocation.
    Option<Arc<[(ToggleName, ToggleValue)]>>,
);

impl Toggles {
    /// The most toggles of one invocation.
    pub const MAX: usize = 32;

    /// No toggles.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// A set of named values.
    ///
    /// # Errors
    ///
    /// [`ToggleError`] if a name or a value is not valid, a name occurs twice, or there are more than 32.
    pub fn new<N: AsRef<str>>(
        values: impl IntoIterator<Item = (N, ToggleValue)>,
    ) -> Result<Self, ToggleError> {
        let mut list = Vec::new();
        for (name, value) in values {
            if list.len() == Self::MAX {
                return Err(ToggleError::TooMany);
            }
            let name = ToggleName::parse(name.as_ref()).map_err(ToggleError::Name)?;
            if !value.is_valid() {
                return Err(ToggleError::Value);
            }
            list.push((name, value));
        }
        Self::of_valid(list)
    }

    /// A set of valid pairs in any order.
    pub(crate) fn of_valid(mut list: Vec<(ToggleName, ToggleValue)>) -> Result<Self, ToggleError> {
        list.sort_unstable_by_key(|(name, _)| *name);
        let is_twice =
            |pair: &[(ToggleName, ToggleValue)]| matches!(pair, [one, other] if one.0 == other.0);
        if list.windows(2).any(is_twice) {
            return Err(ToggleError::Twice);
        }
        Ok(Self((!list.is_empty()).then(|| list.into())))
    }

    /// What was written by [`Toggles::iter`] of a valid set.
    #[cfg(feature = "wire")]
    pub(crate) const fn of_ascending(list: Option<Arc<[(ToggleName, ToggleValue)]>>) -> Self {
        Self(list)
    }

    /// The same toggles, and this one: it replaces a value of the same name.
    ///
    /// # Errors
    ///
    /// [`ToggleError`] if the key's name or the value cannot be one, or there would be more than 32 toggles.
    pub fn with<T: ToggleType>(&self, key: &ToggleKey<T>, value: &T) -> Result<Self, ToggleError> {
        let name = ToggleName::parse(key.name()).map_err(ToggleError::Name)?;
        let value = value.to_toggle().ok_or(ToggleError::Value)?;
        let others = self.list().iter().filter(|(held, _)| *held != name);
        Self::new(others.copied().chain([(name, value)]))
    }

    /// The toggle's value; the key's default if it is not set, or unreadable for this build.
    ///
    /// Deployments overlap, and an experiment never breaks an invocation.
    #[must_use]
    pub fn get<T: ToggleType>(&self, key: &ToggleKey<T>) -> T {
        self.try_get(key)
            .unwrap_or_else(|_unset| key.default().clone())
    }

    /// The toggle's value, or why it has none of its own.
    ///
    /// # Errors
    ///
    /// [`ToggleUnset`] if the toggle is not set, or its value is unknown to this build.
    pub fn try_get<T: ToggleType>(&self, key: &ToggleKey<T>) -> Result<T, ToggleUnset> {
        let value = self.find(key.name()).ok_or(ToggleUnset::Absent)?;
        let read = T::from_toggle(value);
        #[cfg(feature = "tracing")]
        if read.is_none() {
            tracing::debug!(toggle = key.name(), "toggle.unreadable");
        }
        read.ok_or(ToggleUnset::Unreadable)
    }

    /// Every toggle in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ToggleValue)> {
        self.list()
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list().len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    fn find(&self, name: &str) -> Option<&ToggleValue> {
        let is_meant = |(held, _): &&(ToggleName, ToggleValue)| held.is(name);
        self.list().iter().find(is_meant).map(|(_, value)| value)
    }

    fn list(&self) -> &[(ToggleName, ToggleValue)] {
        self.0.as_deref().unwrap_or_default()
    }
}
