//! What a move would change: who would gain and who would lose what, and whether its author would gain.

mod relocation;

use core::error::Error;
use core::fmt;
use std::collections::BTreeMap;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::MoveImpact;
use skeleton_tenancy_tree::MovePlan;
use skeleton_tenancy_tree::Reach;

use self::relocation::Effect;
use self::relocation::Relocation;
use self::relocation::prolonged;
use super::Snapshot;
use super::answers::roots_of;
use crate::catalogue::Permission;
use crate::catalogue::PermissionSet;
use crate::decision::Deny;
use crate::decision::DenyReason;
use crate::grant::Subject;
use crate::proof::Authorized;
use crate::refusal::Refusal;
use crate::skeleton::grant;
use crate::skeleton::guardrail;

/// What a move would change of what people may do, by account. It is exactly the difference of all answers before and
/// after, for callers who come themselves with a proof that is strong and fresh enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessImpact(Vec<AccessChange>);

/// What one account would gain and lose in some of the containers that move.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessChange {
    /// Whose powers change.
    pub account: AccountId,
    /// Where: the fewest containers that say it, with all that is below them, or alone.
    pub scopes: Vec<(ContainerId, Reach)>,
    /// What it could do after the move, and cannot now.
    pub gains: PermissionSet,
    /// What it can do now, and could not after the move.
    pub losses: PermissionSet,
}

/// A plan is of another tenant or of another version of the tree than the rules it was to be assessed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StalePlan(());

impl fmt::Display for StalePlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the plan is of another tree than the snapshot")
    }
}

impl Error for StalePlan {}

impl AccessImpact {
    /// The changes, by account, and of one account in the order of the tree.
    #[must_use]
    pub fn changes(&self) -> &[AccessChange] {
        &self.0
    }
}

impl MoveImpact for Snapshot {
    type Report = Result<AccessImpact, StalePlan>;

    /// Who gains and who loses what, at the snapshot's instant.
    ///
    /// # Security
    ///
    /// The report shows the powers of others: ask for `grant:read` first, as [`Target::Move`](crate::Target::Move) does.
    fn assess(&self, plan: &MovePlan) -> Self::Report {
        let tree = self.tree();
        let relocation = Relocation::of(&self.0, plan.container(), plan.to());
        let relocation = relocation.filter(|_| plan.version() == tree.version());
        let relocation = relocation.ok_or(StalePlan(()))?;
        let mut effects: BTreeMap<AccountId, Vec<Effect>> = BTreeMap::new();
        let now = self.0.now;
        let open = self.view().shared_grants();
        for granted in open.filter(|held| held.window().is_open(now)) {
            let Subject::Account(account) = granted.to();
            let effect = relocation.effect(granted);
            effects.entry(account).or_default().extend(effect);
        }
        let barriers = relocation.barriers(|_| true);
        let mut changes = Vec::new();
        for (account, effects) in effects {
            for change in relocation.changes(&effects, &barriers) {
                let roots = roots_of(tree, (change.first, change.last));
                let scopes = roots.filter_map(|(node, reach)| Some((tree.id(node)?, reach)));
                changes.push(AccessChange {
                    account,
                    scopes: scopes.collect(),
                    gains: change.gains,
                    losses: change.losses,
                });
            }
        }
        Ok(AccessImpact(changes))
    }
}

