//! Many change the rules at once: nothing is lost, and who was outrun is decided anew.

use std::time::Duration;

use skeleton_authz::AccessCommand;
use skeleton_authz::AccessError;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::DenyReason;
use skeleton_authz::RefusalKind;
use skeleton_authz::RuleError;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::change;
use crate::authors::define;
use crate::authors::defined;
use crate::authors::fence;
use crate::authors::give;
use crate::authors::governed;
use crate::authors::name;
use crate::authors::reason;
use crate::authors::refused;
use crate::authors::retire;
use crate::authors::revoke;
use crate::authors::strong;
use crate::bank::Admin;
use crate::bank::Bank;
use crate::bank::Clerk;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::worlds::tenant_role;

/// Asks until it is not outrun any more; how many events the command's stream has then.
async fn insist(authorizer: &Authorizer, command: AccessCommand, stream: AccessStream) -> u64 {
    let ctx = strong(ADMIN);
    loop {
        match authorizer.execute(&ctx, &command).await {
            Ok(version) => return version.of(stream),
            Err(RuleError::Access(AccessError::Stale)) => tokio::task::yield_now().await,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Another process on the same streams and the same trees.
fn second(world: &World) -> (AccessViews, Authorizer) {
    let views = AccessViews::open(world.log.clone(), world.clock.clone());
    let (forest, clock) = (world.forest.clone(), world.clock.clone());
    let authorizer = Authorizer::new(Bank::catalogue(), forest, views.clone(), clock);
    (views, authorizer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn law_18_many_authors_lose_nothing_and_leave_no_gap() {
    const EACH: u64 = 20;
    let world = governed().await;
    let (views, other) = second(&world);
    let before = world.snapshot(&strong(OTHER)).await;
    let held = before.versions();
    let mut grants = tokio::task::JoinSet::new();
    let mut rules = tokio::task::JoinSet::new();
    for number in 0..EACH {
        for (shift, authorizer) in [(0, &world.authorizer), (100, &other)] {
            let number = number + shift;
            let (one, two) = (authorizer.clone(), authorizer.clone());
            let given = give(number, Clerk, container(FRANCE));
            grants.spawn(async move { insist(&one, given, AccessStream::Grants).await });
            let rule = if number % 2 == 0 {
                define(&format!("x-{number}"), container(EU), &["grant:read"])
            } else {
                fence(number, container(EU), &["account:open"])
            };
            rules.spawn(async move { insist(&two, rule, AccessStream::Roles).await });
        }
    }
    let both = tokio::time::timeout(Duration::from_secs(120), async {
        (grants.join_all().await, rules.join_all().await)
    });
    let (mut grants, mut rules) = both.await.unwrap();
    grants.sort_unstable();
    rules.sort_unstable();
    // Three were there before; one version after the other, each given to one author. Another process may have read on
    // before it tells.
    assert_eq!((grants.len(), rules.len()), (40, 40));
    assert!(grants.iter().all(|version| (4..=43).contains(version)));
    assert!(rules.iter().all(|version| (1..=40).contains(version)));
    for views in [&world.views, &views] {
        let view = views.load(inside(1)).await.unwrap();
        assert_eq!((view.version().roles(), view.version().grants()), (40, 43));
        assert_eq!((view.roles().count(), view.guardrails().len()), (20, 20));
        let given = view
            .grants_of(account_id(OTHER))
            .iter()
            .map(|grant| grant.id());
        let expected: Vec<_> = (0..EACH).chain(100..100 + EACH).map(grant_id).collect();
        assert_eq!(given.collect::<Vec<_>>(), expected);
    }
    let recorded = world.log.recorded(1).await;
    assert_eq!(recorded.len(), 43);
    // What began before knows nothing of it.
    assert_eq!(before.versions(), held);
    assert!(!before.sees(container(FRANCE)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn law_18_in_one_process_versions_are_dense() {
    let world = governed().await;
    let mut running = tokio::task::JoinSet::new();
    for number in 0..30 {
        let authorizer = world.authorizer.clone();
        let given = give(number, Clerk, container(FRANCE));
        running.spawn(async move { insist(&authorizer, given, AccessStream::Grants).await });
    }
    let mut versions = running.join_all().await;
    versions.sort_unstable();
    assert_eq!(versions, (4..=33).collect::<Vec<_>>());
}

#[tokio::test]
async fn attack_07_of_two_last_administrators_only_one_can_leave() {
    let world = governed().await;
    world.give(grant(1, OTHER, Admin, root(1))).await;
    let (one, two) = (strong(ADMIN), strong(OTHER));
    let (first, second) = (revoke(900), revoke(1));
    let told = tokio::join!(
        world.authorizer.execute(&one, &first),
        world.authorizer.execute(&two, &second),
    );
    // The second one was decided anew after the first had gone.
    let (Ok(_), Err(RuleError::WouldLockOut)) = told else {
        panic!("{told:?}");
    };
    assert_eq!(world.log.recorded(1).await.len(), 5);
}

#[tokio::test]
async fn who_is_outrun_is_decided_by_the_new_rules() {
    let world = governed().await;
    let lost = AccessEvent::GrantTaken {
        grant: grant_id(901),
    };
    world.log.be_outrun_by(lost);
    // She governed EU when she asked.
    let told = ask(&world, STEWARD, &give(1, Clerk, container(FRANCE)))
        .await
        .unwrap_err();
    assert_eq!(reason(&told).0, RefusalKind::Denied);
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(
        (view.version().grants(), view.grant(grant_id(1))),
        (4, None)
    );
    // The same with a name that somebody else takes first, and an id.
    let world = governed().await;
    world
        .log
        .be_outrun_by(defined(tenant_role("x-a", root(1), &[])));
    let told = ask(&world, STEWARD, &define("x-a", container(EU), &[]))
        .await
        .unwrap_err();
    assert!(matches!(told, RuleError::RoleTaken), "{told:?}");
    let given = grant(1, 8, Clerk, root(1));
    world
        .log
        .be_outrun_by(AccessEvent::GrantGiven { grant: given });
    let told = ask(&world, STEWARD, &give(1, Clerk, container(FRANCE)))
        .await
        .unwrap_err();
    assert!(matches!(told, RuleError::IdTaken), "{told:?}");
    // What does not matter to her does not stop her.
    let given = grant(2, 8, Clerk, root(1));
    world
        .log
        .be_outrun_by(AccessEvent::GrantGiven { grant: given });
    let version = ask(&world, STEWARD, &give(3, Clerk, container(FRANCE)))
        .await
        .unwrap();
    assert_eq!(version.grants(), 6);
}

#[tokio::test]
async fn a_role_that_was_retired_meanwhile_is_not_changed() {
    let world = governed().await;
    ask(&world, STEWARD, &define("x-a", container(EU), &[]))
        .await
        .unwrap();
    world
        .log
        .be_outrun_by(AccessEvent::RoleRetired { role: name("x-a") });
    let told = ask(&world, STEWARD, &change("x-a", &["account:read"]))
        .await
        .unwrap_err();
    assert!(matches!(told, RuleError::UnknownRole), "{told:?}");
    let told = refused(&world, STEWARD, &retire("x-a")).await;
    assert!(matches!(told, RuleError::UnknownRole), "{told:?}");
}

#[tokio::test]
async fn an_author_who_is_outrun_three_times_is_told_so() {
    let world = governed().await;
    world.log.be_outrun(3);
    let told = ask(&world, STEWARD, &give(1, Clerk, container(FRANCE)))
        .await
        .unwrap_err();
    assert!(
        matches!(told, RuleError::Access(AccessError::Stale)),
        "{told:?}"
    );
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(
        (view.version().grants(), view.grant(grant_id(1))),
        (6, None)
    );
    world.log.be_outrun(2);
    ask(&world, STEWARD, &give(1, Clerk, container(FRANCE)))
        .await
        .unwrap();
}

#[tokio::test]
async fn without_a_log_nothing_changes_and_nothing_is_half_done() {
    let world = governed().await;
    let view = world.views.published(tenant(1)).unwrap();
    world.log.take_down();
    for command in [
        give(1, Clerk, container(FRANCE)),
        define("x-a", container(EU), &[]),
    ] {
        let told = ask(&world, STEWARD, &command).await.unwrap_err();
        assert!(
            matches!(told, RuleError::Access(AccessError::Unavailable(_))),
            "{told:?}"
        );
    }
    assert_eq!(
        world.views.published(tenant(1)).unwrap().version(),
        view.version()
    );
    // Decisions go on.
    let snapshot = world.snapshot(&strong(STEWARD)).await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    world.log.bring_up();
    ask(&world, STEWARD, &give(1, Clerk, container(FRANCE)))
        .await
        .unwrap();
    // A process that never saw the rules cannot decide about them.
    let (_, other) = second(&world);
    world.log.take_down();
    let told = other
        .execute(&strong(STEWARD), &give(2, Clerk, container(FRANCE)))
        .await;
    assert!(matches!(told, Err(RuleError::Unavailable(_))), "{told:?}");
    world.log.bring_up();
    other
        .execute(&strong(STEWARD), &give(2, Clerk, container(FRANCE)))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_command_that_is_dropped_half_way_leaves_views_that_serve() {
    let world = governed().await;
    let ctx = strong(STEWARD);
    let given = give(1, Clerk, container(FRANCE));
    tokio::select! {
        biased;
        _ = world.authorizer.execute(&ctx, &given) => panic!("not so fast"),
        () = core::future::ready(()) => {}
    }
    ask(&world, STEWARD, &give(2, Clerk, container(FRANCE)))
        .await
        .unwrap();
    let view = world.views.load(inside(1)).await.unwrap();
    assert_eq!(
        view.version().grants(),
        world.log.recorded(1).await.len() as u64
    );
    assert!(view.grant(grant_id(2)).is_some());
}

#[tokio::test]
async fn another_process_decides_on_what_it_has_read_and_catches_up_when_it_writes() {
    let world = governed().await;
    let (views, other) = second(&world);
    views.load(inside(1)).await.unwrap();
    // Behind its back a grant is taken; it is outrun by that when it writes.
    ask(&world, ADMIN, &revoke(901)).await.unwrap();
    let told = other
        .execute(&strong(STEWARD), &give(1, Clerk, container(FRANCE)))
        .await
        .unwrap_err();
    let (kind, why) = reason(&told);
    assert_eq!(kind, RefusalKind::Denied);
    assert!(matches!(why, DenyReason::RoleLacks { .. }));
    assert_eq!(views.published(tenant(1)).unwrap().version().grants(), 4);
}
