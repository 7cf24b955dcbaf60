//! Takes a snapshot of a tree; what did not change since the one before is shared with it.

use std::sync::Arc;

use super::layout::Layout;
use super::members::Members;
use super::node::TreeSnapshot;
use crate::tree::Limits;
use crate::tree::Tree;

impl TreeSnapshot {
    /// The snapshot of a tree as it is now. The cost is linear in the number of containers and memberships.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let layout = Arc::new(Layout::of(&tree.nodes));
        let members = Arc::new(Members::of(tree, &layout));
        Self::assemble(tree, Limits::default(), layout, members)
    }

    /// The same snapshot, which plans moves within other limits than the default ones.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The snapshot of a tree of which `self` was taken at an earlier version. A new name costs no new layout.
    #[must_use]
    pub(crate) fn next(&self, tree: &Tree) -> Self {
        let is_shaped_so = self.shaped_at == tree.shaped_at();
        let layout = if is_shaped_so {
            Arc::clone(&self.layout)
        } else {
            Arc::new(Layout::of(&tree.nodes))
        };
        let members = if is_shaped_so && self.peopled_at == tree.peopled_at() {
            Arc::clone(&self.members)
        } else {
            Arc::new(Members::of(tree, &layout))
        };
        Self::assemble(tree, self.limits, layout, members)
    }

    fn assemble(tree: &Tree, limits: Limits, layout: Arc<Layout>, members: Arc<Members>) -> Self {
        let nodes = &tree.nodes;
        Self {
            tenant: tree.tenant(),
            version: tree.version(),
            shaped_at: tree.shaped_at(),
            peopled_at: tree.peopled_at(),
            generation: generation(tree),
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

/// Mixed from tenant and version: two versions of one tree never share it (2^32 of them apart), and two tenants only
/// by a chance of 2^-32 that nobody outside of this process can steer.
#[expect(
    clippy::cast_possible_truncation,
    reason = "versions are told apart by their low half"
)]
fn generation(tree: &Tree) -> u32 {
    let version = tree.version().get() as u32;
    tree.nodes
        .index()
        .keyed(tree.tenant())
        .wrapping_add(version)
}
