//! The tree itself: decides commands, folds events.

use std::collections::HashMap;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;

use super::Applied;
use super::Limits;
use super::Recorded;
use super::Skipped;
use super::TreeCommand;
use super::TreeError;
use super::TreeEvent;
use super::TreeVersion;
use super::limits::DEPTH_CEILING;
use super::limits::NODE_CEILING;
use super::name;

/// One container as the fold keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) id: ContainerId,
    pub(crate) name: String,
    pub(crate) depth: u8,
    /// Positions in the order of creation, which is the order of siblings.
    pub(crate) children: Vec<u32>,
}

/// One tenant's tree as its events made it. Equal logs make equal trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    tenant: TenantId,
    version: TreeVersion,
    /// In the order of creation; the root is first.
    entries: Vec<Entry>,
    positions: HashMap<ContainerId, u32>,
    skipped: u64,
}

impl Tree {
    /// A tree that has only its root.
    #[must_use]
    pub fn rooted(tenant: TenantId) -> Self {
        let root = ContainerId::root_of(tenant);
        let entry = Entry {
            id: root,
            name: String::new(),
            depth: 0,
            children: Vec::new(),
        };
        Self {
            tenant,
            version: TreeVersion::ZERO,
            entries: vec![entry],
            positions: HashMap::from([(root, 0)]),
            skipped: 0,
        }
    }

    /// The tenant whose tree this is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// How many events made it, the skipped ones included.
    #[must_use]
    pub const fn version(&self) -> TreeVersion {
        self.version
    }

    /// How many containers it has, its root included.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a tree always has its root")]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many events of its log did not fit.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }

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
            } => {
                let name = name::check(name, limits.max_name_bytes())
                    .map_err(TreeError::NameInvalid)?
                    .to_owned();
                self.may_create(*container, *parent, &name, limits)?;
                Ok(TreeEvent::Created {
                    container: *container,
                    parent: *parent,
                    name,
                })
            }
        }
    }

    /// Folds one event. Total: what does not fit is passed over in the order of the log, alike on every replica.
    pub fn apply(&mut self, event: &TreeEvent) -> Applied {
        self.version = self.version.after(1);
        let fitted = match event {
            TreeEvent::Created {
                container,
                parent,
                name,
            } => self.create(*container, *parent, name),
        };
        match fitted {
            Ok(()) => Applied::Done,
            Err(why) => {
                self.skipped = self.skipped.saturating_add(1);
                Applied::Skipped(why)
            }
        }
    }

    /// Folds events in order. What did not fit is counted.
    pub(crate) fn fold(&mut self, events: &[Recorded]) {
        for recorded in events {
            let _counted = self.apply(recorded.event());
        }
    }

    pub(crate) fn entry(&self, position: u32) -> Option<&Entry> {
        self.entries.get(usize::try_from(position).ok()?)
    }

    fn may_create(
        &self,
        container: ContainerId,
        parent: ContainerId,
        name: &str,
        limits: &Limits,
    ) -> Result<(), TreeError> {
        let unknown = TreeError::UnknownContainer(parent);
        let above = self.find(parent).ok_or(unknown)?;
        if self.positions.contains_key(&container) {
            return Err(TreeError::IdTaken);
        }
        if above.depth >= limits.max_depth() {
            return Err(TreeError::TooDeep {
                limit: limits.max_depth(),
            });
        }
        if count(above.children.len()) >= limits.max_children() {
            return Err(TreeError::TooWide {
                limit: limits.max_children(),
            });
        }
        if count(self.entries.len()) >= limits.max_nodes() {
            return Err(TreeError::TooMany {
                limit: limits.max_nodes(),
            });
        }
        let mut siblings = above
            .children
            .iter()
            .filter_map(|position| self.entry(*position));
        if siblings.any(|sibling| sibling.name == name) {
            Err(TreeError::NameTaken)
        } else {
            Ok(())
        }
    }

    fn create(
        &mut self,
        container: ContainerId,
        parent: ContainerId,
        name: &str,
    ) -> Result<(), Skipped> {
        let position = count(self.entries.len());
        if self.positions.contains_key(&container) {
            return Err(Skipped::IdTaken);
        }
        let above = self.positions.get(&parent).ok_or(Skipped::UnknownParent)?;
        let above = usize::try_from(*above)
            .ok()
            .and_then(|at| self.entries.get_mut(at));
        let above = above.ok_or(Skipped::UnknownParent)?;
        if above.depth == DEPTH_CEILING || position >= NODE_CEILING {
            return Err(Skipped::PastCeiling);
        }
        above.children.push(position);
        let depth = above.depth + 1;
        let name = name.to_owned();
        self.entries.push(Entry {
            id: container,
            name,
            depth,
            children: Vec::new(),
        });
        self.positions.insert(container, position);
        Ok(())
    }

    fn find(&self, container: ContainerId) -> Option<&Entry> {
        self.positions
            .get(&container)
            .and_then(|position| self.entry(*position))
    }
}

/// Counts are bounded by the ceiling of 2^24, so nothing is ever cut here.
fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
