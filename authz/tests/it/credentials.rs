//! Credentials with a ceiling: API keys and personal access tokens hold what they list, and nothing beyond.

use skeleton_authz::DenyReason;
use skeleton_authz::Mask;
use skeleton_authz::Permission;
use skeleton_authz::Remedy;
use skeleton_authz::Snapshot;
use skeleton_authz::Verdict;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::testing;

use crate::authors::name;
use crate::authors::named;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FOREIGN;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::NOW;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::denied;
use crate::helpers::grant;
use crate::helpers::inside;
use crate::helpers::on_behalf;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::helpers::user;
use crate::helpers::with_token;
use crate::worlds::tenant_role;

/// The owner of the token.
const OWNER: u8 = 1;

fn listed(roles: &[(&str, ContainerId)]) -> RoleAssignments {
    let listed = roles
        .iter()
        .map(|(role, at)| RoleAssignment::new(name(role), *at));
    RoleAssignments::listed(listed).unwrap()
}

fn token(roles: &[(&str, ContainerId)]) -> InvocationContext<Authenticated> {
    let actor = Actor::direct(user(OWNER, 1));
    with_token(actor, Assurance::Aal1, NOW, listed(roles))
}

/// The owner manages EU.
async fn managing() -> World {
    let world = World::bank().await;
    world.give(grant(1, OWNER, Manager, container(EU))).await;
    world
}

fn why<P: Permission>(snapshot: &Snapshot, _permission: P, at: u64) -> DenyReason {
    denied(snapshot.explain(P::ID, container(at))).reason
}

#[tokio::test]
async fn attack_09_a_token_for_france_is_used_at_france_eu_and_texas() {
    let world = managing().await;
    let snapshot = world
        .snapshot(&token(&[("account-manager", container(FRANCE))]))
        .await;
    assert!(snapshot.require(account::Open, container(FRANCE)).is_ok());
    for at in [EU, GERMANY] {
        let refusal = snapshot.require(account::Open, container(at)).unwrap_err();
        assert_eq!(refusal.deny().reason, DenyReason::Masked(Mask::Credential));
        assert_eq!(refusal.deny().would_allow, [Remedy::FullCredential]);
        let problem = Problem::from(refusal);
        let json: serde_json::Value = serde_json::from_slice(&problem.to_json()).unwrap();
        assert_eq!(
            (problem.status(), &json["params"]["reason"]),
            (403, &"masked".into())
        );
        assert_eq!(
            json["params"]["would-allow"],
            serde_json::json!([{ "type": "full-credential" }])
        );
    }
    let refusal = snapshot
        .require(account::Open, container(TEXAS))
        .unwrap_err();
    assert_eq!(Problem::from(refusal).status(), 404);
    // In a session the same owner does more.
    let session = world.snapshot(&caller(OWNER)).await;
    assert!(session.require(account::Open, container(EU)).is_ok());
}

#[tokio::test]
async fn attack_09_a_token_holds_no_more_than_its_roles() {
    let world = managing().await;
    let snapshot = world.snapshot(&token(&[("clerk", container(EU))])).await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    assert_eq!(
        why(&snapshot, account::Open, FRANCE),
        DenyReason::Masked(Mask::Credential)
    );
    let mut told = Vec::new();
    let asks = [account::Read::ID, account::Open::ID, account::Statement::ID]
        .map(|id| (id, container(FRANCE)));
    snapshot.batch(&asks, &mut told);
    assert_eq!(told, [Verdict::Allow, Verdict::Deny, Verdict::StepUp]);
    let effective = snapshot.effective(container(FRANCE));
    assert_eq!((effective.allowed.len(), effective.step_up.len()), (1, 1));
    assert_eq!(snapshot.visible(account::Read).unwrap().len(), 3);
    assert!(snapshot.visible(account::Open).unwrap().is_nothing());
}

#[tokio::test]
async fn attack_09_a_token_adds_nothing_to_what_its_owner_holds() {
    let world = managing().await;
    let all = [
        ("account-manager", root(1)),
        ("auditor", root(1)),
        ("tenant-admin", root(1)),
    ];
    let snapshot = world.snapshot(&token(&all)).await;
    assert!(snapshot.require(account::Open, container(FRANCE)).is_ok());
    assert_eq!(why(&snapshot, account::Audit, FRANCE).code(), "role-lacks");
    assert!(!snapshot.sees(container(TEXAS)));
    // What the owner loses, the token loses.
    world.take(1).await;
    let snapshot = world.snapshot(&token(&all)).await;
    assert!(!snapshot.sees(container(FRANCE)));
    let nothing = DenyReason::NoGrant { nearest: None };
    assert_eq!(why(&snapshot, account::Open, FRANCE), nothing);
}

