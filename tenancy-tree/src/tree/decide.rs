//! Decides commands: what would happen, or why it must not.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;

use super::Limits;
use super::Tree;
use super::TreeCommand;
use super::TreeError;
use super::TreeEvent;
use super::TreeVersion;
use super::name;
use super::nodes::count;

/// The root's ordinal.
const ROOT: u32 = 0;

impl Tree {
    /// Decides a command: the event that would happen, or why it must not. Changes nothing.
    ///
    /// # Errors
    ///
    /// [`TreeError`] if the command does not fit the tree or would pass a limit.
    pub fn decide(&self, command: &TreeCommand, limits: &Limits) -> Result<TreeEvent, TreeError> {
        match command {
            TreeCommand::Create {
                container,
                parent,
                name,
            } => self.create(*container, *parent, name, limits),
            TreeCommand::Rename { container, name } => self.rename(*container, name, limits),
            TreeCommand::Move {
                container,
                to,
                planned_at,
            } => self.relocate(*container, *to, *planned_at, limits),
            TreeCommand::Archive { container } => {
                let ordinal = self.movable(*container)?;
                self.in_use(ordinal)?;
                Ok(TreeEvent::Archived {
                    container: *container,
                })
            }
            TreeCommand::Restore { container } => self.restore(*container),
            TreeCommand::Place { account, container } => self.place(*account, *container, limits),
            TreeCommand::Remove { account, container } => {
                let ordinal = self.known(*container)?;
                if !self.members.contains(&(ordinal, *account)) {
                    return Err(TreeError::NotMember);
                }
                Ok(TreeEvent::AccountRemoved {
                    account: *account,
                    container: *container,
                })
            }
        }
    }

    fn create(
        &self,
        container: ContainerId,
        parent: ContainerId,
        name: &str,
        limits: &Limits,
    ) -> Result<TreeEvent, TreeError> {
        let name = name::check(name, limits.max_name_bytes()).map_err(TreeError::NameInvalid)?;
        let above = self.known(parent)?;
        self.in_use(above)?;
        if self.nodes.find(container).is_some() {
            return Err(TreeError::IdTaken);
        }
        if self.nodes.depth(above) >= limits.max_depth() {
            let limit = limits.max_depth();
            return Err(TreeError::TooDeep { limit });
        }
        self.fits_among(above, None, name, limits)?;
        if self.nodes.len() >= limits.max_nodes() {
            let limit = limits.max_nodes();
            return Err(TreeError::TooMany { limit });
        }
        Ok(TreeEvent::Created {
            container,
            parent,
            name: name.to_owned(),
        })
    }

    fn rename(
        &self,
        container: ContainerId,
        name: &str,
        limits: &Limits,
    ) -> Result<TreeEvent, TreeError> {
        let name = name::check(name, limits.max_name_bytes()).map_err(TreeError::NameInvalid)?;
        let ordinal = self.movable(container)?;
        self.in_use(ordinal)?;
        self.is_free(ordinal, name)?;
        Ok(TreeEvent::Renamed {
            container,
            name: name.to_owned(),
        })
    }

    fn relocate(
        &self,
        container: ContainerId,
        to: ContainerId,
        planned_at: Option<TreeVersion>,
        limits: &Limits,
    ) -> Result<TreeEvent, TreeError> {
        if planned_at.is_some_and(|planned| planned != self.version) {
            let actual = self.version;
            return Err(TreeError::Stale { actual });
        }
        let ordinal = self.movable(container)?;
        let target = self.known(to)?;
        self.closes_no_cycle(ordinal, target)?;
        self.in_use(ordinal)?;
        self.in_use(target)?;
        let parent = self.nodes.parent(ordinal).unwrap_or(ROOT);
        if parent != target {
            self.fits_among(
                target,
                Some(ordinal),
                self.nodes.names().get(ordinal),
                limits,
            )?;
            self.stays_above(ordinal, target, limits)?;
        }
        let from = self.nodes.id(parent).unwrap_or(to);
        Ok(TreeEvent::Moved {
            container,
            from,
            to,
        })
    }

