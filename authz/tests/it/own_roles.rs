//! Roles that a tenant defined: where they count, and what is left of them when the world changes around them.

use skeleton_authz::AccessEvent;
use skeleton_authz::Authorizer;
use skeleton_authz::Decision;
use skeleton_authz::DenyReason;
use skeleton_authz::Permission;
use skeleton_authz::PolicyName;
use skeleton_authz::RuleError;
use skeleton_authz::TenantRole;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::TreeCommand;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::assign;
use crate::authors::change;
use crate::authors::define;
use crate::authors::defined;
use crate::authors::governed;
use crate::authors::name;
use crate::authors::named;
use crate::authors::refused;
use crate::authors::retire;
use crate::authors::spec;
use crate::authors::strong;
use crate::bank::Manager;
use crate::bank::account;
use crate::bank::customer;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::TEXAS;
use crate::helpers::US;
use crate::helpers::World;
use crate::helpers::container;
use crate::helpers::denied;
use crate::helpers::grant;
use crate::helpers::inside;
use crate::helpers::root;
use crate::worlds::tenant_role;

/// The bank of the tests, one version later: a permission more in a policy, one withdrawn.
mod later {
    skeleton_authz::permissions! {
        pub(crate) catalogue Bank "bank" version 4;
        resource account "account" {
            32 => Read "read" [read, on_archived];
            33 => Open "open";
            37 => Freeze "freeze";
        }
        policy AccountServicing "account-servicing" { account::Open, account::Freeze }
        role Manager "account-manager" { AccountServicing }
        retired { 63 => "account:close"; }
    }
}

/// A role of EU that reads and opens, held by [`OTHER`] in France.
async fn with_role() -> World {
    let world = governed().await;
    world
        .give(grant(903, STEWARD, Manager, container(EU)))
        .await;
    let role = define("x-teller", container(EU), &["account:read", "account:open"]);
    ask(&world, STEWARD, &role).await.unwrap();
    ask(
        &world,
        STEWARD,
        &assign(named(1, OTHER, "x-teller", container(FRANCE))),
    )
    .await
    .unwrap();
    world
}

async fn opens(world: &World, at: ContainerId) -> bool {
    let snapshot = world.snapshot(&strong(OTHER)).await;
    snapshot.require(account::Open, at).is_ok()
}

async fn move_to(world: &World, number: u64, to: ContainerId) {
    let moved = TreeCommand::Move {
        container: container(number),
        to,
        planned_at: None,
    };
    world.forest.execute(inside(1), moved).await.unwrap();
}

#[tokio::test]
async fn a_role_of_a_tenant_counts_at_its_home_and_below() {
    let world = with_role().await;
    assert!(opens(&world, container(FRANCE)).await);
    assert!(!opens(&world, container(EU)).await);
    for (number, at) in [(2, root(1)), (3, container(US)), (4, container(TEXAS))] {
        let told = refused(&world, ADMIN, &assign(named(number, OTHER, "x-teller", at))).await;
        assert!(matches!(told, RuleError::UnknownRole), "{told:?}");
        // Whatever the stream says.
        world.give(named(number, OTHER, "x-teller", at)).await;
        assert!(!opens(&world, at).await);
    }
    let snapshot = world.snapshot(&strong(OTHER)).await;
    assert!(!snapshot.sees(container(TEXAS)) && snapshot.sees(container(EU)));
    let Decision::Allow(allow) = snapshot.explain(account::Open::ID, container(FRANCE)) else {
        panic!("denied");
    };
    assert_eq!(
        (allow.role, allow.policy),
        (name("x-teller"), PolicyName::EXTRA)
    );
}

#[tokio::test]
async fn a_role_of_a_tenant_is_a_remedy_where_it_counts() {
    let world = with_role().await;
    world.give(grant(5, 8, crate::bank::Idle, root(1))).await;
    let snapshot = world.snapshot(&strong(8)).await;
    let named = |at| {
        let deny = denied(snapshot.explain(account::Open::ID, at));
        deny.would_allow
            .iter()
            .map(|remedy| format!("{remedy:?}"))
            .collect::<String>()
    };
    // The smaller one comes first.
    let here = named(container(FRANCE));
    assert!(
        here.find("x-teller").unwrap() < here.find("account-manager").unwrap(),
        "{here}"
    );
    assert!(!named(container(TEXAS)).contains("x-teller"));
}

