//! Which commands happen, and exactly why the others do not.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::NameError;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeVersion;

use super::Naive;

/// A [`TreeError`] that can be compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refused {
    UnknownContainer(ContainerId),
    WouldCycle(Vec<ContainerId>),
    TooDeep(u8),
    TooWide(u32),
    TooMany(u32),
    TooManyMembers(u32),
    RootIsFixed,
    IdTaken,
    NameTaken,
    NameEmpty,
    NameTooLong,
    NameControl,
    Archived(ContainerId),
    NotArchived(ContainerId),
    AlreadyMember,
    NotMember,
    Stale(u64),
    Unavailable,
}

impl From<TreeError> for Refused {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::UnknownContainer(id) => Self::UnknownContainer(id),
            TreeError::WouldCycle { via } => Self::WouldCycle(via),
            TreeError::TooDeep { limit } => Self::TooDeep(limit),
            TreeError::TooWide { limit } => Self::TooWide(limit),
            TreeError::TooMany { limit } => Self::TooMany(limit),
            TreeError::TooManyMembers { limit } => Self::TooManyMembers(limit),
            TreeError::RootIsFixed => Self::RootIsFixed,
            TreeError::IdTaken => Self::IdTaken,
            TreeError::NameTaken => Self::NameTaken,
            TreeError::NameInvalid(NameError::Empty) => Self::NameEmpty,
            TreeError::NameInvalid(NameError::TooLong) => Self::NameTooLong,
            TreeError::NameInvalid(NameError::Control) => Self::NameControl,
            TreeError::Archived(id) => Self::Archived(id),
            TreeError::NotArchived(id) => Self::NotArchived(id),
            TreeError::AlreadyMember => Self::AlreadyMember,
            TreeError::NotMember => Self::NotMember,
            TreeError::Stale { actual } => Self::Stale(actual.get()),
            TreeError::Unavailable(_) => Self::Unavailable,
            other => panic!("the model knows no such error: {other:?}"),
        }
    }
}

impl Naive {
    /// What must become of a command. Of several reasons to refuse it the first one counts.
    pub(crate) fn decide(
        &self,
        command: &TreeCommand,
        limits: &Limits,
    ) -> Result<TreeEvent, Refused> {
        match command {
            TreeCommand::Create {
                container,
                parent,
                name,
            } => self.decide_create(*container, *parent, name, limits),
            TreeCommand::Rename { container, name } => {
                let name = named(name, limits)?;
                self.must_be_movable(*container)?;
                self.must_be_in_use(*container)?;
                self.must_be_free(self.parent(*container).unwrap(), Some(*container), &name)?;
                let container = *container;
                Ok(TreeEvent::Renamed { container, name })
            }
            TreeCommand::Move {
                container,
                to,
                planned_at,
            } => self.decide_move(*container, *to, *planned_at, limits),
            TreeCommand::Archive { container } => {
                self.must_be_movable(*container)?;
                self.must_be_in_use(*container)?;
                let container = *container;
                Ok(TreeEvent::Archived { container })
            }
            TreeCommand::Restore { container } => self.decide_restore(*container),
            TreeCommand::Place { account, container } => {
                self.decide_place(*account, *container, limits)
            }
            TreeCommand::Remove { account, container } => {
                self.must_exist(*container)?;
                let (account, container) = (*account, *container);
                if self.members.contains(&(account, container)) {
                    Ok(TreeEvent::AccountRemoved { account, container })
                } else {
                    Err(Refused::NotMember)
                }
            }
            other => panic!("the model knows no such command: {other:?}"),
        }
    }

    fn decide_create(
        &self,
        container: ContainerId,
        parent: ContainerId,
        name: &str,
        limits: &Limits,
    ) -> Result<TreeEvent, Refused> {
        let name = named(name, limits)?;
        self.must_exist(parent)?;
        self.must_be_in_use(parent)?;
        if self.has(container) {
            return Err(Refused::IdTaken);
        }
        if self.upward(parent).len() > usize::from(limits.max_depth()) {
            return Err(Refused::TooDeep(limits.max_depth()));
        }
        self.must_be_free(parent, None, &name)?;
        self.must_have_room(parent, limits)?;
        if self.ids().len() >= limits.max_nodes() as usize {
            return Err(Refused::TooMany(limits.max_nodes()));
        }
        Ok(TreeEvent::Created {
            container,
            parent,
            name,
        })
    }

