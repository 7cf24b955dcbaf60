//! Every answer that a snapshot gives, in a form that can be compared: with the model's, or with another snapshot's.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::growing::ACCOUNTS;
use crate::helpers::account;
use crate::naive::Naive;

const REACHES: [Reach; 3] = [Reach::SelfAndBelow, Reach::BelowOnly, Reach::SelfOnly];

/// All that a snapshot says of its containers, which stand in pre-order.
#[derive(Debug, PartialEq)]
pub(crate) struct Answers {
    containers: Vec<Container>,
    /// The topmost archived ones.
    archives: Vec<ContainerId>,
    members: usize,
    /// By account.
    memberships: Vec<Vec<ContainerId>>,
}

#[derive(Debug, PartialEq)]
struct Container {
    id: ContainerId,
    name: String,
    depth: usize,
    is_archived: bool,
    pre: usize,
    last: usize,
    scope_path: Vec<u8>,
    parent: Option<ContainerId>,
    children: Vec<ContainerId>,
    ancestors: Vec<ContainerId>,
    path: Vec<ContainerId>,
    subtree: Vec<ContainerId>,
    covered: Vec<ContainerId>,
    /// By reach.
    members: Vec<Vec<(AccountId, ContainerId)>>,
}

impl Answers {
    pub(crate) fn of(tree: &TreeSnapshot) -> Self {
        let all: Vec<_> = tree.subtree(tree.root()).collect();
        let by_position: Vec<_> = (0..).map_while(|pre| tree.node_at(pre)).collect();
        assert_eq!((all.len(), &by_position), (tree.len(), &all));
        let of_account = |number| {
            tree.containers_of(account(number))
                .map(|at| known(tree, at))
        };
        Self {
            containers: all.iter().map(|node| Container::of(tree, *node)).collect(),
            archives: tree.archives().map(|node| known(tree, node)).collect(),
            members: tree.member_count(),
            memberships: (0..ACCOUNTS)
                .map(|number| of_account(number).collect())
                .collect(),
        }
    }

    pub(crate) fn expected(naive: &Naive) -> Self {
        let all = naive.pre_order();
        let everywhere = naive.members(all[0], Reach::SelfAndBelow);
        let containers = all.iter().enumerate();
        Self {
            containers: containers
                .map(|(pre, id)| Container::expected(naive, &all, pre, *id))
                .collect(),
            archives: naive.archives(),
            members: everywhere.len(),
            memberships: (0..ACCOUNTS)
                .map(|number| naive.containers_of(account(number)))
                .collect(),
        }
    }
}

impl Container {
    fn of<'t>(tree: &'t TreeSnapshot, node: Node<'t>) -> Self {
        let ids = |nodes: &mut dyn Iterator<Item = Node<'_>>| -> Vec<_> {
            nodes.map(|node| known(tree, node)).collect()
        };
        let id = known(tree, node);
        assert_eq!(tree.node(id).map(Node::pre), Some(node.pre()));
        let members = |reach| {
            let members = tree.members(node, reach);
            members
                .map(|(account, at)| (account, known(tree, at)))
                .collect()
        };
        Self {
            id,
            name: tree.name(node).to_owned(),
            depth: node.depth().into(),
            is_archived: node.is_archived(),
            pre: node.pre() as usize,
            last: node.last() as usize,
            scope_path: tree.scope_path(node).unwrap().as_bytes().to_vec(),
            parent: tree.parent(node).map(|above| known(tree, above)),
            children: ids(&mut tree.children(node)),
            ancestors: ids(&mut tree.ancestors(node)),
            path: ids(&mut tree.path(node)),
            subtree: ids(&mut tree.subtree(node)),
            covered: ids(&mut tree
                .subtree(tree.root())
                .filter(|other| node.covers(*other))),
            members: REACHES.map(members).to_vec(),
        }
    }

    fn expected(naive: &Naive, all: &[ContainerId], pre: usize, id: ContainerId) -> Self {
        let upward = naive.upward(id);
        let subtree = naive.subtree(id);
        let ordinals = naive.ordinals(id);
        Self {
            id,
            name: naive.name(id).to_owned(),
            depth: upward.len() - 1,
            is_archived: naive.is_archived(id),
            pre,
            last: pre + subtree.len() - 1,
            scope_path: ordinals.into_iter().flat_map(u32::to_be_bytes).collect(),
            parent: naive.parent(id),
            children: naive.children(id),
            ancestors: upward[1..].to_vec(),
            path: upward.iter().rev().copied().collect(),
            covered: all
                .iter()
                .copied()
                .filter(|other| naive.covers(id, *other))
                .collect(),
            subtree,
            members: REACHES.map(|reach| naive.members(id, reach)).to_vec(),
        }
    }
}

fn known(tree: &TreeSnapshot, node: Node<'_>) -> ContainerId {
    tree.id(node).unwrap()
}

/// Whether it is a tree: every container is reached from the root, and over as many parents as it is deep.
pub(crate) fn assert_is_tree(tree: &TreeSnapshot) {
    let mut waiting = vec![tree.root()];
    let mut reached = 0;
    while let Some(node) = waiting.pop() {
        reached += 1;
        assert!(reached <= tree.len(), "a container is reached twice");
        assert_eq!(tree.ancestors(node).count(), usize::from(node.depth()));
        assert!(tree.root().covers(node));
        waiting.extend(tree.children(node));
    }
    assert_eq!(reached, tree.len(), "a container is not reached");
}