impl Snapshot {
    /// The proof that the actor may do `P` to a container that moves: there, at its parent and at its parent to be.
    ///
    /// Unless `P` only reads, the move must give its author nothing that she does not have: else it takes
    /// `grant:assign-beyond` at what moves. And it leads out from under no guardrail that she may not lift.
    ///
    /// # Errors
    ///
    /// [`Refusal`], by the first of the three that refuses.
    pub fn require_move<P: Permission>(
        &self,
        _permission: P,
        container: ContainerId,
        to: ContainerId,
    ) -> Result<Authorized<'_, P>, Refusal> {
        self.prove_move(container, to)
    }

    pub(crate) fn prove_move<'s, P: Permission>(
        &self,
        container: ContainerId,
        to: ContainerId,
    ) -> Result<Authorized<'s, P>, Refusal> {
        let proof = self.prove::<P>(container)?;
        let tree = self.tree();
        let parent = tree.node(container).and_then(|node| tree.parent(node));
        if let Some(parent) = parent.and_then(|parent| tree.id(parent)) {
            let _at_the_old_one: Authorized<'_, P> = self.prove(parent)?;
        }
        let _at_the_new_one: Authorized<'_, P> = self.prove(to)?;
        let known = self.0.catalogue.definition_of::<P>();
        if known.is_some_and(|known| known.attributes().is_read()) {
            return Ok(proof);
        }
        self.lets_out::<P>(container, to)?;
        let gains = self.own_gains(container, to);
        if gains.is_empty() || self.goes_beyond(container) {
            return Ok(proof);
        }
        let deny = Deny {
            reason: DenyReason::WidensOwnPowers {
                gains: self.0.catalogue.names(&gains),
            },
            would_allow: Vec::new(),
            versions: self.versions(),
        };
        Err(self.refusal::<P>(Some(container), deny, true))
    }

    /// Whether the actor may give what it does not have, itself, for ever, at a container and below.
    fn goes_beyond(&self, container: ContainerId) -> bool {
        let may = self.require(grant::AssignBeyond, container).is_ok();
        let node = self.tree().node(container).filter(|_| may);
        let id = grant::AssignBeyond::ID;
        let over = node.and_then(|node| self.powers().over(id, Reach::SelfAndBelow, node));
        over == Some(None)
    }

    /// What leads out from under a guardrail lifts it for what moves: that takes `guardrail:lift` above it.
    fn lets_out<P: Permission>(
        &self,
        container: ContainerId,
        to: ContainerId,
    ) -> Result<(), Refusal> {
        let tree = self.tree();
        let Some((moving, target)) = tree.node(container).zip(tree.node(to)) else {
            return Ok(());
        };
        for held in self.view().guardrails() {
            let Some(stands) = tree.node(held.at()) else {
                continue;
            };
            let is_left = stands.covers(moving) && stands.pre() != moving.pre();
            if !is_left || stands.covers(target) {
                continue;
            }
            let above = tree.parent(stands).and_then(|above| tree.id(above));
            let may_lift = above.is_some_and(|above| self.require(guardrail::Lift, above).is_ok());
            if !may_lift {
                let deny = Deny {
                    reason: DenyReason::Guardrail(held.id()),
                    would_allow: Vec::new(),
                    versions: self.versions(),
                };
                return Err(self.refusal::<P>(Some(container), deny, true));
            }
        }
        Ok(())
    }

    /// What the actor would gain by a move, now or later: nothing that ended counts, and everything that is to begin.
    fn own_gains(&self, container: ContainerId, to: ContainerId) -> PermissionSet {
        let Some(relocation) = Relocation::of(&self.0, container, to) else {
            return PermissionSet::empty();
        };
        let lift = self.0.catalogue.definition_of::<guardrail::Lift>();
        let barriers = relocation.barriers(|held| {
            let at = self.tree().node(held.at());
            let above = at.and_then(|at| self.tree().parent(at));
            // What she may lift is not in her way.
            let may_lift = above
                .zip(lift)
                .map(|(above, lift)| self.0.verdict(lift, above));
            may_lift.is_none_or(|verdict| verdict.is_err())
        });
        let actor = self.0.ctx.actor();
        let mut own = vec![
            actor.effective_account().id(),
            actor.authorizing_account().id(),
            actor.accountable_account().id(),
        ];
        own.sort_unstable();
        own.dedup();
        let mut gains = PermissionSet::empty();
        for account in own {
            let grants = self.view().grants_of(account).iter();
            let lasting = grants.filter(|held| !held.window().is_over(self.0.now));
            let effects: Vec<_> = lasting.filter_map(|held| relocation.effect(held)).collect();
            for change in relocation.changes(&effects, &barriers) {
                gains.insert_all(&change.gains);
            }
            gains.insert_all(&prolonged(&effects));
        }
        gains
    }
}
