//! Limits on commands.

use std::sync::Arc;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::helpers::Fragile;
use crate::helpers::account;
use crate::helpers::clock;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::created;
use crate::helpers::inside;
use crate::helpers::moving;
use crate::helpers::tenant;
use crate::naive::Refused;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

/// Containers `0..len`, each below the one before it.
fn chain(len: u64) -> Tree {
    let mut tree = Tree::rooted(tenant(1));
    for number in 0..len {
        let parent = number.checked_sub(1).map_or_else(root, container);
        assert_eq!(
            tree.apply(&created(container(number), parent, "c")),
            Applied::Done
        );
    }
    tree
}

/// Containers `0..len`, all below the root.
fn fan(len: u64) -> Tree {
    let mut tree = Tree::rooted(tenant(1));
    for number in 0..len {
        let event = created(container(number), root(), &format!("c{number}"));
        assert_eq!(tree.apply(&event), Applied::Done);
    }
    tree
}

#[test]
fn attack_04_depth_32_is_reached_and_33_refused() {
    let limits = Limits::default();
    let mut tree = chain(31);
    let deepest = create(container(31), container(30), "deepest");
    assert_eq!(
        tree.apply(&tree.decide(&deepest, &limits).unwrap()),
        Applied::Done
    );
    let before = tree.clone();
    let refused = tree.decide(&create(container(32), container(31), "deeper"), &limits);
    assert!(matches!(refused, Err(TreeError::TooDeep { limit: 32 })));
    assert_eq!(tree, before);
}

#[test]
fn attack_04_child_10_000_is_reached_and_10_001_refused() {
    let limits = Limits::default();
    let mut tree = fan(9_999);
    let last = create(container(9_999), root(), "last");
    assert_eq!(
        tree.apply(&tree.decide(&last, &limits).unwrap()),
        Applied::Done
    );
    let refused = tree.decide(&create(container(10_000), root(), "more"), &limits);
    assert!(matches!(refused, Err(TreeError::TooWide { limit: 10_000 })));
}

/// 20 levels, and beside them 13: each allowed, and one too many below one another.
#[test]
fn attack_04_depth_33_is_refused_to_a_subtree_that_moves() {
    let limits = Limits::default();
    let mut tree = chain(20);
    for number in 100..113 {
        let parent = if number == 100 {
            root()
        } else {
            container(number - 1)
        };
        let event = created(container(number), parent, "d");
        assert_eq!(tree.apply(&event), Applied::Done);
    }
    let before = tree.clone();
    let refused = tree.decide(&moving(container(100), container(19)), &limits);
    assert!(matches!(refused, Err(TreeError::TooDeep { limit: 32 })));
    assert_eq!(tree, before);
    let fits = tree.decide(&moving(container(101), container(19)), &limits);
    assert_eq!(tree.apply(&fits.unwrap()), Applied::Done);
    let snapshot = TreeSnapshot::of(&tree);
    assert_eq!(snapshot.node(container(112)).unwrap().depth(), 32);
}

#[test]
fn attack_04_child_10_001_is_refused_to_what_moves_and_a_place_that_is_left_is_free() {
    let limits = Limits::default();
    let mut tree = fan(10_000);
    let event = created(container(20_000), container(0), "below");
    assert_eq!(tree.apply(&event), Applied::Done);
    let up = moving(container(20_000), root());
    let refused = tree.decide(&up, &limits);
    assert!(matches!(refused, Err(TreeError::TooWide { limit: 10_000 })));
    // An archived child is a child.
    let archived = TreeEvent::Archived {
        container: container(9),
    };
    assert_eq!(tree.apply(&archived), Applied::Done);
    let refused = tree.decide(&up, &limits);
    assert!(matches!(refused, Err(TreeError::TooWide { .. })));
    let down = tree.decide(&moving(container(8), container(7)), &limits);
    assert_eq!(tree.apply(&down.unwrap()), Applied::Done);
    assert!(tree.decide(&up, &limits).is_ok());
}

