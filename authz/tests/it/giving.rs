//! Nobody gives what she does not hold herself, over all that it reaches and at least as long.

use skeleton_authz::DenyReason;
use skeleton_authz::Mask;
use skeleton_authz::Reach;
use skeleton_authz::RefusalKind;
use skeleton_authz::RuleError;
use skeleton_authz::Window;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::TreeCommand;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::after;
use crate::authors::ask;
use crate::authors::assign;
use crate::authors::change;
use crate::authors::clerk_of;
use crate::authors::define;
use crate::authors::fence;
use crate::authors::give;
use crate::authors::governed;
use crate::authors::lacking;
use crate::authors::named;
use crate::authors::reason;
use crate::authors::refused;
use crate::authors::refused_to;
use crate::authors::revoke;
use crate::authors::strong;
use crate::authors::until;
use crate::bank::Clerk;
use crate::bank::Idle;
use crate::bank::Manager;
use crate::bank::Steward;
use crate::bank::Support;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::NOW;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::container;
use crate::helpers::ctx;
use crate::helpers::grant;
use crate::helpers::impersonating;
use crate::helpers::inside;
use crate::helpers::on_behalf;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::helpers::with_token;

#[tokio::test]
async fn attack_06_a_grant_above_its_authors_powers_is_not_given() {
    let world = governed().await;
    let told = refused(&world, STEWARD, &give(1, Manager, container(FRANCE))).await;
    let expected = [
        "account:open",
        "account:transfer-ownership",
        "account:close",
    ];
    assert_eq!(lacking(&told), expected);
    let told = refused(&world, STEWARD, &give(1, Support, container(FRANCE))).await;
    assert_eq!(lacking(&told), ["member:impersonate"]);
    let elsewhere = refused(&world, STEWARD, &give(1, Clerk, container(TEXAS))).await;
    assert_eq!(reason(&elsewhere).0, RefusalKind::NotFound);
    ask(&world, STEWARD, &give(1, Clerk, container(FRANCE)))
        .await
        .unwrap();
    // Whom she gave it may read there now, and give nothing.
    let snapshot = world.snapshot(&strong(OTHER)).await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    let on = refused(
        &world,
        OTHER,
        &assign(grant(2, 8, Clerk, container(FRANCE))),
    )
    .await;
    assert_eq!(reason(&on).0, RefusalKind::Denied);
}

#[tokio::test]
async fn attack_06_a_grant_reaches_no_further_than_its_authors_powers() {
    let reaching = |reach, at| assign(grant(1, OTHER, Clerk, container(at)).with_reach(reach));
    let refuses = [
        (Reach::SelfOnly, Reach::SelfAndBelow, EU),
        (Reach::SelfOnly, Reach::BelowOnly, EU),
        (Reach::SelfOnly, Reach::SelfOnly, FRANCE),
        (Reach::BelowOnly, Reach::SelfAndBelow, EU),
        (Reach::BelowOnly, Reach::SelfOnly, EU),
    ];
    for (own, given, at) in refuses {
        let world = clerk_of(own, Window::ALWAYS).await;
        let told = refused(&world, STEWARD, &reaching(given, at)).await;
        assert_eq!(lacking(&told), ["account:read", "account:statement"]);
    }
    let accepts = [
        (Reach::SelfOnly, Reach::SelfOnly, EU),
        (Reach::BelowOnly, Reach::BelowOnly, EU),
        (Reach::BelowOnly, Reach::SelfAndBelow, FRANCE),
        (Reach::SelfAndBelow, Reach::BelowOnly, EU),
    ];
    for (own, given, at) in accepts {
        let world = clerk_of(own, Window::ALWAYS).await;
        ask(&world, STEWARD, &reaching(given, at)).await.unwrap();
    }
}

