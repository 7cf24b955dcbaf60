//! Containers as positions in pre-order.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;

use super::layout::Layout;
use super::members::Members;
use super::row::Row;
use super::row::Span;
use crate::tree::Index;
use crate::tree::Limits;
use crate::tree::Names;
use crate::tree::TreeVersion;
use crate::tree::place;

/// One tenant's tree at one version. Share it behind an `Arc`; it never changes.
///
/// Containers stand in pre-order, siblings in the order of their creation, so a subtree is one slice and whether
/// one container lies inside another is one comparison, at any depth.
pub struct TreeSnapshot {
    pub(super) tenant: TenantId,
    pub(super) version: TreeVersion,
    pub(super) shaped_at: TreeVersion,
    pub(super) peopled_at: TreeVersion,
    pub(super) generation: u32,
    pub(super) skipped: u64,
    pub(super) limits: Limits,
    pub(super) ids: Arc<Vec<ContainerId>>,
    pub(super) index: Arc<Index>,
    pub(super) names: Arc<Names>,
    pub(super) layout: Arc<Layout>,
    pub(super) members: Arc<Members>,
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
    pub(super) is_archived: bool,
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

    /// Whether the container, or one above it, is archived: out of use, and kept for history.
    #[must_use]
    pub const fn is_archived(self) -> bool {
        self.is_archived
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

    pub(crate) const fn generation(self) -> u32 {
        self.generation
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

    pub(crate) const fn generation(&self) -> u32 {
        self.generation
    }

    /// How many events of the log did not fit up to this version. More than none means that the log is damaged.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

    /// How many containers it has, its root and the archived ones included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a tree always has its root")]
    pub fn len(&self) -> usize {
        self.layout.rows().len()
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.at(0)
    }

    /// The container of that id; nothing if this tenant has none.
    #[must_use]
    pub fn node(&self, id: ContainerId) -> Option<Node<'_>> {
        let ordinal = self.index.find(id, &self.ids)?;
        self.layout.span(ordinal).map(|span| self.spanning(span))
    }

    /// The container at a position in pre-order; nothing past the last one.
    #[must_use]
    pub fn node_at(&self, pre: u32) -> Option<Node<'_>> {
        self.layout.rows().get(place(pre)).map(|_| self.at(pre))
    }

    /// The topmost archived containers, in pre-order: each archives everything below it.
    pub fn archives(&self) -> impl Iterator<Item = Node<'_>> {
        self.layout.archives().iter().map(|pre| self.at(*pre))
    }

    /// The container's id.
    #[must_use]
    pub fn id(&self, node: Node<'_>) -> Option<ContainerId> {
        let ordinal = self.row(node)?.ordinal;
        self.ids.get(place(ordinal)).copied()
    }

    /// What people call the container; empty for the root, which is called by its tenant's name.
    #[must_use]
    pub fn name(&self, node: Node<'_>) -> &str {
        self.row(node).map_or("", |row| self.names.get(row.ordinal))
    }

    /// The row of a node of this snapshot; nothing for a node of another.
    pub(super) fn row(&self, node: Node<'_>) -> Option<&Row> {
        let own = (node.generation == self.generation).then_some(node.pre);
        own.and_then(|pre| self.layout.rows().get(place(pre)))
    }

    /// The node at a position that exists.
    pub(super) fn at(&self, pre: u32) -> Node<'_> {
        let row = self.layout.row(pre);
        let span = row.map_or(Span::new(pre, pre + 1, 0, false), |row| row.span(pre));
        self.spanning(span)
    }

    const fn spanning(&self, span: Span) -> Node<'_> {
        Node {
            pre: span.pre(),
            last: span.end() - 1,
            depth: span.depth(),
            is_archived: span.is_archived(),
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
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
