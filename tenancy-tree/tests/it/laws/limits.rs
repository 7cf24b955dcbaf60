//! What holds after every command.

use std::collections::HashSet;

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;

use crate::answers::assert_is_tree;
use crate::growing::Grown;
use crate::growing::commands;
use crate::growing::limits;

proptest! {
    #[test]
    fn law_04_limits_hold_after_every_command(commands in commands()) {
        let limits = limits();
        let mut grown = Grown::rooted();
        for command in &commands {
            let version = grown.tree.version();
            grown.grow(command);
            if grown.tree.version() == version {
                continue;
            }
            let snapshot = grown.snapshot();
            prop_assert!(snapshot.len() <= limits.max_nodes() as usize);
            prop_assert!(snapshot.member_count() <= limits.max_members() as usize);
            for node in snapshot.subtree(snapshot.root()) {
                prop_assert!(node.depth() <= limits.max_depth());
                prop_assert!(snapshot.children(node).count() <= limits.max_children() as usize);
                prop_assert!(snapshot.name(node).len() <= usize::from(limits.max_name_bytes()));
                // Below what is archived nothing changes, so nothing there can come to share a name.
                let living = snapshot.children(node).filter(|child| !child.is_archived());
                let names: Vec<_> = living.map(|child| snapshot.name(child)).collect();
                prop_assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
            }
            assert_is_tree(&snapshot);
        }
        prop_assert_eq!(grown.tree.skipped(), 0);
    }

    #[test]
    fn law_04_a_refused_command_changes_nothing(commands in commands()) {
        let mut grown = Grown::rooted();
        for command in &commands {
            let before = grown.clone();
            grown.grow(command);
            if grown.refusals.len() > before.refusals.len() {
                prop_assert_eq!(&grown.tree, &before.tree);
            } else {
                prop_assert_eq!(grown.tree.version(), before.tree.version().after(1));
            }
        }
    }
}
