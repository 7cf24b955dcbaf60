//! The published views of grants: loaded once, never half, never behind their own writes.

use skeleton_authz::AccessError;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::GrantId;

use crate::bank::Bank;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::FRANCE;
use crate::helpers::NOW;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::recorded;
use crate::helpers::root;
use crate::helpers::tenant;

fn ids(view: &skeleton_authz::AccessView, account: u8) -> Vec<GrantId> {
    let held = view.grants_of(account_id(account)).iter();
    held.map(|grant| grant.id()).collect()
}

/// Another process on the same log and the same trees.
fn second(world: &World) -> (AccessViews, Authorizer) {
    let views = AccessViews::open(world.log.clone(), world.clock.clone());
    let (forest, clock) = (world.forest.clone(), world.clock.clone());
    let authorizer = Authorizer::new(Bank::catalogue(), forest, views.clone(), clock);
    (views, authorizer)
}

#[tokio::test]
async fn nothing_is_decided_before_the_views_are_loaded() {
    let world = World::bank().await;
    assert!(world.views.published(tenant(1)).is_none());
    assert!(world.authorizer.snapshot(&caller(1)).is_err());
    world.authorizer.load(inside(1)).await.unwrap();
    let snapshot = world.authorizer.snapshot(&caller(1)).unwrap();
    assert!(snapshot.require(account::Read, root(1)).is_err());
    // Loading one tenant loads no other.
    assert!(world.views.published(tenant(2)).is_none());
}

#[tokio::test]
async fn a_tenant_is_loaded_once() {
    let world = World::bank().await;
    world.authorizer.load(inside(1)).await.unwrap();
    let reads = world.log.reads();
    for _ in 0..3 {
        world.authorizer.load(inside(1)).await.unwrap();
    }
    assert_eq!(world.log.reads(), reads);
}

#[tokio::test]
async fn many_short_pages_make_one_view() {
    let world = World::bank().await;
    for number in 0..20 {
        world.give(grant(number, 1, Clerk, container(FRANCE))).await;
    }
    let (views, _) = second(&world);
    let view = views.load(inside(1)).await.unwrap();
    assert_eq!((view.tenant(), view.version().grants()), (tenant(1), 20));
    assert_eq!(ids(&view, 1), (0..20).map(grant_id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_log_that_is_down_gives_no_view_rather_than_an_empty_one() {
    let world = World::bank().await;
    world.log.take_down();
    let loaded = world.views.load(inside(1)).await;
    assert!(matches!(loaded, Err(AccessError::Unavailable(_))));
    assert!(world.authorizer.load(inside(1)).await.is_err());
    assert!(world.views.published(tenant(1)).is_none());
    assert!(world.authorizer.snapshot(&caller(1)).is_err());
    world.log.bring_up();
    world.authorizer.load(inside(1)).await.unwrap();
    assert!(world.authorizer.snapshot(&caller(1)).is_ok());
}

#[tokio::test]
async fn a_loaded_view_outlasts_its_log() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    world.authorizer.load(inside(1)).await.unwrap();
    world.log.take_down();
    let snapshot = world.authorizer.snapshot(&caller(1)).unwrap();
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    let more = world
        .views
        .provision(inside(1), grant(2, 1, Manager, root(1)));
    assert!(matches!(more.await, Err(AccessError::Unavailable(_))));
    let less = world.views.withdraw(inside(1), grant_id(1));
    assert!(matches!(less.await, Err(AccessError::Unavailable(_))));
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(
        (view.version().grants(), ids(&view, 1)),
        (1, vec![grant_id(1)])
    );
}

#[tokio::test]
async fn who_writes_sees_it_at_once_also_what_others_wrote_before() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    let (views, _) = second(&world);
    let version = views
        .provision(inside(1), grant(2, 1, Clerk, container(TEXAS)))
        .await;
    assert_eq!(version.unwrap().grants(), 2);
    let view = views.published(tenant(1)).unwrap();
    assert_eq!(ids(&view, 1), [grant_id(1), grant_id(2)]);
    // It read first what it had not seen, so the first append fitted.
    assert_eq!(world.log.appends(), 2);
    let recorded = world.log.recorded(1).await;
    assert_eq!(recorded.len(), 2);
    assert!(recorded.iter().all(|recorded| recorded.at() == NOW));
}

#[tokio::test]
async fn a_writer_that_is_outrun_folds_what_was_faster_and_tries_again() {
    let world = World::bank().await;
    world.log.be_outrun(2);
    let version = world
        .views
        .provision(inside(1), grant(1, 1, Clerk, container(FRANCE)));
    assert_eq!(version.await.unwrap().grants(), 3);
    assert_eq!(world.log.appends(), 3);
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(
        (
            view.version().grants(),
            ids(&view, 1).len(),
            ids(&view, 9).len()
        ),
        (3, 1, 2)
    );
}

#[tokio::test]
async fn a_writer_that_is_outrun_three_times_gives_up() {
    let world = World::bank().await;
    world.log.be_outrun(3);
    let given = world
        .views
        .provision(inside(1), grant(1, 1, Clerk, container(FRANCE)));
    assert!(matches!(given.await, Err(AccessError::Stale)));
    assert_eq!(world.log.appends(), 3);
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!((view.version().grants(), ids(&view, 1)), (3, vec![]));
}

#[tokio::test]
async fn a_call_that_is_dropped_half_way_leaves_a_view_that_serves() {
    let world = World::bank().await;
    for _ in 0..2 {
        tokio::select! {
            biased;
            _ = world.views.provision(inside(1), grant(1, 1, Clerk, root(1))) => panic!("not so fast"),
            () = core::future::ready(()) => {}
        }
    }
    world.give(grant(2, 1, Clerk, container(FRANCE))).await;
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(
        (view.version().grants(), ids(&view, 1)),
        (1, vec![grant_id(2)])
    );
}

#[tokio::test]
async fn another_process_stands_still_until_it_loads() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    let (views, authorizer) = second(&world);
    authorizer.load(inside(1)).await.unwrap();
    world.take(1).await;
    let ctx = caller(1);
    let before = authorizer.snapshot(&ctx).unwrap();
    assert!(before.require(account::Read, container(FRANCE)).is_ok());
    views.load(inside(1)).await.unwrap();
    let after = authorizer.snapshot(&ctx).unwrap();
    assert!(after.require(account::Read, container(FRANCE)).is_err());
    assert!(before.require(account::Read, container(FRANCE)).is_ok());
}

