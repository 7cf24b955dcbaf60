//! The oracle: containers that know their parent, and nothing else. Every question is a walk.

use std::collections::HashMap;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::TreeCommand;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Naive {
    root: ContainerId,
    /// In the order of creation: id, parent, name. The root is not among them.
    rows: Vec<(ContainerId, ContainerId, String)>,
}

impl Naive {
    pub(crate) fn rooted(tenant: TenantId) -> Self {
        Self {
            root: ContainerId::root_of(tenant),
            rows: Vec::new(),
        }
    }

    pub(crate) fn ids(&self) -> Vec<ContainerId> {
        let below = self.rows.iter().map(|(id, ..)| *id);
        std::iter::once(self.root).chain(below).collect()
    }

    pub(crate) fn parent(&self, id: ContainerId) -> Option<ContainerId> {
        let row = self.rows.iter().find(|(own, ..)| *own == id);
        row.map(|(_, parent, _)| *parent)
    }

    pub(crate) fn name(&self, id: ContainerId) -> &str {
        let row = self.rows.iter().find(|(own, ..)| *own == id);
        row.map_or("", |(.., name)| name)
    }

    pub(crate) fn children(&self, id: ContainerId) -> Vec<ContainerId> {
        let below = self.rows.iter().filter(|(_, parent, _)| *parent == id);
        below.map(|(own, ..)| *own).collect()
    }

    /// The container first, the root last.
    pub(crate) fn upward(&self, id: ContainerId) -> Vec<ContainerId> {
        std::iter::successors(Some(id), |id| self.parent(*id)).collect()
    }

    pub(crate) fn covers(&self, above: ContainerId, below: ContainerId) -> bool {
        self.upward(below).contains(&above)
    }

    pub(crate) fn lca(&self, one: ContainerId, other: ContainerId) -> ContainerId {
        let above = self.upward(other);
        let mut upward = self.upward(one).into_iter();
        upward.find(|id| above.contains(id)).unwrap()
    }

    /// Ordinals of creation from below the root down to the container.
    pub(crate) fn ordinals(&self, id: ContainerId) -> Vec<usize> {
        let ordinal: HashMap<_, _> = self.ids().into_iter().zip(0..).collect();
        let mut path: Vec<usize> = self.upward(id).iter().map(|id| ordinal[id]).collect();
        path.reverse();
        path.split_off(1)
    }

    /// Whether a command is one that must be accepted; if so, it happens.
    pub(crate) fn accepts(&mut self, command: &TreeCommand, limits: &Limits) -> bool {
        let TreeCommand::Create {
            container,
            parent,
            name,
        } = command
        else {
            panic!("the model knows no such command");
        };
        let ids = self.ids();
        let siblings = self.children(*parent);
        let is_fit = ids.contains(parent)
            && !ids.contains(container)
            && !name.trim().is_empty()
            && siblings.iter().all(|id| self.name(*id) != name.trim())
            && siblings.len() < limits.max_children() as usize
            && ids.len() < limits.max_nodes() as usize
            && self.upward(*parent).len() <= usize::from(limits.max_depth());
        if is_fit {
            self.rows
                .push((*container, *parent, name.trim().to_owned()));
        }
        is_fit
    }
}
