//! On archived containers only what is marked for them is allowed.

use skeleton_authz::Decision;
use skeleton_authz::DenyReason;
use skeleton_authz::Permission;
use skeleton_authz::RefusalKind;
use skeleton_tenancy_tree::TreeCommand;

use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::inside;
use crate::helpers::root;

async fn execute(world: &World, command: TreeCommand) {
    world.forest.execute(inside(1), command).await.unwrap();
}

#[tokio::test]
async fn an_archive_covers_what_is_below_it_and_ends_when_it_is_restored() {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, root(1))).await;
    let before = world.snapshot(&caller(1)).await;
    let eu = container(EU);
    execute(&world, TreeCommand::Archive { container: eu }).await;
    let archived = world.snapshot(&caller(1)).await;
    for at in [EU, FRANCE].map(container) {
        assert!(archived.require(account::Read, at).is_ok() && archived.sees(at));
        let refusal = archived.require(account::Open, at).unwrap_err();
        assert_eq!(refusal.deny().reason, DenyReason::Archived);
        assert_eq!(
            (refusal.kind(), refusal.deny().would_allow.len()),
            (RefusalKind::Denied, 0)
        );
        assert_eq!(refusal.record().verdict(), "archived");
        let node = archived.tree().node(at).unwrap();
        assert!(!archived.allows(account::Open, node) && archived.allows(account::Read, node));
        let explained = archived.explain(account::Open::ID, at);
        assert!(matches!(explained, Decision::Deny(deny) if deny.reason == DenyReason::Archived));
        // An invocation that began before is decided by the tree that it began with.
        assert!(before.require(account::Open, at).is_ok());
    }
    for at in [root(1), container(TEXAS)] {
        assert!(archived.require(account::Open, at).is_ok());
    }
    execute(&world, TreeCommand::Restore { container: eu }).await;
    let restored = world.snapshot(&caller(1)).await;
    assert!(restored.require(account::Open, container(FRANCE)).is_ok());
}

#[tokio::test]
async fn an_archive_is_told_before_what_a_role_lacks_and_to_nobody_who_does_not_see_it() {
    let world = World::bank().await;
    world
        .give(grant(1, 1, crate::bank::Clerk, container(EU)))
        .await;
    execute(
        &world,
        TreeCommand::Archive {
            container: container(EU),
        },
    )
    .await;
    execute(
        &world,
        TreeCommand::Archive {
            container: container(TEXAS),
        },
    )
    .await;
    let snapshot = world.snapshot(&caller(1)).await;
    let lacking = snapshot
        .require(account::Open, container(FRANCE))
        .unwrap_err();
    assert_eq!(lacking.deny().reason, DenyReason::Archived);
    // No role would help there, so none is named.
    assert!(lacking.deny().would_allow.is_empty());
    let unseen = snapshot
        .require(account::Open, container(TEXAS))
        .unwrap_err();
    assert_eq!(unseen.kind(), RefusalKind::NotFound);
}