    fn restore(&self, container: ContainerId) -> Result<TreeEvent, TreeError> {
        let ordinal = self.movable(container)?;
        if !self.nodes.is_marked(ordinal) {
            return Err(TreeError::NotArchived(container));
        }
        if let Some(parent) = self.nodes.parent(ordinal) {
            self.in_use(parent)?;
        }
        self.is_free(ordinal, self.nodes.names().get(ordinal))?;
        Ok(TreeEvent::Restored { container })
    }

    fn place(
        &self,
        account: AccountId,
        container: ContainerId,
        limits: &Limits,
    ) -> Result<TreeEvent, TreeError> {
        let ordinal = self.known(container)?;
        self.in_use(ordinal)?;
        if self.members.contains(&(ordinal, account)) {
            return Err(TreeError::AlreadyMember);
        }
        if count(self.members.len()) >= limits.max_members() {
            let limit = limits.max_members();
            return Err(TreeError::TooManyMembers { limit });
        }
        Ok(TreeEvent::AccountPlaced { account, container })
    }

    fn known(&self, container: ContainerId) -> Result<u32, TreeError> {
        self.nodes
            .find(container)
            .ok_or(TreeError::UnknownContainer(container))
    }

    /// A container that is there and is not the root.
    fn movable(&self, container: ContainerId) -> Result<u32, TreeError> {
        match self.known(container)? {
            ROOT => Err(TreeError::RootIsFixed),
            ordinal => Ok(ordinal),
        }
    }

    /// Neither the container nor one above it is archived. Of several the topmost is named: it is to be restored first.
    fn in_use(&self, ordinal: u32) -> Result<(), TreeError> {
        let upward = self.nodes.upward(ordinal);
        let archived = upward.filter(|at| self.nodes.is_marked(*at)).last();
        match archived.and_then(|at| self.nodes.id(at)) {
            Some(id) => Err(TreeError::Archived(id)),
            None => Ok(()),
        }
    }

    /// A walk over at most 255 parents: the aggregate keeps no intervals, those are the snapshot's.
    fn closes_no_cycle(&self, ordinal: u32, target: u32) -> Result<(), TreeError> {
        if !self.nodes.upward(target).any(|at| at == ordinal) {
            return Ok(());
        }
        let upward = self.nodes.upward(target);
        let closing = upward.take_while(|at| *at != ordinal);
        let mut via: Vec<_> = closing
            .chain([ordinal])
            .filter_map(|at| self.nodes.id(at))
            .collect();
        via.reverse();
        Err(TreeError::WouldCycle { via })
    }

    /// A container of that name has a place among the children of `parent`; `own` is the one that comes or changes.
    fn fits_among(
        &self,
        parent: u32,
        own: Option<u32>,
        name: &str,
        limits: &Limits,
    ) -> Result<(), TreeError> {
        let mut siblings = 0;
        for sibling in self.nodes.children(parent).filter(|at| Some(*at) != own) {
            siblings += 1;
            if self.nodes.names().get(sibling) == name && !self.nodes.is_marked(sibling) {
                return Err(TreeError::NameTaken);
            }
        }
        if siblings >= limits.max_children() {
            let limit = limits.max_children();
            return Err(TreeError::TooWide { limit });
        }
        Ok(())
    }

    /// No living sibling has that name.
    fn is_free(&self, ordinal: u32, name: &str) -> Result<(), TreeError> {
        let parent = self.nodes.parent(ordinal).unwrap_or(ROOT);
        let mut siblings = self.nodes.children(parent);
        let is_taken = siblings.any(|at| {
            at != ordinal && !self.nodes.is_marked(at) && self.nodes.names().get(at) == name
        });
        if is_taken {
            Err(TreeError::NameTaken)
        } else {
            Ok(())
        }
    }

    /// Nothing of the subtree would lie deeper than the limit.
    fn stays_above(&self, ordinal: u32, target: u32, limits: &Limits) -> Result<(), TreeError> {
        let depth = u16::from(self.nodes.depth(target)) + 1;
        let limit = limits.max_depth();
        // Who does not sink brings nothing below the limit that was not there before.
        let sinks = depth > u16::from(self.nodes.depth(ordinal));
        if sinks && depth + u16::from(self.nodes.height(ordinal)) > u16::from(limit) {
            return Err(TreeError::TooDeep { limit });
        }
        Ok(())
    }
}
