//! Races on trees.

use std::sync::Arc;

use shuttle::future::spawn;
use shuttle::future::yield_now;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use super::Yielding;
use super::in_every_order;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::recorded;
use crate::helpers::tenant;

type Store = Yielding<MemoryTrees>;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

/// A store whose tree has as many containers below its root.
async fn grown(containers: u64) -> Store {
    let (store, t) = (Store::default(), inside(tenant(1)));
    let events: Vec<_> = (0..containers)
        .map(|number| recorded(number, tenant(1)))
        .collect();
    TreeStore::append(&store.store, t, TreeVersion::ZERO, &events)
        .await
        .unwrap();
    store
}

fn put(container: ContainerId, to: ContainerId) -> TreeCommand {
    TreeCommand::Move {
        container,
        to,
        planned_at: None,
    }
}

#[test]
fn first_readers_at_once_load_a_tree_once() {
    in_every_order(600, || async {
        let store = grown(3).await;
        let forest = forest(store.clone(), 1);
        let readers: Vec<_> = (0..5)
            .map(|_| {
                let forest = forest.clone();
                spawn(async move { forest.snapshot(inside(tenant(1))).await.unwrap() })
            })
            .collect();
        let first = forest.snapshot(inside(tenant(1))).await.unwrap();
        assert_eq!(first.len(), 4);
        for reader in readers {
            assert!(Arc::ptr_eq(&first, &reader.await.unwrap()));
        }
        // Three events in pages of two, and the page that ends them.
        assert_eq!(store.reads(), 3);
    });
}

#[test]
fn two_writers_lose_nothing_and_no_reader_sees_a_version_go_back() {
    in_every_order(600, || async {
        let store = Store::default();
        let forests = [forest(store.clone(), 1), forest(store.clone(), 2)];
        let write = |forest: Forest, first: u64| async move {
            let mut written = 0;
            for number in first..first + 3 {
                let command = create(container(number), root(), &format!("c{number}"));
                match forest.execute(inside(tenant(1)), command).await {
                    Ok(version) => {
                        let published = forest.published(tenant(1)).unwrap();
                        assert!(published.version() >= version);
                        assert!(published.node(container(number)).is_some());
                        written += 1;
                    }
                    Err(TreeError::Stale { .. }) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
            written
        };
        let read = |forest: Forest, store: Store| async move {
            let mut before = TreeVersion::ZERO;
            for _ in 0..8 {
                let seen = forest.snapshot(inside(tenant(1))).await.unwrap().version();
                let durable = store.store.heads(None).await.unwrap();
                let durable = durable.first().map_or(0, |head| head.version());
                assert!(before <= seen && seen.get() <= durable);
                before = seen;
                yield_now().await;
            }
        };
        let mut writers = Vec::new();
        let mut readers = Vec::new();
        for (forest, first) in forests.iter().zip([10, 20]) {
            writers.push(spawn(write(forest.clone(), first)));
            readers.push(spawn(read(forest.clone(), store.clone())));
        }
        let mut written = 0;
        for writer in writers {
            written += writer.await.unwrap();
        }
        for reader in readers {
            reader.await.unwrap();
        }
        assert!(written >= 3);
        for forest in &forests {
            let end = forest.catch_up(inside(tenant(1))).await.unwrap();
            assert_eq!(
                (end.len(), end.version().get()),
                (written + 1, written as u64)
            );
            assert_eq!(end.skipped(), 0);
        }
    });
}

#[test]
fn writers_of_one_process_never_outrun_one_another() {
    in_every_order(600, || async {
        let forest = forest(Store::default(), 1);
        let writers: Vec<_> = (0..5)
            .map(|number| {
                let forest = forest.clone();
                let command = create(container(number), root(), &format!("c{number}"));
                spawn(async move { forest.execute(inside(tenant(1)), command).await })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap().unwrap();
        }
        assert_eq!(forest.published(tenant(1)).unwrap().len(), 6);
    });
}

#[test]
fn a_follower_that_nobody_notifies_reaches_every_commit() {
    in_every_order(400, || async {
        let store = Store::default();
        let (writer, follower) = (forest(store.clone(), 1), forest(store.clone(), 2));
        follower.snapshot(inside(tenant(1))).await.unwrap();
        let writing = spawn(async move {
            for number in 0..4 {
                let command = create(container(number), root(), &format!("c{number}"));
                let version = writer.execute(inside(tenant(1)), command).await;
                assert_eq!(version.unwrap().get(), number + 1);
            }
        });
        let mut before = TreeVersion::ZERO;
        while before.get() < 4 {
            follower.catch_up_all().await.unwrap();
            let seen = follower.published(tenant(1)).unwrap();
            assert!(before <= seen.version());
            assert_eq!(seen.len() as u64, seen.version().get() + 1);
            before = seen.version();
        }
        writing.await.unwrap();
        assert_eq!(follower.catch_up_all().await.unwrap(), 0);
    });
}

#[test]
fn attack_01_two_that_go_under_one_another_close_no_cycle() {
    in_every_order(1_000, || async {
        let store = grown(2).await;
        let forests = [forest(store.clone(), 1), forest(store.clone(), 2)];
        let moves = [
            put(container(0), container(1)),
            put(container(1), container(0)),
        ];
        let mut racers = Vec::new();
        for (forest, command) in forests.iter().zip(moves) {
            let forest = forest.clone();
            racers.push(spawn(async move {
                forest.execute(inside(tenant(1)), command).await
            }));
        }
        let mut answers = Vec::new();
        for racer in racers {
            answers.push(racer.await.unwrap());
        }
        let won = answers.iter().filter(|answer| answer.is_ok()).count();
        let cycles = answers
            .iter()
            .filter(|answer| matches!(answer, Err(TreeError::WouldCycle { .. })))
            .count();
        assert_eq!((won, cycles), (1, 1), "{answers:?}");
        for forest in &forests {
            let end = forest.catch_up(inside(tenant(1))).await.unwrap();
            assert_eq!((end.len(), end.version().get(), end.skipped()), (3, 3, 0));
            let nodes = [0, 1].map(|number| end.node(container(number)).unwrap());
            let depths = nodes.map(skeleton_tenancy_tree::Node::depth);
            assert!(depths == [1, 2] || depths == [2, 1]);
        }
    });
}

#[test]
fn a_writer_that_is_dropped_leaves_a_tree_that_reads_on() {
    in_every_order(600, || async {
        let store = Store::default();
        let forest = forest(store.clone(), 1);
        forest.snapshot(inside(tenant(1))).await.unwrap();
        let writing = spawn({
            let forest = forest.clone();
            let command = create(container(0), root(), "a");
            async move { forest.execute(inside(tenant(1)), command).await }
        });
        yield_now().await;
        writing.abort();
        // Whether it was written or not: the next reader knows what the store knows by then.
        drop(writing.await);
        let durable = store.store.heads(None).await.unwrap();
        let durable = durable.first().map_or(0, |head| head.version());
        let seen = forest.snapshot(inside(tenant(1))).await.unwrap();
        assert_eq!(seen.version().get(), durable);
        let command = create(container(1), root(), "b");
        let version = forest.execute(inside(tenant(1)), command).await.unwrap();
        assert_eq!(version.get(), durable + 1);
    });
}
