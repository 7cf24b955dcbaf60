//! Grants as intervals of a tree.

use std::sync::Arc;

use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::access::AccessView;
use crate::catalogue::Catalogue;
use crate::catalogue::PermissionId;
use crate::catalogue::Role;
use crate::grant::Grant;

/// One grant where it stands: positions it reaches, and what its role holds.
pub(crate) struct Row {
    pub(crate) grant: Arc<Grant>,
    pub(crate) role: Arc<Role>,
    /// Where it stands.
    pub(crate) at: u32,
    /// The last position below.
    pub(crate) last: u32,
    pub(crate) depth: u8,
    /// Whether it counts at the snapshot's instant.
    pub(crate) is_open: bool,
}

/// What grants are read by.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'r> {
    pub(crate) catalogue: &'r Arc<Catalogue>,
    pub(crate) tree: &'r Arc<TreeSnapshot>,
    pub(crate) view: &'r AccessView,
    pub(crate) now: Timestamp,
}

impl Rules<'_> {
    /// The rows of grants. A grant of an unknown role, at a container that the tree does not have, or of a tenant's own
    /// role outside of that role's home, gives nothing.
    pub(crate) fn rows(self, grants: &[Arc<Grant>]) -> Vec<Row> {
        grants.iter().filter_map(|grant| self.row(grant)).collect()
    }

    fn row(self, grant: &Arc<Grant>) -> Option<Row> {
        let node = self.tree.node(grant.at())?;
        Some(Row {
            role: self.role_at(grant.role(), node)?,
            at: node.pre(),
            last: node.last(),
            depth: node.depth(),
            is_open: grant.window().is_open(self.now),
            grant: Arc::clone(grant),
        })
    }

    /// The role of that name as it counts at a container: a standard one anywhere, a tenant's own at its home and below.
    pub(crate) fn role_at(self, name: &RoleName, node: Node<'_>) -> Option<Arc<Role>> {
        if let Some(standard) = self.catalogue.shared_role(name) {
            return Some(Arc::clone(standard));
        }
        let (home, own) = self.view.resolved_role(name, self.catalogue)?;
        let home = self.tree.node(home)?;
        let is_home = (home.pre()..=home.last()).contains(&node.pre());
        is_home.then_some(own)
    }
}

impl Row {
    /// The same at another instant.
    pub(crate) fn at_instant(&self, now: Timestamp) -> Self {
        Self {
            grant: Arc::clone(&self.grant),
            role: Arc::clone(&self.role),
            is_open: self.grant.window().is_open(now),
            ..*self
        }
    }

    /// The first and the last position that the grant reaches.
    pub(crate) fn interval(&self) -> (u32, u32) {
        interval(self.grant.reach(), self.at, self.last)
    }

    /// Whether the grant reaches a position.
    pub(crate) fn reaches(&self, pre: u32) -> bool {
        let (first, last) = self.interval();
        (first..=last).contains(&pre)
    }

    /// Whether the grant gives a permission at a position, whenever it counts.
    pub(crate) fn gives(&self, permission: PermissionId, pre: u32) -> bool {
        self.reaches(pre) && self.role.permissions().contains(permission)
    }
}

/// What is reached from a position whose subtree ends at `last`; it may end before it begins, and then is nothing.
pub(crate) fn interval(reach: Reach, at: u32, last: u32) -> (u32, u32) {
    match reach {
        Reach::SelfAndBelow => (at, last),
        Reach::BelowOnly => (at.saturating_add(1), last),
        Reach::SelfOnly => (at, at),
    }
}
