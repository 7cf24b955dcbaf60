//! What is told about somebody else.

use skeleton_authz::Decision;
use skeleton_authz::Deny;
use skeleton_authz::DenyReason;
use skeleton_authz::Permission;
use skeleton_authz::PermissionId;
use skeleton_authz::Remedy;
use skeleton_authz::Window;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing;

use crate::authors::strong;
use crate::bank::Auditor;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::NOW;
use crate::helpers::TEXAS;
use crate::helpers::US;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::denied;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::secs;
use crate::helpers::tenant;

const ASKER: u8 = 1;
const OTHER: u8 = 2;

/// The asker explains in EU.
async fn explaining() -> World {
    let world = World::bank().await;
    world.give(grant(1, ASKER, Auditor, container(EU))).await;
    world
}

async fn about(
    world: &World,
    ctx: &InvocationContext<Authenticated>,
    permission: PermissionId,
    at: u64,
) -> Decision {
    let snapshot = world.snapshot(ctx).await;
    snapshot.explain_for(account_id(OTHER), permission, container(at))
}

#[tokio::test]
async fn somebody_else_is_explained_by_her_own_grants() {
    let world = explaining().await;
    world.give(grant(2, OTHER, Manager, container(EU))).await;
    let told = about(&world, &strong(ASKER), account::Open::ID, FRANCE).await;
    assert!(matches!(told, Decision::Allow(allow) if allow.grant == grant_id(2)));
}

#[tokio::test]
async fn attack_01_a_grant_where_the_asker_sees_nothing_is_not_named() {
    let world = explaining().await;
    world.give(grant(2, OTHER, Manager, container(TEXAS))).await;
    let asker = strong(ASKER);
    let ask = || about(&world, &asker, account::Open::ID, FRANCE);
    let Deny { reason, .. } = denied(ask().await);
    assert_eq!(reason, DenyReason::NoGrant { nearest: None });
    // She sees it as soon as something of hers lies there.
    world.give(grant(3, ASKER, Clerk, container(US))).await;
    let nearest = Some(container(TEXAS));
    assert_eq!(denied(ask().await).reason, DenyReason::NoGrant { nearest });
}

#[tokio::test]
async fn to_wait_is_named_if_it_helps_her_and_not_whoever_asks() {
    let world = explaining().await;
    let later = Window::new(Some(NOW.saturating_add(secs(60))), None).unwrap();
    let manages = grant(2, OTHER, Manager, container(EU)).with_window(later);
    world.give(manages).await;
    // The asker holds nothing of it: it is the other one who waits.
    let told = denied(about(&world, &strong(ASKER), account::Open::ID, FRANCE).await);
    let from = NOW.saturating_add(secs(60));
    assert_eq!(told.would_allow, [Remedy::Wait { from }]);
    // And what asks for more than a proof of that kind is not had by waiting, even if the asker has it now.
    world.give(grant(3, ASKER, Manager, container(EU))).await;
    let weak = denied(
        about(
            &world,
            &caller(ASKER),
            account::TransferOwnership::ID,
            FRANCE,
        )
        .await,
    );
    assert!(matches!(weak.reason, DenyReason::NotActive { .. }));
    assert!(!weak.would_allow.contains(&Remedy::Wait { from }));
}

#[tokio::test]
async fn attack_11_ten_thousand_grants_that_are_to_begin_are_not_all_tried() {
    let world = World::bank().await;
    let given = (1..=10_000_u64).map(|number| {
        let from = NOW.saturating_add(secs(number));
        let window = Window::new(Some(from), None).unwrap();
        let grant = grant(number, OTHER, Manager, container(EU)).with_window(window);
        skeleton_authz::AccessEvent::GrantGiven { grant }
    });
    world.enact(1, given).await;
    let weak = testing::context()
        .user(account_id(OTHER), tenant(1))
        .assurance(Assurance::Aal1)
        .build_authenticated();
    let snapshot = world.snapshot(&weak).await;
    let told = denied(snapshot.explain(account::TransferOwnership::ID, container(FRANCE)));
    assert!(matches!(told.reason, DenyReason::NotActive { .. }));
    assert!(
        !told
            .would_allow
            .iter()
            .any(|remedy| matches!(remedy, Remedy::Wait { .. }))
    );
}
