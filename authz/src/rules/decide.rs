//! Decides commands: the events that would happen, or why they must not. Pure.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleName;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;

use super::AccessCommand;
use super::RoleSpec;
use super::RuleError;
use crate::access::AccessEvent;
use crate::access::Forbidden;
use crate::access::Guardrail;
use crate::access::GuardrailId;
use crate::access::Impersonation;
use crate::access::OWN;
use crate::access::TenantRole;
use crate::catalogue::Definition;
use crate::catalogue::Permission;
use crate::catalogue::PermissionSet;
use crate::catalogue::Role;
use crate::grant::Grant;
use crate::grant::GrantId;
use crate::grant::Subject;
use crate::skeleton::grant;
use crate::skeleton::guardrail;
use crate::skeleton::role;
use crate::snapshot::Snapshot;
use crate::snapshot::outlasts;

/// The most roles of its own that a tenant has at a time, and the most guardrails: every invocation reads the latter.
const MAX_ROLES: usize = 1_024;
const MAX_GUARDRAILS: usize = 256;

/// What an author's command would do, on her own snapshot of the rules.
pub(crate) fn decide(
    author: &Snapshot,
    command: &AccessCommand,
) -> Result<Vec<AccessEvent>, RuleError> {
    match command {
        AccessCommand::DefineRole { name, home, holds } => define(author, *name, *home, holds),
        AccessCommand::ChangeRole { name, holds } => change(author, name, holds),
        AccessCommand::RetireRole { name } => retire(author, *name),
        AccessCommand::Assign { grant } => assign(author, grant),
        AccessCommand::Revoke { grant, cascade } => revoke(author, *grant, *cascade),
        AccessCommand::SetGuardrail {
            guardrail,
            at,
            forbids,
        } => set_guardrail(author, *guardrail, *at, forbids),
        AccessCommand::LiftGuardrail { guardrail } => lift(author, *guardrail),
        AccessCommand::SetImpersonation { admits } => set_impersonation(author, *admits),
    }
}

fn define(
    author: &Snapshot,
    name: RoleName,
    home: ContainerId,
    holds: &RoleSpec,
) -> Result<Vec<AccessEvent>, RuleError> {
    if !name.as_str().starts_with(OWN) {
        return Err(RuleError::NotOwnName);
    }
    let _may = author.require(role::Define, home)?;
    if author.view().is_role_used(&name) {
        return Err(RuleError::RoleTaken);
    }
    if author.view().roles().count() >= MAX_ROLES {
        return Err(RuleError::TooMany { most: MAX_ROLES });
    }
    let made = spelled_out(author, name, home, holds)?;
    holds_all(author, made.resolve(author.catalogue()).permissions(), home)?;
    Ok(vec![AccessEvent::RoleDefined { role: made }])
}

fn change(
    author: &Snapshot,
    name: &RoleName,
    holds: &RoleSpec,
) -> Result<Vec<AccessEvent>, RuleError> {
    let held = own_role(author, name)?;
    let _may = author.require(role::Define, held.home())?;
    let changed = spelled_out(author, *name, held.home(), holds)?;
    let now = changed.resolve(author.catalogue());
    let mut put_in = now.permissions().clone();
    put_in.remove_all(held.resolve(author.catalogue()).permissions());
    holds_all(author, &put_in, held.home())?;
    keeps_an_administrator(author, |granted, role| {
        if *granted.role() == *name {
            now.permissions().contains(grant::Assign::ID)
        } else {
            role.permissions().contains(grant::Assign::ID)
        }
    })?;
    Ok(vec![AccessEvent::RoleChanged { role: changed }])
}

/// One whose home is not to be seen is like one that nobody has.
fn own_role<'s>(author: &'s Snapshot, name: &RoleName) -> Result<&'s TenantRole, RuleError> {
    let held = author.view().role(name);
    let held = held.filter(|held| author.sees(held.home()));
    held.ok_or(RuleError::UnknownRole)
}

fn retire(author: &Snapshot, name: RoleName) -> Result<Vec<AccessEvent>, RuleError> {
    let held = own_role(author, &name)?;
    let _may = author.require(role::Retire, held.home())?;
    keeps_an_administrator(author, |granted, role| {
        *granted.role() != name && role.permissions().contains(grant::Assign::ID)
    })?;
    Ok(vec![AccessEvent::RoleRetired { role: name }])
}

