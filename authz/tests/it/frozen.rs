//! What a snapshot is taken of stays: lists, views and narrowed snapshots while rules change, and windows to the
//! millisecond.

use skeleton_authz::Attenuation;
use skeleton_authz::Decision;
use skeleton_authz::DenyReason;
use skeleton_authz::Effective;
use skeleton_authz::Mask;
use skeleton_authz::Permission;
use skeleton_authz::PermissionSet;
use skeleton_authz::Reach;
use skeleton_authz::Snapshot;
use skeleton_authz::Verdict;
use skeleton_authz::Window;
use skeleton_authz::permissions;
use skeleton_tenancy_tree::TreeCommand;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::after;
use crate::authors::ask;
use crate::authors::define;
use crate::authors::fence;
use crate::authors::governed;
use crate::authors::guardrail_id;
use crate::authors::lift;
use crate::authors::name;
use crate::authors::named;
use crate::authors::retire;
use crate::authors::strong;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::NOW;
use crate::helpers::NOWHERE;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::container;
use crate::helpers::denied;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;
use crate::helpers::tenant;

permissions! {
    /// Has a bit in common with the bank.
    pub(crate) catalogue Other "other" version 1;
    resource vault "vault" { 32 => Empty "empty"; }
}

#[tokio::test]
async fn law_18_a_snapshot_and_its_lists_stand_still_while_rules_change() {
    let world = governed().await;
    let role = define("x-a", container(EU), &["account:read"]);
    ask(&world, STEWARD, &role).await.unwrap();
    world.give(named(1, OTHER, "x-a", container(EU))).await;
    let before = world.snapshot(&strong(OTHER)).await;
    let list = before.visible(account::Read).unwrap();
    let narrowed = before.attenuate(&Attenuation::new().below(container(FRANCE)));
    let effective = before.effective(container(FRANCE));
    ask(&world, ADMIN, &fence(1, container(EU), &["account:read"]))
        .await
        .unwrap();
    ask(&world, STEWARD, &retire("x-a")).await.unwrap();
    world.take(1).await;
    world.grow(1, 50, container(EU)).await;
    let moved = TreeCommand::Move {
        container: container(FRANCE),
        to: container(TEXAS),
        planned_at: None,
    };
    world.forest.execute(inside(1), moved).await.unwrap();
    assert_eq!((list.len(), list.roots().len()), (3, 1));
    assert_eq!(before.visible(account::Read).unwrap().len(), 3);
    assert!(before.require(account::Read, container(GERMANY)).is_ok());
    assert_eq!(before.effective(container(FRANCE)), effective);
    assert!(narrowed.require(account::Read, container(FRANCE)).is_ok());
    // Narrowing and explaining later is still of the rules that were frozen.
    let later = before.attenuate(&Attenuation::new().below(container(GERMANY)));
    assert!(later.require(account::Read, container(GERMANY)).is_ok());
    let Decision::Allow(allow) = before.explain(account::Read::ID, container(FRANCE)) else {
        panic!("denied");
    };
    assert_eq!((allow.grant, allow.role), (grant_id(1), name("x-a")));
    assert_eq!(before.view().version().roles(), 1);
    let after = world.snapshot(&strong(OTHER)).await;
    assert!(after.visible(account::Read).unwrap().is_nothing());
    assert_eq!((after.versions().roles, after.versions().grants), (3, 5));
}

#[tokio::test]
async fn attack_12_a_list_and_what_is_effective_follow_a_window_to_the_millisecond() {
    let world = World::bank().await;
    let window = Window::new(Some(after(10)), Some(after(20))).unwrap();
    world
        .give(grant(1, OTHER, Clerk, container(EU)).with_window(window))
        .await;
    let ctx = strong(OTHER);
    world.snapshot(&ctx).await;
    let mut told = Vec::new();
    for (millis, is_open) in [(9, false), (10, true), (19, true), (20, false)] {
        world.clock.set(after(millis));
        let snapshot = world.authorizer.snapshot(&ctx).unwrap();
        let list = snapshot.visible(account::Read).unwrap();
        assert_eq!(
            (list.len(), list.is_nothing()),
            (if is_open { 3 } else { 0 }, !is_open)
        );
        let effective = snapshot.effective(container(FRANCE));
        assert_eq!(
            effective.allowed.len(),
            if is_open { 2 } else { 0 },
            "{millis}"
        );
        snapshot.batch(&[(account::Read::ID, container(EU))], &mut told);
        assert_eq!(told == [Verdict::Allow], is_open);
    }
}