#[tokio::test]
async fn attack_06_a_grant_does_not_outlast_what_it_rests_on() {
    let windowed =
        |number, window| assign(grant(number, OTHER, Clerk, container(FRANCE)).with_window(window));
    let world = clerk_of(Reach::SelfAndBelow, until(1_000)).await;
    let later = Window::new(Some(after(900)), Some(after(1_001))).unwrap();
    for window in [Window::ALWAYS, until(1_001), later] {
        let told = refused(&world, STEWARD, &windowed(1, window)).await;
        assert!(
            matches!(told, RuleError::OutlastsPowers { until } if until == after(1_000)),
            "{told:?}"
        );
    }
    ask(&world, STEWARD, &windowed(1, until(1_000)))
        .await
        .unwrap();
    // A second clerkship that ends later, and one that never counts now.
    let longer = grant(903, STEWARD, Clerk, container(FRANCE)).with_window(until(2_000));
    world.give(longer).await;
    let someday = Window::new(Some(after(10)), None).unwrap();
    world
        .give(grant(904, STEWARD, Clerk, container(EU)).with_window(someday))
        .await;
    ask(&world, STEWARD, &windowed(2, until(2_000)))
        .await
        .unwrap();
    let told = refused(&world, STEWARD, &windowed(3, until(2_001))).await;
    assert!(matches!(told, RuleError::OutlastsPowers { until } if until == after(2_000)));
    // When the last one has begun, it carries.
    world.clock.set(after(10));
    ask(&world, STEWARD, &windowed(3, Window::ALWAYS))
        .await
        .unwrap();
}

#[tokio::test]
async fn attack_06_the_shortest_of_several_powers_is_the_measure() {
    let world = World::bank().await;
    world
        .give(grant(901, STEWARD, Steward, container(EU)))
        .await;
    let holds = ["account:read", "account:open"];
    world
        .give(grant(903, ADMIN, crate::bank::Admin, root(1)))
        .await;
    world.give(grant(904, ADMIN, Manager, root(1))).await;
    ask(&world, ADMIN, &define("x-both", root(1), &holds))
        .await
        .unwrap();
    for (number, permission, millis) in [(905, "account:read", 500), (906, "account:open", 400)] {
        let role = format!("x-{number}");
        ask(&world, ADMIN, &define(&role, root(1), &[permission]))
            .await
            .unwrap();
        let held = named(number, STEWARD, &role, container(EU));
        world.give(held.with_window(until(millis))).await;
    }
    let both = |window| assign(named(1, OTHER, "x-both", container(GERMANY)).with_window(window));
    let told = refused(&world, STEWARD, &both(until(401))).await;
    assert!(matches!(told, RuleError::OutlastsPowers { until } if until == after(400)));
    ask(&world, STEWARD, &both(until(400))).await.unwrap();
}

#[tokio::test]
async fn attack_06_nobody_helps_herself() {
    let world = governed().await;
    for role in [Clerk, Steward, Idle] {
        let own = assign(grant(1, STEWARD, role, container(FRANCE)));
        let told = refused(&world, STEWARD, &own).await;
        assert!(matches!(told, RuleError::ToOneself), "{told:?}");
    }
    // Who may go beyond may also do that, and give what she lacks.
    let own = assign(grant(1, ADMIN, Manager, root(1)));
    ask(&world, ADMIN, &own).await.unwrap();
    let snapshot = world.snapshot(&strong(ADMIN)).await;
    assert!(snapshot.require(account::Open, container(TEXAS)).is_ok());
    ask(&world, ADMIN, &give(2, Support, root(1)))
        .await
        .unwrap();
}

#[tokio::test]
async fn attack_06_going_beyond_counts_where_it_is_held() {
    let world = governed().await;
    let beyond = grant(903, STEWARD, crate::bank::Admin, container(FRANCE));
    world.give(beyond).await;
    ask(&world, STEWARD, &give(1, Manager, container(FRANCE)))
        .await
        .unwrap();
    let told = refused(&world, STEWARD, &give(2, Manager, container(GERMANY))).await;
    assert_eq!(lacking(&told).len(), 3);
    let told = refused(&world, STEWARD, &give(2, Manager, container(EU))).await;
    assert_eq!(lacking(&told).len(), 3);
}