#[tokio::test]
async fn law_18_concurrent_changes_are_all_seen_in_the_order_of_the_log() {
    let world = World::bank().await;
    world.authorizer.load(inside(1)).await.unwrap();
    let held = world.authorizer.snapshot(&caller(1)).unwrap();
    let mut running = tokio::task::JoinSet::new();
    for number in 0..30 {
        let views = world.views.clone();
        let given = grant(number, 1, Clerk, container(FRANCE));
        running.spawn(async move { views.provision(inside(1), given).await.unwrap().grants() });
    }
    let mut versions = running.join_all().await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=30).collect::<Vec<_>>());
    assert_eq!(held.versions().grants, 0);
    assert!(!held.sees(container(FRANCE)));
    let next = world.authorizer.snapshot(&caller(1)).unwrap();
    assert_eq!(next.versions().grants, 30);
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(ids(&view, 1), (0..30).map(grant_id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_grant_given_twice_or_taken_unheld_changes_the_version_only() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    // The same id for somebody else, with more: the first word counts.
    world.give(grant(1, 2, Manager, root(1))).await;
    world.take(7).await;
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(view.version().grants(), 3);
    assert_eq!((ids(&view, 1), ids(&view, 2)), (vec![grant_id(1)], vec![]));
    world.take(1).await;
    world.take(1).await;
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!((view.version().grants(), ids(&view, 1)), (5, vec![]));
}

#[tokio::test]
async fn taking_one_grant_leaves_the_others() {
    let world = World::bank().await;
    for number in [3, 1, 2] {
        world.give(grant(number, 1, Clerk, container(FRANCE))).await;
    }
    world.take(2).await;
    let view = world.views.published(tenant(1)).unwrap();
    assert_eq!(ids(&view, 1), [grant_id(1), grant_id(3)]);
}

#[tokio::test]
async fn a_grant_is_taken_back_only_in_its_own_tenant() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    world.views.withdraw(inside(2), grant_id(1)).await.unwrap();
    let (here, there) = (
        world.views.published(tenant(1)),
        world.views.published(tenant(2)),
    );
    let (here, there) = (here.unwrap(), there.unwrap());
    assert_eq!((here.version().grants(), there.version().grants()), (1, 1));
    assert_eq!((ids(&here, 1), ids(&there, 1)), (vec![grant_id(1)], vec![]));
}

#[tokio::test]
async fn the_log_in_memory_appends_all_or_nothing() {
    let world = World::bank().await;
    let event = |number| {
        let grant = grant(number, 1, Clerk, root(1));
        recorded(AccessEvent::GrantGiven { grant })
    };
    let log = &world.log.log;
    let stream = AccessStream::Grants;
    let both = log
        .append(
            inside(1),
            stream,
            AccessVersion::ZERO,
            &[event(1), event(2)],
        )
        .await;
    assert_eq!(both.unwrap(), 2);
    let stale = log
        .append(inside(1), stream, AccessVersion::ZERO, &[event(3)])
        .await
        .unwrap_err();
    assert!(matches!(
        stale,
        skeleton_tenancy_tree::AppendError::Stale { actual: 2 }
    ));
    // The other stream counts as well, whichever grows.
    let elsewhere = AccessVersion::new(1, 2);
    let stale = log.append(inside(1), stream, elsewhere, &[event(3)]).await;
    assert!(stale.is_err());
    assert_eq!(world.log.recorded(1).await.len(), 2);
    assert_eq!(world.log.recorded(2).await.len(), 0);
}