#[tokio::test]
async fn a_narrowed_snapshot_ends_at_its_instant() {
    let world = World::bank().await;
    world.give(grant(1, OTHER, Clerk, container(EU))).await;
    let whole = world.snapshot(&strong(OTHER)).await;
    let at = container(FRANCE);
    for (until, is_open) in [(after(1), true), (NOW, false)] {
        let narrowed = whole.attenuate(&Attenuation::new().until(until));
        assert_eq!(narrowed.require(account::Read, at).is_ok(), is_open);
        assert_eq!(
            narrowed.visible(account::Read).unwrap().is_nothing(),
            !is_open
        );
    }
    let over = whole.attenuate(&Attenuation::new().until(NOW));
    let deny = denied(over.explain(account::Read::ID, at));
    assert_eq!(
        (deny.reason, deny.would_allow.len()),
        (DenyReason::Masked(Mask::Attenuation), 0)
    );
    // Seeing is no permission: what it knows of, it still knows of.
    assert!(over.sees(at));
}

#[tokio::test]
async fn a_narrowed_snapshot_that_is_kept_does_not_outlive_its_end() {
    let world = World::bank().await;
    world.give(grant(1, OTHER, Clerk, container(EU))).await;
    let whole = world.snapshot(&strong(OTHER)).await;
    let kept = whole.attenuate(&Attenuation::new().until(after(10)));
    let at = container(FRANCE);
    for (millis, is_open) in [(0, true), (9, true), (10, false), (11, false)] {
        world.clock.set(after(millis));
        assert_eq!(kept.require(account::Read, at).is_ok(), is_open, "{millis}");
        let nothing = kept.visible(account::Read).unwrap().is_nothing();
        assert_eq!(nothing, !is_open);
        assert!(whole.require(account::Read, at).is_ok());
    }
}

#[tokio::test]
async fn a_snapshot_is_narrowed_by_permission_and_by_subtree() {
    let world = World::bank().await;
    world.give(grant(1, OTHER, Manager, root(1))).await;
    let whole = world.snapshot(&strong(OTHER)).await;
    let only: PermissionSet = [account::Read::ID].into_iter().collect();
    let reading = whole.attenuate(
        &Attenuation::new()
            .permissions(only.clone())
            .below(container(EU)),
    );
    assert!(reading.require(account::Read, container(FRANCE)).is_ok());
    for (permission, at) in [(account::Read::ID, TEXAS), (account::Open::ID, FRANCE)] {
        let why = denied(reading.explain(permission, container(at))).reason;
        assert_eq!(why, DenyReason::Masked(Mask::Attenuation));
    }
    assert_eq!(reading.effective(container(FRANCE)).allowed, only);
    let list = reading.visible(account::Read).unwrap();
    let (node, reach) = list.roots()[0];
    assert_eq!(
        (reading.tree().id(node), reach),
        (Some(container(EU)), Reach::SelfAndBelow)
    );
    // A container that the tree does not have leaves nothing.
    for nowhere in [container(NOWHERE), root(2)] {
        let nothing = whole.attenuate(&Attenuation::new().below(nowhere));
        assert!(nothing.visible(account::Read).unwrap().is_nothing());
        assert!(nothing.require(account::Read, root(1)).is_err());
    }
    let none = whole.attenuate(&Attenuation::new().permissions(PermissionSet::empty()));
    assert_eq!(none.effective(container(FRANCE)), Effective::default());
}

#[tokio::test]
async fn a_list_of_a_permission_of_another_catalogue_is_no_empty_list() {
    let world = World::bank().await;
    world.give(grant(1, OTHER, Manager, root(1))).await;
    let snapshot = world.snapshot(&strong(OTHER)).await;
    assert_eq!(vault::Empty::ID, account::Read::ID);
    let missing = snapshot.visible(vault::Empty).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the permission is of another catalogue"
    );
    assert_eq!(Other::catalogue().roles().count(), 0);
}

#[tokio::test]
async fn the_topics_of_a_list_are_whole_subtrees_and_single_containers() {
    let world = governed().await;
    world.give(grant(1, OTHER, Clerk, root(1))).await;
    ask(
        &world,
        ADMIN,
        &fence(1, container(FRANCE), &["account:read"]),
    )
    .await
    .unwrap();
    let snapshot = world.snapshot(&strong(OTHER)).await;
    let list = snapshot.visible(account::Read).unwrap();
    let mut topics: Vec<_> = list
        .roots()
        .into_iter()
        .map(|(node, reach)| (snapshot.tree().id(node).unwrap(), reach))
        .collect();
    topics.sort_by_key(|(id, _)| *id);
    let mut expected = vec![
        (root(1), Reach::SelfOnly),
        (container(EU), Reach::SelfOnly),
        (container(GERMANY), Reach::SelfAndBelow),
        (container(crate::helpers::US), Reach::SelfAndBelow),
    ];
    expected.sort_by_key(|(id, _)| *id);
    assert_eq!(topics, expected);
}

