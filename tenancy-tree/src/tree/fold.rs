//! Folds events. Total: what does not fit is passed over in the order of the log, alike on every replica.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;

use super::Applied;
use super::Skipped;
use super::Tree;
use super::TreeEvent;
use super::limits::DEPTH_CEILING;
use super::limits::MEMBER_CEILING;
use super::limits::NODE_CEILING;
use super::model::Shaping;
use super::nodes::count;
use crate::recorded::Recorded;

/// The root's ordinal.
const ROOT: u32 = 0;

/// What an event changed.
enum Changed {
    Containers(Option<Shaping>),
    Names,
    Members,
}

impl Tree {
    /// Folds one event. Total: what does not fit is passed over in the order of the log, alike on every replica.
    ///
    /// Limits do not bind here, nor does whether a container is archived: both bind commands. Only what makes a tree
    /// a tree is held, and hard ceilings: depth 255, 2^24 containers, 2^24 memberships.
    pub fn apply(&mut self, event: &TreeEvent) -> Applied {
        self.version = self.version.after(1);
        self.shaping = None;
        match self.change(event) {
            Ok(Changed::Containers(shaping)) => {
                self.shaping = shaping;
                self.shaped_at = self.version;
                Applied::Done
            }
            Ok(Changed::Members) => {
                self.peopled_at = self.version;
                Applied::Done
            }
            Ok(Changed::Names) => Applied::Done,
            Err(why) => {
                self.skipped = self.skipped.saturating_add(1);
                Applied::Skipped(why)
            }
        }
    }

    /// Folds a page of a log. What did not fit is counted.
    pub(crate) fn fold(&mut self, page: &[Recorded<TreeEvent>]) {
        if page.len() > 1 {
            self.nodes.reserve(page.len());
        }
        for recorded in page {
            let _counted = self.apply(recorded.event());
        }
    }

    /// Gives back the memory that folding many pages took in advance.
    pub(crate) fn shrink(&mut self) {
        self.nodes.shrink();
    }

    fn change(&mut self, event: &TreeEvent) -> Result<Changed, Skipped> {
        match event {
            TreeEvent::Created {
                container,
                parent,
                name,
            } => self.created(*container, *parent, name),
            TreeEvent::Renamed { container, name } => {
                let ordinal = self.changeable(*container)?;
                self.nodes.rename(ordinal, name);
                Ok(Changed::Names)
            }
            TreeEvent::Moved {
                container,
                from,
                to,
            } => self.moved(*container, *from, *to),
            TreeEvent::Archived { container } => self.marked(*container, true),
            TreeEvent::Restored { container } => self.marked(*container, false),
            TreeEvent::AccountPlaced { account, container } => self.placed(*account, *container),
            TreeEvent::AccountRemoved { account, container } => {
                let ordinal = self.existing(*container)?;
                if self.members.remove(&(ordinal, *account)) {
                    Ok(Changed::Members)
                } else {
                    Err(Skipped::NoChange)
                }
            }
        }
    }

    fn created(
        &mut self,
        container: ContainerId,
        parent: ContainerId,
        name: &str,
    ) -> Result<Changed, Skipped> {
        if self.nodes.find(container).is_some() {
            return Err(Skipped::IdTaken);
        }
        let above = self.nodes.find(parent).ok_or(Skipped::UnknownParent)?;
        if self.nodes.depth(above) == DEPTH_CEILING || self.nodes.len() >= NODE_CEILING {
            return Err(Skipped::PastCeiling);
        }
        self.nodes.add(container, above, name);
        Ok(Changed::Containers(Some(Shaping::Created)))
    }

    fn moved(
        &mut self,
        container: ContainerId,
        from: ContainerId,
        to: ContainerId,
    ) -> Result<Changed, Skipped> {
        let ordinal = self.changeable(container)?;
        let target = self.nodes.find(to).ok_or(Skipped::UnknownParent)?;
        let parent = self.nodes.parent(ordinal).unwrap_or(ROOT);
        if self.nodes.id(parent) != Some(from) {
            return Err(Skipped::NotThere);
        }
        if self.nodes.upward(target).any(|at| at == ordinal) {
            return Err(Skipped::Cycle);
        }
        let depth = u16::from(self.nodes.depth(target)) + 1;
        let sinks = depth > u16::from(self.nodes.depth(ordinal));
        if sinks && depth + u16::from(self.nodes.height(ordinal)) > u16::from(DEPTH_CEILING) {
            return Err(Skipped::PastCeiling);
        }
        self.nodes.relink(ordinal, target);
        Ok(Changed::Containers(Some(Shaping::Moved(ordinal))))
    }

    fn marked(&mut self, container: ContainerId, is_archived: bool) -> Result<Changed, Skipped> {
        let ordinal = self.changeable(container)?;
        if self.nodes.is_marked(ordinal) == is_archived {
            return Err(Skipped::NoChange);
        }
        self.nodes.mark(ordinal, is_archived);
        Ok(Changed::Containers(None))
    }

    fn placed(&mut self, account: AccountId, container: ContainerId) -> Result<Changed, Skipped> {
        let ordinal = self.existing(container)?;
        if count(self.members.len()) >= MEMBER_CEILING {
            return Err(Skipped::PastCeiling);
        }
        if self.members.insert((ordinal, account)) {
            Ok(Changed::Members)
        } else {
            Err(Skipped::NoChange)
        }
    }

    fn existing(&self, container: ContainerId) -> Result<u32, Skipped> {
        self.nodes.find(container).ok_or(Skipped::UnknownContainer)
    }

    /// A container that is there and is not the root.
    fn changeable(&self, container: ContainerId) -> Result<u32, Skipped> {
        match self.existing(container)? {
            ROOT => Err(Skipped::RootIsFixed),
            ordinal => Ok(ordinal),
        }
    }
}