#[tokio::test]
async fn attack_06_only_direct_and_unmasked_powers_count() {
    let world = governed().await;
    world.give(grant(903, OTHER, Support, root(1))).await;
    let giving = assign(grant(1, 8, Clerk, container(FRANCE)));
    // By impersonation nothing that is sensitive is done.
    let masked = ctx(impersonating(OTHER, STEWARD));
    let told = refused_to(&world, &masked, &giving).await;
    assert_eq!(reason(&told).1, &DenyReason::Masked(Mask::Impersonation));
    // A service that acts for somebody gives neither what it holds nor what the other one does.
    let agent = ctx(on_behalf(STEWARD, 1, OTHER));
    let told = refused_to(&world, &agent, &giving).await;
    let all = ["grant:assign", "account:read", "account:statement"];
    assert_eq!(lacking(&told), all);
    let agent = ctx(on_behalf(OTHER, 1, STEWARD));
    let told = refused_to(&world, &agent, &giving).await;
    assert_eq!(reason(&told).0, RefusalKind::Denied);
    // A token may hold all that its owner does: it is narrowed all the same.
    let listed = [Steward, Clerk].map(|role| RoleAssignment::new(role.name(), container(EU)));
    let roles = RoleAssignments::listed(listed).unwrap();
    let owner = strong(STEWARD).actor().clone();
    let token = with_token(owner, Assurance::Aal3, NOW, roles);
    let told = refused_to(&world, &token, &giving).await;
    assert_eq!(lacking(&told), all);
    let told = refused_to(
        &world,
        &token,
        &define("x-a", container(EU), &["account:read"]),
    )
    .await;
    assert_eq!(lacking(&told), ["account:read"]);
}

#[tokio::test]
async fn guardrails_limit_what_is_used_and_not_what_is_given() {
    let world = governed().await;
    let held = fence(1, container(FRANCE), &["account:read"]);
    ask(&world, STEWARD, &held).await.unwrap();
    ask(&world, STEWARD, &give(1, Clerk, container(EU)))
        .await
        .unwrap();
    let snapshot = world.snapshot(&strong(OTHER)).await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_err());
    assert!(snapshot.require(account::Read, container(GERMANY)).is_ok());
    // One that forbids giving does forbid it.
    let held = fence(2, container(FRANCE), &["grant:assign"]);
    ask(&world, STEWARD, &held).await.unwrap();
    let told = refused(&world, STEWARD, &give(2, Clerk, container(FRANCE))).await;
    assert_eq!(reason(&told).1.code(), "guardrail");
    let told = refused(&world, ADMIN, &give(2, Clerk, container(FRANCE))).await;
    assert_eq!(reason(&told).1.code(), "guardrail");
}

#[tokio::test]
async fn on_an_archived_container_grants_are_only_taken_back() {
    let world = governed().await;
    ask(&world, STEWARD, &give(1, Clerk, container(FRANCE)))
        .await
        .unwrap();
    let france = container(FRANCE);
    let archived = TreeCommand::Archive { container: france };
    world.forest.execute(inside(1), archived).await.unwrap();
    let given = refused(&world, STEWARD, &give(2, Clerk, france)).await;
    assert_eq!(reason(&given).1, &DenyReason::Archived);
    let made = refused(&world, STEWARD, &define("x-a", france, &[])).await;
    assert_eq!(reason(&made).1, &DenyReason::Archived);
    let held = refused(&world, STEWARD, &fence(1, france, &["account:read"])).await;
    assert_eq!(reason(&held).1, &DenyReason::Archived);
    ask(&world, STEWARD, &revoke(1)).await.unwrap();
}

#[tokio::test]
async fn who_has_no_right_changes_nothing() {
    let world = governed().await;
    ask(&world, STEWARD, &define("x-a", container(EU), &[]))
        .await
        .unwrap();
    ask(&world, STEWARD, &fence(1, container(FRANCE), &[]))
        .await
        .unwrap();
    world.give(grant(903, OTHER, Manager, root(1))).await;
    let commands = [
        define("x-b", container(EU), &[]),
        change("x-a", &[]),
        crate::authors::retire("x-a"),
        assign(grant(1, 8, Clerk, container(EU))),
        revoke(902),
        fence(2, container(EU), &[]),
        crate::authors::lift(1),
    ];
    for command in commands {
        let told = refused(&world, OTHER, &command).await;
        let role_lacks = reason(&told).1.code();
        assert_eq!(
            (reason(&told).0, role_lacks),
            (RefusalKind::Denied, "role-lacks")
        );
    }
    // The weakest proof will do for all of this, but it must be somebody of the tenant.
    let stranger = testing::context().user(account_id(STEWARD), tenant(2));
    world.authorizer.load(inside(2)).await.unwrap();
    let told = refused_to(&world, &stranger.build_authenticated(), &revoke(902)).await;
    assert!(matches!(told, RuleError::UnknownGrant), "{told:?}");
}
