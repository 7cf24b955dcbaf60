//! What if a container moved: the dry run.

use skeleton_invocation_context::ContainerId;

use super::node::Node;
use super::node::TreeSnapshot;
use crate::tree::TreeCommand;
use crate::tree::TreeError;
use crate::tree::TreeVersion;

/// A move that was not made: what it would change, and the command that makes it. Nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovePlan {
    container: ContainerId,
    to: ContainerId,
    version: TreeVersion,
    moved: u32,
    depth: u8,
    left: Vec<ContainerId>,
    entered: Vec<ContainerId>,
}

/// Says what a move would change beyond the tree: who gains and who loses what. This crate knows no grants.
pub trait MoveImpact {
    /// What it says.
    type Report;

    /// What the move would change.
    fn assess(&self, plan: &MovePlan) -> Self::Report;
}

impl MovePlan {
    /// What moves, with all that is below it.
    #[must_use]
    pub const fn container(&self) -> ContainerId {
        self.container
    }

    /// Below which.
    #[must_use]
    pub const fn to(&self) -> ContainerId {
        self.to
    }

    /// The version for which the plan holds.
    #[must_use]
    pub const fn version(&self) -> TreeVersion {
        self.version
    }

    /// How many containers would move, the one itself included.
    #[must_use]
    pub const fn moved(&self) -> u32 {
        self.moved
    }

    /// How many levels below the root the container would lie.
    #[must_use]
    pub const fn depth(&self) -> u8 {
        self.depth
    }

    /// The containers above it now, and not then; the nearest first.
    #[must_use]
    pub fn left(&self) -> &[ContainerId] {
        &self.left
    }

    /// The containers above it then, and not now; the nearest first.
    #[must_use]
    pub fn entered(&self) -> &[ContainerId] {
        &self.entered
    }

    /// The command that makes the move, if the tree is still as it was: else it is [`TreeError::Stale`].
    #[must_use]
    pub const fn command(&self) -> TreeCommand {
        TreeCommand::Move {
            container: self.container,
            to: self.to,
            planned_at: Some(self.version),
        }
    }

    /// What the move would change beyond the tree.
    pub fn assess<I: MoveImpact>(&self, impact: &I) -> I::Report {
        impact.assess(self)
    }
}

impl TreeSnapshot {
    /// What a move would change: the dry run. The cycle is seen in constant time, the rest costs the subtree and the
    /// width of the new parent.
    ///
    /// # Errors
    ///
    /// What [`Tree::decide`](crate::Tree::decide) answers to the command at this version.
    pub fn plan_move(
        &self,
        container: ContainerId,
        to: ContainerId,
    ) -> Result<MovePlan, TreeError> {
        let moving = self.known(container)?;
        if moving.pre == 0 {
            return Err(TreeError::RootIsFixed);
        }
        let target = self.known(to)?;
        if moving.covers(target) {
            let path = self.path(target).skip(usize::from(moving.depth));
            let via = path.filter_map(|node| self.id(node)).collect();
            return Err(TreeError::WouldCycle { via });
        }
        self.in_use(moving)?;
        self.in_use(target)?;
        if self.parent(moving) != Some(target) {
            self.fits(moving, target)?;
        }
        let ids = |nodes: &mut dyn Iterator<Item = Node<'_>>| -> Vec<_> {
            nodes.filter_map(|node| self.id(node)).collect()
        };
        let entered = self.upward(target).filter(|above| !above.covers(moving));
        let left = self.ancestors(moving).filter(|above| !above.covers(target));
        Ok(MovePlan {
            container,
            to,
            version: self.version,
            moved: moving.last - moving.pre + 1,
            depth: target.depth.saturating_add(1),
            left: ids(&mut { left }),
            entered: ids(&mut { entered }),
        })
    }

    /// The container has a name and a place of its own among the children of its new parent, and nothing sinks too
    /// deep.
    fn fits(&self, moving: Node<'_>, target: Node<'_>) -> Result<(), TreeError> {
        let mut siblings = 0_u32;
        for sibling in self.children(target) {
            siblings += 1;
            if !sibling.is_archived && self.name(sibling) == self.name(moving) {
                return Err(TreeError::NameTaken);
            }
        }
        let limit = self.limits.max_children();
        if siblings >= limit {
            return Err(TreeError::TooWide { limit });
        }
        let limit = self.limits.max_depth();
        let depth = u16::from(target.depth) + 1;
        let deepest = self.subtree(moving).map(Node::depth).max();
        let height = deepest.unwrap_or(moving.depth) - moving.depth;
        if depth > u16::from(moving.depth) && depth + u16::from(height) > u16::from(limit) {
            return Err(TreeError::TooDeep { limit });
        }
        Ok(())
    }

    fn known(&self, container: ContainerId) -> Result<Node<'_>, TreeError> {
        let unknown = TreeError::UnknownContainer(container);
        self.node(container).ok_or(unknown)
    }

    /// Neither the container nor one above it is archived; else the topmost of those that are is named.
    fn in_use<'s>(&'s self, node: Node<'s>) -> Result<(), TreeError> {
        let topmost = self.upward(node).take_while(|at| at.is_archived).last();
        match topmost.and_then(|at| self.id(at)) {
            Some(id) => Err(TreeError::Archived(id)),
            None => Ok(()),
        }
    }

    /// The container and those above it, the root last.
    pub(super) fn upward<'s>(&'s self, node: Node<'s>) -> impl Iterator<Item = Node<'s>> {
        core::iter::once(node).chain(self.ancestors(node))
    }
}
