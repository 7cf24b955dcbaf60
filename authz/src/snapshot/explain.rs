//! Why: the nearest grant that suffices, or the first reason against it and what would help.

use core::cmp::Reverse;
use std::sync::Arc;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Node;

use super::Frozen;
use super::Obstacle;
use super::rows::Row;
use crate::catalogue::Definition;
use crate::catalogue::PermissionId;
use crate::catalogue::Role;
use crate::decision::Allow;
use crate::decision::Decision;
use crate::decision::Deny;
use crate::decision::DenyReason;
use crate::decision::Mask;
use crate::decision::Remedy;
use crate::grant::Grant;
use crate::grant::GrantId;
use crate::grant::Subject;

/// The most remedies that one denial names, and the most instants that are tried.
const MAX_REMEDIES: usize = 8;

pub(super) fn explain(frozen: &Frozen, permission: PermissionId, at: ContainerId) -> Decision {
    let versions = frozen.versions();
    let deny = |reason, would_allow| {
        Decision::Deny(Deny {
            reason,
            would_allow,
            versions,
        })
    };
    let known = frozen
        .tree
        .node(at)
        .zip(frozen.catalogue.permission(permission));
    let Some((node, definition)) = known else {
        return deny(DenyReason::UnknownScope, Vec::new());
    };
    let pre = node.pre();
    match frozen.verdict(definition, node) {
        Ok(()) => match nearest(frozen, permission, pre) {
            Some((row, policy)) => Decision::Allow(Allow {
                grant: row.grant.id(),
                role: *row.grant.role(),
                policy,
                at: row.grant.at(),
                distance: node.depth().saturating_sub(row.depth),
                versions,
            }),
            None => deny(DenyReason::NoGrant { nearest: None }, Vec::new()),
        },
        Err(obstacle) => {
            let reason = reason(frozen, definition, node, obstacle);
            let remedies = remedies(frozen, definition, (at, node), &reason);
            deny(reason, remedies)
        }
    }
}

/// The deepest grant that suffices; of several there, the one with the smallest id.
pub(super) fn nearest(
    frozen: &Frozen,
    permission: PermissionId,
    pre: u32,
) -> Option<(&Row, crate::catalogue::PolicyName)> {
    let rows = frozen.rows().iter();
    let rows = rows.filter(|row| row.is_open && row.gives(permission, pre));
    let row = rows.min_by_key(|row| (Reverse(row.depth), row.grant.id()))?;
    Some((row, row.role.policy_of(permission)?.clone()))
}

fn reason(
    frozen: &Frozen,
    permission: &Definition,
    node: Node<'_>,
    obstacle: Obstacle,
) -> DenyReason {
    match obstacle {
        Obstacle::Guardrail => guardrail(frozen, permission, node),
        Obstacle::Archived => DenyReason::Archived,
        Obstacle::Masked(mask) => DenyReason::Masked(mask),
        Obstacle::StepUp => DenyReason::StepUp {
            assurance: permission.attributes().required_assurance(),
            max_age: permission.attributes().required_age(),
        },
        Obstacle::NoGrant => no_grant(frozen, permission.id(), node),
    }
}

/// The nearest guardrail that forbids it; of several there, the one with the smallest id.
fn guardrail(frozen: &Frozen, permission: &Definition, node: Node<'_>) -> DenyReason {
    let above = frozen.guardrails_on(permission);
    let above = above.filter(|(_, at)| (at.pre()..=at.last()).contains(&node.pre()));
    let nearest = above.min_by_key(|(held, at)| (Reverse(at.depth()), held.id()));
    // What forbids it is one of them: without one there would be no obstacle.
    nearest.map_or(DenyReason::UnknownScope, |(held, _)| {
        DenyReason::Guardrail(held.id())
    })
}

fn no_grant(frozen: &Frozen, permission: PermissionId, node: Node<'_>) -> DenyReason {
    let pre = node.pre();
    let mut reaching = frozen
        .rows()
        .iter()
        .filter(|row| row.reaches(pre))
        .peekable();
    if reaching.peek().is_none() {
        let holding = frozen
            .rows()
            .iter()
            .filter(|row| row.role.permissions().contains(permission));
        let nearest = holding.min_by_key(|row| (steps(frozen, row, node), row.grant.id()));
        return DenyReason::NoGrant {
            nearest: nearest.map(|row| row.grant.at()),
        };
    }
    let mut held: Vec<RoleName> = Vec::new();
    for row in reaching {
        if row.gives(permission, pre) {
            let window = row.grant.window();
            return DenyReason::NotActive {
                from: window.from(),
                until: window.until(),
            };
        }
        held.push(*row.grant.role());
    }
    held.sort();
    held.dedup();
    DenyReason::RoleLacks { held }
}

