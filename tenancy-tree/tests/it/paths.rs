//! The place of a container as bytes, and intervals of them.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::ScopePath;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::growing::folded;
use crate::helpers::container;
use crate::helpers::created;
use crate::helpers::tenant;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

/// Container 1 with 2 in it, 3 beside them, and then 4 in 1: the order of creation is not pre-order.
fn planted() -> Tree {
    folded(&[
        created(container(1), root(), "a"),
        created(container(2), container(1), "b"),
        created(container(3), root(), "c"),
        created(container(4), container(1), "d"),
    ])
}

fn path(tree: &TreeSnapshot, id: ContainerId) -> ScopePath {
    tree.scope_path(tree.node(id).unwrap()).unwrap()
}

#[test]
fn a_path_is_the_ordinals_below_the_root_four_bytes_each() {
    let tree = TreeSnapshot::of(&planted());
    assert_eq!(path(&tree, root()).as_bytes(), [0_u8; 0]);
    assert_eq!(path(&tree, container(1)).as_bytes(), [0, 0, 0, 1]);
    assert_eq!(
        path(&tree, container(4)).as_bytes(),
        [0, 0, 0, 1, 0, 0, 0, 4]
    );
    let shown = format!("{:?} {:?}", path(&tree, container(4)), path(&tree, root()));
    assert_eq!(shown, "[1, 4] []");
}

#[test]
fn a_large_ordinal_has_its_highest_byte_first() {
    let log: Vec<_> = (1..=66_000)
        .map(|number| created(container(number), root(), "c"))
        .collect();
    let tree = TreeSnapshot::of(&folded(&log));
    assert_eq!(
        path(&tree, container(66_000)).as_bytes(),
        [0, 1, 0x01, 0xd0]
    );
    assert_eq!(format!("{:?}", path(&tree, container(66_000))), "[66000]");
    assert!(path(&tree, container(255)) < path(&tree, container(256)));
    assert!(path(&tree, container(65_535)) < path(&tree, container(65_536)));
}

#[test]
fn a_path_has_128_bytes_at_depth_32() {
    let mut log = vec![created(container(1), root(), "c")];
    for number in 2..=32 {
        log.push(created(container(number), container(number - 1), "c"));
    }
    let tree = TreeSnapshot::of(&folded(&log));
    assert_eq!(path(&tree, container(32)).as_bytes().len(), 128);
}

#[test]
fn the_range_of_a_subtree_holds_its_paths_and_no_other() {
    let tree = TreeSnapshot::of(&planted());
    let range = tree
        .subtree_range(tree.node(container(1)).unwrap())
        .unwrap();
    assert_eq!(range.lo(), &path(&tree, container(1)));
    assert_eq!(range.hi(), &path(&tree, container(4)));
    for (id, is_inside) in [(1, true), (2, true), (4, true), (3, false)] {
        assert_eq!(
            range.contains(&path(&tree, container(id))),
            is_inside,
            "{id}"
        );
    }
    assert!(!range.contains(&path(&tree, root())));
    let all = tree.subtree_range(tree.root()).unwrap();
    assert_eq!(
        (all.lo(), all.hi()),
        (&path(&tree, root()), &path(&tree, container(3)))
    );
}

#[test]
fn a_range_that_ends_before_it_begins_is_none() {
    let tree = TreeSnapshot::of(&planted());
    let (one, three) = (
        tree.node(container(1)).unwrap(),
        tree.node(container(3)).unwrap(),
    );
    assert!(tree.scope_range(one, three).is_some());
    assert_eq!(tree.scope_range(three, one), None);
    let alone = tree.scope_range(one, one).unwrap();
    assert_eq!(alone.lo(), alone.hi());
}

#[test]
fn a_move_changes_the_paths_of_what_moved_and_a_name_changes_none() {
    let mut tree = planted();
    let before = TreeSnapshot::of(&tree);
    let renamed = TreeEvent::Renamed {
        container: container(1),
        name: "z".to_owned(),
    };
    let moved = TreeEvent::Moved {
        container: container(1),
        from: root(),
        to: container(3),
    };
    assert_eq!(tree.apply(&renamed), Applied::Done);
    let after = TreeSnapshot::of(&tree);
    for number in 1..=4 {
        assert_eq!(
            path(&after, container(number)),
            path(&before, container(number))
        );
    }
    assert_eq!(tree.apply(&moved), Applied::Done);
    let after = TreeSnapshot::of(&tree);
    assert_eq!(
        path(&after, container(2)).as_bytes(),
        [0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2]
    );
    assert_eq!(path(&after, container(3)), path(&before, container(3)));
}
