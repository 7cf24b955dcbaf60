//! What a caller may see of a branch of the tree who may see some of it.

use skeleton_authz::Authorized;
use skeleton_authz::Permission;
use skeleton_authz::ScopeFilter;
use skeleton_authz::Snapshot;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;

/// Where a caller may do one thing, and the fewest containers that say so.
pub(super) struct Allowed<'s> {
    filter: ScopeFilter<'s>,
    roots: Vec<(Node<'s>, Reach)>,
}

impl<'s> Allowed<'s> {
    /// Where the snapshot's actor may do `P`.
    pub(super) fn of<P: Permission>(
        snapshot: &'s Snapshot,
        permission: P,
    ) -> Result<Self, Problem> {
        let filter = snapshot.visible(permission).map_err(|_| {
            Problem::new(ProblemKind::Misconfigured)
                .with_detail("the permission is of another catalogue")
                .with_instance(snapshot.context().trace().current())
        })?;
        let roots = filter.roots();
        Ok(Self { filter, roots })
    }

    /// The fewest containers that say it.
    pub(super) fn roots(&self) -> impl Iterator<Item = Node<'s>> {
        self.roots.iter().map(|(root, _)| *root)
    }

    /// Whether it is allowed at a container.
    pub(super) fn contains(&self, node: Node<'_>) -> bool {
        self.filter.contains(node)
    }

    /// Whether it is allowed at a container and at everything below it.
    pub(super) fn covers(&self, node: Node<'_>) -> bool {
        self.roots.iter().any(|(root, reach)| {
            *reach == Reach::SelfAndBelow && root.pre() <= node.pre() && node.last() <= root.last()
        })
    }

    /// What is left of a part of the tree where it is allowed: the fewest containers that say so.
    pub(super) fn left_of(&self, (node, reach): (Node<'s>, Reach)) -> Vec<(Node<'s>, Reach)> {
        if reach == Reach::SelfOnly {
            return if self.contains(node) {
                vec![(node, reach)]
            } else {
                Vec::new()
            };
        }
        if self.covers(node) {
            return vec![(node, reach)];
        }
        let first = node.pre() + u32::from(reach == Reach::BelowOnly);
        let is_in = |root: Node<'_>| first <= root.pre() && root.last() <= node.last();
        let roots = self.roots.iter().filter(|(root, _)| is_in(*root));
        roots.copied().collect()
    }
}

/// The rules on which a proof was made: whoever was checked by them is answered by them, and by no later ones.
pub(super) fn decided_on<'a, P: Permission>(
    auth: &'a Authorized<'static, P>,
) -> Result<&'a Snapshot, Problem> {
    auth.snapshot().ok_or_else(|| {
        Problem::new(ProblemKind::Misconfigured).with_detail("the proof was made elsewhere")
    })
}