#[tokio::test]
async fn attack_13_a_retired_role_gives_nothing_and_its_name_is_never_used_again() {
    let world = with_role().await;
    let before = world.snapshot(&strong(OTHER)).await;
    ask(&world, STEWARD, &retire("x-teller")).await.unwrap();
    assert!(before.require(account::Open, container(FRANCE)).is_ok());
    let after = world.snapshot(&strong(OTHER)).await;
    assert!(!after.sees(container(FRANCE)));
    let why = denied(after.explain(account::Open::ID, container(FRANCE))).reason;
    assert_eq!(why, DenyReason::NoGrant { nearest: None });
    for command in [retire("x-teller"), change("x-teller", &[])] {
        let told = refused(&world, STEWARD, &command).await;
        assert!(matches!(told, RuleError::UnknownRole));
    }
    let told = refused(
        &world,
        STEWARD,
        &assign(named(2, OTHER, "x-teller", container(FRANCE))),
    )
    .await;
    assert!(matches!(told, RuleError::UnknownRole));
    let told = refused(&world, STEWARD, &define("x-teller", container(EU), &[])).await;
    assert!(matches!(told, RuleError::RoleTaken));
    // Nor by a log that says so.
    world
        .enact(
            1,
            [defined(tenant_role(
                "x-teller",
                container(EU),
                &["account:open"],
            ))],
        )
        .await;
    world.views.load(inside(1)).await.unwrap();
    assert!(!opens(&world, container(FRANCE)).await);
}

#[tokio::test]
async fn a_name_is_given_once_and_begins_as_tenants_names_do() {
    let world = with_role().await;
    let told = refused(&world, STEWARD, &define("x-teller", container(FRANCE), &[])).await;
    assert!(matches!(told, RuleError::RoleTaken));
    for odd in ["teller", "clerk", "account-manager", "y-teller", "xteller"] {
        let told = refused(&world, ADMIN, &define(odd, root(1), &[])).await;
        assert!(matches!(told, RuleError::NotOwnName), "{odd}");
    }
    // What is standard is nobody's to change.
    for command in [change("clerk", &[]), retire("clerk")] {
        let told = refused(&world, ADMIN, &command).await;
        assert!(matches!(told, RuleError::UnknownRole));
    }
    let told = refused(
        &world,
        STEWARD,
        &define("x-b", container(EU), &["account:gone"]),
    )
    .await;
    assert!(matches!(told, RuleError::UnknownPermission(name) if name == "account:gone"));
    let unknown = skeleton_authz::AccessCommand::DefineRole {
        name: name("x-b"),
        home: container(EU),
        holds: spec(&["account-lending"], &[]),
    };
    let told = refused(&world, STEWARD, &unknown).await;
    assert!(
        matches!(told, RuleError::UnknownPolicy(policy) if policy.as_str() == "account-lending")
    );
}

#[tokio::test]
async fn a_change_of_a_role_is_seen_by_the_next_invocation() {
    let world = with_role().await;
    let before = world.snapshot(&strong(OTHER)).await;
    ask(&world, STEWARD, &change("x-teller", &["account:read"]))
        .await
        .unwrap();
    assert!(before.require(account::Open, container(FRANCE)).is_ok());
    let after = world.snapshot(&strong(OTHER)).await;
    assert!(after.require(account::Open, container(FRANCE)).is_err());
    assert!(after.require(account::Read, container(FRANCE)).is_ok());
    assert_eq!((before.versions().roles, after.versions().roles), (1, 2));
    assert_eq!(before.versions().grants, after.versions().grants);
}

