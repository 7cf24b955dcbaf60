//! Grants as intervals of a tree.

use std::sync::Arc;

use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::TreeSnapshot;

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

/// The rows of an account's grants. A grant of an unknown role, or at a container that the tree does not have, gives
/// nothing.
pub(crate) fn of(
    catalogue: &Catalogue,
    tree: &TreeSnapshot,
    grants: &[Arc<Grant>],
    now: Timestamp,
) -> Vec<Row> {
    let row = |grant: &Arc<Grant>| {
        let node = tree.node(grant.at())?;
        Some(Row {
            role: Arc::clone(catalogue.shared_role(grant.role())?),
            at: node.pre(),
            last: node.last(),
            depth: node.depth(),
            is_open: grant.window().is_open(now),
            grant: Arc::clone(grant),
        })
    };
    grants.iter().filter_map(row).collect()
}

impl Row {
    /// Whether the grant reaches a position.
    pub(crate) fn reaches(&self, pre: u32) -> bool {
        let first = match self.grant.reach() {
            Reach::SelfAndBelow | Reach::SelfOnly => self.at,
            Reach::BelowOnly => self.at.saturating_add(1),
        };
        let last = match self.grant.reach() {
            Reach::SelfAndBelow | Reach::BelowOnly => self.last,
            Reach::SelfOnly => self.at,
        };
        (first..=last).contains(&pre)
    }

    /// Whether the grant gives a permission at a position, whenever it counts.
    pub(crate) fn gives(&self, permission: PermissionId, pre: u32) -> bool {
        self.reaches(pre) && self.role.permissions().contains(permission)
    }
}
