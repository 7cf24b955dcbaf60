//! Many answers at once: batches, everything that may be done at a container, and every container where one thing may.

use core::iter;

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::TreeSnapshot;

use super::Frozen;
use super::Snapshot;
use super::intervals::Intervals;
use super::rows::Row;
use crate::catalogue::Definition;
use crate::catalogue::Permission;
use crate::catalogue::PermissionId;
use crate::catalogue::PermissionSet;

/// One answer of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// Yes.
    Allow,
    /// No, and a stronger or fresher proof of who calls would change it.
    StepUp,
    /// No.
    Deny,
}

/// Everything that an actor may do at one container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effective {
    /// What is allowed.
    pub allowed: PermissionSet,
    /// What would be, with a stronger or fresher proof of who calls.
    pub step_up: PermissionSet,
}

/// Something was asked that cannot be answered, so that a list would be shorter than it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the permission is of another catalogue")]
pub struct Missing(());

/// Where an actor may do one thing: nothing, everything, or sorted, disjoint, maximal intervals of the tree.
#[derive(Clone, Debug)]
pub struct ScopeFilter<'s> {
    pub(super) tree: &'s TreeSnapshot,
    pub(super) intervals: Intervals,
}

impl Snapshot {
    /// Answers many questions on the same rules, in their order. `out` is emptied first, and can be used again.
    pub fn batch(&self, asks: &[(PermissionId, ContainerId)], out: &mut Vec<Verdict>) {
        out.clear();
        out.extend(asks.iter().map(|(permission, at)| {
            self.0.note(*permission);
            let known = self.0.catalogue.permission(*permission);
            match known.zip(self.0.tree.node(*at)) {
                Some((permission, node)) => match self.0.verdict(permission, node) {
                    Ok(()) => Verdict::Allow,
                    Err(super::Obstacle::StepUp) => Verdict::StepUp,
                    Err(_) => Verdict::Deny,
                },
                None => Verdict::Deny,
            }
        }));
    }

    /// Everything that the actor may do at a container; nothing at one that the tree does not have.
    #[must_use]
    pub fn effective(&self, at: ContainerId) -> Effective {
        let mut effective = Effective::default();
        if let Some(asked) = &self.0.asked {
            // Whoever asks for everything asks for that too.
            asked.note_all();
        }
        let Some(node) = self.0.tree.node(at) else {
            return effective;
        };
        let mut candidates = self.0.own.given.all_at(node.pre());
        candidates.remove_all(&self.0.forbidden_at(node.pre()));
        for permission in candidates
            .iter()
            .filter_map(|id| self.0.catalogue.permission(id))
        {
            match self.0.verdict(permission, node) {
                Ok(()) => effective.allowed.insert(permission.id()),
                Err(super::Obstacle::StepUp) => effective.step_up.insert(permission.id()),
                Err(_) => false,
            };
        }
        effective
    }

    /// Every container at which the actor may do `P`: the filter of an exact list, on the same rules as every other
    /// answer of this snapshot.
    ///
    /// # Errors
    ///
    /// [`Missing`] if nobody can tell. A list never gets shorter because something is missing.
    pub fn visible<P: Permission>(&self, _permission: P) -> Result<ScopeFilter<'_>, Missing> {
        self.0.note(P::ID);
        let known = self.0.catalogue.definition_of::<P>().ok_or(Missing(()))?;
        Ok(ScopeFilter {
            tree: &self.0.tree,
            intervals: self.0.where_allowed(known),
        })
    }
}

impl Frozen {
    /// The positions at which a permission is allowed: what grants give, less what stands against it.
    fn where_allowed(&self, permission: &Definition) -> Intervals {
        if self.lacks_proof(permission.attributes()) {
            return Intervals::default();
        }
        let giving = self.rows().iter().filter(|row| row.is_open);
        let giving = giving.filter(|row| row.role.permissions().contains(permission.id()));
        let given = Intervals::of(giving.map(Row::interval));
        let subtree = |node: Node<'_>| (node.pre(), node.last());
        let guardrails = self
            .guardrails_on(permission)
            .map(|(_, node)| subtree(node));
        let left = given.without(&Intervals::of(guardrails));
        let left = if permission.attributes().is_on_archived() {
            left
        } else {
            left.without(&Intervals::of(self.tree.archives().map(subtree)))
        };
        self.unmasked(permission, &left)
    }
}

impl<'s> ScopeFilter<'s> {
    /// Whether the list is empty whatever rows there are.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.intervals.is_empty()
    }

    /// Whether every row of the tenant is in the list.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.intervals.covers(0, self.tree.root().last())
    }

    /// Whether the rows of a container are in the list. A node of another snapshot is in none.
    #[must_use]
    pub fn contains(&self, node: Node<'_>) -> bool {
        self.tree.id(node).is_some() && self.intervals.contains(node.pre())
    }

    /// How many containers it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.intervals.count()
    }

    /// Whether it holds no container.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.is_nothing()
    }

    /// Every container that it holds, in pre-order.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'s>> {
        let tree = self.tree;
        let positions = self
            .intervals
            .as_slice()
            .iter()
            .flat_map(|(first, last)| *first..=*last);
        positions.filter_map(|pre| tree.node_at(pre))
    }

    /// The fewest containers that say the same: with all that is below them, or alone. Also the topics to which a client
    /// may listen.
    #[must_use]
    pub fn roots(&self) -> Vec<(Node<'s>, Reach)> {
        let intervals = self.intervals.as_slice().iter();
        intervals
            .flat_map(|interval| roots_of(self.tree, *interval))
            .collect()
    }
}

/// The fewest containers that say an interval: with all that is below them, or alone.
pub(super) fn roots_of(
    tree: &TreeSnapshot,
    (first, last): (u32, u32),
) -> impl Iterator<Item = (Node<'_>, Reach)> {
    let mut at = first;
    iter::from_fn(move || {
        let node = tree.node_at(at).filter(|_| at <= last)?;
        let is_whole = node.last() <= last;
        at = if is_whole { node.last() } else { at } + 1;
        let reach = if is_whole {
            Reach::SelfAndBelow
        } else {
            Reach::SelfOnly
        };
        Some((node, reach))
    })
}
