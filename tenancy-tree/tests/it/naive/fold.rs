//! What events do, the ones that do not fit included.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Skipped;
use skeleton_tenancy_tree::TreeEvent;

use super::Naive;
use super::Row;

/// The deepest level of any tree.
const CEILING: usize = 255;

impl Naive {
    pub(crate) fn apply(&mut self, event: &TreeEvent) -> Applied {
        self.version += 1;
        let why_not = self.why_not(event);
        if let Some(why) = why_not {
            self.skipped += 1;
            return Applied::Skipped(why);
        }
        let own = event.container();
        let at = self.rows.iter().position(|row| row.id == own);
        match event.clone() {
            TreeEvent::Created {
                container,
                parent,
                name,
            } => self.rows.push(Row {
                id: container,
                parent,
                name,
                is_archived: false,
            }),
            TreeEvent::Renamed { name, .. } => self.rows[at.unwrap()].name = name,
            TreeEvent::Moved { to, .. } => self.rows[at.unwrap()].parent = to,
            TreeEvent::Archived { .. } => self.rows[at.unwrap()].is_archived = true,
            TreeEvent::Restored { .. } => self.rows[at.unwrap()].is_archived = false,
            TreeEvent::AccountPlaced { account, container } => {
                self.members.push((account, container));
            }
            TreeEvent::AccountRemoved { account, container } => {
                self.members.retain(|held| *held != (account, container));
            }
            other => panic!("the model knows no such event: {other:?}"),
        }
        Applied::Done
    }

    fn why_not(&self, event: &TreeEvent) -> Option<Skipped> {
        let own = event.container();
        if let TreeEvent::Created { parent, .. } = event {
            return self.why_not_created(own, *parent);
        }
        if !self.has(own) {
            return Some(Skipped::UnknownContainer);
        }
        let held = |account| self.members.contains(&(account, own));
        let (is_root, is_no_change) = match event {
            TreeEvent::AccountPlaced { account, .. } => (false, held(*account)),
            TreeEvent::AccountRemoved { account, .. } => (false, !held(*account)),
            TreeEvent::Archived { .. } => (own == self.root, self.is_marked(own)),
            TreeEvent::Restored { .. } => (own == self.root, !self.is_marked(own)),
            _ => (own == self.root, false),
        };
        match event {
            _ if is_root => Some(Skipped::RootIsFixed),
            _ if is_no_change => Some(Skipped::NoChange),
            TreeEvent::Moved { from, to, .. } => self.why_not_moved(own, *from, *to),
            _ => None,
        }
    }

    fn why_not_created(&self, own: ContainerId, parent: ContainerId) -> Option<Skipped> {
        if self.has(own) {
            Some(Skipped::IdTaken)
        } else if !self.has(parent) {
            Some(Skipped::UnknownParent)
        } else if self.upward(parent).len() > CEILING {
            Some(Skipped::PastCeiling)
        } else {
            None
        }
    }

    fn why_not_moved(
        &self,
        own: ContainerId,
        from: ContainerId,
        to: ContainerId,
    ) -> Option<Skipped> {
        if !self.has(to) {
            Some(Skipped::UnknownParent)
        } else if self.parent(own) != Some(from) {
            Some(Skipped::NotThere)
        } else if self.covers(own, to) {
            Some(Skipped::Cycle)
        } else if self.upward(to).len() + self.height(own) > CEILING {
            Some(Skipped::PastCeiling)
        } else {
            None
        }
    }
}
