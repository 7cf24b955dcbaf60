//! Archive, never delete: a subtree goes out of use, stays readable, and comes back.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::Rollup;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::answers::Answers;
use crate::helpers::account;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::created;
use crate::helpers::moving;
use crate::helpers::tenant;
use crate::naive::Refused;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

fn archive(number: u64) -> TreeCommand {
    let container = container(number);
    TreeCommand::Archive { container }
}

fn restore(number: u64) -> TreeCommand {
    let container = container(number);
    TreeCommand::Restore { container }
}

fn rename(number: u64, name: &str) -> TreeCommand {
    TreeCommand::Rename {
        container: container(number),
        name: name.to_owned(),
    }
}

/// Container 1 with 2 and in it 3; beside them 4. Account 1 is a member of 3.
fn planted() -> Tree {
    let mut tree = Tree::rooted(tenant(1));
    let place = TreeCommand::Place {
        account: account(1),
        container: container(3),
    };
    for command in [
        create(container(1), root(), "one"),
        create(container(2), container(1), "two"),
        create(container(3), container(2), "three"),
        create(container(4), root(), "four"),
        place,
    ] {
        happen(&mut tree, &command);
    }
    tree
}

fn happen(tree: &mut Tree, command: &TreeCommand) {
    let event = tree.decide(command, &Limits::default()).unwrap();
    assert_eq!(tree.apply(&event), Applied::Done);
}

fn refused(tree: &Tree, command: &TreeCommand) -> Refused {
    tree.decide(command, &Limits::default()).unwrap_err().into()
}

/// Of containers 1 to 4, those that are archived.
fn archived(tree: &Tree) -> Vec<u64> {
    let snapshot = TreeSnapshot::of(tree);
    let is_archived = |number: &u64| {
        snapshot
            .node(container(*number))
            .is_some_and(Node::is_archived)
    };
    (1..=4).filter(is_archived).collect()
}

#[test]
fn an_archive_covers_the_subtree_and_nothing_else() {
    let mut tree = planted();
    happen(&mut tree, &archive(1));
    assert_eq!(archived(&tree), [1, 2, 3]);
    let snapshot = TreeSnapshot::of(&tree);
    assert!(!snapshot.root().is_archived());
}

#[test]
fn what_is_archived_stays_readable_for_history_and_bills() {
    let mut tree = planted();
    happen(&mut tree, &archive(1));
    let snapshot = TreeSnapshot::of(&tree);
    let node = snapshot.node(container(3)).unwrap();
    let names: Vec<_> = snapshot
        .path(node)
        .map(|node| snapshot.name(node))
        .collect();
    assert_eq!(names, ["", "one", "two", "three"]);
    assert!(snapshot.root().covers(node));
    let bill = Rollup::build(&snapshot, [(container(3), 5_i64)]).unwrap();
    assert_eq!(
        (bill.total(snapshot.root()), bill.total(node)),
        (Some(5), Some(5))
    );
    assert_eq!(snapshot.members(node, Reach::SelfOnly).len(), 1);
}

#[test]
fn what_is_archived_takes_no_children_no_moves_no_names_and_no_members() {
    let mut tree = planted();
    happen(&mut tree, &archive(2));
    let place = TreeCommand::Place {
        account: account(2),
        container: container(3),
    };
    for command in [
        create(container(9), container(2), "new"),
        create(container(9), container(3), "new"),
        moving(container(2), root()),
        moving(container(3), root()),
        moving(container(4), container(2)),
        moving(container(4), container(3)),
        rename(2, "new"),
        rename(3, "new"),
        place,
        archive(2),
        archive(3),
    ] {
        // Whatever lies below it is archived because of it.
        let why = Refused::Archived(container(2));
        assert_eq!(refused(&tree, &command), why, "{command:?}");
    }
    // What lies above is in use, and takes the archived container along.
    happen(&mut tree, &moving(container(1), container(4)));
    assert_eq!(archived(&tree), [2, 3]);
}

