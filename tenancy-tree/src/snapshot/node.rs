//! Containers as positions in pre-order.

use core::fmt;
use core::marker::PhantomData;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;

use super::index::Index;
use crate::tree::TreeVersion;

/// One tenant's tree at one version. Share it behind an `Arc`; it never changes.
///
/// Containers stand in pre-order, siblings in the order of their creation, so a subtree is one slice and whether
/// one container lies inside another is one comparison, at any depth.
pub struct TreeSnapshot {
    pub(super) tenant: TenantId,
    pub(super) version: TreeVersion,
    pub(super) generation: u32,
    pub(super) rows: Box<[Row]>,
    pub(super) names: Box<[Box<str>]>,
    pub(super) index: Index,
}

/// One container; its place in the slice is its position.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) id: ContainerId,
    pub(super) parent: u32,
    /// The last position of the subtree.
    pub(super) last: u32,
    pub(super) depth: u8,
}

/// A container of one snapshot: 16 bytes, cheap to copy, and of no meaning outside of its snapshot.
///
/// Nodes of two snapshots never cover each other. A node does not outlive its snapshot, and cannot be stored:
///
/// ```compile_fail
/// use skeleton_tenancy_tree::Node;
/// fn keep<T: serde::Serialize>(_: T) {}
/// fn store(node: Node<'_>) {
///     keep(node);
/// }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Node<'t> {
    pub(super) pre: u32,
    pub(super) last: u32,
    pub(super) generation: u32,
    pub(super) depth: u8,
    /// Invariant: a node of one snapshot is not a node of another that lives as long.
    pub(super) tree: PhantomData<fn(&'t ()) -> &'t ()>,
}

impl Node<'_> {
    /// Whether `other` is this container or lies below it. Constant time at any depth.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        let offset = other.pre.wrapping_sub(self.pre);
        self.generation == other.generation && offset <= self.last.wrapping_sub(self.pre)
    }

    /// How many levels it lies below the root.
    #[must_use]
    pub const fn depth(self) -> u8 {
        self.depth
    }

    /// Its position in pre-order.
    #[must_use]
    pub const fn pre(self) -> u32 {
        self.pre
    }

    /// The last position of its subtree.
    #[must_use]
    pub const fn last(self) -> u32 {
        self.last
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({}..={})", self.pre, self.last)
    }
}

impl TreeSnapshot {
    /// The tenant whose tree this is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The version at which it was taken.
    #[must_use]
    pub const fn version(&self) -> TreeVersion {
        self.version
    }

    /// How many containers it has, its root included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a tree always has its root")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.at(0)
    }

    /// The container of that id; nothing if this tenant has none.
    #[must_use]
    pub fn node(&self, id: ContainerId) -> Option<Node<'_>> {
        self.index.find(id, &self.rows).map(|pre| self.at(pre))
    }

    /// The container's id.
    #[must_use]
    pub fn id(&self, node: Node<'_>) -> Option<ContainerId> {
        self.row(node).map(|row| row.id)
    }

    /// What people call the container; empty for the root, which is called by its tenant's name.
    #[must_use]
    pub fn name(&self, node: Node<'_>) -> &str {
        let own = (node.generation == self.generation).then_some(node.pre);
        own.and_then(|pre| self.names.get(place(pre)))
            .map_or("", |name| name)
    }

    /// The row of a node of this snapshot; nothing for a node of another.
    pub(super) fn row(&self, node: Node<'_>) -> Option<&Row> {
        let own = (node.generation == self.generation).then_some(node.pre);
        own.and_then(|pre| self.rows.get(place(pre)))
    }

    /// The node at a position that exists.
    pub(super) fn at(&self, pre: u32) -> Node<'_> {
        let row = self.rows.get(place(pre));
        let (last, depth) = row.map_or((pre, 0), |row| (row.last, row.depth));
        Node {
            pre,
            last,
            depth,
            generation: self.generation,
            tree: PhantomData,
        }
    }
}

impl fmt::Debug for TreeSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TreeSnapshot")
            .field("tenant", &self.tenant)
            .field("version", &self.version)
            .field("len", &self.rows.len())
            .finish_non_exhaustive()
    }
}

/// A position as an index: positions are below 2^24.
pub(super) const fn place(pre: u32) -> usize {
    pre as usize
}
