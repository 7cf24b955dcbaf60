//! Properties against the naive model.

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::created;
use crate::helpers::tenant;
use crate::naive::Naive;

const NAMES: [&str; 6] = ["a", "b", " b ", "", "c", "d"];

fn limits() -> Limits {
    Limits::default()
        .with_max_depth(4)
        .with_max_children(4)
        .with_max_nodes(24)
}

/// Commands among few containers, so that ids, names and parents collide often; number 0 stands for the root.
fn commands() -> impl Strategy<Value = Vec<TreeCommand>> {
    let place = |number: u64| match number {
        0 => ContainerId::root_of(tenant(1)),
        number => container(number),
    };
    let one = (0_u64..30, 0_u64..30, 0..NAMES.len());
    let command =
        one.prop_map(move |(own, parent, name)| create(place(own), place(parent), NAMES[name]));
    vec(command, 0..80)
}

/// The log that a tree and the model agree on, both grown along the way.
fn grown(commands: &[TreeCommand]) -> (Tree, Naive, Vec<TreeEvent>) {
    let (mut tree, mut naive) = (Tree::rooted(tenant(1)), Naive::rooted(tenant(1)));
    let mut log = Vec::new();
    for command in commands {
        let decided = tree.decide(command, &limits());
        assert_eq!(
            naive.accepts(command, &limits()),
            decided.is_ok(),
            "{command:?}"
        );
        if let Ok(event) = decided {
            assert_eq!(tree.apply(&event), Applied::Done);
            log.push(event);
        }
    }
    (tree, naive, log)
}

fn ids(tree: &TreeSnapshot) -> Vec<ContainerId> {
    let all = tree.subtree(tree.root());
    all.map(|node| tree.id(node).unwrap()).collect()
}

proptest! {
    #[test]
    fn law_01_intervals_equal_the_walk_over_parents(commands in commands()) {
        let (tree, naive, _) = grown(&commands);
        let snapshot = TreeSnapshot::of(&tree);
        for above in naive.ids() {
            for below in naive.ids() {
                let (one, other) = (snapshot.node(above).unwrap(), snapshot.node(below).unwrap());
                prop_assert_eq!(one.covers(other), naive.covers(above, below));
            }
        }
    }

    #[test]
    fn law_01_every_walk_answers_as_the_model(commands in commands()) {
        let (tree, naive, _) = grown(&commands);
        let snapshot = TreeSnapshot::of(&tree);
        prop_assert_eq!(snapshot.len(), naive.ids().len());
        for id in naive.ids() {
            let node = snapshot.node(id).unwrap();
            let of = |nodes: Vec<_>| -> Vec<_> { nodes.into_iter().map(|node| snapshot.id(node).unwrap()).collect() };
            let upward = naive.upward(id);
            let downward: Vec<_> = upward.iter().rev().copied().collect();
            prop_assert_eq!(snapshot.id(node), Some(id));
            prop_assert_eq!(snapshot.name(node), naive.name(id));
            prop_assert_eq!(usize::from(node.depth()), upward.len() - 1);
            prop_assert_eq!(snapshot.parent(node).and_then(|node| snapshot.id(node)), naive.parent(id));
            prop_assert_eq!(of(snapshot.children(node).collect()), naive.children(id));
            prop_assert_eq!(of(snapshot.ancestors(node).collect()), upward[1..].to_vec());
            prop_assert_eq!(of(snapshot.path(node).collect()), downward);
            let below = naive.ids().into_iter().filter(|other| naive.covers(id, *other)).count();
            prop_assert_eq!(snapshot.subtree(node).count(), below);
        }
    }

    #[test]
    fn law_03_replicas_of_one_log_are_equal(commands in commands()) {
        let (tree, _, log) = grown(&commands);
        let mut replica = Tree::rooted(tenant(1));
        for event in &log {
            prop_assert_eq!(replica.apply(event), Applied::Done);
        }
        prop_assert_eq!(&replica, &tree);
        prop_assert_eq!(ids(&TreeSnapshot::of(&replica)), ids(&TreeSnapshot::of(&tree)));
    }

    #[test]
    fn law_04_limits_hold_and_a_refused_command_changes_nothing(commands in commands()) {
        let mut tree = Tree::rooted(tenant(1));
        for command in &commands {
            let before = tree.clone();
            match tree.decide(command, &limits()) {
                Ok(event) => prop_assert_eq!(tree.apply(&event), Applied::Done),
                Err(_) => prop_assert_eq!(&tree, &before),
            }
            let snapshot = TreeSnapshot::of(&tree);
            prop_assert!(snapshot.len() <= 24);
            for node in snapshot.subtree(snapshot.root()) {
                prop_assert!(node.depth() <= 4);
                prop_assert!(snapshot.children(node).count() <= 4);
            }
        }
    }

    #[test]
    fn law_07_pre_order_equals_the_order_of_paths(commands in commands()) {
        let (tree, naive, _) = grown(&commands);
        let mut by_path = naive.ids();
        by_path.sort_by_key(|id| naive.ordinals(*id));
        prop_assert_eq!(ids(&TreeSnapshot::of(&tree)), by_path);
    }

    #[test]
    fn law_09_the_lowest_common_container_is_the_models(commands in commands()) {
        let (tree, naive, _) = grown(&commands);
        let snapshot = TreeSnapshot::of(&tree);
        for one in naive.ids() {
            for other in naive.ids() {
                let lca = snapshot.lca(snapshot.node(one).unwrap(), snapshot.node(other).unwrap());
                prop_assert_eq!(lca.and_then(|node| snapshot.id(node)), Some(naive.lca(one, other)));
            }
        }
    }

    #[test]
    fn law_10_nodes_of_another_version_cover_nothing(commands in commands()) {
        let (mut tree, ..) = grown(&commands);
        let before = TreeSnapshot::of(&tree);
        let _counted = tree.apply(&created(container(99), ContainerId::root_of(tenant(1)), "later"));
        let after = TreeSnapshot::of(&tree);
        for old in before.subtree(before.root()) {
            for new in after.subtree(after.root()) {
                prop_assert!(!old.covers(new) && !new.covers(old));
            }
            prop_assert_eq!(after.id(old), None);
            prop_assert_eq!(after.lca(old, after.root()), None);
            prop_assert_eq!(after.path(old).count() + after.children(old).count() + after.subtree(old).count(), 0);
        }
    }

    /// Any events, in any order, doubled and orphaned: as a damaged log has them.
    #[test]
    fn attack_02_a_forged_log_is_folded_alike_by_every_replica(commands in commands()) {
        let events: Vec<_> = commands
            .iter()
            .map(|command| match command {
                TreeCommand::Create { container, parent, name } => created(*container, *parent, name),
                _ => panic!("the strategy draws no such command"),
            })
            .collect();
        let (mut one, mut other) = (Tree::rooted(tenant(1)), Tree::rooted(tenant(1)));
        let skipped = events.iter().filter(|event| one.apply(event) != Applied::Done).count();
        for event in &events {
            let _counted = other.apply(event);
        }
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.version().get(), events.len() as u64);
        prop_assert_eq!(one.skipped(), skipped as u64);
        prop_assert_eq!(one.len() + skipped, events.len() + 1);
        let snapshot = TreeSnapshot::of(&one);
        prop_assert_eq!(ids(&snapshot).len(), one.len());
        for node in snapshot.subtree(snapshot.root()) {
            prop_assert_eq!(snapshot.ancestors(node).count(), usize::from(node.depth()));
        }
    }
}
