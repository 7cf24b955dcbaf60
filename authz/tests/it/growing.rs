//! Rules are measured on what they will reach, not only on what they reach today.

use skeleton_authz::AccessCommand;
use skeleton_authz::Grant;
use skeleton_authz::Reach;
use skeleton_authz::RuleError;
use skeleton_authz::StandardRole;
use skeleton_authz::Window;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::assign;
use crate::authors::cascade;
use crate::authors::define;
use crate::authors::fence;
use crate::authors::governed;
use crate::authors::guardrail_id;
use crate::authors::lacking;
use crate::authors::name;
use crate::authors::refused;
use crate::authors::refused_to;
use crate::authors::spec;
use crate::authors::strong;
use crate::authors::until;
use crate::bank::Admin;
use crate::bank::Clerk;
use crate::bank::Steward;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::NOW;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::on_behalf;
use crate::helpers::root;
use crate::helpers::with_token;

const SOMEBODY: u8 = 8;

fn reaching(role: StandardRole, at: ContainerId, reach: Reach) -> Grant {
    grant(1, SOMEBODY, role, at).with_reach(reach)
}

/// Whoever holds what a steward and a clerk hold, in EU as far as this.
async fn holding(reach: Reach) -> World {
    let world = World::bank().await;
    for (number, role) in [(1_000, Steward), (1_001, Clerk)] {
        let held = grant(number, OTHER, role, container(EU)).with_reach(reach);
        world.give(held).await;
    }
    world
}

#[tokio::test]
async fn attack_06_below_a_leaf_nothing_is_held_by_whoever_holds_nothing() {
    let world = governed().await;
    // A steward and clerk of EU gives the administrator's role below France, where nothing lies today.
    let below = reaching(Admin, container(FRANCE), Reach::BelowOnly);
    let told = refused(&world, STEWARD, &assign(below)).await;
    assert_eq!(lacking(&told).len(), 2, "{told:?}");
    let own = reaching(Clerk, container(FRANCE), Reach::BelowOnly);
    ask(&world, STEWARD, &assign(own)).await.unwrap();
}

#[tokio::test]
async fn attack_06_what_is_held_at_a_container_alone_is_not_given_below_it() {
    let world = holding(Reach::SelfOnly).await;
    for reach in [Reach::SelfAndBelow, Reach::BelowOnly] {
        let given = reaching(Clerk, container(EU), reach);
        let told = refused(&world, OTHER, &assign(given)).await;
        let all = ["grant:assign", "account:read", "account:statement"];
        assert_eq!(lacking(&told), all);
    }
    let given = reaching(Clerk, container(EU), Reach::SelfOnly);
    ask(&world, OTHER, &assign(given)).await.unwrap();
    let role = define("x-a", container(EU), &["account:read"]);
    assert_eq!(
        lacking(&refused(&world, OTHER, &role).await),
        ["account:read"]
    );
}

#[tokio::test]
async fn attack_06_what_is_held_below_a_container_is_not_given_at_it() {
    let world = holding(Reach::BelowOnly).await;
    let given = reaching(Clerk, container(FRANCE), Reach::SelfAndBelow);
    ask(&world, OTHER, &assign(given)).await.unwrap();
    let told = refused(&world, OTHER, &define("x-a", container(EU), &[])).await;
    assert!(matches!(told, RuleError::Refused(_)));
}

#[tokio::test]
async fn attack_06_the_sum_of_all_that_lies_there_today_is_not_the_whole() {
    let world = World::bank().await;
    for (number, at) in [(1_000, EU), (1_010, FRANCE), (1_020, GERMANY)] {
        for (more, role) in [(0, Steward), (1, Clerk)] {
            let at = container(at);
            let held = grant(number + more, OTHER, role, at).with_reach(Reach::SelfOnly);
            world.give(held).await;
        }
    }
    let told = refused(
        &world,
        OTHER,
        &assign(reaching(Clerk, container(EU), Reach::SelfAndBelow)),
    )
    .await;
    assert_eq!(lacking(&told).len(), 3);
}

#[tokio::test]
async fn attack_06_a_role_takes_in_only_what_is_held_wherever_it_will_count() {
    let world = governed().await;
    let at = container(FRANCE);
    world.give(grant(1_000, OTHER, Steward, at)).await;
    let clerk = grant(1_001, OTHER, Clerk, at).with_reach(Reach::SelfOnly);
    world.give(clerk).await;
    ask(&world, OTHER, &define("x-r", at, &["role:define"]))
        .await
        .unwrap();
    let wider = AccessCommand::ChangeRole {
        name: name("x-r"),
        holds: spec(&[], &["role:define", "account:read"]),
    };
    assert_eq!(
        lacking(&refused(&world, OTHER, &wider).await),
        ["account:read"]
    );
}

