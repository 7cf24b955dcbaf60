//! What a snapshot answers is what a walk over parents finds.

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::ScopePath;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::answers::Answers;
use crate::growing::commands;
use crate::growing::grown;

fn ids(tree: &TreeSnapshot) -> Vec<ContainerId> {
    let all = tree.subtree(tree.root());
    all.map(|node| tree.id(node).unwrap()).collect()
}

fn paths(tree: &TreeSnapshot) -> Vec<ScopePath> {
    let all = tree.subtree(tree.root());
    all.map(|node| tree.scope_path(node).unwrap()).collect()
}

proptest! {
    #[test]
    fn law_01_intervals_equal_the_walk_over_parents(commands in commands()) {
        let grown = grown(&commands);
        let snapshot = grown.snapshot();
        for above in grown.naive.ids() {
            for below in grown.naive.ids() {
                let (one, other) = (snapshot.node(above).unwrap(), snapshot.node(below).unwrap());
                let interval = one.pre()..=one.last();
                let expected = grown.naive.covers(above, below);
                prop_assert_eq!(one.covers(other), expected);
                prop_assert_eq!(interval.contains(&other.pre()), expected);
            }
        }
    }

    #[test]
    fn law_01_every_walk_and_every_list_of_members_is_the_models(commands in commands()) {
        let grown = grown(&commands);
        let (answers, expected) = (Answers::of(&grown.snapshot()), Answers::expected(&grown.naive));
        prop_assert_eq!(answers, expected);
    }

    #[test]
    fn law_07_pre_order_equals_the_order_of_paths(commands in commands()) {
        let grown = grown(&commands);
        let snapshot = grown.snapshot();
        let mut by_path = grown.naive.ids();
        by_path.sort_by_key(|id| grown.naive.ordinals(*id));
        prop_assert_eq!(ids(&snapshot), by_path);
        let paths = paths(&snapshot);
        prop_assert!(paths.is_sorted_by(|one, other| one < other));
        prop_assert!(paths.is_sorted_by(|one, other| one.as_bytes() < other.as_bytes()));
    }

    #[test]
    fn law_07_every_interval_of_positions_is_an_interval_of_paths(commands in commands()) {
        let snapshot = grown(&commands).snapshot();
        let nodes: Vec<_> = snapshot.subtree(snapshot.root()).collect();
        let paths = paths(&snapshot);
        for (from, first) in nodes.iter().enumerate() {
            for (to, last) in nodes.iter().enumerate() {
                let range = snapshot.scope_range(*first, *last);
                prop_assert_eq!(range.is_some(), from <= to);
                let Some(range) = range else { continue };
                prop_assert_eq!((range.lo(), range.hi()), (&paths[from], &paths[to]));
                for (at, path) in paths.iter().enumerate() {
                    prop_assert_eq!(range.contains(path), (from..=to).contains(&at));
                }
            }
            let last = nodes[first.last() as usize];
            prop_assert_eq!(snapshot.subtree_range(*first), snapshot.scope_range(*first, last));
        }
    }

    #[test]
    fn law_09_the_lowest_common_container_is_the_models(commands in commands()) {
        let grown = grown(&commands);
        let snapshot = grown.snapshot();
        for one in grown.naive.ids() {
            for other in grown.naive.ids() {
                let [left, right] = [one, other].map(|id| snapshot.node(id).unwrap());
                let lca = snapshot.lca(left, right).and_then(|node| snapshot.id(node));
                prop_assert_eq!(lca, Some(grown.naive.lca(one, other)));
            }
        }
    }
}