#[test]
fn a_membership_of_an_archived_container_can_end() {
    let mut tree = planted();
    happen(&mut tree, &archive(1));
    let remove = TreeCommand::Remove {
        account: account(1),
        container: container(3),
    };
    happen(&mut tree, &remove);
    assert_eq!(TreeSnapshot::of(&tree).member_count(), 0);
}

#[test]
fn a_restored_container_answers_as_before_with_all_below_it() {
    let mut tree = planted();
    let before = Answers::of(&TreeSnapshot::of(&tree));
    happen(&mut tree, &archive(1));
    assert_ne!(Answers::of(&TreeSnapshot::of(&tree)), before);
    happen(&mut tree, &restore(1));
    assert_eq!(Answers::of(&TreeSnapshot::of(&tree)), before);
}

#[test]
fn what_was_archived_by_itself_stays_archived_when_what_is_above_it_comes_back() {
    let mut tree = planted();
    happen(&mut tree, &archive(3));
    happen(&mut tree, &archive(1));
    assert_eq!(archived(&tree), [1, 2, 3]);
    assert_eq!(refused(&tree, &restore(3)), Refused::Archived(container(1)));
    assert_eq!(
        refused(&tree, &restore(2)),
        Refused::NotArchived(container(2))
    );
    happen(&mut tree, &restore(1));
    assert_eq!(archived(&tree), [3]);
    happen(&mut tree, &restore(3));
    assert!(archived(&tree).is_empty());
}

/// Of several archived ones the topmost is named: it is to be restored first.
#[test]
fn the_topmost_archived_container_is_named() {
    let mut tree = planted();
    for number in [3, 2, 1] {
        happen(&mut tree, &archive(number));
    }
    for (number, above) in [(3, 1), (2, 1)] {
        let why = Refused::Archived(container(above));
        assert_eq!(refused(&tree, &restore(number)), why);
        let below = create(container(9), container(number), "new");
        assert_eq!(refused(&tree, &below), why);
    }
}

#[test]
fn only_what_was_archived_is_restored_and_never_the_root() {
    let tree = planted();
    assert_eq!(
        refused(&tree, &restore(1)),
        Refused::NotArchived(container(1))
    );
    assert_eq!(
        refused(&tree, &restore(9)),
        Refused::UnknownContainer(container(9))
    );
    for command in [
        TreeCommand::Archive { container: root() },
        TreeCommand::Restore { container: root() },
    ] {
        assert_eq!(refused(&tree, &command), Refused::RootIsFixed);
    }
}

#[test]
fn the_name_of_what_is_archived_is_free_and_then_it_cannot_come_back_under_it() {
    let mut tree = planted();
    happen(&mut tree, &archive(1));
    happen(&mut tree, &create(container(5), root(), "one"));
    assert_eq!(refused(&tree, &restore(1)), Refused::NameTaken);
    happen(&mut tree, &rename(5, "other"));
    happen(&mut tree, &restore(1));
    assert_eq!(refused(&tree, &rename(5, "one")), Refused::NameTaken);
}

#[test]
fn an_id_of_what_is_archived_is_not_free() {
    let mut tree = planted();
    happen(&mut tree, &archive(1));
    let again = create(container(1), root(), "again");
    assert!(matches!(
        tree.decide(&again, &Limits::default()),
        Err(TreeError::IdTaken)
    ));
    assert_eq!(tree.len(), 5);
}

/// The fold of a log in which something was moved into an archive, as an older rule may have allowed.
#[test]
fn whatever_a_log_puts_into_an_archive_is_archived() {
    let mut tree = planted();
    happen(&mut tree, &archive(1));
    let moved = TreeEvent::Moved {
        container: container(4),
        from: root(),
        to: container(3),
    };
    assert_eq!(tree.apply(&moved), Applied::Done);
    assert_eq!(archived(&tree), [1, 2, 3, 4]);
    assert_eq!(
        tree.apply(&created(container(5), container(4), "x")),
        Applied::Done
    );
    let snapshot = TreeSnapshot::of(&tree);
    assert!(snapshot.node(container(5)).unwrap().is_archived());
}
