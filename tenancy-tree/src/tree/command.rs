//! What can be asked of a tree.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;

use super::TreeVersion;

/// A change that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeCommand {
    /// Adds a container below another one. Its id may be made by the client; an id that was used is never free again.
    Create {
        /// The container to be.
        container: ContainerId,
        /// Below which.
        parent: ContainerId,
        /// What people call it.
        name: String,
    },
    /// Calls a container something else.
    Rename {
        /// Which.
        container: ContainerId,
        /// What people will call it.
        name: String,
    },
    /// Puts a container, with all that is below it, below another one.
    Move {
        /// Which.
        container: ContainerId,
        /// Below which.
        to: ContainerId,
        /// The version for which this was planned: at any other one the command is stale. `None` moves as the tree is.
        planned_at: Option<TreeVersion>,
    },
    /// Puts a container, with all that is below it, out of use. It stays readable.
    Archive {
        /// Which.
        container: ContainerId,
    },
    /// Takes an archived container into use again. What was archived below it by itself stays archived.
    Restore {
        /// Which.
        container: ContainerId,
    },
    /// Makes an account a member of a container. By itself this gives no permission.
    Place {
        /// Who.
        account: AccountId,
        /// Where.
        container: ContainerId,
    },
    /// Ends the membership of an account in a container.
    Remove {
        /// Who.
        account: AccountId,
        /// Where.
        container: ContainerId,
    },
}