fn assign(author: &Snapshot, given: &Grant) -> Result<Vec<AccessEvent>, RuleError> {
    let _may = author.require(grant::Assign, given.at())?;
    if author.view().is_used(given.id()) {
        return Err(RuleError::IdTaken);
    }
    let node = author
        .tree()
        .node(given.at())
        .ok_or(RuleError::UnknownRole)?;
    let role = author
        .role_at(given.role(), node)
        .ok_or(RuleError::UnknownRole)?;
    if let Some(own) = author.view().role(given.role()) {
        // A name that means nothing here may mean something to another release: nobody can say that she holds it.
        for name in own.permissions() {
            known(author, name)?;
        }
    }
    let powers = author.powers();
    let beyond = author
        .require(grant::AssignBeyond, given.at())
        .ok()
        .and_then(|_may| powers.over(grant::AssignBeyond::ID, given.reach(), node));
    if !beyond.is_some_and(|until| outlasts(until, given.window().until())) {
        let rests = rests_on_own_powers(author, given, &role, node);
        // Whoever may go beyond for a while only is told until when, if her own powers do not do.
        rests.map_err(|error| match beyond.flatten() {
            Some(until) => RuleError::OutlastsPowers { until },
            None => error,
        })?;
    }
    let grant = given.clone();
    Ok(vec![AccessEvent::GrantGiven { grant }])
}

/// It is somebody else's, and the author holds every permission of the role, and the right to assign, over all that the grant reaches, however the
/// tree grows, and at least as long.
fn rests_on_own_powers(
    author: &Snapshot,
    given: &Grant,
    role: &Role,
    node: Node<'_>,
) -> Result<(), RuleError> {
    let Subject::Account(to) = given.to();
    if to == author.context().actor().effective_account().id() {
        return Err(RuleError::ToOneself);
    }
    let powers = author.powers();
    let mut lacks = PermissionSet::empty();
    let mut limit = None;
    for permission in role.permissions().iter().chain([grant::Assign::ID]) {
        match powers.over(permission, given.reach(), node) {
            None => {
                lacks.insert(permission);
            }
            Some(until) => {
                if limit.is_none_or(|limit| outlasts(limit, until)) {
                    limit = Some(until);
                }
            }
        }
    }
    if !lacks.is_empty() {
        return Err(beyond(author, &lacks));
    }
    match limit.flatten() {
        Some(until) if !outlasts(Some(until), given.window().until()) => {
            Err(RuleError::OutlastsPowers { until })
        }
        _ => Ok(()),
    }
}

fn revoke(author: &Snapshot, id: GrantId, cascade: bool) -> Result<Vec<AccessEvent>, RuleError> {
    // Another tenant's grant, one that was taken back, one that is not to be seen and one that never was are all the same.
    let held = author.view().grant(id);
    let held = held.filter(|held| author.sees(held.at()));
    let held = held.ok_or(RuleError::UnknownGrant)?;
    let _may = author.require(grant::Revoke, held.at())?;
    let mut gone = BTreeSet::from([id]);
    if cascade {
        given_in_turn(author, held, &mut gone);
        for id in &gone {
            let at = author.view().grant(*id).map(Grant::at);
            let _may = at.map(|at| author.require(grant::Revoke, at)).transpose()?;
        }
    }
    keeps_an_administrator(author, |granted, role| {
        !gone.contains(&granted.id()) && role.permissions().contains(grant::Assign::ID)
    })?;
    let taken = |grant| AccessEvent::GrantTaken { grant };
    Ok(gone.into_iter().map(taken).collect())
}

/// What the holder of a grant gave where that stands and below, and what those gave in turn.
fn given_in_turn(author: &Snapshot, first: &Grant, gone: &mut BTreeSet<GrantId>) {
    let (view, tree) = (author.view(), author.tree());
    let Some(within) = tree.node(first.at()) else {
        return;
    };
    let mut given: HashMap<AccountId, Vec<&Grant>> = HashMap::new();
    for grant in view.grants() {
        let is_within = tree.node(grant.at()).is_some_and(|at| within.covers(at));
        if let Some(giver) = view.giver_of(grant.id()).filter(|_| is_within) {
            given.entry(giver).or_default().push(grant);
        }
    }
    // Each giver's grants are taken out once, so a crowd that gave to each other ends.
    let mut givers = vec![first.to()];
    while let Some(Subject::Account(giver)) = givers.pop() {
        for grant in given.remove(&giver).unwrap_or_default() {
            if gone.insert(grant.id()) {
                givers.push(grant.to());
            }
        }
    }
}

fn set_guardrail(
    author: &Snapshot,
    id: GuardrailId,
    at: ContainerId,
    forbids: &[String],
) -> Result<Vec<AccessEvent>, RuleError> {
    let _may = author.require(guardrail::Set, at)?;
    if at == ContainerId::root_of(author.tree().tenant()) {
        return Err(RuleError::LiftedFromAbove);
    }
    if author.view().is_guardrail_used(id) {
        return Err(RuleError::IdTaken);
    }
    if author.view().guardrails().len() >= MAX_GUARDRAILS {
        return Err(RuleError::TooMany {
            most: MAX_GUARDRAILS,
        });
    }
    let forbids = Forbidden::Permissions(known_once(author, forbids)?);
    let guardrail = Guardrail::new(id, at, forbids);
    Ok(vec![AccessEvent::GuardrailSet { guardrail }])
}

