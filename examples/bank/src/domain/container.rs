//! Commands on a tenant's own tree. The tree itself is the room `tenancy-tree`: here is only how it is asked.

use serde::Deserialize;
use serde::Serialize;
use serde_json::json;
use skeleton_authz::Guarded;
use skeleton_authz::Target;
use skeleton_authz::skeleton::container;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeVersion;

use crate::outcome::Rejection;

/// Adds a container. Its id is made by the client.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CreateContainer {
    /// The container to be.
    pub container: ContainerId,
    /// Below which.
    pub parent: ContainerId,
    /// What people call it.
    pub name: String,
}

impl Guarded for CreateContainer {
    type Needs = container::Create;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.parent)
    }
}

impl CreateContainer {
    /// What the tree is asked.
    #[must_use]
    pub fn into_command(self) -> TreeCommand {
        let Self {
            container,
            parent,
            name,
        } = self;
        TreeCommand::Create {
            container,
            parent,
            name,
        }
    }
}

/// Puts a container, with all that is below it, below another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MoveContainer {
    /// Which.
    pub container: ContainerId,
    /// Below which.
    pub to: ContainerId,
}

impl Guarded for MoveContainer {
    type Needs = container::Move;

    fn target(&self) -> Target<'_> {
        Target::Move {
            container: self.container,
            to: self.to,
        }
    }
}

impl MoveContainer {
    /// What the tree is asked: a move in the tree as it was when the permission was checked, and in no other.
    #[must_use]
    pub const fn into_command(self, checked_at: TreeVersion) -> TreeCommand {
        TreeCommand::Move {
            container: self.container,
            to: self.to,
            planned_at: Some(checked_at),
        }
    }
}

/// Puts a container, with all that is below it, out of use. It stays readable, for history and bills.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ArchiveContainer {
    /// Which.
    pub container: ContainerId,
}

impl Guarded for ArchiveContainer {
    type Needs = container::Archive;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.container)
    }
}

impl ArchiveContainer {
    /// What the tree is asked.
    #[must_use]
    pub const fn into_command(self) -> TreeCommand {
        TreeCommand::Archive {
            container: self.container,
        }
    }
}

/// What a refusal of the tree is in the bank's words; nothing if the tree could not be had.
#[must_use]
pub fn rejection(error: &TreeError) -> Option<Rejection> {
    let with = |code: &'static str, params| {
        let code = code.into();
        Some(Rejection { code, params })
    };
    match error {
        TreeError::WouldCycle { via } => with("would-cycle", json!({ "via": via })),
        TreeError::TooDeep { limit } => with("too-deep", json!({ "limit": limit })),
        TreeError::TooWide { limit } => with("too-wide", json!({ "limit": limit })),
        TreeError::TooMany { limit } => with("too-many", json!({ "limit": limit })),
        TreeError::Archived(container) => with("archived", json!({ "container": container })),
        TreeError::UnknownContainer(_) => Some(Rejection::of("unknown-container")),
        TreeError::RootIsFixed => Some(Rejection::of("root-is-fixed")),
        TreeError::IdTaken => Some(Rejection::of("id-taken")),
        TreeError::NameTaken => Some(Rejection::of("name-taken")),
        TreeError::NameInvalid(_) => Some(Rejection::of("name-invalid")),
        TreeError::Stale { .. } => Some(Rejection::of("tree-changed")),
        TreeError::Unavailable(_) => None,
        _ => Some(Rejection::of("refused")),
    }
}