    fn decide_move(
        &self,
        container: ContainerId,
        to: ContainerId,
        planned_at: Option<TreeVersion>,
        limits: &Limits,
    ) -> Result<TreeEvent, Refused> {
        if planned_at.is_some_and(|version| version.get() != self.version) {
            return Err(Refused::Stale(self.version));
        }
        self.must_be_movable(container)?;
        self.must_exist(to)?;
        if self.covers(container, to) {
            let mut via = self.upward(to);
            via.truncate(via.iter().position(|id| *id == container).unwrap() + 1);
            via.reverse();
            return Err(Refused::WouldCycle(via));
        }
        self.must_be_in_use(container)?;
        self.must_be_in_use(to)?;
        let from = self.parent(container).unwrap();
        if from != to {
            self.must_be_free(to, None, self.name(container))?;
            self.must_have_room(to, limits)?;
            let (before, after) = (self.upward(from).len(), self.upward(to).len());
            // A tree may be deeper than a limit that was lowered since; rising is no sin.
            if after > before && after + self.height(container) > usize::from(limits.max_depth()) {
                return Err(Refused::TooDeep(limits.max_depth()));
            }
        }
        Ok(TreeEvent::Moved {
            container,
            from,
            to,
        })
    }

    fn decide_restore(&self, container: ContainerId) -> Result<TreeEvent, Refused> {
        self.must_be_movable(container)?;
        if !self.is_marked(container) {
            return Err(Refused::NotArchived(container));
        }
        let parent = self.parent(container).unwrap();
        self.must_be_in_use(parent)?;
        self.must_be_free(parent, Some(container), self.name(container))?;
        Ok(TreeEvent::Restored { container })
    }

    fn decide_place(
        &self,
        account: AccountId,
        container: ContainerId,
        limits: &Limits,
    ) -> Result<TreeEvent, Refused> {
        self.must_exist(container)?;
        self.must_be_in_use(container)?;
        if self.members.contains(&(account, container)) {
            return Err(Refused::AlreadyMember);
        }
        if self.members.len() >= limits.max_members() as usize {
            return Err(Refused::TooManyMembers(limits.max_members()));
        }
        Ok(TreeEvent::AccountPlaced { account, container })
    }

    fn must_exist(&self, id: ContainerId) -> Result<(), Refused> {
        let is_there = self.has(id);
        is_there.then_some(()).ok_or(Refused::UnknownContainer(id))
    }

    /// It exists and is not the root.
    fn must_be_movable(&self, id: ContainerId) -> Result<(), Refused> {
        self.must_exist(id)?;
        (id != self.root).then_some(()).ok_or(Refused::RootIsFixed)
    }

    fn must_be_in_use(&self, id: ContainerId) -> Result<(), Refused> {
        let upward = self.upward(id);
        let topmost = upward.iter().rev().find(|above| self.is_marked(**above));
        topmost.map_or(Ok(()), |above| Err(Refused::Archived(*above)))
    }

    /// No child of `parent` that was not archived has the name, `own` aside.
    fn must_be_free(
        &self,
        parent: ContainerId,
        own: Option<ContainerId>,
        name: &str,
    ) -> Result<(), Refused> {
        for sibling in self.children(parent) {
            let is_living = !self.is_marked(sibling) && Some(sibling) != own;
            if is_living && self.name(sibling) == name {
                return Err(Refused::NameTaken);
            }
        }
        Ok(())
    }

    /// Archived children take room, too.
    fn must_have_room(&self, parent: ContainerId, limits: &Limits) -> Result<(), Refused> {
        if self.children(parent).len() >= limits.max_children() as usize {
            return Err(Refused::TooWide(limits.max_children()));
        }
        Ok(())
    }
}

/// The name without the white space around it.
fn named(name: &str, limits: &Limits) -> Result<String, Refused> {
    /// What turns the direction of writing, and controls that the tests use.
    const FORBIDDEN: [char; 15] = [
        '\0', '\n', '\u{7f}', '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}',
        '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    ];
    let name = name.trim_matches(char::is_whitespace);
    if name.is_empty() {
        return Err(Refused::NameEmpty);
    }
    if name.len() > usize::from(limits.max_name_bytes()) {
        return Err(Refused::NameTooLong);
    }
    if name.chars().any(|char| FORBIDDEN.contains(&char)) {
        return Err(Refused::NameControl);
    }
    Ok(name.to_owned())
}
