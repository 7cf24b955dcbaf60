//! When a grant counts.

use skeleton_invocation_context::Timestamp;

/// A half-open window of time: its first millisecond is inside, its last bound is outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Bounds", into = "Bounds"))]
pub struct Window {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// A window that holds no instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a window ends after it begins")]
pub struct WindowError(());

impl Window {
    /// Without bounds.
    pub const ALWAYS: Self = Self {
        from: None,
        until: None,
    };

    /// From the first instant on, before the second.
    ///
    /// # Errors
    ///
    /// [`WindowError`] if the window would hold no instant.
    pub fn new(from: Option<Timestamp>, until: Option<Timestamp>) -> Result<Self, WindowError> {
        match (from, until) {
            (Some(from), Some(until)) if from >= until => Err(WindowError(())),
            _ => Ok(Self { from, until }),
        }
    }

    /// The first instant inside.
    #[must_use]
    pub const fn from(self) -> Option<Timestamp> {
        self.from
    }

    /// The first instant that is outside again.
    #[must_use]
    pub const fn until(self) -> Option<Timestamp> {
        self.until
    }

    /// Whether the instant is inside.
    #[must_use]
    pub fn is_open(self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Whether no instant from this one on is inside.
    pub(crate) fn is_over(self, at: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= at)
    }

    /// Whether every instant of another window is inside.
    pub(crate) fn contains(self, other: Self) -> bool {
        // No bound is before every instant and after every instant.
        self.from
            .is_none_or(|from| other.from.is_some_and(|theirs| from <= theirs))
            && self
                .until
                .is_none_or(|until| other.until.is_some_and(|theirs| theirs <= until))
    }
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Bounds {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

#[cfg(feature = "serde")]
impl TryFrom<Bounds> for Window {
    type Error = WindowError;

    fn try_from(bounds: Bounds) -> Result<Self, WindowError> {
        Self::new(bounds.from, bounds.until)
    }
}

#[cfg(feature = "serde")]
impl From<Window> for Bounds {
    fn from(window: Window) -> Self {
        Self {
            from: window.from,
            until: window.until,
        }
    }
}
