//! Who is a member of what: it cascades, and gives no permission.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::helpers::account;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::moving;
use crate::helpers::tenant;
use crate::naive::Refused;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

fn place(number: u64, container: ContainerId) -> TreeCommand {
    TreeCommand::Place {
        account: account(number),
        container,
    }
}

fn remove(number: u64, container: ContainerId) -> TreeCommand {
    TreeCommand::Remove {
        account: account(number),
        container,
    }
}

fn happen(tree: &mut Tree, command: &TreeCommand) {
    let event = tree.decide(command, &Limits::default()).unwrap();
    assert_eq!(tree.apply(&event), Applied::Done);
}

/// Container 1 with 2 in it, and 3 beside them. Account 1 is a member of the root and of 2, account 2 of 1 and 2,
/// account 3 of 3.
fn planted() -> Tree {
    let mut tree = Tree::rooted(tenant(1));
    let [one, two, three] = [1, 2, 3].map(container);
    for command in [
        create(one, root(), "one"),
        create(two, one, "two"),
        create(three, root(), "three"),
        place(2, two),
        place(1, two),
        place(3, three),
        place(2, one),
        place(1, root()),
    ] {
        happen(&mut tree, &command);
    }
    tree
}

fn members(tree: &TreeSnapshot, of: ContainerId, reach: Reach) -> Vec<(AccountId, ContainerId)> {
    let members = tree.members(tree.node(of).unwrap(), reach);
    members
        .map(|(account, node)| (account, tree.id(node).unwrap()))
        .collect()
}

#[test]
fn members_cascade_as_far_as_the_reach_goes() {
    let tree = TreeSnapshot::of(&planted());
    let [one, two, three] = [1, 2, 3].map(container);
    let [first, second, third] = [1, 2, 3].map(account);
    let below = [(second, one), (first, two), (second, two), (third, three)];
    let everywhere: Vec<_> = [(first, root())].into_iter().chain(below).collect();
    assert_eq!(members(&tree, root(), Reach::SelfAndBelow), everywhere);
    assert_eq!(members(&tree, root(), Reach::BelowOnly), below);
    assert_eq!(members(&tree, root(), Reach::SelfOnly), [(first, root())]);
    assert_eq!(members(&tree, one, Reach::SelfAndBelow), below[..3]);
    assert_eq!(members(&tree, one, Reach::BelowOnly), below[1..3]);
    assert_eq!(members(&tree, one, Reach::SelfOnly), below[..1]);
    assert_eq!(members(&tree, three, Reach::BelowOnly), []);
    assert_eq!(tree.member_count(), 5);
    assert_eq!(tree.members(tree.root(), Reach::default()).len(), 5);
}

#[test]
fn an_account_sits_in_several_containers_and_each_is_told() {
    let tree = TreeSnapshot::of(&planted());
    let containers = |number| -> Vec<_> {
        let nodes = tree.containers_of(account(number));
        nodes.map(|node| tree.id(node).unwrap()).collect()
    };
    assert_eq!(containers(1), [root(), container(2)]);
    assert_eq!(containers(2), [container(1), container(2)]);
    assert_eq!(containers(9), []);
}

#[test]
fn members_move_with_their_container() {
    let mut tree = planted();
    happen(&mut tree, &moving(container(2), container(3)));
    let tree = TreeSnapshot::of(&tree);
    let [first, second, third] = [1, 2, 3].map(account);
    let (two, three) = (container(2), container(3));
    assert_eq!(members(&tree, container(1), Reach::BelowOnly), []);
    let there = [(third, three), (first, two), (second, two)];
    assert_eq!(members(&tree, three, Reach::SelfAndBelow), there);
}

#[test]
fn who_is_a_member_is_not_placed_and_who_is_none_is_not_removed() {
    let mut tree = planted();
    let limits = Limits::default();
    let refused = |tree: &Tree, command| Refused::from(tree.decide(&command, &limits).unwrap_err());
    let nowhere = container(9);
    assert_eq!(
        refused(&tree, place(1, container(2))),
        Refused::AlreadyMember
    );
    assert_eq!(refused(&tree, remove(1, container(1))), Refused::NotMember);
    assert_eq!(
        refused(&tree, place(1, nowhere)),
        Refused::UnknownContainer(nowhere)
    );
    assert_eq!(
        refused(&tree, remove(1, nowhere)),
        Refused::UnknownContainer(nowhere)
    );
    happen(&mut tree, &remove(1, container(2)));
    assert_eq!(refused(&tree, remove(1, container(2))), Refused::NotMember);
    happen(&mut tree, &place(1, container(2)));
    let tree = TreeSnapshot::of(&tree);
    assert_eq!(members(&tree, container(2), Reach::SelfOnly).len(), 2);
}
