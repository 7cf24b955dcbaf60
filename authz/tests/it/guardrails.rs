//! Guardrails: what nobody may do below a container, and who lifts it.

use skeleton_authz::DenyReason;
use skeleton_authz::Forbidden;
use skeleton_authz::Guardrail;
use skeleton_authz::Permission;
use skeleton_authz::RefusalKind;
use skeleton_authz::RuleError;
use skeleton_authz::skeleton::grant as grants;
use skeleton_invocation_context::Problem;
use skeleton_tenancy_tree::TreeCommand;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::fence;
use crate::authors::governed;
use crate::authors::guardrail_id;
use crate::authors::lift;
use crate::authors::reason;
use crate::authors::refused;
use crate::authors::strong;
use crate::bank::Admin;
use crate::bank::Auditor;
use crate::bank::Bank;
use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::TEXAS;
use crate::helpers::US;
use crate::helpers::World;
use crate::helpers::container;
use crate::helpers::denied;
use crate::helpers::grant;
use crate::helpers::inside;
use crate::helpers::root;
use crate::helpers::tenant;

#[tokio::test]
async fn a_guardrail_forbids_to_everybody_at_its_container_and_below_until_it_is_lifted() {
    let world = governed().await;
    world.give(grant(1, OTHER, Manager, root(1))).await;
    world
        .give(grant(2, OTHER, Manager, container(FRANCE)))
        .await;
    let before = world.snapshot(&strong(OTHER)).await;
    ask(&world, STEWARD, &fence(1, container(EU), &["account:open"]))
        .await
        .unwrap();
    let fenced = world.snapshot(&strong(OTHER)).await;
    for at in [EU, FRANCE, GERMANY] {
        let refusal = fenced.require(account::Open, container(at)).unwrap_err();
        assert_eq!(refusal.kind(), RefusalKind::Denied);
        assert_eq!(
            refusal.deny().reason,
            DenyReason::Guardrail(guardrail_id(1))
        );
        assert_eq!(
            (refusal.deny().would_allow.len(), refusal.record().verdict()),
            (0, "guardrail")
        );
        assert_eq!(Problem::from(refusal).status(), 403);
        assert!(fenced.require(account::Read, container(at)).is_ok());
        // What began before goes on by the rules of before.
        assert!(before.require(account::Open, container(at)).is_ok());
    }
    for at in [root(1), container(US), container(TEXAS)] {
        assert!(fenced.require(account::Open, at).is_ok());
    }
    ask(&world, ADMIN, &lift(1)).await.unwrap();
    let lifted = world.snapshot(&strong(OTHER)).await;
    assert!(lifted.require(account::Open, container(FRANCE)).is_ok());
    assert_eq!(lifted.versions().roles, 2);
}

#[tokio::test]
async fn attack_07_a_guardrail_is_not_lifted_from_below() {
    let world = governed().await;
    ask(&world, ADMIN, &fence(1, container(EU), &["account:open"]))
        .await
        .unwrap();
    world.give(grant(1, OTHER, Admin, container(EU))).await;
    // She may lift at EU, but what stands there is lifted at the root.
    let told = refused(&world, OTHER, &lift(1)).await;
    assert_eq!(reason(&told).0, RefusalKind::Denied);
    ask(
        &world,
        OTHER,
        &fence(2, container(FRANCE), &["account:open"]),
    )
    .await
    .unwrap();
    ask(&world, OTHER, &lift(2)).await.unwrap();
    // A steward sets and lifts nothing.
    let told = refused(&world, STEWARD, &lift(1)).await;
    assert_eq!(reason(&told).0, RefusalKind::Denied);
    ask(&world, ADMIN, &lift(1)).await.unwrap();
    let told = refused(&world, ADMIN, &lift(1)).await;
    assert!(matches!(told, RuleError::UnknownGuardrail));
}

#[tokio::test]
async fn attack_07_a_guardrail_forbids_its_own_lifting_only_from_where_it_stands() {
    let world = governed().await;
    ask(&world, ADMIN, &fence(1, container(EU), &["guardrail:lift"]))
        .await
        .unwrap();
    ask(
        &world,
        ADMIN,
        &fence(2, container(FRANCE), &["account:open"]),
    )
    .await
    .unwrap();
    let told = refused(&world, ADMIN, &lift(2)).await;
    assert_eq!(reason(&told).1, &DenyReason::Guardrail(guardrail_id(1)));
    ask(&world, ADMIN, &lift(1)).await.unwrap();
    ask(&world, ADMIN, &lift(2)).await.unwrap();
}

#[tokio::test]
async fn attack_07_what_stands_at_the_root_is_the_platforms() {
    let world = governed().await;
    let told = refused(&world, ADMIN, &fence(1, root(1), &["account:open"])).await;
    assert!(matches!(told, RuleError::LiftedFromAbove), "{told:?}");
    let forbids = Forbidden::Permissions(vec!["account:open".to_owned()]);
    let held = Guardrail::new(guardrail_id(7), root(1), forbids);
    world.views.fence(inside(1), held).await.unwrap();
    let told = refused(&world, ADMIN, &lift(7)).await;
    assert!(matches!(told, RuleError::LiftedFromAbove), "{told:?}");
    // Who sees nothing learns nothing, not even that.
    for number in [7, 8] {
        let told = refused(&world, OTHER, &lift(number)).await;
        assert!(matches!(told, RuleError::UnknownGuardrail), "{told:?}");
    }
}

