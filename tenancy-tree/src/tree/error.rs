//! Why a change was refused.

use skeleton_invocation_context::ContainerId;

use super::TreeVersion;
use crate::store::StoreError;

/// Why a text is not a container's name. The text is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Nothing is left after trimming.
    #[error("a name is empty")]
    Empty,
    /// More bytes than the limit.
    #[error("a name is too long")]
    TooLong,
    /// A control character, or one that turns the direction of writing.
    #[error("a name holds a control character")]
    Control,
}

/// Why a change was refused, or a tree cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// The tenant's tree has no such container.
    #[error("no such container")]
    UnknownContainer(ContainerId),
    /// The container would lie below itself.
    #[error("a container cannot lie below itself")]
    WouldCycle {
        /// The way that would close: the container itself first, the new parent last.
        via: Vec<ContainerId>,
    },
    /// The container would lie deeper than the limit, or something below it would.
    #[error("a tree has at most {limit} levels below its root")]
    TooDeep {
        /// The limit.
        limit: u8,
    },
    /// The parent has as many children as it may.
    #[error("a container has at most {limit} children")]
    TooWide {
        /// The limit.
        limit: u32,
    },
    /// The tree has as many containers as it may.
    #[error("a tree has at most {limit} containers")]
    TooMany {
        /// The limit.
        limit: u32,
    },
    /// The tree has as many memberships as it may.
    #[error("a tree has at most {limit} memberships")]
    TooManyMembers {
        /// The limit.
        limit: u32,
    },
    /// The root is its tenant: it has no other name and no other place, and ends with the tenant.
    #[error("the root of a tree is fixed")]
    RootIsFixed,
    /// The id was used before, in this tree.
    #[error("the container exists")]
    IdTaken,
    /// A sibling has that name.
    #[error("a sibling has that name")]
    NameTaken,
    /// The name cannot be one.
    #[error("the name is not valid")]
    NameInvalid(#[source] NameError),
    /// This container is archived, and what was asked needs one that is in use.
    #[error("the container is archived")]
    Archived(ContainerId),
    /// The container was not archived by itself, so there is nothing to restore.
    #[error("the container is not archived")]
    NotArchived(ContainerId),
    /// The account is a member of the container already.
    #[error("the account is a member of the container")]
    AlreadyMember,
    /// The account is no member of the container.
    #[error("the account is no member of the container")]
    NotMember,
    /// The change was planned for another version, or the tree kept changing while it was decided.
    #[error("the tree is at version {}", .actual.get())]
    Stale {
        /// The version it has.
        actual: TreeVersion,
    },
    /// The store of trees cannot be had.
    #[error("the tree is unavailable")]
    Unavailable(#[source] StoreError),
}
