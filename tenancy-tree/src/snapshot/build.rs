//! Takes a snapshot of a tree; what did not change since the one before is shared with it.

use core::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::Arc;

use super::layout::Layout;
use super::members::Members;
use super::node::TreeSnapshot;
use crate::tree::Limits;
use crate::tree::Shaping;
use crate::tree::Tree;

impl TreeSnapshot {
    /// The snapshot of a tree as it is now. The cost is linear in the number of containers and memberships.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let layout = Arc::new(Layout::of(&tree.nodes));
        let members = Arc::new(Members::of(tree, &layout));
        Self::assemble(tree, (drawn(), Limits::default()), layout, members)
    }

    /// The same snapshot, which plans moves within other limits than the default ones.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The snapshot of a tree of which `self` was taken at an earlier version. A new name costs no new layout; one
    /// container that was created or moved costs a copy of it.
    #[must_use]
    pub(crate) fn next(&self, tree: &Tree) -> Self {
        let is_shaped_so = self.shaped_at == tree.shaped_at();
        let layout = if is_shaped_so {
            Arc::clone(&self.layout)
        } else {
            Arc::new(self.layout_of(tree))
        };
        let members = if is_shaped_so && self.peopled_at == tree.peopled_at() {
            Arc::clone(&self.members)
        } else {
            Arc::new(Members::of(tree, &layout))
        };
        let generation = self.generation.wrapping_add(1);
        Self::assemble(tree, (generation, self.limits), layout, members)
    }

    /// The layout of a tree, copied from the one before as far as the last event allows.
    fn layout_of(&self, tree: &Tree) -> Layout {
        let is_next = self.version.after(1) == tree.version();
        let copied = match tree.last_shaping().filter(|_| is_next) {
            Some(Shaping::Created) => self.layout.with_created(&tree.nodes),
            Some(Shaping::Moved(ordinal)) => self.layout.with_moved(&tree.nodes, ordinal),
            None => None,
        };
        copied.unwrap_or_else(|| Layout::of(&tree.nodes))
    }

    fn assemble(
        tree: &Tree,
        (generation, limits): (u32, Limits),
        layout: Arc<Layout>,
        members: Arc<Members>,
    ) -> Self {
        let nodes = &tree.nodes;
        Self {
            tenant: tree.tenant(),
            version: tree.version(),
            shaped_at: tree.shaped_at(),
            peopled_at: tree.peopled_at(),
            generation,
            skipped: tree.skipped(),
            limits,
            ids: Arc::clone(nodes.ids()),
            index: Arc::clone(nodes.index()),
            names: Arc::clone(nodes.names()),
            layout,
            members,
        }
    }
}

/// A number that only this process knows, drawn for every first snapshot of a tree: two of them agree by a chance of
/// 2^-32 that nobody can steer. Later ones count on from it, so two versions of one tree never agree (2^32 of them apart).
fn drawn() -> u32 {
    let bits = RandomState::new().hash_one(());
    (bits >> 32) as u32 ^ (bits & 0xffff_ffff) as u32
}