#[tokio::test]
async fn a_view_shows_grants_roles_and_guardrails() {
    let world = governed().await;
    let empty = world.views.load(inside(2)).await.unwrap();
    assert_eq!((empty.version().roles(), empty.version().grants()), (0, 0));
    assert_eq!(
        (
            empty.roles().count(),
            empty.guardrails().len(),
            empty.grants().count()
        ),
        (0, 0, 0)
    );
    for role in ["x-b", "x-a"] {
        ask(
            &world,
            STEWARD,
            &define(role, container(EU), &["account:read"]),
        )
        .await
        .unwrap();
    }
    for number in [2, 1] {
        ask(
            &world,
            ADMIN,
            &fence(number, container(EU), &["account:open"]),
        )
        .await
        .unwrap();
    }
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(view.tenant(), tenant(1));
    assert_eq!((view.version().roles(), view.version().grants()), (4, 3));
    let roles: Vec<_> = view.roles().map(|role| role.name().as_str()).collect();
    assert_eq!(roles, ["x-a", "x-b"]);
    let held: Vec<_> = view
        .guardrails()
        .map(skeleton_authz::Guardrail::id)
        .collect();
    assert_eq!(held, [guardrail_id(1), guardrail_id(2)]);
    assert_eq!(
        view.guardrail(guardrail_id(2))
            .map(skeleton_authz::Guardrail::at),
        Some(container(EU))
    );
    // The earlier one is what it was.
    ask(&world, ADMIN, &lift(1)).await.unwrap();
    ask(&world, STEWARD, &retire("x-a")).await.unwrap();
    let later = world.views.published(tenant(1)).unwrap();
    assert_eq!(
        (later.guardrail(guardrail_id(1)), later.role(&name("x-a"))),
        (None, None)
    );
    assert_eq!((later.guardrails().len(), later.roles().count()), (1, 1));
    assert_eq!((view.guardrails().len(), view.roles().count()), (2, 2));
}

#[tokio::test]
async fn a_view_shows_the_grants_of_an_account_by_their_ids() {
    let world = governed().await;
    let view = world.views.load(inside(1)).await.unwrap();
    assert_eq!(view.grants().count(), 3);
    let steward: Vec<_> = view
        .grants_of(account_id(STEWARD))
        .iter()
        .map(|grant| grant.id())
        .collect();
    assert_eq!(steward, [grant_id(901), grant_id(902)]);
    assert_eq!(
        view.grant(grant_id(901)).map(skeleton_authz::Grant::at),
        Some(container(EU))
    );
}

#[tokio::test]
async fn law_18_what_was_made_of_other_rules_is_given_to_nobody() {
    let world = governed().await;
    let role = define("x-reader", container(EU), &["account:read"]);
    ask(&world, STEWARD, &role).await.unwrap();
    world
        .give(named(1, OTHER, "x-reader", container(FRANCE)))
        .await;
    let older = world.snapshot(&strong(OTHER)).await;
    ask(&world, STEWARD, &retire("x-reader")).await.unwrap();
    let newer = world.snapshot(&strong(OTHER)).await;
    let told = |snapshot: &Snapshot| {
        let of = account_id(OTHER);
        let told = snapshot.explain_for(of, account::Read::ID, container(FRANCE));
        matches!(told, Decision::Allow(_))
    };
    // Both ask about the same account by turns, each on its own rules.
    for _ in 0..3 {
        assert!(told(&older) && !told(&newer));
    }
    assert!(older.require(account::Read, container(FRANCE)).is_ok());
    assert!(newer.require(account::Read, container(FRANCE)).is_err());
}

#[tokio::test]
async fn attack_12_a_clock_that_is_set_back_opens_and_closes_windows_again() {
    let world = World::bank().await;
    let window = Window::new(Some(after(10)), Some(after(20))).unwrap();
    let windowed = grant(1, OTHER, Clerk, container(FRANCE)).with_window(window);
    world.give(windowed).await;
    world.snapshot(&strong(OTHER)).await;
    for (millis, is_open) in [(15, true), (5, false), (10, true), (20, false), (19, true)] {
        world.clock.set(after(millis));
        let snapshot = world.authorizer.snapshot(&strong(OTHER)).unwrap();
        let read = snapshot.require(account::Read, container(FRANCE));
        assert_eq!(read.is_ok(), is_open, "{millis}");
    }
}
