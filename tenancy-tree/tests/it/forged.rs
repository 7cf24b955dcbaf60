//! Logs that somebody made up, or that were damaged.

use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::Skipped;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use crate::answers::Answers;
use crate::answers::assert_is_tree;
use crate::growing::folded;
use crate::growing::forged;
use crate::helpers::NOW;
use crate::helpers::account;
use crate::helpers::at_once;
use crate::helpers::container;
use crate::helpers::created;
use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::tenant;
use crate::naive::Naive;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

fn moved(container: ContainerId, from: ContainerId, to: ContainerId) -> TreeEvent {
    TreeEvent::Moved {
        container,
        from,
        to,
    }
}

/// The log with moves that all begin where their container lies: into archives and out of them, as older rules may
/// have allowed.
fn mended(log: Vec<TreeEvent>) -> Vec<TreeEvent> {
    let mut naive = Naive::rooted(tenant(1));
    let mend = |event| {
        let event = match event {
            TreeEvent::Moved {
                container,
                from,
                to,
            } => moved(container, naive.parent(container).unwrap_or(from), to),
            other => other,
        };
        let _counted = naive.apply(&event);
        event
    };
    log.into_iter().map(mend).collect()
}

proptest! {
    #[test]
    fn attack_02_a_forged_log_is_folded_as_the_model_does_by_every_replica(log in forged()) {
        let (mut tree, mut naive) = (Tree::rooted(tenant(1)), Naive::rooted(tenant(1)));
        for event in &log {
            prop_assert_eq!(tree.apply(event), naive.apply(event), "{:?}", event);
        }
        let snapshot = TreeSnapshot::of(&tree);
        prop_assert_eq!(&folded(&log), &tree);
        prop_assert_eq!(tree.version().get(), log.len() as u64);
        prop_assert_eq!((tree.skipped(), snapshot.skipped()), (naive.skipped(), naive.skipped()));
        prop_assert_eq!(Answers::of(&snapshot), Answers::expected(&naive));
        assert_is_tree(&snapshot);
    }

    /// Two processes that read it in other pages: one event after the other, each snapshot made from the one before,
    /// and all at once.
    #[test]
    fn attack_02_a_forged_log_in_a_store_is_shown_alike_and_reported(
        log in forged(),
        is_mended in any::<bool>(),
    ) {
        let log = if is_mended { mended(log) } else { log };
        let (store, t) = (MemoryTrees::new(), inside(tenant(1)));
        let (early, late) = (forest(store.clone(), 1), forest(store.clone(), 2));
        let mut tree = Tree::rooted(tenant(1));
        for (version, event) in (0..).zip(&log) {
            let recorded = [Recorded::new(event.clone(), NOW, Cause::of(t))];
            at_once(store.append(t, TreeVersion::new(version), &recorded)).unwrap();
            let _counted = tree.apply(event);
            let shown = at_once(early.catch_up(t)).unwrap();
            prop_assert_eq!(Answers::of(&shown), Answers::of(&TreeSnapshot::of(&tree)));
        }
        let skipped = folded(&log).skipped();
        let [early, late] = [early, late].map(|forest| at_once(forest.snapshot(t)).unwrap());
        prop_assert_eq!((early.skipped(), late.skipped()), (skipped, skipped));
        prop_assert_eq!(Answers::of(&early), Answers::of(&late));
    }
}

