//! Declared toggles.

use core::fmt;

use super::ToggleChoice;
use super::ToggleType;

/// Declares a toggle: its name, its type, its default, and who may set it.
///
/// ```
/// use skeleton_invocation_context::ToggleKey;
///
/// const NEW_FEES: ToggleKey<bool> = ToggleKey::client_allowed("new-fees", false);
/// const BATCH_SIZE: ToggleKey<i64> = ToggleKey::edge_only("batch-size", 100);
/// ```
#[derive(Clone)]
pub struct ToggleKey<T> {
    name: &'static str,
    default: T,
    trust: Trust,
}

/// What a client's word is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Whatever the client says counts.
    Client,
    /// What the client says is a wish.
    Edge,
}

impl<T: ToggleType> ToggleKey<T> {
    /// A toggle that clients may set.
    #[must_use]
    pub const fn client_allowed(name: &'static str, default: T) -> Self {
        Self {
            name,
            default,
            trust: Trust::Client,
        }
    }

    /// A toggle that only the edge sets: what a client says of it is a wish, granted by a rule of `ToggleLayer`.
    #[must_use]
    pub const fn edge_only(name: &'static str, default: T) -> Self {
        Self {
            name,
            default,
            trust: Trust::Edge,
        }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    #[cfg(feature = "http")]
    pub(super) const fn trust(&self) -> Trust {
        self.trust
    }

    /// What holds where the toggle is not set.
    #[must_use]
    pub const fn default(&self) -> &T {
        &self.default
    }
}

impl<T: fmt::Debug> fmt::Debug for ToggleKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToggleKey")
            .field("name", &self.name)
            .field("default", &self.default)
            .field("trust", &self.trust)
            .finish()
    }
}

/// How much an invocation says about itself in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the levels of tracing")]
pub enum LogLevel {
    /// Errors only.
    Error,
    /// Warnings, too.
    Warn,
    /// What an operator wants to read every day.
    Info,
    /// What a developer wants to read.
    Debug,
    /// Everything.
    Trace,
}

impl ToggleChoice for LogLevel {
    const CHOICES: &'static [(&'static str, Self)] = &[
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];

    fn name(&self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// The log level of one invocation. Only the edge sets it: a client could flood the disk.
pub const LOG_LEVEL: ToggleKey<LogLevel> = ToggleKey::edge_only("log-level", LogLevel::Info);