#[tokio::test]
async fn attack_09_what_a_token_lists_in_vain_is_ignored() {
    let world = managing().await;
    world
        .enact(
            1,
            [crate::authors::defined(tenant_role(
                "x-eu",
                container(EU),
                &["account:read", "account:open"],
            ))],
        )
        .await;
    world.views.load(inside(1)).await.unwrap();
    let vain = [
        ("account-manager", container(FOREIGN)),
        ("account-manager", root(2)),
        ("account-manager", container(crate::helpers::NOWHERE)),
        ("x-nobodys", container(EU)),
        // A role of EU is none above it.
        ("x-eu", root(1)),
    ];
    let snapshot = world.snapshot(&token(&vain)).await;
    assert_eq!(
        why(&snapshot, account::Open, FRANCE),
        DenyReason::Masked(Mask::Credential)
    );
    let own = [("x-eu", container(FRANCE))];
    let snapshot = world.snapshot(&token(&own)).await;
    assert!(snapshot.require(account::Open, container(FRANCE)).is_ok());
    assert_eq!(
        why(&snapshot, account::Open, EU),
        DenyReason::Masked(Mask::Credential)
    );
    assert_eq!(
        why(&snapshot, account::Close, FRANCE),
        DenyReason::Masked(Mask::Credential)
    );
    for nothing in [
        RoleAssignments::none(),
        RoleAssignments::by_reference([7; 32], 3),
    ] {
        let actor = Actor::direct(user(OWNER, 1));
        let ctx = with_token(actor, Assurance::Aal1, NOW, nothing);
        let snapshot = world.snapshot(&ctx).await;
        assert_eq!(
            why(&snapshot, account::Read, FRANCE),
            DenyReason::Masked(Mask::Credential)
        );
    }
}

#[tokio::test]
async fn a_full_credential_is_no_remedy_where_it_would_not_help() {
    let world = managing().await;
    let snapshot = world.snapshot(&token(&[])).await;
    // Masked first; without the mask the proof would still be too weak.
    let deny = denied(snapshot.explain(account::Statement::ID, container(FRANCE)));
    assert_eq!(
        (deny.reason, deny.would_allow.len()),
        (DenyReason::Masked(Mask::Credential), 0)
    );
}

#[tokio::test]
async fn a_key_of_a_service_has_a_ceiling_and_a_session_has_none() {
    let world = managing().await;
    world.give(grant(2, 3, Manager, container(EU))).await;
    let key = with_token(
        on_behalf(3, 1, OWNER),
        Assurance::Aal1,
        NOW,
        listed(&[("clerk", container(EU))]),
    );
    let snapshot = world.snapshot(&key).await;
    assert!(snapshot.require(account::Read, container(EU)).is_ok());
    assert_eq!(
        why(&snapshot, account::Open, EU),
        DenyReason::Masked(Mask::Credential)
    );
    let session = testing::context()
        .user(account_id(OWNER), tenant(1))
        .roles(listed(&[("clerk", container(FRANCE))]))
        .build_authenticated();
    let snapshot = world.snapshot(&session).await;
    assert!(snapshot.require(account::Open, container(EU)).is_ok());
}

#[tokio::test]
async fn a_ceiling_reaches_what_is_below_its_scope_as_the_tree_is_now() {
    let world = managing().await;
    let ctx = token(&[("account-manager", container(FRANCE))]);
    world.grow(1, 50, container(FRANCE)).await;
    let snapshot = world.snapshot(&ctx).await;
    assert!(snapshot.require(account::Open, container(50)).is_ok());
    let moved = skeleton_tenancy_tree::TreeCommand::Move {
        container: container(50),
        to: container(GERMANY),
        planned_at: None,
    };
    world.forest.execute(inside(1), moved).await.unwrap();
    let snapshot = world.snapshot(&ctx).await;
    assert_eq!(
        why(&snapshot, account::Open, 50),
        DenyReason::Masked(Mask::Credential)
    );
}

#[tokio::test]
async fn attack_09_a_token_of_an_impersonator_is_masked_twice() {
    let world = managing().await;
    world.give(grant(2, 2, crate::bank::Support, root(1))).await;
    world.give(named(3, OWNER, "clerk", container(TEXAS))).await;
    let ctx = with_token(
        crate::helpers::impersonating(2, OWNER),
        Assurance::Aal1,
        NOW,
        listed(&[("clerk", container(FRANCE))]),
    );
    let snapshot = world.snapshot(&ctx).await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    assert_eq!(
        why(&snapshot, account::Open, FRANCE),
        DenyReason::Masked(Mask::Impersonation)
    );
    assert_eq!(
        why(&snapshot, account::Read, TEXAS),
        DenyReason::Masked(Mask::Credential)
    );
    assert!(snapshot.require(account::Read, container(EU)).is_err());
    assert_eq!(Clerk.as_str(), "clerk");
}
