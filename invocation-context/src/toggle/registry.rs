//! The toggles that a service knows.

use super::LOG_LEVEL;
use super::ToggleKey;
use super::ToggleName;
use super::ToggleType;
use super::ToggleValue;
use super::key::Trust;

/// Why a toggle was not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeclareError {
    /// Its name is not `[a-z0-9-]` of at most 32 bytes.
    #[error("the toggle {0:?} has a name that cannot be one")]
    Name(&'static str),
    /// The name is declared already.
    #[error("the toggle {0:?} is declared twice")]
    Twice(&'static str),
}

/// The toggles that a service knows. [`LOG_LEVEL`] is always there.
#[derive(Clone, Debug)]
pub struct ToggleRegistry {
    declared: Vec<Declared>,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    name: &'static str,
    trust: Trust,
    is_readable: fn(&ToggleValue) -> bool,
}

impl Default for ToggleRegistry {
    fn default() -> Self {
        Self {
            declared: vec![Declared::of(&LOG_LEVEL)],
        }
    }
}

impl ToggleRegistry {
    /// A registry that knows [`LOG_LEVEL`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a toggle.
    ///
    /// # Errors
    ///
    /// [`DeclareError`] if its name cannot be one, or is declared already.
    pub fn declare<T: ToggleType>(mut self, key: &ToggleKey<T>) -> Result<Self, DeclareError> {
        if ToggleName::parse(key.name()).is_err() {
            return Err(DeclareError::Name(key.name()));
        }
        if self.find(key.name()).is_some() {
            return Err(DeclareError::Twice(key.name()));
        }
        self.declared.push(Declared::of(key));
        Ok(self)
    }

    /// What a client's word for a toggle is worth.
    pub(crate) fn judge(&self, name: &str, value: Option<&ToggleValue>) -> Judged {
        match self.find(name) {
            Some(declared) if declared.trust == Trust::Client => {
                match value.filter(|value| (declared.is_readable)(value)) {
                    Some(value) => Judged::Set(*value),
                    None => Judged::Malformed,
                }
            }
            _ => value.copied().map_or(Judged::Nothing, Judged::Wish),
        }
    }

    fn find(&self, name: &str) -> Option<&Declared> {
        self.declared.iter().find(|declared| declared.name == name)
    }
}

impl Declared {
    fn of<T: ToggleType>(key: &ToggleKey<T>) -> Self {
        Self {
            name: key.name(),
            trust: key.trust(),
            is_readable: |value| T::from_toggle(value).is_some(),
        }
    }
}

/// What becomes of a toggle that a client names. Undeclared and edge-only toggles end alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// It is set.
    Set(ToggleValue),
    /// A rule of the edge may grant it.
    Wish(ToggleValue),
    /// No toggle holds such a value.
    Nothing,
    /// A client may set it, but not to this.
    Malformed,
}
