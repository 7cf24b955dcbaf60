//! What can happen to a tenant's grants.

use skeleton_invocation_context::Timestamp;

use crate::grant::Grant;
use crate::grant::GrantId;

/// How many events made a tenant's grants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct GrantsVersion(u64);

impl GrantsVersion {
    /// The version before the first grant.
    pub const ZERO: Self = Self(0);

    /// The version after `events` events.
    #[must_use]
    pub const fn new(events: u64) -> Self {
        Self(events)
    }

    /// How many events that is.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// A change of who holds what.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        tag = "type",
        content = "data",
        rename_all = "kebab-case",
        deny_unknown_fields
    )
)]
#[non_exhaustive]
pub enum AccessEvent {
    /// A grant was given. On the wire: `grant-given`.
    GrantGiven {
        /// The grant.
        grant: Grant,
    },
    /// A grant was taken back. On the wire: `grant-taken`.
    GrantTaken {
        /// Which.
        grant: GrantId,
    },
}

impl AccessEvent {
    /// The event's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::GrantGiven { .. } => "grant-given",
            Self::GrantTaken { .. } => "grant-taken",
        }
    }
}

/// An event and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    event: AccessEvent,
    at: Timestamp,
}

impl Recorded {
    /// The event, which happened at `at`.
    #[must_use]
    pub const fn new(event: AccessEvent, at: Timestamp) -> Self {
        Self { event, at }
    }

    /// What happened.
    #[must_use]
    pub const fn event(&self) -> &AccessEvent {
        &self.event
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}
