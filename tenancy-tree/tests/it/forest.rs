//! The trees of all tenants: appends, races, publication.

use std::error::Error;
use std::sync::Arc;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::DynTreeStore;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Origin;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeVersion;

use crate::helpers::Fragile;
use crate::helpers::NOW;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::moving;
use crate::helpers::tenant;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

#[tokio::test]
async fn a_change_is_published_before_it_is_answered() {
    let forest = forest(MemoryTrees::new(), 1);
    assert!(forest.published(tenant(1)).is_none());
    let id = forest
        .create(inside(tenant(1)), root(), "Global")
        .await
        .unwrap();
    let published = forest.published(tenant(1)).unwrap();
    assert_eq!(published.version(), TreeVersion::new(1));
    assert_eq!(published.name(published.node(id).unwrap()), "Global");
}

#[tokio::test]
async fn a_held_snapshot_answers_as_before() {
    let forest = forest(MemoryTrees::new(), 1);
    let held = forest.snapshot(inside(tenant(1))).await.unwrap();
    let id = forest
        .create(inside(tenant(1)), root(), "later")
        .await
        .unwrap();
    assert_eq!((held.len(), held.node(id)), (1, None));
    assert_eq!(forest.snapshot(inside(tenant(1))).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_reader_neither_sees_nor_delays_a_change_that_comes_meanwhile() {
    let forest = forest(MemoryTrees::new(), 1);
    assert_eq!(forest.read(tenant(1), |tree| tree.len()), None);
    forest.snapshot(inside(tenant(1))).await.unwrap();
    let changed = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let change = forest.create(inside(tenant(1)), root(), "later");
        runtime.unwrap().block_on(change).unwrap();
    };
    let seen = forest.read(tenant(1), |tree| {
        let before = tree.len();
        std::thread::scope(|scope| scope.spawn(changed).join()).unwrap();
        let within = forest.read(tenant(1), |tree| tree.len());
        (before, tree.len(), within)
    });
    assert_eq!(seen, Some((1, 1, Some(2))));
}

#[tokio::test]
async fn a_refused_command_appends_nothing() {
    let store = Fragile::default();
    let forest = forest(store.clone(), 1);
    forest.create(inside(tenant(1)), root(), "a").await.unwrap();
    let twin = forest.create(inside(tenant(1)), root(), "a").await;
    assert!(matches!(twin, Err(TreeError::NameTaken)));
    assert_eq!((store.appends(), store.log(tenant(1)).await.len()), (1, 1));
    assert_eq!(store.log(tenant(1)).await[0].at(), NOW);
}

#[tokio::test]
async fn attack_03_a_parent_of_another_tenant_is_as_unknown_as_a_random_one() {
    let forest = forest(MemoryTrees::new(), 1);
    let foreign = forest.create(inside(tenant(1)), root(), "a").await.unwrap();
    for parent in [foreign, root(), container(77)] {
        let error = forest
            .create(inside(tenant(2)), parent, "b")
            .await
            .unwrap_err();
        assert!(matches!(error, TreeError::UnknownContainer(id) if id == parent));
        assert_eq!(error.to_string(), "no such container");
        assert!(error.source().is_none());
    }
    assert_eq!(forest.snapshot(inside(tenant(2))).await.unwrap().len(), 1);
}

#[tokio::test]
async fn who_was_outrun_folds_the_tail_and_decides_again() {
    let store = MemoryTrees::new();
    let (one, other) = (forest(store.clone(), 1), forest(store, 2));
    one.snapshot(inside(tenant(1))).await.unwrap();
    let theirs = other
        .create(inside(tenant(1)), root(), "theirs")
        .await
        .unwrap();
    let ours = one.create(inside(tenant(1)), root(), "ours").await.unwrap();
    let tree = one.published(tenant(1)).unwrap();
    assert!(tree.node(theirs).is_some() && tree.node(ours).is_some());
    assert_eq!(tree.version(), TreeVersion::new(2));
}

#[tokio::test]
async fn what_was_decided_again_is_decided_by_the_tree_as_it_is_then() {
    let store = MemoryTrees::new();
    let (one, other) = (forest(store.clone(), 1), forest(store, 2));
    one.snapshot(inside(tenant(1))).await.unwrap();
    other
        .create(inside(tenant(1)), root(), "same")
        .await
        .unwrap();
    let twin = one.create(inside(tenant(1)), root(), "same").await;
    assert!(matches!(twin, Err(TreeError::NameTaken)));
    assert_eq!(one.published(tenant(1)).unwrap().len(), 2);
}

#[tokio::test]
async fn who_is_outrun_three_times_is_stale() {
    for (times, wins) in [(2, true), (3, false)] {
        let store = Fragile::default();
        let forest = forest(store.clone(), 1);
        store.be_outrun(times);
        let answer = forest
            .execute(inside(tenant(1)), create(container(1), root(), "a"))
            .await;
        assert_eq!(store.appends(), 3);
        match answer {
            Ok(version) => assert!(wins && version == TreeVersion::new(3)),
            Err(error) => {
                let is_stale = matches!(error, TreeError::Stale { actual } if actual.get() == 3);
                assert!(!wins && is_stale, "{error:?}");
            }
        }
        assert_eq!(forest.published(tenant(1)).unwrap().version().get(), 3);
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_unavailable_and_not_an_empty_tree() {
    let store = Fragile::default();
    store.take_down();
    let forest = forest(store.clone(), 1);
    let error = forest.snapshot(inside(tenant(1))).await.unwrap_err();
    assert!(matches!(error, TreeError::Unavailable(_)));
    assert_eq!(
        error.source().unwrap().source().unwrap().to_string(),
        "the disk is gone"
    );
    assert!(forest.published(tenant(1)).is_none());
    let create = forest.create(inside(tenant(1)), root(), "a").await;
    assert!(matches!(create, Err(TreeError::Unavailable(_))));
    store.bring_up();
    assert_eq!(forest.snapshot(inside(tenant(1))).await.unwrap().len(), 1);
    assert!(store.log(tenant(1)).await.is_empty());
}

#[tokio::test]
async fn a_change_that_failed_keeps_nobody_from_reading_on() {
    let store = Fragile::default();
    let forest = forest(store.clone(), 1);
    forest.create(inside(tenant(1)), root(), "a").await.unwrap();
    store.take_down();
    let failed = forest.create(inside(tenant(1)), root(), "b").await;
    assert!(matches!(failed, Err(TreeError::Unavailable(_))));
    assert_eq!(forest.snapshot(inside(tenant(1))).await.unwrap().len(), 2);
    store.bring_up();
    assert_eq!(forest.snapshot(inside(tenant(1))).await.unwrap().len(), 2);
}

#[tokio::test]
async fn readers_keep_the_published_tree_while_the_store_is_down() {
    let store = Fragile::default();
    let forest = forest(store.clone(), 1);
    forest.create(inside(tenant(1)), root(), "a").await.unwrap();
    store.take_down();
    assert_eq!(forest.snapshot(inside(tenant(1))).await.unwrap().len(), 2);
    assert!(forest.catch_up(inside(tenant(1))).await.is_err());
    assert_eq!(forest.published(tenant(1)).unwrap().len(), 2);
}

#[tokio::test]
async fn catching_up_folds_what_others_appended_over_short_pages() {
    let store = Fragile::default();
    let (one, other) = (forest(store.clone(), 1), forest(store, 2));
    one.snapshot(inside(tenant(1))).await.unwrap();
    for number in 0..10 {
        other
            .create(inside(tenant(1)), root(), &format!("c{number}"))
            .await
            .unwrap();
    }
    assert_eq!(one.published(tenant(1)).unwrap().len(), 1);
    assert_eq!(one.catch_up(inside(tenant(1))).await.unwrap().len(), 11);
    assert_eq!(one.published(tenant(1)).unwrap().version().get(), 10);
}

#[tokio::test]
async fn catching_up_with_nothing_new_keeps_the_allocation() {
    let forest = forest(MemoryTrees::new(), 1);
    let before = forest.snapshot(inside(tenant(1))).await.unwrap();
    let after = forest.catch_up(inside(tenant(1))).await.unwrap();
    assert!(Arc::ptr_eq(&before, &after));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_readers_at_once_share_one_snapshot() {
    let forest = forest(MemoryTrees::new(), 1);
    let read = |forest: skeleton_tenancy_tree::Forest| async move {
        forest.snapshot(inside(tenant(1))).await.unwrap()
    };
    let readers: Vec<_> = (0..100)
        .map(|_| tokio::spawn(read(forest.clone())))
        .collect();
    let first = forest.snapshot(inside(tenant(1))).await.unwrap();
    for reader in readers {
        assert!(Arc::ptr_eq(&first, &reader.await.unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_writers_at_once_lose_nothing() {
    let forest = forest(MemoryTrees::new(), 1);
    let write = |forest: skeleton_tenancy_tree::Forest, number: u32| async move {
        forest
            .create(inside(tenant(1)), root(), &format!("c{number}"))
            .await
            .unwrap()
    };
    let writers: Vec<_> = (0..100)
        .map(|number| tokio::spawn(write(forest.clone(), number)))
        .collect();
    for writer in writers {
        let id = writer.await.unwrap();
        assert!(forest.published(tenant(1)).unwrap().node(id).is_some());
    }
    assert_eq!(forest.published(tenant(1)).unwrap().version().get(), 100);
}

#[tokio::test]
async fn attack_09_ten_thousand_moves_touch_no_other_tenant_and_leave_one_snapshot() {
    let forest = forest(MemoryTrees::new(), 1);
    let (busy, quiet) = (inside(tenant(1)), inside(tenant(2)));
    let elsewhere = ContainerId::root_of(tenant(2));
    forest.create(quiet, elsewhere, "still").await.unwrap();
    let held = forest.snapshot(quiet).await.unwrap();
    let a = forest.create(busy, root(), "a").await.unwrap();
    let b = forest.create(busy, root(), "b").await.unwrap();
    let mut versions = Vec::new();
    for number in 0..10_000 {
        let to = if number % 2 == 0 { b } else { root() };
        forest.execute(busy, moving(a, to)).await.unwrap();
        let published = forest.published(tenant(1)).unwrap();
        assert_eq!(published.version(), TreeVersion::new(number + 3));
        versions.push(Arc::downgrade(&published));
        assert!(Arc::ptr_eq(&held, &forest.published(tenant(2)).unwrap()));
    }
    let left = versions.iter().filter(|version| version.strong_count() > 0);
    assert_eq!(left.count(), 1);
    // The forest and this test: nothing else keeps it.
    assert_eq!(Arc::strong_count(&held), 2);
}

#[tokio::test]
async fn a_store_of_a_type_that_nobody_names_is_a_store() {
    let store: Box<dyn DynTreeStore> = Box::new(MemoryTrees::new());
    let shared = Arc::new(store);
    let (one, other) = (forest(Arc::clone(&shared), 1), forest(shared, 2));
    one.snapshot(inside(tenant(1))).await.unwrap();
    let id = other.create(inside(tenant(1)), root(), "a").await.unwrap();
    assert_eq!(one.catch_up_all().await.unwrap(), 1);
    let tree = one.published(tenant(1)).unwrap();
    assert_eq!(tree.name(tree.node(id).unwrap()), "a");
    let boxed: Box<dyn DynTreeStore> = Box::new(MemoryTrees::new());
    let forest = forest(boxed, 3);
    forest.create(inside(tenant(1)), root(), "a").await.unwrap();
    assert_eq!(forest.published(tenant(1)).unwrap().len(), 2);
}

#[test]
fn in_tenant_is_of_the_callers_tenant_and_hands_the_origin_on() {
    let ctx = testing::context().user_in(tenant(3)).build_authenticated();
    let t = InTenant::of(&ctx);
    assert_eq!(t.tenant(), tenant(3));
    let Origin::Invocation(origin) = t.origin() else {
        panic!("an invocation asked");
    };
    assert_eq!(origin.event_context(), EventContext::of(&ctx));
    let job = inside(tenant(3));
    assert!(matches!(job.origin(), Origin::Background("test")));
}

#[test]
fn in_tenant_and_forest_cross_threads() {
    fn crosses<T: Send + Sync>(_: &T) {}
    crosses(&inside(tenant(1)));
    crosses(&forest(MemoryTrees::new(), 1));
}
