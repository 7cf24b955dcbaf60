//! What a toggle holds, and the types that read it.

use core::fmt;

use crate::label::Label;
use crate::name::NameError;

/// A name of a toggle, or of one choice of several: `[a-z0-9-]`, at most 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ToggleName(Label<32>);

impl ToggleName {
    /// The most bytes of a name.
    pub const MAX_BYTES: usize = 32;

    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the text is empty, longer than 32 bytes, or not `[a-z0-9-]`.
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

    /// Whether this is the name `text`.
    pub(super) fn is(&self, text: &str) -> bool {
        self.0.as_bytes() == text.as_bytes()
    }
}

impl AsRef<str> for ToggleName {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for ToggleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ToggleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// What a toggle holds. No floats: they neither hash nor compare; a rate is per mille.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    Choice(ToggleName),
}

impl ToggleValue {
    pub(crate) const fn is_valid(&self) -> bool {
        match self {
            Self::Flag(_) | Self::Choice(_) => true,
            Self::Integer(number) => number.unsigned_abs() < 1_000_000_000_000_000,
        }
    }
}

/// A type that a toggle can have: `bool`, `i64`, or an enum that implements [`ToggleChoice`].
pub trait ToggleType: Sized + Clone {
    /// Reads the value; `None` if it has another type or names a choice unknown to this build.
    fn from_toggle(value: &ToggleValue) -> Option<Self>;
    /// The value as it travels; `None` if it cannot: a choice whose name is none, an integer of more than 15 digits.
    fn to_toggle(&self) -> Option<ToggleValue>;
}

impl ToggleType for bool {
    fn from_toggle(value: &ToggleValue) -> Option<Self> {
        match value {
            ToggleValue::Flag(flag) => Some(*flag),
            ToggleValue::Integer(_) | ToggleValue::Choice(_) => None,
        }
    }

    fn to_toggle(&self) -> Option<ToggleValue> {
        Some(ToggleValue::Flag(*self))
    }
}

impl ToggleType for i64 {
    fn from_toggle(value: &ToggleValue) -> Option<Self> {
        match value {
            ToggleValue::Integer(number) => Some(*number),
            ToggleValue::Flag(_) | ToggleValue::Choice(_) => None,
        }
    }

    fn to_toggle(&self) -> Option<ToggleValue> {
        Some(ToggleValue::Integer(*self)).filter(ToggleValue::is_valid)
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
            .find(|(choice, _)| *choice == name.as_str())
            .map(|(_, value)| value.clone())
    }

    fn to_toggle(&self) -> Option<ToggleValue> {
        ToggleName::parse(self.name()).ok().map(ToggleValue::Choice)
    }
}