#[test]
fn attack_04_container_2_to_the_20_is_reached_and_the_next_refused() {
    let limits = Limits::default();
    let mut tree = Tree::rooted(tenant(1));
    let len: u64 = (1 << 20) - 2;
    for number in 0..len {
        // In fans of 1,024, so that neither the width nor the depth is what refuses.
        let parent = (number / 1_024).checked_sub(1).map_or_else(root, container);
        let name = if number < 1_024 {
            number.to_string()
        } else {
            String::from("c")
        };
        assert_eq!(
            tree.apply(&created(container(number), parent, &name)),
            Applied::Done
        );
    }
    let last = tree.decide(&create(container(len), root(), "last"), &limits);
    assert_eq!(tree.apply(&last.unwrap()), Applied::Done);
    assert_eq!(tree.len(), 1 << 20);
    let refused = tree.decide(&create(container(len + 1), root(), "more"), &limits);
    assert!(matches!(
        refused,
        Err(TreeError::TooMany { limit: 0x10_0000 })
    ));
}

#[test]
fn attack_04_the_limit_of_containers_counts_the_root_and_what_is_archived() {
    let limits = Limits::default().with_max_nodes(5);
    let mut tree = fan(3);
    let last = create(container(3), container(0), "last");
    assert_eq!(
        tree.apply(&tree.decide(&last, &limits).unwrap()),
        Applied::Done
    );
    let archived = TreeEvent::Archived {
        container: container(3),
    };
    assert_eq!(tree.apply(&archived), Applied::Done);
    let refused = tree.decide(&create(container(4), container(1), "more"), &limits);
    assert!(matches!(refused, Err(TreeError::TooMany { limit: 5 })));
}

#[test]
fn attack_04_memberships_are_limited_and_one_that_ended_leaves_its_place() {
    let limits = Limits::default().with_max_members(2);
    let mut tree = fan(2);
    let place = |number| TreeCommand::Place {
        account: account(number),
        container: container(0),
    };
    for number in [1, 2] {
        let placed = tree.decide(&place(number), &limits).unwrap();
        assert_eq!(tree.apply(&placed), Applied::Done);
    }
    let refused = tree.decide(&place(3), &limits);
    assert!(matches!(
        refused,
        Err(TreeError::TooManyMembers { limit: 2 })
    ));
    // Who is a member already is told so, and not that there is no room.
    assert!(matches!(
        tree.decide(&place(2), &limits),
        Err(TreeError::AlreadyMember)
    ));
    let removed = TreeEvent::AccountRemoved {
        account: account(1),
        container: container(0),
    };
    assert_eq!(tree.apply(&removed), Applied::Done);
    assert!(tree.decide(&place(3), &limits).is_ok());
}

/// It takes no room that it has not already.
#[test]
fn a_move_to_where_a_container_lies_is_within_any_limit() {
    let narrow = Limits::default().with_max_children(1).with_max_depth(0);
    let tree = fan(3);
    let event = tree.decide(&moving(container(1), root()), &narrow).unwrap();
    let (from, to) = (root(), root());
    let container = container(1);
    assert_eq!(
        event,
        TreeEvent::Moved {
            container,
            from,
            to
        }
    );
    let snapshot = TreeSnapshot::of(&tree).with_limits(narrow);
    assert_eq!(snapshot.plan_move(container, root()).unwrap().moved(), 1);
}

