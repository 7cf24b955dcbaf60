//! Nodes of one snapshot mean nothing to another one.

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::test_runner::TestCaseError;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::FilterError;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::Rollup;
use skeleton_tenancy_tree::ScopeColumns;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::growing::commands;
use crate::growing::event;
use crate::growing::folded;
use crate::growing::grown;
use crate::helpers::tenant;

/// No question to `tree` about a node of another snapshot has an answer.
fn says_nothing_of<'t>(tree: &'t TreeSnapshot, foreign: Node<'t>) -> Result<(), TestCaseError> {
    for own in tree.subtree(tree.root()) {
        prop_assert!(!own.covers(foreign) && !foreign.covers(own));
        prop_assert_eq!(tree.lca(own, foreign), None);
        prop_assert_eq!(tree.lca(foreign, own), None);
        prop_assert_eq!(tree.scope_range(own, foreign), None);
        prop_assert_eq!(tree.scope_range(foreign, own), None);
    }
    prop_assert_eq!((tree.id(foreign), tree.name(foreign)), (None, ""));
    prop_assert_eq!(
        (tree.parent(foreign), tree.scope_path(foreign)),
        (None, None)
    );
    prop_assert_eq!(tree.subtree_range(foreign), None);
    prop_assert_eq!(
        tree.children(foreign).count() + tree.ancestors(foreign).count(),
        0
    );
    prop_assert_eq!(
        tree.path(foreign).count() + tree.subtree(foreign).count(),
        0
    );
    for reach in [Reach::SelfAndBelow, Reach::BelowOnly, Reach::SelfOnly] {
        prop_assert_eq!(tree.members(foreign, reach).len(), 0);
    }
    let contributions = tree
        .subtree(tree.root())
        .map(|own| (tree.id(own).unwrap(), 1_i64));
    let rollup = Rollup::build(tree, contributions).unwrap();
    prop_assert_eq!((rollup.total(foreign), rollup.own(foreign)), (None, None));
    let filter = ScopeColumns::default().subtree(tree, foreign, Dialect::Sqlite, 1);
    prop_assert_eq!(filter, Err(FilterError::Foreign));
    Ok(())
}

fn say_nothing_of_each_other(
    one: &TreeSnapshot,
    other: &TreeSnapshot,
) -> Result<(), TestCaseError> {
    for node in one.subtree(one.root()) {
        says_nothing_of(other, node)?;
    }
    for node in other.subtree(other.root()) {
        says_nothing_of(one, node)?;
    }
    Ok(())
}

proptest! {
    /// Whatever happened in between, be it nothing that fits.
    #[test]
    fn law_10_nodes_of_another_version_cover_nothing(commands in commands(), event in event()) {
        let grown = grown(&commands);
        let before = grown.snapshot();
        let mut tree = grown.tree;
        let _counted = tree.apply(&event);
        say_nothing_of_each_other(&before, &TreeSnapshot::of(&tree))?;
    }

    #[test]
    fn law_10_nodes_of_another_tenant_cover_nothing(commands in commands()) {
        let grown = grown(&commands);
        let mut other = Tree::rooted(tenant(2));
        for event in &grown.log {
            let _counted = other.apply(event);
        }
        say_nothing_of_each_other(&grown.snapshot(), &TreeSnapshot::of(&other))?;
    }

    /// A replica is another process: its nodes are no more ours than its memory is.
    #[test]
    fn law_10_nodes_of_a_replica_cover_nothing(commands in commands()) {
        let grown = grown(&commands);
        let replica = folded(&grown.log);
        say_nothing_of_each_other(&grown.snapshot(), &TreeSnapshot::of(&replica))?;
    }
}
