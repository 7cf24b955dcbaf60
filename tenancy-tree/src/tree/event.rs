//! What can happen to a tree.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;

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
    /// A container is called something else. On the wire: `container-renamed`.
    #[cfg_attr(feature = "serde", serde(rename = "container-renamed"))]
    Renamed {
        /// Which.
        container: ContainerId,
        /// What people call it now.
        name: String,
    },
    /// A container lies elsewhere, with all that is below it. On the wire: `container-moved`.
    #[cfg_attr(feature = "serde", serde(rename = "container-moved"))]
    Moved {
        /// Which.
        container: ContainerId,
        /// Below which it lay.
        from: ContainerId,
        /// Below which it lies now.
        to: ContainerId,
    },
    /// A container is out of use. On the wire: `container-archived`.
    #[cfg_attr(feature = "serde", serde(rename = "container-archived"))]
    Archived {
        /// Which.
        container: ContainerId,
    },
    /// A container is in use again. On the wire: `container-restored`.
    #[cfg_attr(feature = "serde", serde(rename = "container-restored"))]
    Restored {
        /// Which.
        container: ContainerId,
    },
    /// An account is a member of a container. On the wire: `account-placed`.
    #[cfg_attr(feature = "serde", serde(rename = "account-placed"))]
    AccountPlaced {
        /// Who.
        account: AccountId,
        /// Where.
        container: ContainerId,
    },
    /// An account is no member of a container any more. On the wire: `account-removed`.
    #[cfg_attr(feature = "serde", serde(rename = "account-removed"))]
    AccountRemoved {
        /// Who.
        account: AccountId,
        /// Where.
        container: ContainerId,
    },
}

impl TreeEvent {
    /// The event's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "container-created",
            Self::Renamed { .. } => "container-renamed",
            Self::Moved { .. } => "container-moved",
            Self::Archived { .. } => "container-archived",
            Self::Restored { .. } => "container-restored",
            Self::AccountPlaced { .. } => "account-placed",
            Self::AccountRemoved { .. } => "account-removed",
        }
    }

    /// The container that it is about.
    #[must_use]
    pub const fn container(&self) -> ContainerId {
        match self {
            Self::Created { container, .. }
            | Self::Renamed { container, .. }
            | Self::Moved { container, .. }
            | Self::Archived { container }
            | Self::Restored { container }
            | Self::AccountPlaced { container, .. }
            | Self::AccountRemoved { container, .. } => *container,
        }
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Skipped {
    /// Its container does not exist.
    UnknownContainer,
    /// The container below which it puts another one does not exist.
    UnknownParent,
    /// Its container exists already.
    IdTaken,
    /// It would put a container below itself.
    Cycle,
    /// It is about the root, which is as it is.
    RootIsFixed,
    /// It moves a container away from where that is not.
    NotThere,
    /// It says what is so already, or ends what is not so.
    NoChange,
    /// The tree would pass a ceiling that no limit can lift: depth 255, 2^24 containers, or 2^24 memberships.
    PastCeiling,
}