/// Of every limit: what was refused is not in the log, and readers keep their snapshot.
#[tokio::test]
async fn attack_04_a_command_past_a_limit_leaves_log_and_snapshot_alone() {
    let limits = Limits::default()
        .with_max_depth(2)
        .with_max_children(2)
        .with_max_nodes(5)
        .with_max_members(1)
        .with_max_name_bytes(3);
    let (store, t) = (Fragile::default(), inside(tenant(1)));
    let forest = Forest::open(store.clone(), limits, clock(), SeededIds::new(1));
    let [a, b, c, d] = [1, 2, 3, 4].map(container);
    let place = |number, container| TreeCommand::Place {
        account: account(number),
        container,
    };
    for command in [
        create(a, root(), "a"),
        create(b, root(), "b"),
        create(c, a, "c"),
        place(1, a),
    ] {
        forest.execute(t, command).await.unwrap();
    }
    let refused = [
        (create(d, c, "d"), Refused::TooDeep(2)),
        (moving(a, b), Refused::TooDeep(2)),
        (create(d, root(), "d"), Refused::TooWide(2)),
        (moving(c, root()), Refused::TooWide(2)),
        (place(2, a), Refused::TooManyMembers(1)),
        (create(d, b, "long"), Refused::NameTooLong),
    ];
    let refuses = async |command: TreeCommand, why: Refused| {
        let held = forest.snapshot(t).await.unwrap();
        let (log, appends) = (store.log(tenant(1)).await, store.appends());
        let answer = forest.execute(t, command).await;
        assert_eq!(answer.map_err(Refused::from), Err(why));
        assert_eq!(
            (store.log(tenant(1)).await, store.appends()),
            (log, appends)
        );
        assert!(Arc::ptr_eq(&held, &forest.snapshot(t).await.unwrap()));
    };
    for (command, why) in refused {
        refuses(command, why).await;
    }
    forest.execute(t, create(d, b, "d")).await.unwrap();
    refuses(create(container(5), b, "e"), Refused::TooMany(5)).await;
    assert_eq!(forest.limits(), &limits);
}

#[test]
fn every_limit_is_set_by_itself() {
    let limits = Limits::default()
        .with_max_depth(1)
        .with_max_children(2)
        .with_max_nodes(3)
        .with_max_members(4)
        .with_max_name_bytes(5);
    assert_eq!((limits.max_depth(), limits.max_children()), (1, 2));
    assert_eq!((limits.max_nodes(), limits.max_members()), (3, 4));
    assert_eq!(limits.max_name_bytes(), 5);
    let limits = Limits::default();
    assert_eq!((limits.max_depth(), limits.max_children()), (32, 10_000));
    assert_eq!(
        (limits.max_nodes(), limits.max_members()),
        (1 << 20, 1 << 20)
    );
    assert_eq!(limits.max_name_bytes(), 256);
}

#[test]
fn a_limit_of_nothing_allows_nothing() {
    let none = [
        Limits::default().with_max_depth(0),
        Limits::default().with_max_children(0),
        Limits::default().with_max_nodes(0),
        Limits::default().with_max_name_bytes(0),
    ];
    for limits in none {
        let refused = fan(0).decide(&create(container(0), root(), "a"), &limits);
        assert!(refused.is_err(), "{limits:?}");
    }
}

#[test]
fn no_limit_passes_its_ceiling() {
    let limits = Limits::default()
        .with_max_nodes(u32::MAX)
        .with_max_members(u32::MAX);
    assert_eq!(
        (limits.max_nodes(), limits.max_members()),
        (1 << 24, 1 << 24)
    );
}

#[test]
fn a_lowered_limit_leaves_the_log_readable() {
    let tree = chain(40);
    assert_eq!((tree.len(), tree.skipped()), (41, 0));
    let refused = tree.decide(
        &create(container(99), container(39), "c"),
        &Limits::default(),
    );
    assert!(matches!(refused, Err(TreeError::TooDeep { .. })));
}

/// What lies too deep since the limit was lowered may rise, and move to the side, and only not sink.
#[test]
fn what_lies_past_a_lowered_limit_may_rise() {
    let mut tree = chain(40);
    for (own, above) in [(90, 8), (91, 2)] {
        let beside = created(container(own), container(above), "beside");
        assert_eq!(tree.apply(&beside), Applied::Done);
    }
    let limits = Limits::default();
    for (own, to) in [(5, 91), (10, 90)] {
        let command = moving(container(own), container(to));
        assert!(tree.decide(&command, &limits).is_ok(), "{own} below {to}");
    }
    let sinks = moving(container(90), container(39));
    let refused = tree.decide(&sinks, &limits);
    assert!(matches!(refused, Err(TreeError::TooDeep { limit: 32 })));
}

#[test]
fn a_used_id_is_never_free_again() {
    let refused = fan(3).decide(
        &create(container(1), container(0), "new"),
        &Limits::default(),
    );
    assert!(matches!(refused, Err(TreeError::IdTaken)));
    let root_again = fan(3).decide(&create(root(), container(0), "new"), &Limits::default());
    assert!(matches!(root_again, Err(TreeError::IdTaken)));
}
