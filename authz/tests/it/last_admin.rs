//! Somebody is left who can give grants at the root.

use skeleton_authz::AccessEvent;
use skeleton_authz::Grant;
use skeleton_authz::Reach;
use skeleton_authz::RuleError;
use skeleton_authz::Window;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::cascade;
use crate::authors::change;
use crate::authors::define;
use crate::authors::governed;
use crate::authors::named;
use crate::authors::refused;
use crate::authors::retire;
use crate::authors::revoke;
use crate::authors::until;
use crate::bank::Admin;
use crate::bank::Clerk;
use crate::bank::Steward;
use crate::helpers::EU;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::root;

/// The number of the administrator's own grant.
const ONLY: u64 = 900;

async fn would_lock_out(world: &World, command: &skeleton_authz::AccessCommand) {
    let told = refused(world, ADMIN, command).await;
    assert!(matches!(told, RuleError::WouldLockOut), "{told:?}");
}

#[tokio::test]
async fn attack_07_the_last_grant_that_gives_at_the_root_is_not_taken_back() {
    let world = governed().await;
    would_lock_out(&world, &revoke(ONLY)).await;
    would_lock_out(&world, &cascade(ONLY)).await;
    // Once there is another one, she may leave; then that one is the last.
    world.give(grant(1, OTHER, Steward, root(1))).await;
    ask(&world, ADMIN, &revoke(ONLY)).await.unwrap();
    let told = refused(&world, OTHER, &revoke(1)).await;
    assert!(matches!(told, RuleError::WouldLockOut));
    // What is below goes freely.
    ask(&world, OTHER, &revoke(901)).await.unwrap();
}

#[tokio::test]
async fn attack_07_only_a_whole_and_unconditional_grant_at_the_root_replaces_it() {
    let other = |role| grant(1, OTHER, role, root(1));
    let begun = Window::new(Some(NOW), None).unwrap();
    let replaces: [Grant; 8] = [
        other(Admin).with_window(until(1_000_000)),
        other(Admin).with_window(begun),
        other(Admin).with_reach(Reach::SelfOnly),
        other(Admin).with_reach(Reach::BelowOnly),
        other(Clerk),
        grant(1, OTHER, Admin, container(EU)),
        named(1, OTHER, "x-nobody", root(1)),
        named(1, OTHER, "x-below", root(1)),
    ];
    for given in replaces {
        let world = governed().await;
        let below = define("x-below", container(EU), &["grant:assign"]);
        ask(&world, ADMIN, &below).await.unwrap();
        world.give(given).await;
        would_lock_out(&world, &revoke(ONLY)).await;
    }
}

/// The administrator's power at the root comes from the tenant's own role alone.
async fn bossed() -> World {
    let world = governed().await;
    let boss = ["grant:assign", "grant:revoke", "role:define", "role:retire"];
    ask(&world, ADMIN, &define("x-boss", root(1), &boss))
        .await
        .unwrap();
    world.give(named(1, ADMIN, "x-boss", root(1))).await;
    ask(&world, ADMIN, &revoke(ONLY)).await.unwrap();
    world
}

#[tokio::test]
async fn attack_07_the_role_of_the_last_administrator_is_neither_retired_nor_emptied() {
    let world = bossed().await;
    would_lock_out(&world, &revoke(1)).await;
    would_lock_out(&world, &retire("x-boss")).await;
    would_lock_out(&world, &change("x-boss", &["grant:revoke", "role:define"])).await;
    // Whatever leaves the power in it is free.
    let kept = change("x-boss", &["grant:assign", "role:retire"]);
    ask(&world, ADMIN, &kept).await.unwrap();
    // With somebody else at the root so is the rest.
    world.give(grant(2, OTHER, Steward, root(1))).await;
    ask(&world, ADMIN, &retire("x-boss")).await.unwrap();
}

#[tokio::test]
async fn attack_07_two_grants_of_one_role_are_no_two_administrators_for_its_retirement() {
    let world = bossed().await;
    world.give(named(2, OTHER, "x-boss", root(1))).await;
    would_lock_out(&world, &retire("x-boss")).await;
    would_lock_out(&world, &change("x-boss", &[])).await;
    ask(&world, ADMIN, &revoke(2)).await.unwrap();
}

#[tokio::test]
async fn attack_07_a_cascade_does_not_take_the_last_one_along() {
    let world = governed().await;
    // The administrator gives to somebody who takes her own grant back, with all that she gave.
    let next = crate::authors::assign(grant(1, OTHER, Admin, root(1)));
    ask(&world, ADMIN, &next).await.unwrap();
    let told = refused(&world, OTHER, &cascade(ONLY)).await;
    assert!(matches!(told, RuleError::WouldLockOut), "{told:?}");
    ask(&world, OTHER, &revoke(ONLY)).await.unwrap();
}

#[tokio::test]
async fn where_nobody_can_give_at_the_root_nobody_has_to_be_left() {
    let world = World::bank().await;
    world.give(grant(1, STEWARD, Steward, container(EU))).await;
    ask(&world, STEWARD, &revoke(1)).await.unwrap();
}

#[tokio::test]
async fn the_platform_may_take_even_the_last_one() {
    let world = governed().await;
    world.take(ONLY).await;
    let recorded = world.log.recorded(1).await;
    let last = recorded.last().unwrap().event();
    assert!(matches!(last, AccessEvent::GrantTaken { .. }));
    refused(&world, ADMIN, &revoke(901)).await;
}
