//! Who acts for whom.

use skeleton_invocation_context::Account;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ActorError;
use skeleton_invocation_context::ActorKind;
use skeleton_invocation_context::Agent;
use skeleton_invocation_context::Beneficiary;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Impersonated;
use skeleton_invocation_context::Impersonator;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;

use crate::helpers::service;
use crate::helpers::user;

fn impersonating(by: Account, of: Account) -> Result<Actor, ActorError> {
    Actor::impersonating(Impersonator::new(by), Impersonated::new(of))
}

fn across(by: Account, of: Account) -> Result<Actor, ActorError> {
    Actor::impersonating_across_tenants(Impersonator::new(by), Impersonated::new(of))
}

fn on_behalf(agent: Account, of: Account) -> Result<Actor, ActorError> {
    Actor::on_behalf(Agent::new(agent), Beneficiary::new(of))
}

#[test]
fn attack_14_nobody_impersonates_itself() {
    assert_eq!(
        impersonating(user(1, 1), user(1, 1)),
        Err(ActorError::SameAccount)
    );
    let renamed = user(1, 1).into_test();
    assert_eq!(
        impersonating(user(1, 1), renamed),
        Err(ActorError::SameAccount)
    );
    assert_eq!(across(user(1, 1), user(1, 2)), Err(ActorError::SameAccount));
}

#[test]
fn attack_14_only_users_impersonate_and_are_impersonated() {
    for (by, of) in [
        (service(1, 1), user(2, 1)),
        (user(1, 1), service(2, 1)),
        (service(1, 1), service(2, 1)),
    ] {
        assert_eq!(
            impersonating(by.clone(), of.clone()),
            Err(ActorError::NotAUser)
        );
        assert_eq!(across(by, of), Err(ActorError::NotAUser));
    }
}

#[test]
fn attack_14_the_plain_constructors_do_not_cross_tenants() {
    assert_eq!(
        impersonating(user(1, 1), user(2, 2)),
        Err(ActorError::CrossTenant)
    );
    assert_eq!(
        on_behalf(service(1, 1), user(2, 2)),
        Err(ActorError::CrossTenant)
    );
    assert!(across(user(1, 1), user(2, 2)).is_ok());
}

#[test]
fn nobody_acts_on_behalf_of_itself() {
    assert_eq!(
        on_behalf(user(1, 1), user(1, 1)),
        Err(ActorError::SameAccount)
    );
    let across =
        Actor::on_behalf_across_tenants(Agent::new(user(1, 1)), Beneficiary::new(user(1, 2)));
    assert_eq!(across, Err(ActorError::SameAccount));
}

#[test]
fn anybody_may_be_agent_and_beneficiary() {
    for agent in [user(1, 1), service(1, 1)] {
        for of in [user(2, 1), service(2, 1)] {
            assert!(on_behalf(agent.clone(), of).is_ok());
        }
    }
}

#[test]
fn the_table_of_accounts_holds() {
    let (one, other) = (user(1, 1), user(2, 1));
    let direct = Actor::direct(one.clone());
    let seen = impersonating(one.clone(), other.clone()).unwrap();
    let delegated = on_behalf(one.clone(), other.clone()).unwrap();
    let table = [
        (direct, ActorKind::Direct, [&one, &one, &one], false),
        (seen, ActorKind::Impersonating, [&other, &other, &one], true),
        (delegated, ActorKind::OnBehalf, [&other, &one, &one], false),
    ];
    for (actor, kind, [effective, authorizing, accountable], is_impersonating) in table {
        assert_eq!(actor.kind(), kind);
        assert_eq!(actor.effective_account(), effective);
        assert_eq!(actor.authorizing_account(), authorizing);
        assert_eq!(actor.accountable_account(), accountable);
        assert_eq!(actor.is_impersonating(), is_impersonating);
    }
}

fn role(name: &str, scope: u8) -> RoleAssignment {
    let scope = ContainerId::from_bytes([scope; 16]).unwrap();
    RoleAssignment::new(RoleName::parse(name).unwrap(), scope)
}

#[test]
fn roles_are_sorted_and_named_once() {
    let given = [role("b", 1), role("a", 2), role("b", 1), role("a", 1)];
    let roles = RoleAssignments::listed(given).unwrap();
    let kept: Vec<_> = roles.iter().cloned().collect();
    assert_eq!(kept, [role("a", 1), role("a", 2), role("b", 1)]);
    assert!(RoleAssignments::none().is_empty() && !roles.is_empty());
}

#[test]
fn at_most_256_different_roles_are_listed() {
    let roles = |count: u16| (0..count).map(|nth| role(&format!("role-{nth}"), 1));
    assert!(RoleAssignments::listed(roles(256)).is_ok());
    assert!(RoleAssignments::listed(roles(257)).is_err());
    assert!(RoleAssignments::listed(roles(256).chain(roles(256))).is_ok());
}

#[test]
fn roles_by_reference_list_nothing_and_are_not_empty() {
    let roles = RoleAssignments::by_reference([7; 32], 300);
    assert_eq!(roles.iter().count(), 0);
    assert!(!roles.is_empty());
    assert_eq!(roles.reference(), Some((&[7; 32], 300)));
    assert_eq!(RoleAssignments::none().reference(), None);
}