#[tokio::test]
async fn attack_13_a_container_that_left_the_home_of_a_role_leaves_its_grants_without_effect() {
    let world = with_role().await;
    move_to(&world, FRANCE, container(US)).await;
    assert!(!opens(&world, container(FRANCE)).await);
    let snapshot = world.snapshot(&strong(OTHER)).await;
    assert!(!snapshot.sees(container(FRANCE)));
    move_to(&world, FRANCE, container(EU)).await;
    assert!(opens(&world, container(FRANCE)).await);
    // The home takes what is below it along.
    move_to(&world, EU, container(TEXAS)).await;
    assert!(opens(&world, container(FRANCE)).await);
    // The grant stands below its home, and no more.
    move_to(&world, FRANCE, root(1)).await;
    assert!(!opens(&world, container(FRANCE)).await);
}

#[tokio::test]
async fn attack_13_an_archived_home_leaves_what_is_kept_on_archived_containers() {
    let world = with_role().await;
    let eu = container(EU);
    world
        .forest
        .execute(inside(1), TreeCommand::Archive { container: eu })
        .await
        .unwrap();
    let snapshot = world.snapshot(&strong(OTHER)).await;
    let refusal = snapshot
        .require(account::Open, container(FRANCE))
        .unwrap_err();
    assert_eq!(refusal.deny().reason, DenyReason::Archived);
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
}

#[tokio::test]
async fn attack_13_a_saved_role_gives_what_the_catalogue_still_has_and_nothing_new() {
    let world = governed().await;
    world.give(grant(903, ADMIN, Manager, root(1))).await;
    let role = skeleton_authz::AccessCommand::DefineRole {
        name: name("x-servicing"),
        home: root(1),
        holds: spec(&["account-servicing"], &["account:read"]),
    };
    ask(&world, ADMIN, &role).await.unwrap();
    ask(
        &world,
        ADMIN,
        &assign(named(1, OTHER, "x-servicing", root(1))),
    )
    .await
    .unwrap();
    let gone = tenant_role("x-gone", root(1), &["account:gone", "vault:empty"]);
    world.enact(1, [defined(gone)]).await;
    world.views.load(inside(1)).await.unwrap();
    world.give(named(2, OTHER, "x-gone", root(1))).await;
    let now = world.snapshot(&strong(OTHER)).await;
    assert!(now.require(account::Close, root(1)).is_ok());
    assert_eq!(now.effective(root(1)).allowed.len(), 4);
    // The same streams under the next catalogue.
    let catalogue = later::Bank::catalogue();
    let (views, clock) = (world.views.clone(), world.clock.clone());
    let next = Authorizer::new(catalogue, world.forest.clone(), views, clock);
    let next = next.snapshot(&strong(OTHER)).unwrap();
    assert!(next.require(later::account::Open, root(1)).is_ok());
    assert!(next.require(later::account::Read, root(1)).is_ok());
    // Withdrawn, and new in the policy: neither comes by the role that was saved.
    assert!(next.require(account::Close, root(1)).is_err());
    assert!(next.require(later::account::Freeze, root(1)).is_err());
    assert!(next.require(customer::Read, root(1)).is_err());
    assert_eq!(next.effective(root(1)).allowed.len(), 2);
}

#[tokio::test]
async fn a_role_is_saved_by_the_names_of_all_that_it_holds() {
    let world = governed().await;
    let role = skeleton_authz::AccessCommand::DefineRole {
        name: name("x-clerk"),
        home: container(EU),
        holds: spec(
            &["account-reading", "account-reading"],
            &["account:read", "account:read"],
        ),
    };
    ask(&world, STEWARD, &role).await.unwrap();
    let view = world.views.load(inside(1)).await.unwrap();
    let saved: &TenantRole = view.role(&name("x-clerk")).unwrap();
    assert_eq!(
        (saved.name(), saved.home()),
        (&name("x-clerk"), container(EU))
    );
    let policies: Vec<_> = saved.policies().map(PolicyName::as_str).collect();
    assert_eq!(policies, ["account-reading"]);
    let permissions: Vec<_> = saved.permissions().collect();
    assert_eq!(
        permissions,
        ["account:read", "account:statement", "account:read"]
    );
    let recorded = world
        .log
        .recorded_of(1, skeleton_authz::AccessStream::Roles)
        .await;
    let event = AccessEvent::RoleDefined {
        role: saved.clone(),
    };
    assert_eq!(
        recorded
            .iter()
            .map(|one| one.event().clone())
            .collect::<Vec<_>>(),
        [event]
    );
}
