//! Walks over a snapshot. None allocates.

use core::iter;

use super::node::Node;
use super::node::TreeSnapshot;

/// How many levels a tree can have.
const LEVELS: usize = 256;

impl TreeSnapshot {
    /// The container above; nothing for the root.
    #[must_use]
    pub fn parent(&self, node: Node<'_>) -> Option<Node<'_>> {
        let row = self.row(node)?;
        (node.pre != 0).then(|| self.at(row.parent()))
    }

    /// The containers directly below, in the order of their creation.
    pub fn children(&self, node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
        let end = self.row(node).map_or(node.pre, |row| row.last());
        let step = move |pre: u32| (pre <= end).then(|| self.at(pre));
        let first = self.row(node).and_then(|_| step(node.pre + 1));
        iter::successors(first, move |child| step(child.last + 1))
    }

    /// The containers above, the nearest first and the root last.
    pub fn ancestors(&self, node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
        iter::successors(self.parent(node), |above| self.parent(*above))
    }

    /// The way from the root to the container, both included.
    pub fn path(&self, node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
        // By depth, which has one place each: the walk up is made once.
        let mut way = [0_u32; LEVELS];
        let mut len = 0;
        if self.row(node).is_some() {
            len = usize::from(node.depth) + 1;
            for above in self.upward(self.at(node.pre)) {
                if let Some(place) = way.get_mut(usize::from(above.depth)) {
                    *place = above.pre;
                }
            }
        }
        way.into_iter().take(len).map(|pre| self.at(pre))
    }

    /// The container and everything below it, in pre-order.
    pub fn subtree(&self, node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
        let range = self.row(node).map(|row| node.pre..=row.last());
        range.into_iter().flatten().map(|pre| self.at(pre))
    }

    /// The lowest container that covers both; nothing for nodes of another snapshot.
    #[must_use]
    pub fn lca(&self, one: Node<'_>, other: Node<'_>) -> Option<Node<'_>> {
        self.row(other)?;
        self.row(one)?;
        let (one, other) = (self.at(one.pre), self.at(other.pre));
        iter::once(one)
            .chain(self.ancestors(one))
            .find(|above| above.covers(other))
    }
}