#[tokio::test]
async fn attack_06_going_beyond_reaches_as_far_and_as_long_as_it_is_held() {
    let world = World::bank().await;
    let here = grant(1_000, OTHER, Admin, container(EU)).with_reach(Reach::SelfOnly);
    world.give(here).await;
    let own = |reach, window: Window| {
        let grant = grant(1, OTHER, Clerk, container(EU));
        assign(grant.with_reach(reach).with_window(window))
    };
    let told = refused(&world, OTHER, &own(Reach::SelfAndBelow, Window::ALWAYS)).await;
    assert!(matches!(told, RuleError::ToOneself), "{told:?}");
    ask(&world, OTHER, &own(Reach::SelfOnly, Window::ALWAYS))
        .await
        .unwrap();

    let world = World::bank().await;
    let soon = grant(1_000, OTHER, Admin, container(EU)).with_window(until(10));
    world.give(soon).await;
    let told = refused(&world, OTHER, &own(Reach::SelfOnly, Window::ALWAYS)).await;
    assert!(matches!(told, RuleError::OutlastsPowers { .. }), "{told:?}");
    ask(&world, OTHER, &own(Reach::SelfAndBelow, until(10)))
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_goes_beyond_for_a_while_gives_what_she_holds_for_ever() {
    let world = World::bank().await;
    let soon = grant(1_000, OTHER, Admin, container(EU)).with_window(until(10));
    world.give(soon).await;
    for (number, role) in [(1_001, Steward), (1_002, Clerk)] {
        world.give(grant(number, OTHER, role, container(EU))).await;
    }
    let own = assign(grant(1, SOMEBODY, Clerk, container(FRANCE)));
    ask(&world, OTHER, &own).await.unwrap();
    // What she does not hold is given no longer than she may go beyond.
    let others = assign(grant(2, SOMEBODY, Admin, container(FRANCE)));
    let told = refused(&world, OTHER, &others).await;
    assert!(matches!(told, RuleError::OutlastsPowers { .. }), "{told:?}");
}

#[tokio::test]
async fn attack_06_only_direct_and_unmasked_powers_go_beyond() {
    let world = governed().await;
    let giving = assign(grant(1, SOMEBODY, Clerk, container(FRANCE)));
    let agent = crate::helpers::ctx(on_behalf(ADMIN, 1, OTHER));
    assert_eq!(lacking(&refused_to(&world, &agent, &giving).await).len(), 3);
    let listed = [RoleAssignment::new(Admin.name(), root(1))];
    let roles = RoleAssignments::listed(listed).unwrap();
    let owner = strong(ADMIN).actor().clone();
    let token = with_token(owner, Assurance::Aal3, NOW, roles);
    assert_eq!(lacking(&refused_to(&world, &token, &giving).await).len(), 3);
    ask(&world, ADMIN, &giving).await.unwrap();
}

#[tokio::test]
async fn a_right_to_assign_lasts_as_long_as_what_is_given_by_it() {
    let world = World::bank().await;
    let steward = grant(1_000, OTHER, Steward, container(EU)).with_window(until(10));
    world.give(steward).await;
    world.give(grant(1_001, OTHER, Clerk, container(EU))).await;
    let told = refused(
        &world,
        OTHER,
        &assign(grant(1, SOMEBODY, Clerk, container(FRANCE))),
    )
    .await;
    assert!(matches!(told, RuleError::OutlastsPowers { .. }), "{told:?}");
}

#[tokio::test]
async fn attack_06_a_cascade_takes_nothing_that_its_author_could_not_take() {
    let world = governed().await;
    let deputy = grant(1, SOMEBODY, Steward, container(EU));
    ask(&world, STEWARD, &assign(deputy)).await.unwrap();
    world.give(grant(2, SOMEBODY, Clerk, container(EU))).await;
    let given = grant(3, 9, Clerk, container(FRANCE));
    ask(&world, SOMEBODY, &assign(given)).await.unwrap();
    // She takes back at EU alone; what was given in turn lies below.
    let alone = grant(1_000, OTHER, Steward, container(EU)).with_reach(Reach::SelfOnly);
    world.give(alone).await;
    let told = refused(&world, OTHER, &cascade(1)).await;
    assert!(matches!(told, RuleError::Refused(_)), "{told:?}");
    // A guardrail on taking back holds against a cascade from above.
    let hold = fence(7, container(FRANCE), &["grant:revoke"]);
    ask(&world, ADMIN, &hold).await.unwrap();
    let told = refused(&world, ADMIN, &cascade(1)).await;
    assert!(matches!(told, RuleError::Refused(_)), "{told:?}");
    let lift = AccessCommand::LiftGuardrail {
        guardrail: guardrail_id(7),
    };
    ask(&world, ADMIN, &lift).await.unwrap();
    ask(&world, ADMIN, &cascade(1)).await.unwrap();
}

#[tokio::test]
async fn attack_11_a_tenant_has_so_many_guardrails_and_each_names_a_permission_once() {
    let world = governed().await;
    let twice = fence(0, container(TEXAS), &["account:open", "account:open"]);
    ask(&world, ADMIN, &twice).await.unwrap();
    let view = world.views.published(crate::helpers::tenant(1)).unwrap();
    let forbidden = skeleton_authz::Forbidden::Permissions(vec!["account:open".to_owned()]);
    assert_eq!(view.guardrails().next().unwrap().forbids(), &forbidden);
    for number in 1..256 {
        let more = fence(number, container(TEXAS), &["account:open"]);
        ask(&world, ADMIN, &more).await.unwrap();
    }
    let told = refused(&world, ADMIN, &fence(256, container(TEXAS), &[])).await;
    assert!(matches!(told, RuleError::TooMany { most: 256 }), "{told:?}");
}

#[tokio::test]
async fn attack_13_a_role_with_a_name_that_nobody_knows_here_is_assigned_nowhere() {
    let world = governed().await;
    let strange = crate::worlds::tenant_role("x-next", container(EU), &["account:later"]);
    world.enact(1, [crate::authors::defined(strange)]).await;
    world.views.load(crate::helpers::inside(1)).await.unwrap();
    let given = crate::authors::named(1, SOMEBODY, "x-next", container(FRANCE));
    for author in [STEWARD, ADMIN] {
        let told = refused(&world, author, &assign(given.clone())).await;
        assert!(matches!(&told, RuleError::UnknownPermission(name) if name == "account:later"));
    }
}
