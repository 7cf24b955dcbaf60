//! Whoever changes rules in the tests, and what she asks for.

use skeleton_authz::AccessCommand;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::DenyReason;
use skeleton_authz::Grant;
use skeleton_authz::GuardrailId;
use skeleton_authz::PolicyName;
use skeleton_authz::Reach;
use skeleton_authz::RefusalKind;
use skeleton_authz::RoleSpec;
use skeleton_authz::RuleError;
use skeleton_authz::StandardRole;
use skeleton_authz::Subject;
use skeleton_authz::TenantRole;
use skeleton_authz::Window;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing;

use crate::bank::Admin;
use crate::bank::Clerk;
use crate::bank::Steward;
use crate::helpers::EU;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::account;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::root;
use crate::helpers::tenant;

/// Holds everything about rules at the root of tenant 1, and nothing else.
pub(crate) const ADMIN: u8 = 5;
/// Governs EU, and is a clerk there.
pub(crate) const STEWARD: u8 = 6;
/// Nobody in particular.
pub(crate) const OTHER: u8 = 7;

/// The bank with an administrator and a steward.
pub(crate) async fn governed() -> World {
    let world = World::bank().await;
    world.give(grant(900, ADMIN, Admin, root(1))).await;
    world
        .give(grant(901, STEWARD, Steward, container(EU)))
        .await;
    world.give(grant(902, STEWARD, Clerk, container(EU))).await;
    world
}

/// A user of tenant 1 with the strongest proof there is.
pub(crate) fn strong(number: u8) -> InvocationContext<Authenticated> {
    testing::context()
        .user(account(number), tenant(1))
        .assurance(Assurance::Aal3)
        .build_authenticated()
}

pub(crate) async fn ask(
    world: &World,
    author: u8,
    command: &AccessCommand,
) -> Result<AccessVersion, RuleError> {
    world.authorizer.execute(&strong(author), command).await
}

/// Asks in vain: nothing is recorded.
pub(crate) async fn refused(world: &World, author: u8, command: &AccessCommand) -> RuleError {
    refused_to(world, &strong(author), command).await
}

pub(crate) async fn refused_to(
    world: &World,
    ctx: &InvocationContext<Authenticated>,
    command: &AccessCommand,
) -> RuleError {
    let before = lengths(world).await;
    let told = world.authorizer.execute(ctx, command).await;
    assert_eq!(lengths(world).await, before, "{command:?}");
    told.unwrap_err()
}

async fn lengths(world: &World) -> Vec<usize> {
    let mut lengths = Vec::new();
    for tenant in 1..=2 {
        for stream in AccessStream::ALL {
            lengths.push(world.log.recorded_of(tenant, stream).await.len());
        }
    }
    lengths
}

pub(crate) fn name(text: &str) -> RoleName {
    RoleName::parse(text).unwrap()
}

pub(crate) fn spec(policies: &[&str], permissions: &[&str]) -> RoleSpec {
    let policies = policies.iter().map(|name| PolicyName::parse(name).unwrap());
    RoleSpec {
        policies: policies.collect(),
        permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// Defines a role of these permissions.
pub(crate) fn define(role: &str, home: ContainerId, permissions: &[&str]) -> AccessCommand {
    AccessCommand::DefineRole {
        name: name(role),
        home,
        holds: spec(&[], permissions),
    }
}

pub(crate) fn change(role: &str, permissions: &[&str]) -> AccessCommand {
    AccessCommand::ChangeRole {
        name: name(role),
        holds: spec(&[], permissions),
    }
}

pub(crate) fn retire(role: &str) -> AccessCommand {
    AccessCommand::RetireRole { name: name(role) }
}

pub(crate) const fn assign(grant: Grant) -> AccessCommand {
    AccessCommand::Assign { grant }
}

/// Gives a standard role to [`OTHER`].
pub(crate) fn give(number: u64, role: StandardRole, at: ContainerId) -> AccessCommand {
    assign(grant(number, OTHER, role, at))
}

/// A grant of a role by its name.
pub(crate) fn named(number: u64, to: u8, role: &str, at: ContainerId) -> Grant {
    let to = Subject::Account(account(to));
    Grant::new(grant_id(number), to, name(role), at)
}

pub(crate) fn revoke(number: u64) -> AccessCommand {
    AccessCommand::Revoke {
        grant: grant_id(number),
        cascade: false,
    }
}

pub(crate) fn cascade(number: u64) -> AccessCommand {
    AccessCommand::Revoke {
        grant: grant_id(number),
        cascade: true,
    }
}

pub(crate) fn fence(number: u64, at: ContainerId, forbids: &[&str]) -> AccessCommand {
    AccessCommand::SetGuardrail {
        guardrail: guardrail_id(number),
        at,
        forbids: forbids.iter().map(|name| (*name).to_owned()).collect(),
    }
}

pub(crate) fn lift(number: u64) -> AccessCommand {
    AccessCommand::LiftGuardrail {
        guardrail: guardrail_id(number),
    }
}

pub(crate) fn guardrail_id(number: u64) -> GuardrailId {
    crate::worlds::guardrail_id(number)
}

pub(crate) const fn defined(role: TenantRole) -> AccessEvent {
    AccessEvent::RoleDefined { role }
}

pub(crate) fn after(millis: u64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

pub(crate) fn until(millis: u64) -> Window {
    Window::new(None, Some(after(millis))).unwrap()
}

/// The permissions that she was told she lacks.
pub(crate) fn lacking(error: &RuleError) -> &[&'static str] {
    match error {
        RuleError::BeyondOwnPowers { lacks } => lacks,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn reason(error: &RuleError) -> (RefusalKind, &DenyReason) {
    match error {
        RuleError::Refused(refusal) => (refusal.kind(), &refusal.deny().reason),
        other => panic!("{other:?}"),
    }
}

/// EU's steward, whose clerkship has this reach and window.
pub(crate) async fn clerk_of(reach: Reach, window: Window) -> World {
    let world = World::bank().await;
    world
        .give(grant(901, STEWARD, Steward, container(EU)))
        .await;
    let clerk = grant(902, STEWARD, Clerk, container(EU));
    world
        .give(clerk.with_reach(reach).with_window(window))
        .await;
    world
}
