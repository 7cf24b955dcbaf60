//! What narrows an actor's powers beside its grants: impersonation, a credential with a ceiling, attenuation.

use std::borrow::Cow;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Reach;

use super::Caller;
use super::Frozen;
use super::intervals::Intervals;
use super::rows::Row;
use super::rows::Rules;
use super::rows::interval;
use super::spans::Span;
use super::spans::Spans;
use crate::catalogue::Definition;
use crate::catalogue::Permission;
use crate::catalogue::PermissionSet;
use crate::decision::Mask;
use crate::skeleton::member;

/// A narrower snapshot to be: what it may still hold. What is not said stays as it is.
///
/// ```
/// use skeleton_authz::Attenuation;
/// use skeleton_invocation_context::{ContainerId, Timestamp};
///
/// let at = ContainerId::from_bytes([7; 16])?;
/// let for_a_report = Attenuation::new().below(at).until(Timestamp::from_secs(1_795_500_000));
/// # drop(for_a_report);
/// # Ok::<(), skeleton_invocation_context::IdError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attenuation {
    pub(super) permissions: Option<PermissionSet>,
    pub(super) below: Option<ContainerId>,
    pub(super) until: Option<Timestamp>,
}

impl Attenuation {
    /// Nothing is narrowed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only these permissions.
    #[must_use]
    pub fn permissions(self, permissions: PermissionSet) -> Self {
        Self {
            permissions: Some(permissions),
            ..self
        }
    }

    /// Only at this container and below. One that the tree does not have leaves nothing.
    #[must_use]
    pub fn below(self, container: ContainerId) -> Self {
        Self {
            below: Some(container),
            ..self
        }
    }

    /// Only before this instant, by the authorizer's clock: a snapshot that is kept until then allows nothing more.
    #[must_use]
    pub fn until(self, until: Timestamp) -> Self {
        Self {
            until: Some(until),
            ..self
        }
    }
}

/// What a credential lists as its ceiling, where its kind has one: it holds nothing beyond.
pub(super) fn ceiling(rules: Rules<'_>, ctx: Caller<'_>) -> Option<Spans> {
    let has_ceiling = matches!(
        ctx.authentication().mechanism(),
        Mechanism::ApiKey { .. } | Mechanism::PersonalAccessToken { .. }
    );
    let span = |assignment: &RoleAssignment| {
        let node = rules.tree.node(assignment.scope())?;
        let role = rules.role_at(assignment.role(), node)?;
        Some(Span {
            first: node.pre(),
            last: node.last(),
            set: Cow::Owned(role.permissions().clone()),
        })
    };
    has_ceiling.then(|| Spans::of(ctx.roles().iter().filter_map(span).collect()))
}

impl Frozen {
    /// The first mask that does not admit a permission at a position.
    pub(super) fn mask(&self, permission: &Definition, pre: u32) -> Option<Mask> {
        let attributes = permission.attributes();
        if let Some(held) = &self.impersonator {
            // Only where the impersonator may impersonate now.
            let id = member::Impersonate::ID;
            let may = held.given.gives(id, pre) && !self.is_forbidden(id, pre);
            if !may || !self.view.impersonation().admits(attributes) {
                return Some(Mask::Impersonation);
            }
        }
        if self
            .ceiling
            .as_ref()
            .is_some_and(|held| !held.gives(permission.id(), pre))
        {
            return Some(Mask::Credential);
        }
        let admits = |to: &Attenuation| {
            let holds = to
                .permissions
                .as_ref()
                .is_none_or(|set| set.contains(permission.id()));
            let is_in = to.below.is_none_or(|below| self.is_below(below, pre));
            holds && is_in && !self.is_over(to)
        };
        let is_narrowed = !self.attenuations.iter().all(admits);
        is_narrowed.then_some(Mask::Attenuation)
    }

    /// Whether an account may impersonate at a position, now.
    pub(super) fn impersonates(&self, by: AccountId, pre: u32) -> bool {
        let id = member::Impersonate::ID;
        self.held_by(by).given.gives(id, pre) && !self.is_forbidden(id, pre)
    }

    /// The positions at which no mask is in the way of a permission.
    pub(super) fn unmasked(&self, permission: &Definition, within: &Intervals) -> Intervals {
        let attributes = permission.attributes();
        let mut left = within.clone();
        if let Some(held) = &self.impersonator {
            if !self.view.impersonation().admits(attributes) {
                return Intervals::default();
            }
            let may = held.open();
            let may = may.filter(|row| row.role.permissions().contains(member::Impersonate::ID));
            left = left.and(&Intervals::of(may.map(Row::interval)));
            if let Some(impersonate) = self.catalogue.definition_of::<member::Impersonate>() {
                let forbidden = self.guardrails_on(impersonate);
                let forbidden = forbidden.map(|(_, node)| (node.pre(), node.last()));
                left = left.without(&Intervals::of(forbidden));
            }
        }
        if self.ceiling.is_some() {
            left = left.and(&self.ceiling_of(permission));
        }
        for to in self.attenuations.iter() {
            let holds = to
                .permissions
                .as_ref()
                .is_none_or(|set| set.contains(permission.id()));
            if !holds || self.is_over(to) {
                return Intervals::default();
            }
            if let Some(below) = to.below {
                left = left.and(&Intervals::of(self.subtree(below)));
            }
        }
        left
    }

    /// Where the credential's ceiling holds a permission.
    fn ceiling_of(&self, permission: &Definition) -> Intervals {
        let rules = self.rules();
        let listed = self.ctx.roles().iter();
        Intervals::of(listed.filter_map(|assignment| {
            let node = rules.tree.node(assignment.scope())?;
            let role = rules.role_at(assignment.role(), node)?;
            let holds = role.permissions().contains(permission.id());
            holds.then(|| interval(Reach::SelfAndBelow, node.pre(), node.last()))
        }))
    }

    /// A narrowed snapshot that is kept does not outlive its end.
    fn is_over(&self, to: &Attenuation) -> bool {
        let is_over = |until| self.now >= until || self.clock.now() >= until;
        to.until.is_some_and(is_over)
    }

    fn subtree(&self, container: ContainerId) -> Option<(u32, u32)> {
        let node = self.tree.node(container)?;
        Some((node.pre(), node.last()))
    }

    pub(super) fn is_below(&self, container: ContainerId, pre: u32) -> bool {
        let subtree = self.subtree(container);
        subtree.is_some_and(|(first, last)| (first..=last).contains(&pre))
    }
}
