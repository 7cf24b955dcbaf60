//! The place of a container as bytes that a database orders as the tree does.

use core::fmt;

use super::node::Node;
use super::node::TreeSnapshot;
use crate::tree::place;

/// The ordinals of creation from below the root down to a container, four bytes each, the highest first. The root's
/// is empty.
///
/// The order of the bytes is pre-order, at one version of the tree: what lies in a subtree is an interval of them.
/// A move changes the paths of all that moved.
///
/// ```
/// use skeleton_invocation_context::{ContainerId, TenantId};
/// use skeleton_tenancy_tree::{Limits, Tree, TreeCommand, TreeSnapshot};
///
/// let tenant = TenantId::from_bytes([7; 16])?;
/// let (eu, root) = (ContainerId::from_bytes([1; 16])?, ContainerId::root_of(tenant));
/// let mut tree = Tree::rooted(tenant);
/// let command = TreeCommand::Create { container: eu, parent: root, name: "EU".into() };
/// let event = tree.decide(&command, &Limits::default())?;
/// let _ = tree.apply(&event);
///
/// let snapshot = TreeSnapshot::of(&tree);
/// let node = snapshot.node(eu).ok_or("no EU")?;
/// assert_eq!(snapshot.scope_path(node).ok_or("foreign")?.as_bytes(), [0, 0, 0, 1]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopePath(Box<[u8]>);

impl ScopePath {
    /// The path as a database keeps it: PostgreSQL `bytea`, SQLite `BLOB`. At most 128 bytes at depth 32.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for ScopePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for ordinal in self.0.chunks_exact(4) {
            list.entry(
                &ordinal
                    .iter()
                    .fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte)),
            );
        }
        list.finish()
    }
}

/// An interval of paths, both ends included: `scope_path BETWEEN lo AND hi`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScopeRange {
    lo: ScopePath,
    hi: ScopePath,
}

impl ScopeRange {
    /// The first path.
    #[must_use]
    pub const fn lo(&self) -> &ScopePath {
        &self.lo
    }

    /// The last path.
    #[must_use]
    pub const fn hi(&self) -> &ScopePath {
        &self.hi
    }

    /// Whether a path lies in it.
    #[must_use]
    pub fn contains(&self, path: &ScopePath) -> bool {
        self.lo <= *path && *path <= self.hi
    }
}

impl TreeSnapshot {
    /// The path of a container; nothing for a node of another snapshot.
    #[must_use]
    pub fn scope_path(&self, node: Node<'_>) -> Option<ScopePath> {
        let mut row = self.row(node)?;
        let mut path = vec![0; usize::from(row.depth()) * 4];
        for ordinal in path.rchunks_exact_mut(4) {
            ordinal.copy_from_slice(&row.ordinal.to_be_bytes());
            row = self.layout.rows().get(place(row.parent()))?;
        }
        Some(ScopePath(path.into()))
    }

    /// The interval of paths of the containers that stand from `first` to `last` in pre-order. Exact at this version;
    /// nothing for nodes of another snapshot, or if `last` stands before `first`.
    #[must_use]
    pub fn scope_range(&self, first: Node<'_>, last: Node<'_>) -> Option<ScopeRange> {
        if first.pre > last.pre {
            return None;
        }
        Some(ScopeRange {
            lo: self.scope_path(first)?,
            hi: self.scope_path(last)?,
        })
    }

    /// The interval of paths of a container and all that is below it. Exact at this version.
    #[must_use]
    pub fn subtree_range(&self, node: Node<'_>) -> Option<ScopeRange> {
        let last = self.row(node)?.last();
        self.scope_range(node, self.at(last))
    }
}
