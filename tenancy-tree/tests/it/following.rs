//! What other processes append, and how one gets to see it.

use std::sync::Arc;
use std::time::Duration;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;
use tokio::time::Instant;
use tokio::time::advance;

use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::recorded;
use crate::helpers::tenant;
use crate::stores::Moody;

/// Longer than any step of the forest's own.
const LONG: Duration = Duration::from_secs(10);

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

fn version(number: u64) -> TreeVersion {
    TreeVersion::new(number)
}

/// What a forest shows of a tenant without asking the store.
fn shown(forest: &Forest, tenant: TenantId) -> Option<u64> {
    forest.published(tenant).map(|tree| tree.version().get())
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_there_needs_neither_time_nor_the_store() {
    let store = Moody::default();
    let forest = forest(store.clone(), 1);
    let t = inside(tenant(1));
    forest.create(t, root(), "a").await.unwrap();
    let held = forest.snapshot(t).await.unwrap();
    let (reads, begun) = (store.reads(), Instant::now());
    for wanted in [0, 1] {
        let tree = forest
            .at_least(t, version(wanted), Duration::ZERO)
            .await
            .unwrap();
        assert!(Arc::ptr_eq(&tree, &held));
    }
    assert_eq!((store.reads(), begun.elapsed()), (reads, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_version_that_another_process_appended_is_read_at_once() {
    let store = MemoryTrees::new();
    let (one, other) = (forest(store.clone(), 1), forest(store, 2));
    let t = inside(tenant(1));
    for loaded in [false, true] {
        if loaded {
            other.snapshot(t).await.unwrap();
        }
        one.create(t, root(), &format!("loaded: {loaded}"))
            .await
            .unwrap();
        let wanted = one.published(tenant(1)).unwrap().version();
        let begun = Instant::now();
        let tree = other.at_least(t, wanted, LONG).await.unwrap();
        assert_eq!((tree.version(), begun.elapsed()), (wanted, Duration::ZERO));
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_comes_later_from_another_process_is_waited_for() {
    let store = MemoryTrees::new();
    let (one, other) = (forest(store.clone(), 1), forest(store, 2));
    let t = inside(tenant(1));
    let waiting = tokio::spawn(async move { other.at_least(t, version(2), LONG).await });
    for name in ["a", "b"] {
        assert!(!waiting.is_finished());
        advance(Duration::from_secs(1)).await;
        one.create(t, root(), name).await.unwrap();
    }
    let tree = waiting.await.unwrap().unwrap();
    assert_eq!(tree.version(), version(2));
}

#[tokio::test(start_paused = true)]
async fn a_version_that_this_process_publishes_wakes_who_waits_for_it() {
    let store = Moody::default();
    let forest = forest(store.clone(), 1);
    let t = inside(tenant(1));
    let waiter = forest.clone();
    let waiting = tokio::spawn(async move { waiter.at_least(t, version(1), LONG).await });
    tokio::task::yield_now().await;
    // Only the publication can wake it: the store tells nobody anything.
    store.hide(&[tenant(1)], true);
    let begun = Instant::now();
    forest.create(t, root(), "a").await.unwrap();
    let tree = waiting.await.unwrap().unwrap();
    assert_eq!(
        (tree.version(), begun.elapsed()),
        (version(1), Duration::ZERO)
    );
}

#[tokio::test(start_paused = true)]
async fn a_version_that_never_comes_is_unavailable_when_the_time_is_over() {
    let forest = forest(MemoryTrees::new(), 1);
    let t = inside(tenant(1));
    forest.create(t, root(), "a").await.unwrap();
    let begun = Instant::now();
    let late = forest.at_least(t, version(2), LONG).await.unwrap_err();
    assert!(matches!(late, TreeError::Unavailable(_)));
    assert!(begun.elapsed() >= LONG && begun.elapsed() < LONG * 2);
    assert_eq!(shown(&forest, tenant(1)), Some(1));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_version_outlasts_a_store_that_is_down() {
    let store = Moody::default();
    let (one, other) = (forest(store.clone(), 1), forest(store.clone(), 2));
    let t = inside(tenant(1));
    one.create(t, root(), "a").await.unwrap();
    store.hide(&[tenant(1)], false);
    let waiter = other.clone();
    let waiting = tokio::spawn(async move { waiter.at_least(t, version(1), LONG).await });
    advance(Duration::from_secs(5)).await;
    assert!(!waiting.is_finished());
    store.hide(&[], false);
    assert_eq!(waiting.await.unwrap().unwrap().version(), version(1));
    store.hide(&[tenant(1)], false);
    let never = other.at_least(t, version(2), LONG).await;
    assert!(matches!(never, Err(TreeError::Unavailable(_))));
}

#[tokio::test]
async fn a_round_catches_up_what_is_loaded_and_behind_and_loads_nothing() {
    let store = MemoryTrees::new();
    let (one, other) = (forest(store.clone(), 1), forest(store, 2));
    for number in [1, 2, 3] {
        let root = ContainerId::root_of(tenant(number));
        one.create(inside(tenant(number)), root, "a").await.unwrap();
    }
    other.snapshot(inside(tenant(1))).await.unwrap();
    other.snapshot(inside(tenant(2))).await.unwrap();
    one.create(inside(tenant(1)), root(), "b").await.unwrap();
    assert_eq!(other.catch_up_all().await.unwrap(), 1);
    let all = [1, 2, 3].map(|number| shown(&other, tenant(number)));
    assert_eq!(all, [Some(2), Some(1), None]);
    assert_eq!(other.catch_up_all().await.unwrap(), 0);
}

/// The table of heads comes in pages: the tenants on the last one are not forgotten.
#[tokio::test]
async fn a_round_reads_every_page_of_the_heads() {
    let store = MemoryTrees::new();
    let follower = forest(store.clone(), 1);
    let numbered = |number: u128| TenantId::from_bytes(number.to_be_bytes()).unwrap();
    let (first, last) = (1, 2_500);
    for number in [first, last] {
        follower.snapshot(inside(numbered(number))).await.unwrap();
    }
    for number in first..=last {
        let (t, event) = (inside(numbered(number)), recorded(1, numbered(number)));
        store.append(t, TreeVersion::ZERO, &[event]).await.unwrap();
    }
    assert_eq!(follower.catch_up_all().await.unwrap(), 2);
    for number in [first, last] {
        assert_eq!(shown(&follower, numbered(number)), Some(1));
    }
    assert_eq!(shown(&follower, numbered(2)), None);
}

#[tokio::test]
async fn a_round_reads_the_other_tails_though_one_cannot_be_had_and_says_so() {
    let store = Moody::default();
    let (one, other) = (forest(store.clone(), 1), forest(store.clone(), 2));
    for number in [1, 2, 3] {
        let t = inside(tenant(number));
        other.snapshot(t).await.unwrap();
        one.create(t, ContainerId::root_of(tenant(number)), "a")
            .await
            .unwrap();
    }
    store.hide(&[tenant(2)], false);
    assert!(matches!(
        other.catch_up_all().await,
        Err(TreeError::Unavailable(_))
    ));
    let all = [1, 2, 3].map(|number| shown(&other, tenant(number)));
    assert_eq!(all, [Some(1), Some(0), Some(1)]);
    store.hide(&[], true);
    assert!(matches!(
        other.catch_up_all().await,
        Err(TreeError::Unavailable(_))
    ));
    store.hide(&[], false);
    assert_eq!(other.catch_up_all().await.unwrap(), 1);
    assert_eq!(shown(&other, tenant(2)), Some(1));
}

#[tokio::test(start_paused = true)]
async fn whoever_follows_sees_every_change_within_a_round_and_survives_a_store_that_is_down() {
    let store = Moody::default();
    let (one, other) = (forest(store.clone(), 1), forest(store.clone(), 2));
    let (t, every) = (inside(tenant(1)), Duration::from_secs(3));
    other.snapshot(t).await.unwrap();
    let following = tokio::spawn(other.clone().follow(every));
    for number in 1..=5 {
        one.create(t, root(), &format!("c{number}")).await.unwrap();
        tokio::time::sleep(every * 2).await;
        assert_eq!(shown(&other, tenant(1)), Some(number));
    }
    store.hide(&[], true);
    one.create(t, root(), "unseen").await.unwrap();
    tokio::time::sleep(every * 3).await;
    assert_eq!(shown(&other, tenant(1)), Some(5));
    assert!(!following.is_finished());
    store.hide(&[], false);
    tokio::time::sleep(every * 2).await;
    assert_eq!(shown(&other, tenant(1)), Some(6));
    following.abort();
}

/// What another process appended in a transaction of its own.
#[tokio::test]
async fn catching_up_shows_what_was_appended_beside_the_forest() {
    let store = MemoryTrees::new();
    let forest = forest(store.clone(), 1);
    let t = inside(tenant(1));
    forest.snapshot(t).await.unwrap();
    let events: Vec<Recorded<_>> = (0..3_000)
        .map(|number| recorded(number, tenant(1)))
        .collect();
    store.append(t, TreeVersion::ZERO, &events).await.unwrap();
    let tree = forest.catch_up(t).await.unwrap();
    assert_eq!((tree.len(), tree.skipped()), (3_001, 0));
    assert!(Arc::ptr_eq(&tree, &forest.published(tenant(1)).unwrap()));
}