#[test]
fn attack_02_every_event_that_does_not_fit_says_why_and_changes_only_the_version() {
    let log = [
        created(container(1), root(), "a"),
        created(container(2), container(1), "b"),
        created(container(3), root(), "c"),
        TreeEvent::Archived {
            container: container(3),
        },
        TreeEvent::AccountPlaced {
            account: account(1),
            container: container(2),
        },
    ];
    let (a, b, c, nobody) = (container(1), container(2), container(3), container(9));
    let (member, stranger) = (account(1), account(2));
    let renamed = |container, name: &str| TreeEvent::Renamed {
        container,
        name: name.to_owned(),
    };
    let archived = |container| TreeEvent::Archived { container };
    let restored = |container| TreeEvent::Restored { container };
    let placed = |account, container| TreeEvent::AccountPlaced { account, container };
    let removed = |account, container| TreeEvent::AccountRemoved { account, container };
    let cases = [
        (created(nobody, container(8), "x"), Skipped::UnknownParent),
        (created(nobody, nobody, "x"), Skipped::UnknownParent),
        (created(a, root(), "x"), Skipped::IdTaken),
        (created(root(), a, "x"), Skipped::IdTaken),
        (created(a, nobody, "x"), Skipped::IdTaken),
        (moved(nobody, root(), a), Skipped::UnknownContainer),
        (moved(b, a, nobody), Skipped::UnknownParent),
        (moved(root(), root(), a), Skipped::RootIsFixed),
        (moved(b, root(), c), Skipped::NotThere),
        (moved(b, nobody, c), Skipped::NotThere),
        (moved(a, root(), a), Skipped::Cycle),
        (moved(a, root(), b), Skipped::Cycle),
        (renamed(nobody, "x"), Skipped::UnknownContainer),
        (renamed(root(), "x"), Skipped::RootIsFixed),
        (archived(nobody), Skipped::UnknownContainer),
        (archived(root()), Skipped::RootIsFixed),
        (archived(c), Skipped::NoChange),
        (restored(nobody), Skipped::UnknownContainer),
        (restored(root()), Skipped::RootIsFixed),
        (restored(a), Skipped::NoChange),
        (placed(member, nobody), Skipped::UnknownContainer),
        (placed(member, b), Skipped::NoChange),
        (removed(member, nobody), Skipped::UnknownContainer),
        (removed(stranger, b), Skipped::NoChange),
        (removed(member, a), Skipped::NoChange),
    ];
    let mut tree = folded(&log);
    let before = Answers::of(&TreeSnapshot::of(&tree));
    for (number, (event, why)) in (1..).zip(cases) {
        assert_eq!(tree.apply(&event), Applied::Skipped(why), "{event:?}");
        assert_eq!((tree.skipped(), tree.version().get()), (number, 5 + number));
        assert_eq!(Answers::of(&TreeSnapshot::of(&tree)), before, "{event:?}");
    }
}

/// Limits and archives bind commands. A log in which they were other than now stays readable.
#[test]
fn attack_02_the_fold_asks_neither_for_limits_nor_for_archives_nor_for_names() {
    let mut log: Vec<_> = (1..=12_000)
        .map(|number| created(container(number), root(), "twin"))
        .collect();
    log.push(TreeEvent::Archived {
        container: container(1),
    });
    log.push(created(container(20_000), container(1), "\0"));
    log.push(moved(container(2), root(), container(1)));
    let tree = folded(&log);
    assert_eq!((tree.skipped(), tree.len()), (0, 12_002));
    let snapshot = TreeSnapshot::of(&tree);
    assert!(snapshot.node(container(2)).unwrap().is_archived());
}

/// `len` containers from `first` on, each below the one before it.
fn chain(first: u64, len: u64) -> Vec<TreeEvent> {
    let below = |number: u64| match number {
        _ if number == first => root(),
        _ => container(number - 1),
    };
    let numbers = first..first + len;
    numbers
        .map(|number| created(container(number), below(number), "c"))
        .collect()
}

#[test]
fn attack_02_nothing_lies_deeper_than_255_be_it_created_or_moved() {
    let (long, short) = (chain(0, 200), chain(1_000, 56));
    let mut tree = folded(long.iter().chain(&short));
    assert_eq!(tree.skipped(), 0);
    // 200 and 56 is one too many; the tail of 55 fits.
    let whole = moved(container(1_000), root(), container(199));
    assert_eq!(tree.apply(&whole), Applied::Skipped(Skipped::PastCeiling));
    let tail = moved(container(1_001), container(1_000), container(199));
    assert_eq!(tree.apply(&tail), Applied::Done);
    let deepest = container(1_055);
    let snapshot = TreeSnapshot::of(&tree);
    let node = snapshot.node(deepest).unwrap();
    assert_eq!((node.depth(), snapshot.ancestors(node).count()), (255, 255));
    assert_eq!(snapshot.scope_path(node).unwrap().as_bytes().len(), 4 * 255);
    assert_is_tree(&snapshot);

    let deeper = created(container(9_999), deepest, "c");
    assert_eq!(tree.apply(&deeper), Applied::Skipped(Skipped::PastCeiling));
    let further = moved(container(1_000), root(), deepest);
    assert_eq!(tree.apply(&further), Applied::Skipped(Skipped::PastCeiling));
    // To rise, or to stay as deep, is always allowed.
    let up = moved(container(1_001), container(199), container(198));
    assert_eq!(tree.apply(&up), Applied::Done);
    assert_eq!(TreeSnapshot::of(&tree).node(deepest).unwrap().depth(), 254);
}
