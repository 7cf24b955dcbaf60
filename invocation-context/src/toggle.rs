//! Typed key-value pairs that live as long as one invocation: an A/B variant, a log level.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use crate::name::NameError;
use crate::name::check_name;

/// What a toggle holds. No floats: they neither hash nor compare; a rate is per mille.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "these are the three forms that travel"
)]
pub enum ToggleValue {
    /// On or off.
    Flag(bool),
    /// A whole number of at most 15 digits, exact in JavaScript too.
    Integer(i64),
    /// One name of several.
    Choice(String),
}

impl ToggleValue {
    fn is_valid(&self) -> bool {
        match self {
            Self::Flag(_) => true,
            Self::Integer(number) => number.unsigned_abs() < 1_000_000_000_000_000,
            Self::Choice(name) => check_name(name, Toggles::MAX_NAME_BYTES).is_ok(),
        }
    }
}

/// A type that a toggle can have: `bool`, `i64`, or an enum that implements [`ToggleChoice`].
pub trait ToggleType: Sized + Clone {
    /// Reads the value; `None` if it has another type or names a choice unknown to this build.
    fn from_toggle(value: &ToggleValue) -> Option<Self>;
    /// The value as it travels.
    fn to_toggle(&self) -> ToggleValue;
}

impl ToggleType for bool {
    fn from_toggle(value: &ToggleValue) -> Option<Self> {
        match value {
            ToggleValue::Flag(flag) => Some(*flag),
            ToggleValue::Integer(_) | ToggleValue::Choice(_) => None,
        }
    }

    fn to_toggle(&self) -> ToggleValue {
        ToggleValue::Flag(*self)
    }
}

impl ToggleType for i64 {
    fn from_toggle(value: &ToggleValue) -> Option<Self> {
        match value {
            ToggleValue::Integer(number) => Some(*number),
            ToggleValue::Flag(_) | ToggleValue::Choice(_) => None,
        }
    }

    fn to_toggle(&self) -> ToggleValue {
        ToggleValue::Integer(*self)
    }
}

/// An enum whose variants have names that travel.
pub trait ToggleChoice: Sized + Clone + 'static {
    /// Every variant with its name.
    const CHOICES: &'static [(&'static str, Self)];
    /// The name of this variant.
    fn name(&self) -> &'static str;
}

impl<T: ToggleChoice> ToggleType for T {
    fn from_toggle(value: &ToggleValue) -> Option<Self> {
        let ToggleValue::Choice(name) = value else {
            return None;
        };
        T::CHOICES
            .iter()
            .find(|(choice, _)| choice == name)
            .map(|(_, value)| value.clone())
    }

    fn to_toggle(&self) -> ToggleValue {
        ToggleValue::Choice(self.name().to_owned())
    }
}

/// Declares a toggle: its name, its type, its default, and that only the edge sets it.
pub struct ToggleKey<T> {
    name: &'static str,
    default: T,
    kind: PhantomData<T>,
}

impl<T: ToggleType> ToggleKey<T> {
    /// A toggle that only the edge sets.
    #[must_use]
    pub const fn edge_only(name: &'static str, default: T) -> Self {
        Self {
            name,
            default,
            kind: PhantomData,
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

impl<T: fmt::Debug> fmt::Debug for ToggleKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToggleKey")
            .field("name", &self.name)
            .field("default", &self.default)
            .finish()
    }
}

/// Why a set of toggles was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ToggleError {
    /// A name is not `[a-z0-9-]` of at most 32 bytes.
    #[error("a toggle's name is not valid")]
    Name(#[source] NameError),
    /// A number has more than 15 digits, or a choice is not a name.
    #[error("a toggle's value is not valid")]
    Value,
    /// A name occurs twice.
    #[error("a toggle is named twice")]
    Twice,
    /// More than 32 toggles.
    #[error("an invocation has at most {} toggles", Toggles::MAX)]
    TooMany,
}

/// The toggles of one invocation: at most 32, no name twice, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Toggles(Arc<[(String, ToggleValue)]>);

impl Toggles {
    /// The most toggles of one invocation.
    pub const MAX: usize = 32;
    /// The most bytes of a name.
    pub const MAX_NAME_BYTES: usize = 32;

    /// No toggles.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A set of named values.
    ///
    /// # Errors
    ///
    /// [`ToggleError`] if a name or a value is not valid, a name occurs twice, or there are more than 32.
    pub fn new(
        values: impl IntoIterator<Item = (String, ToggleValue)>,
    ) -> Result<Self, ToggleError> {
        let mut list: Vec<_> = values.into_iter().collect();
        if list.len() > Self::MAX {
            return Err(ToggleError::TooMany);
        }
        for (name, value) in &list {
            check_name(name, Self::MAX_NAME_BYTES).map_err(ToggleError::Name)?;
            if !value.is_valid() {
                return Err(ToggleError::Value);
            }
        }
        list.sort_by(|(one, _), (other, _)| one.cmp(other));
        if list
            .windows(2)
            .any(|pair| matches!(pair, [one, other] if one.0 == other.0))
        {
            return Err(ToggleError::Twice);
        }
        Ok(Self(list.into()))
    }

    /// The toggle's value; the key's default if it is not set, or unreadable for this build.
    ///
    /// Deployments overlap, and an experiment never breaks an invocation.
    #[must_use]
    pub fn get<T: ToggleType>(&self, key: &ToggleKey<T>) -> T {
        let held = self
            .0
            .iter()
            .find(|(name, _)| name == key.name)
            .map(|(_, value)| value);
        held.and_then(T::from_toggle)
            .unwrap_or_else(|| key.default.clone())
    }

    /// Every toggle in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ToggleValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}
