//! The tree itself, as its events made it.

use std::collections::BTreeSet;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;

use super::TreeVersion;
use super::nodes::Nodes;

/// One tenant's tree as its events made it. Equal logs make equal trees.
///
/// [`Tree::decide`] and [`Tree::apply`] are pure: commands go in, events come out, and folding events is all that
/// changes a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    pub(super) tenant: TenantId,
    pub(super) version: TreeVersion,
    pub(crate) nodes: Nodes,
    /// By the ordinal of the container.
    pub(super) members: BTreeSet<(u32, AccountId)>,
    pub(super) skipped: u64,
    /// The versions at which containers, and memberships, last changed: what did not change a snapshot takes over.
    pub(super) shaped_at: TreeVersion,
    pub(super) peopled_at: TreeVersion,
    /// What the last event did to the containers, where a layout can be copied.
    pub(super) shaping: Option<Shaping>,
}

/// A change after which most containers stand as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shaping {
    /// The youngest container was created.
    Created,
    /// The container with this ordinal was moved.
    Moved(u32),
}

impl Tree {
    /// A tree that has only its root.
    #[must_use]
    pub fn rooted(tenant: TenantId) -> Self {
        Self {
            tenant,
            version: TreeVersion::ZERO,
            nodes: Nodes::rooted(ContainerId::root_of(tenant)),
            members: BTreeSet::new(),
            skipped: 0,
            shaped_at: TreeVersion::ZERO,
            peopled_at: TreeVersion::ZERO,
            shaping: None,
        }
    }

    /// The tenant whose tree this is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// How many events made it, the skipped ones included.
    #[must_use]
    pub const fn version(&self) -> TreeVersion {
        self.version
    }

    /// How many containers it has, its root and the archived ones included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a tree always has its root")]
    pub fn len(&self) -> usize {
        self.nodes.ids().len()
    }

    /// How many events of its log did not fit.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// The memory that it takes beyond what its snapshot shares, names aside: 18 bytes a container, 40 a membership.
    #[must_use]
    pub fn own_bytes(&self) -> usize {
        size_of::<Self>() + self.nodes.own_bytes() + self.members.len() * 40
    }

    pub(crate) const fn shaped_at(&self) -> TreeVersion {
        self.shaped_at
    }

    pub(crate) const fn last_shaping(&self) -> Option<Shaping> {
        self.shaping
    }

    pub(crate) const fn peopled_at(&self) -> TreeVersion {
        self.peopled_at
    }

    /// Memberships, by the ordinal of the container.
    pub(crate) fn members(&self) -> impl ExactSizeIterator<Item = (u32, AccountId)> {
        self.members.iter().copied()
    }
}
