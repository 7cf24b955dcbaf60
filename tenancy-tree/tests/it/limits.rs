//! Limits on commands, ceilings of the fold, and names.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::NameError;
use skeleton_tenancy_tree::Skipped;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeError;

use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::created;
use crate::helpers::tenant;

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

#[test]
fn attack_04_the_limit_of_containers_counts_the_root() {
    assert_eq!(Limits::default().max_nodes(), 1 << 20);
    let limits = Limits::default().with_max_nodes(5);
    let mut tree = fan(3);
    let last = create(container(3), container(0), "last");
    assert_eq!(
        tree.apply(&tree.decide(&last, &limits).unwrap()),
        Applied::Done
    );
    let refused = tree.decide(&create(container(4), container(1), "more"), &limits);
    assert!(matches!(refused, Err(TreeError::TooMany { limit: 5 })));
}

#[test]
fn no_limit_of_containers_passes_the_ceiling() {
    assert_eq!(
        Limits::default().with_max_nodes(u32::MAX).max_nodes(),
        1 << 24
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

#[test]
fn the_fold_skips_what_lies_deeper_than_255() {
    let mut tree = chain(255);
    let skipped = tree.apply(&created(container(255), container(254), "c"));
    assert_eq!(skipped, Applied::Skipped(Skipped::PastCeiling));
    assert_eq!(
        (tree.len(), tree.skipped(), tree.version().get()),
        (256, 1, 256)
    );
}

#[test]
fn an_event_that_does_not_fit_says_why() {
    let mut tree = fan(1);
    let orphan = tree.apply(&created(container(5), container(9), "c"));
    let twin = tree.apply(&created(container(0), root(), "c"));
    let rootless = tree.apply(&created(root(), container(0), "c"));
    assert_eq!(orphan, Applied::Skipped(Skipped::UnknownParent));
    assert_eq!(twin, Applied::Skipped(Skipped::IdTaken));
    assert_eq!(rootless, Applied::Skipped(Skipped::IdTaken));
}

#[test]
fn attack_05_a_name_is_refused_without_being_repeated() {
    let long = "x".repeat(1 << 20);
    let wide = "x".repeat(257);
    let cases = [
        ("", NameError::Empty),
        (" \t ", NameError::Empty),
        (&long, NameError::TooLong),
        (&wide, NameError::TooLong),
        ("sec\0ret", NameError::Control),
        ("sec\nret", NameError::Control),
        ("sec\u{202e}ret", NameError::Control),
        ("sec\u{2067}ret", NameError::Control),
    ];
    for (name, why) in cases {
        let refused = fan(0).decide(&create(container(0), root(), name), &Limits::default());
        let error = refused.unwrap_err();
        assert!(
            matches!(error, TreeError::NameInvalid(held) if held == why),
            "{why:?}"
        );
        assert!(!format!("{error} {error:?}").contains("sec"));
    }
}

#[test]
fn attack_05_a_siblings_twin_is_refused_and_a_cousins_is_not() {
    let limits = Limits::default();
    let tree = fan(2);
    let twin = tree.decide(&create(container(9), root(), " c1 "), &limits);
    assert!(matches!(twin, Err(TreeError::NameTaken)));
    assert!(
        tree.decide(&create(container(9), container(0), "c1"), &limits)
            .is_ok()
    );
    assert!(
        tree.decide(&create(container(9), root(), "C1"), &limits)
            .is_ok()
    );
}

#[test]
fn a_name_is_kept_trimmed_and_256_bytes_fit() {
    let name = "é".repeat(128);
    let event = fan(0).decide(
        &create(container(0), root(), &format!("  {name}\u{3000}")),
        &Limits::default(),
    );
    assert_eq!(event.unwrap(), created(container(0), root(), &name));
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
