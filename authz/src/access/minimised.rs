//! The fewest grants that say the same, for a credential that lists them.

use core::cmp::Reverse;

use skeleton_invocation_context::AccountId;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::TreeSnapshot;

use super::AccessView;
use crate::grant::Grant;

/// A grant where it stands.
#[derive(Clone, Copy)]
struct Placed<'v> {
    grant: &'v Grant,
    node: Node<'v>,
}

impl AccessView {
    /// The grants of an account, by id, without those that another one of the same role implies: it stands at the same
    /// container or above, reaches at least as far, and counts at least as long. Never across roles, because a role may
    /// change while a credential lives.
    ///
    /// What stands nowhere in this tree, or outside of its role's home, stays: it implies nothing and is implied by
    /// nothing.
    #[must_use]
    pub fn minimised<'v>(&'v self, account: AccountId, tree: &'v TreeSnapshot) -> Vec<&'v Grant> {
        let (mut placed, mut kept) = (Vec::new(), Vec::new());
        for grant in self.grants_of(account) {
            match self.node_of(grant, tree) {
                Some(node) => placed.push(Placed { grant, node }),
                None => kept.push(&**grant),
            }
        }
        // Whatever implies a grant stands before it.
        placed.sort_by_key(|one| {
            let window = one.grant.window();
            let ends = (window.until().is_some(), Reverse(window.until()));
            let narrowness = match one.grant.reach() {
                Reach::SelfAndBelow => 0,
                Reach::BelowOnly => 1,
                Reach::SelfOnly => 2,
            };
            let place = (*one.grant.role(), one.node.pre(), narrowness);
            (place, window.from(), ends, one.grant.id())
        });
        // Those of the role at hand that stand above, or at the same container.
        let mut above: Vec<Placed<'_>> = Vec::new();
        for one in placed {
            above
                .retain(|held| held.grant.role() == one.grant.role() && held.node.covers(one.node));
            if !above.iter().any(|held| held.implies(one)) {
                above.push(one);
                kept.push(one.grant);
            }
        }
        kept.sort_by_key(|grant| grant.id());
        kept
    }

    /// Where a grant stands; nothing if its role does not count there.
    fn node_of<'v>(&self, grant: &Grant, tree: &'v TreeSnapshot) -> Option<Node<'v>> {
        let node = tree.node(grant.at())?;
        let own = self.role(grant.role());
        let counts = own.is_none_or(|own| {
            let home = tree.node(own.home());
            home.is_some_and(|home| home.covers(node))
        });
        counts.then_some(node)
    }
}

impl Placed<'_> {
    /// Whether this one gives whatever another of its role gives, however the tree grows.
    fn implies(self, other: Self) -> bool {
        let is_same = self.node.pre() == other.node.pre();
        let reaches = match self.grant.reach() {
            Reach::SelfAndBelow => true,
            Reach::BelowOnly => !is_same || other.grant.reach() == Reach::BelowOnly,
            Reach::SelfOnly => is_same && other.grant.reach() == Reach::SelfOnly,
        };
        reaches && self.grant.window().contains(other.grant.window())
    }
}
