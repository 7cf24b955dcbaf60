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
    /// The container would lie deeper than the limit.
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
    /// The id was used before, in this tree.
    #[error("the container exists")]
    IdTaken,
    /// A sibling has that name.
    #[error("a sibling has that name")]
    NameTaken,
    /// The name cannot be one.
    #[error("the name is not valid")]
    NameInvalid(#[source] NameError),
    /// The tree kept changing while the change was decided.
    #[error("the tree is at version {}", .actual.get())]
    Stale {
        /// The version it has.
        actual: TreeVersion,
    },
    /// The store of trees cannot be had.
    #[error("the tree is unavailable")]
    Unavailable(#[source] StoreError),
}