#[tokio::test]
async fn a_guardrail_that_is_not_seen_is_not_told_from_one_that_is_not() {
    let world = governed().await;
    ask(
        &world,
        ADMIN,
        &fence(1, container(TEXAS), &["account:open"]),
    )
    .await
    .unwrap();
    let unseen = refused(&world, STEWARD, &lift(1)).await;
    let unknown = refused(&world, STEWARD, &lift(2)).await;
    assert_eq!(format!("{unseen:?}"), format!("{unknown:?}"));
}

#[tokio::test]
async fn a_guardrail_forbids_what_the_catalogue_knows() {
    let world = governed().await;
    let gone = fence(1, container(EU), &["account:read", "account:gone"]);
    let told = refused(&world, ADMIN, &gone).await;
    assert!(matches!(told, RuleError::UnknownPermission(name) if name == "account:gone"));
    // An id is used once, also after it is free.
    ask(&world, ADMIN, &fence(1, container(EU), &["account:open"]))
        .await
        .unwrap();
    let told = refused(&world, ADMIN, &fence(1, container(US), &["account:open"])).await;
    assert!(matches!(told, RuleError::IdTaken));
    ask(&world, ADMIN, &lift(1)).await.unwrap();
    let told = refused(&world, ADMIN, &fence(1, container(EU), &["account:open"])).await;
    assert!(matches!(told, RuleError::IdTaken));
}

/// A tenant that closes: at its root everything but reading is forbidden.
async fn closing() -> World {
    let world = governed().await;
    world.give(grant(1, OTHER, Manager, root(1))).await;
    world.give(grant(2, OTHER, Auditor, root(1))).await;
    let closing = Guardrail::new(guardrail_id(0), root(1), Forbidden::AllButRead);
    let version = world.views.fence(inside(1), closing).await.unwrap();
    assert_eq!(version.roles(), 1);
    world
}

#[tokio::test]
async fn attack_07_a_closing_tenant_only_reads() {
    let world = closing().await;
    let catalogue = Bank::catalogue();
    for number in [ADMIN, STEWARD, OTHER] {
        let snapshot = world.snapshot(&strong(number)).await;
        for at in [root(1), container(EU), container(FRANCE), container(TEXAS)] {
            for id in snapshot.effective(at).allowed.iter() {
                let held = catalogue.permission(id).unwrap();
                assert!(held.attributes().is_read(), "{}", held.name());
            }
        }
        let writes = snapshot.visible(account::Open).unwrap();
        assert!(writes.is_nothing());
    }
    let snapshot = world.snapshot(&strong(OTHER)).await;
    let reads = snapshot.visible(account::Read).unwrap();
    assert!(reads.is_everything());
    let why = denied(snapshot.explain(account::Open::ID, container(FRANCE)));
    assert_eq!(why.reason, DenyReason::Guardrail(guardrail_id(0)));
    assert!(snapshot.require(account::Audit, container(FRANCE)).is_ok());
    let node = snapshot.tree().root();
    assert!(!snapshot.allows(grants::Revoke, node));
}

#[tokio::test]
async fn attack_07_a_closing_tenant_changes_no_rule() {
    let world = closing().await;
    let commands = [
        crate::authors::define("x-a", container(EU), &[]),
        crate::authors::give(9, Manager, container(EU)),
        crate::authors::revoke(1),
        fence(1, container(EU), &[]),
    ];
    for command in commands {
        let told = refused(&world, ADMIN, &command).await;
        assert_eq!(reason(&told).1, &DenyReason::Guardrail(guardrail_id(0)));
    }
    let told = refused(&world, ADMIN, &lift(0)).await;
    assert!(matches!(told, RuleError::LiftedFromAbove));
    // Its neighbour goes on.
    let view = world.views.load(inside(2)).await.unwrap();
    assert_eq!((view.tenant(), view.guardrails().len()), (tenant(2), 0));
}

#[tokio::test]
async fn a_guardrail_goes_where_its_container_goes() {
    let world = governed().await;
    world.give(grant(1, OTHER, Manager, root(1))).await;
    ask(&world, ADMIN, &fence(1, container(EU), &["account:open"]))
        .await
        .unwrap();
    let (eu, us) = (container(EU), container(US));
    let moved = TreeCommand::Move {
        container: us,
        to: eu,
        planned_at: None,
    };
    world.forest.execute(inside(1), moved).await.unwrap();
    let snapshot = world.snapshot(&strong(OTHER)).await;
    assert!(snapshot.require(account::Open, container(TEXAS)).is_err());
    let away = TreeCommand::Move {
        container: us,
        to: root(1),
        planned_at: None,
    };
    world.forest.execute(inside(1), away).await.unwrap();
    let snapshot = world.snapshot(&strong(OTHER)).await;
    assert!(snapshot.require(account::Open, container(TEXAS)).is_ok());
    assert!(snapshot.require(account::Open, container(FRANCE)).is_err());
}

#[tokio::test]
async fn of_several_guardrails_the_nearest_is_named_and_then_the_smallest_id() {
    let world = governed().await;
    world.give(grant(1, OTHER, Manager, root(1))).await;
    let held = [
        (3, EU, "account:open"),
        (5, FRANCE, "account:open"),
        (4, FRANCE, "account:open"),
        (1, FRANCE, "account:read"),
    ];
    for (number, at, permission) in held {
        ask(&world, ADMIN, &fence(number, container(at), &[permission]))
            .await
            .unwrap();
    }
    let snapshot = world.snapshot(&strong(OTHER)).await;
    let why = |at| denied(snapshot.explain(account::Open::ID, container(at))).reason;
    assert_eq!(why(FRANCE), DenyReason::Guardrail(guardrail_id(4)));
    assert_eq!(why(GERMANY), DenyReason::Guardrail(guardrail_id(3)));
}
