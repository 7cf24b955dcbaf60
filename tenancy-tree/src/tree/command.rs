//! What can be asked of a tree, and what can happen to it.

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Timestamp;

/// How many events made a tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct TreeVersion(u64);

impl TreeVersion {
    /// The version of a tree that has only its root.
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

    /// The version `events` events later.
    #[must_use]
    pub const fn after(self, events: u64) -> Self {
        Self(self.0.saturating_add(events))
    }
}

/// A change that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeCommand {
    /// Adds a container below another one. Its id may be made by the client.
    Create {
        /// The container to be.
        container: ContainerId,
        /// Below which.
        parent: ContainerId,
        /// What people call it.
        name: String,
    },
}

/// A change that happened.
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
pub enum TreeEvent {
    /// A container was added. On the wire: `container-created`.
    #[cfg_attr(feature = "serde", serde(rename = "container-created"))]
    Created {
        /// Which.
        container: ContainerId,
        /// Below which.
        parent: ContainerId,
        /// What people call it.
        name: String,
    },
}

impl TreeEvent {
    /// The event's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "container-created",
        }
    }
}

/// An event and when it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    event: TreeEvent,
    at: Timestamp,
}

impl Recorded {
    /// The event, which happened at `at`.
    #[must_use]
    pub const fn new(event: TreeEvent, at: Timestamp) -> Self {
        Self { event, at }
    }

    /// What happened.
    #[must_use]
    pub const fn event(&self) -> &TreeEvent {
        &self.event
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

/// What an event did to a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "an event fits or it does not")]
pub enum Applied {
    /// It fitted.
    Done,
    /// It did not, and changed nothing but the version.
    Skipped(Skipped),
}

/// Why an event of a damaged log was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skipped {
    /// Its parent does not exist.
    UnknownParent,
    /// Its container exists already.
    IdTaken,
    /// The tree would pass a ceiling that no limit can lift: depth 255, or 2^24 containers.
    PastCeiling,
}
