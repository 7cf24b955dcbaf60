//! Commands that name what another tenant has: answered like what nobody has, and nothing is recorded anywhere.

use skeleton_authz::AccessCommand;
use skeleton_authz::AccessEvent;
use skeleton_authz::Forbidden;
use skeleton_authz::Guardrail;
use skeleton_authz::RefusalKind;
use skeleton_authz::RuleError;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Problem;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::assign;
use crate::authors::cascade;
use crate::authors::change;
use crate::authors::define;
use crate::authors::defined;
use crate::authors::fence;
use crate::authors::give;
use crate::authors::governed;
use crate::authors::guardrail_id;
use crate::authors::lift;
use crate::authors::named;
use crate::authors::refused;
use crate::authors::retire;
use crate::authors::revoke;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::helpers::EU;
use crate::helpers::FOREIGN;
use crate::helpers::FRANCE;
use crate::helpers::NOWHERE;
use crate::helpers::World;
use crate::helpers::account;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::inside;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::worlds::tenant_role;

/// Of tenant 2.
const THEIRS: u64 = 500;

/// Tenant 2 has a grant, a role and a guardrail of its own.
async fn neighbours() -> World {
    let world = governed().await;
    let forbids = Forbidden::Permissions(vec!["account:open".to_owned()]);
    let events = [
        AccessEvent::GrantGiven {
            grant: grant(THEIRS, 9, Clerk, container(FOREIGN)),
        },
        defined(tenant_role("x-theirs", root(2), &["account:read"])),
        AccessEvent::GuardrailSet {
            guardrail: Guardrail::new(guardrail_id(THEIRS), container(FOREIGN), forbids),
        },
    ];
    world.enact(2, events).await;
    world.views.load(inside(2)).await.unwrap();
    world
}

/// What names the other tenant's, and the same with what nobody has.
fn pairs() -> Vec<[AccessCommand; 2]> {
    let at = |made: fn(ContainerId) -> AccessCommand| {
        [
            [made(container(FOREIGN)), made(container(NOWHERE))],
            [made(root(2)), made(root(77))],
        ]
    };
    let homes = at(|home| define("x-a", home, &["account:read"]));
    let places = at(|at| give(1, Clerk, at));
    let fences = at(|at| fence(1, at, &["account:read"]));
    let mut pairs = [homes, places, fences].concat();
    let role = |role| assign(named(1, OTHER, role, container(FRANCE)));
    pairs.extend([
        [revoke(THEIRS), revoke(NOWHERE)],
        [cascade(THEIRS), cascade(NOWHERE)],
        [lift(THEIRS), lift(NOWHERE)],
        [change("x-theirs", &[]), change("x-nobodys", &[])],
        [retire("x-theirs"), retire("x-nobodys")],
        [role("x-theirs"), role("x-nobodys")],
    ]);
    pairs
}

/// What a caller is told in the end, byte for byte; the words for whoever reads the log.
fn bytes(error: RuleError) -> (String, Option<Vec<u8>>) {
    let words = format!("{error:?}");
    match error {
        RuleError::Refused(refusal) => {
            assert_eq!(refusal.record().scope(), None);
            assert_eq!(refusal.kind(), RefusalKind::NotFound);
            (words, Some(Problem::from(refusal).to_json()))
        }
        RuleError::UnknownGrant | RuleError::UnknownGuardrail | RuleError::UnknownRole => {
            (words, None)
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn attack_01_what_another_tenant_has_is_answered_like_what_nobody_has() {
    let world = neighbours().await;
    for author in [ADMIN, STEWARD] {
        for [foreign, unknown] in pairs() {
            let told = refused(&world, author, &foreign).await;
            let expected = refused(&world, author, &unknown).await;
            assert_eq!(bytes(told), bytes(expected), "{foreign:?}");
        }
    }
    // Whoever may not even try is told no more.
    for [foreign, unknown] in pairs() {
        let told = refused(&world, OTHER, &foreign).await;
        let expected = refused(&world, OTHER, &unknown).await;
        assert_eq!(format!("{told:?}"), format!("{expected:?}"));
    }
}

#[tokio::test]
async fn attack_01_ids_and_names_of_another_tenant_are_free_here() {
    let world = neighbours().await;
    ask(&world, ADMIN, &give(THEIRS, Manager, container(FRANCE)))
        .await
        .unwrap();
    ask(
        &world,
        ADMIN,
        &define("x-theirs", container(EU), &["grant:read"]),
    )
    .await
    .unwrap();
    ask(
        &world,
        ADMIN,
        &fence(THEIRS, container(EU), &["account:read"]),
    )
    .await
    .unwrap();
    ask(&world, ADMIN, &lift(THEIRS)).await.unwrap();
    ask(&world, ADMIN, &retire("x-theirs")).await.unwrap();
    ask(&world, ADMIN, &revoke(THEIRS)).await.unwrap();
    // Theirs are what they were.
    let view = world.views.load(inside(2)).await.unwrap();
    assert_eq!(view.grants_of(account(9)).len(), 1);
    assert_eq!(
        view.role(&crate::authors::name("x-theirs"))
            .map(skeleton_authz::TenantRole::home),
        Some(root(2))
    );
    assert!(view.guardrail(guardrail_id(THEIRS)).is_some());
    assert_eq!((view.version().roles(), view.version().grants()), (2, 1));
}

#[tokio::test]
async fn attack_01_a_foreign_rule_in_ones_own_stream_is_no_rule() {
    let world = neighbours().await;
    let forbids = Forbidden::Permissions(vec!["account:read".to_owned()]);
    let events = [
        AccessEvent::GrantGiven {
            grant: grant(1, OTHER, Manager, container(FOREIGN)),
        },
        AccessEvent::GrantGiven {
            grant: named(2, OTHER, "x-strange", container(FRANCE)),
        },
        defined(tenant_role("x-strange", root(2), &["account:read"])),
        AccessEvent::GuardrailSet {
            guardrail: Guardrail::new(guardrail_id(1), container(FOREIGN), forbids),
        },
    ];
    world.enact(1, events).await;
    world.views.load(inside(1)).await.unwrap();
    let snapshot = world.snapshot(&crate::authors::strong(OTHER)).await;
    for at in [root(1), container(FRANCE), container(FOREIGN), root(2)] {
        assert!(!snapshot.sees(at));
        assert_eq!(snapshot.effective(at), skeleton_authz::Effective::default());
    }
    // Such a role is assigned nowhere, and such a guardrail is lifted by nobody.
    let told = refused(
        &world,
        ADMIN,
        &assign(named(3, OTHER, "x-strange", root(1))),
    )
    .await;
    assert!(matches!(told, RuleError::UnknownRole));
    let told = refused(&world, ADMIN, &lift(1)).await;
    assert!(matches!(told, RuleError::UnknownGuardrail));
    // A grant that stands nowhere is not taken back by way of the tree either.
    let told = refused(&world, ADMIN, &revoke(1)).await;
    assert!(matches!(told, RuleError::UnknownGrant));
    assert_eq!(
        world.views.published(tenant(2)).unwrap().version().grants(),
        1
    );
}
