//! Names of containers: labels that are unique among living siblings.

use std::error::Error;

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::NameError;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeEvent;

use crate::growing::folded;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::created;
use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::moving;
use crate::helpers::tenant;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

fn rename(container: ContainerId, name: &str) -> TreeCommand {
    TreeCommand::Rename {
        container,
        name: name.to_owned(),
    }
}

/// Containers 1 `a` and 2 `b`, and below 1 container 3, which is called `b` as well.
fn three() -> Tree {
    folded(&[
        created(container(1), root(), "a"),
        created(container(2), root(), "b"),
        created(container(3), container(1), "b"),
    ])
}

fn decide(tree: &Tree, command: &TreeCommand) -> Result<TreeEvent, TreeError> {
    tree.decide(command, &Limits::default())
}

/// All that an error says, down to its last cause.
fn told(error: &TreeError) -> String {
    let mut said = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(source) = cause {
        said = format!("{said} {source} {source:?}");
        cause = source.source();
    }
    said
}

#[test]
fn attack_05_a_name_is_refused_without_being_repeated() {
    let long = "secret".repeat(1 << 18);
    let wide = "s".repeat(257);
    let cases = [
        ("", NameError::Empty),
        (" \t\u{a0}\u{3000} ", NameError::Empty),
        (&long, NameError::TooLong),
        (&wide, NameError::TooLong),
        ("sec\0ret", NameError::Control),
        ("\0secret", NameError::Control),
        ("sec\nret", NameError::Control),
        ("sec\u{7f}ret", NameError::Control),
        ("sec\u{85}ret", NameError::Control),
        ("sec\u{61c}ret", NameError::Control),
        ("sec\u{200f}ret", NameError::Control),
        ("sec\u{202e}ret", NameError::Control),
        ("sec\u{2067}ret", NameError::Control),
        ("sec\u{2069}ret", NameError::Control),
    ];
    assert!(long.len() > 1 << 20);
    let tree = three();
    for (name, why) in cases {
        for command in [
            create(container(9), root(), name),
            rename(container(1), name),
        ] {
            let error = decide(&tree, &command).unwrap_err();
            let is_so = matches!(error, TreeError::NameInvalid(held) if held == why);
            assert!(is_so, "{error:?} is not {why:?}");
            let told = told(&error);
            assert!(!told.contains("sec") && told.len() < 300, "{told}");
        }
    }
}

#[test]
fn attack_05_a_siblings_twin_is_refused_and_a_cousins_is_not() {
    let tree = three();
    let twins = [
        create(container(9), root(), " b "),
        rename(container(1), "b"),
        moving(container(3), root()),
    ];
    for twin in twins {
        let error = decide(&tree, &twin).unwrap_err();
        assert!(matches!(error, TreeError::NameTaken), "{error:?}");
        assert_eq!(told(&error), "a sibling has that name NameTaken NameTaken");
    }
    let fits = [
        create(container(9), container(1), "a"),
        create(container(9), root(), "B"),
        rename(container(3), "a"),
        rename(container(2), "b"),
        moving(container(2), container(3)),
    ];
    for command in fits {
        assert!(decide(&tree, &command).is_ok(), "{command:?}");
    }
}

/// The same letters to the eye: the id already tells them apart.
#[test]
fn names_are_compared_by_their_bytes() {
    let mut tree = three();
    let composed = decide(&tree, &create(container(4), root(), "\u{e9}")).unwrap();
    assert_eq!(tree.apply(&composed), Applied::Done);
    assert!(decide(&tree, &create(container(5), root(), "e\u{301}")).is_ok());
    let twin = decide(&tree, &create(container(5), root(), "\u{e9}"));
    assert!(matches!(twin, Err(TreeError::NameTaken)));
}

#[test]
fn a_name_is_kept_trimmed_and_256_bytes_fit() {
    let name = "é".repeat(128);
    let padded = format!("  {name}\u{3000}");
    let event = decide(&three(), &create(container(9), root(), &padded));
    assert_eq!(event.unwrap(), created(container(9), root(), &name));
    let event = decide(&three(), &rename(container(1), &padded));
    let container = container(1);
    assert_eq!(event.unwrap(), TreeEvent::Renamed { container, name });
}

#[test]
fn the_root_has_no_name_of_its_own() {
    let refused = decide(&three(), &rename(root(), "new"));
    assert!(matches!(refused, Err(TreeError::RootIsFixed)));
}

#[tokio::test]
async fn a_new_name_is_shown_at_once_and_a_held_snapshot_keeps_the_old_one() {
    let (forest, t) = (forest(MemoryTrees::new(), 1), inside(tenant(1)));
    let id = forest.create(t, root(), "old").await.unwrap();
    let held = forest.snapshot(t).await.unwrap();
    forest.execute(t, rename(id, "new")).await.unwrap();
    let tree = forest.published(tenant(1)).unwrap();
    assert_eq!(tree.name(tree.node(id).unwrap()), "new");
    assert_eq!(held.name(held.node(id).unwrap()), "old");
    // The old name is free.
    assert!(forest.create(t, root(), "old").await.is_ok());
}

/// Neither the forest nor a snapshot shows names to a log.
#[tokio::test]
async fn attack_05_debug_shows_no_name() {
    let (forest, t) = (forest(MemoryTrees::new(), 1), inside(tenant(1)));
    let id = forest.create(t, root(), "secret").await.unwrap();
    let tree = forest.snapshot(t).await.unwrap();
    let plan = tree.plan_move(id, root()).unwrap();
    let shown = format!("{forest:?} {tree:?} {:?} {plan:?}", tree.node(id).unwrap());
    assert!(!shown.contains("secret"), "{shown}");
}