/// How far the container is from where a grant stands: up to what lies above both, and down again.
fn steps(frozen: &Frozen, row: &Row, node: Node<'_>) -> u16 {
    let tree = &frozen.tree;
    let above = tree
        .node(row.grant.at())
        .and_then(|stands| tree.lca(stands, node));
    let common = u16::from(above.map_or(0, Node::depth));
    let both = u16::from(row.depth) + u16::from(node.depth());
    both.saturating_sub(2 * common)
}

/// Changes that alone would allow it, each tried before it is named.
fn remedies(
    frozen: &Frozen,
    permission: &Definition,
    at: (ContainerId, Node<'_>),
    reason: &DenyReason,
) -> Vec<Remedy> {
    match reason {
        DenyReason::StepUp { assurance, max_age } => {
            vec![Remedy::StepUp {
                assurance: *assurance,
                max_age: max_age.map(|age| age.as_secs()),
            }]
        }
        DenyReason::NotActive { .. } => match opening(frozen, permission, at.1) {
            Some(from) => vec![Remedy::Wait { from }],
            None => roles(frozen, permission, at),
        },
        DenyReason::NoGrant { .. } | DenyReason::RoleLacks { .. } => roles(frozen, permission, at),
        DenyReason::Masked(Mask::Credential) => {
            let mut full = Frozen::clone(frozen);
            full.ceiling = None;
            let helps = full.verdict(permission, at.1).is_ok();
            Vec::from_iter(helps.then_some(Remedy::FullCredential))
        }
        DenyReason::UnknownScope
        | DenyReason::Guardrail(_)
        | DenyReason::Archived
        | DenyReason::WidensOwnPowers { .. }
        | DenyReason::Masked(_) => Vec::new(),
    }
}

/// The first instant at which a grant begins to count and the answer is yes, all else being as it is.
fn opening(frozen: &Frozen, permission: &Definition, at: Node<'_>) -> Option<Timestamp> {
    let pre = at.pre();
    let giving = frozen
        .rows()
        .iter()
        .filter(|row| row.gives(permission.id(), pre));
    let mut instants: Vec<Timestamp> = giving
        .filter_map(|row| row.grant.window().from())
        .filter(|from| *from > frozen.now)
        .collect();
    instants.sort();
    // All else stays as it is, so one instant is mostly as good as the next: not everybody's thousands are tried.
    let mut first = instants.into_iter().take(MAX_REMEDIES);
    first.find(|from| {
        let later = frozen.at(*from);
        later.verdict(permission, at).is_ok()
    })
}

/// The roles that would do if the account held one of them there, the smallest first: standard ones, and the tenant's
/// own that count there.
fn roles(
    frozen: &Frozen,
    permission: &Definition,
    (at, node): (ContainerId, Node<'_>),
) -> Vec<Remedy> {
    let id = permission.id();
    let standard = frozen.catalogue.shared_roles();
    let standard = standard.filter(|role| role.permissions().contains(id));
    let own = frozen.view.resolved_roles(&frozen.catalogue);
    let own = own.filter(|(home, role)| {
        let holds = role.permissions().contains(id);
        holds && frozen.is_below(*home, node.pre())
    });
    let own = own.map(|(_, role)| role);
    let mut roles: Vec<_> = standard.cloned().chain(own).collect();
    let rank = |role: &Arc<Role>| role.permissions().len();
    roles.sort_by(|one, other| {
        let sizes = rank(one).cmp(&rank(other));
        sizes.then_with(|| one.name().cmp(other.name()))
    });
    let helps = |role: &Arc<Role>| would_help(frozen, permission, (at, node), role);
    let named = |role: Arc<Role>| Remedy::Role {
        role: *role.name(),
        at,
    };
    roles
        .into_iter()
        .filter(helps)
        .take(MAX_REMEDIES)
        .map(named)
        .collect()
}

/// Decides again as if the account held that role there.
fn would_help(
    frozen: &Frozen,
    permission: &Definition,
    (at, node): (ContainerId, Node<'_>),
    role: &Role,
) -> bool {
    // The id serves this one question only and is never recorded.
    let Ok(id) = GrantId::from_bytes([u8::MAX; 16]) else {
        return false;
    };
    let account = frozen.subject;
    let grant = Arc::new(Grant::new(id, Subject::Account(account), *role.name(), at));
    let rows = frozen.rules().rows(&[grant]);
    rows.first()
        .is_some_and(|row| frozen.verdict_with(permission, node, Some(row)).is_ok())
}