fn lift(author: &Snapshot, id: GuardrailId) -> Result<Vec<AccessEvent>, RuleError> {
    let held = author
        .view()
        .guardrail(id)
        .ok_or(RuleError::UnknownGuardrail)?;
    let tree = author.tree();
    let stands = tree.node(held.at()).ok_or(RuleError::UnknownGuardrail)?;
    if !author.sees(held.at()) {
        return Err(RuleError::UnknownGuardrail);
    }
    let above = tree.parent(stands).and_then(|above| tree.id(above));
    let above = above.ok_or(RuleError::LiftedFromAbove)?;
    let _may = author.require(guardrail::Lift, above)?;
    Ok(vec![AccessEvent::GuardrailLifted { guardrail: id }])
}

/// The mask is like a guardrail of the whole tenant: whoever takes it away lifts one.
fn set_impersonation(
    author: &Snapshot,
    admits: Impersonation,
) -> Result<Vec<AccessEvent>, RuleError> {
    let root = ContainerId::root_of(author.tree().tenant());
    match admits {
        Impersonation::ReadOnly => drop(author.require(guardrail::Set, root)?),
        Impersonation::AllButSensitive => drop(author.require(guardrail::Lift, root)?),
    }
    Ok(vec![AccessEvent::ImpersonationSet { admits }])
}

/// The role as it is saved: every permission by name, so that a new catalogue changes nothing.
fn spelled_out(
    author: &Snapshot,
    name: RoleName,
    home: ContainerId,
    holds: &RoleSpec,
) -> Result<TenantRole, RuleError> {
    let catalogue = author.catalogue();
    let mut policies = BTreeMap::new();
    for policy in &holds.policies {
        let bundled = catalogue.policy(policy);
        let bundled = bundled.ok_or_else(|| RuleError::UnknownPolicy(policy.clone()))?;
        let names = catalogue.names(bundled.permissions()).into_iter();
        policies.insert(policy.clone(), names.map(str::to_owned).collect());
    }
    let extra = known_once(author, &holds.permissions)?;
    let made = TenantRole::new(name, home, policies, extra);
    if made
        .permissions()
        .any(|held| held == grant::AssignBeyond::NAME)
    {
        return Err(RuleError::NeverInOwnRoles(grant::AssignBeyond::NAME));
    }
    Ok(made)
}

/// The author holds these permissions at the home of a role and everywhere below, without an end.
fn holds_all(
    author: &Snapshot,
    put_in: &PermissionSet,
    home: ContainerId,
) -> Result<(), RuleError> {
    let node = author.tree().node(home).ok_or(RuleError::UnknownRole)?;
    let powers = author.powers();
    let mut lacks = PermissionSet::empty();
    for permission in put_in.iter() {
        // A role has no window: what is held for a time only is not put in.
        if powers.over(permission, Reach::SelfAndBelow, node) != Some(None) {
            lacks.insert(permission);
        }
    }
    if lacks.is_empty() {
        Ok(())
    } else {
        Err(beyond(author, &lacks))
    }
}

/// Somebody is left who can give grants at the root: directly, without an end, everywhere. Where nobody could before,
/// nobody has to.
fn keeps_an_administrator(
    author: &Snapshot,
    still_assigns: impl Fn(&Grant, &Role) -> bool,
) -> Result<(), RuleError> {
    let root = author.tree().root();
    let at_root = |granted: &&Grant| {
        let is_always = granted.window() == crate::grant::Window::ALWAYS;
        let is_root = author.tree().id(root) == Some(granted.at());
        is_root && is_always && granted.reach() == Reach::SelfAndBelow
    };
    let mut had_one = false;
    for granted in author.view().grants().filter(at_root) {
        let Some(role) = author.role_at(granted.role(), root) else {
            continue;
        };
        had_one |= role.permissions().contains(grant::Assign::ID);
        if still_assigns(granted, &role) {
            return Ok(());
        }
    }
    if had_one {
        Err(RuleError::WouldLockOut)
    } else {
        Ok(())
    }
}

fn known<'s>(author: &'s Snapshot, name: &str) -> Result<&'s Definition, RuleError> {
    let known = author.catalogue().permission_named(name);
    known.ok_or_else(|| RuleError::UnknownPermission(name.to_owned()))
}

/// The names, each of which the catalogue has, without repetition: no more than it has.
fn known_once(author: &Snapshot, names: &[String]) -> Result<Vec<String>, RuleError> {
    let mut seen = BTreeSet::new();
    let mut once = Vec::new();
    for name in names {
        let known = known(author, name)?.name();
        if seen.insert(known) {
            once.push(known.to_owned());
        }
    }
    Ok(once)
}

fn beyond(author: &Snapshot, lacks: &PermissionSet) -> RuleError {
    RuleError::BeyondOwnPowers {
        lacks: author.catalogue().names(lacks),
    }
}
