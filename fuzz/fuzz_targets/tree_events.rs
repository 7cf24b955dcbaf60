//! Logs of trees, forged or decided: every replica folds the same tree from them, whatever is in them, and its snapshot is
//! a tree. What is decided fits.
//!
//! An input is lines of JSON, or four bytes a step: what, and three numbers of which it is made.

#![no_main]

use std::collections::HashSet;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use skeleton_fuzz::NOW;
use skeleton_fuzz::house::now;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

const NAMES: [&str; 8] = [
    "a",
    "b",
    " b ",
    "",
    "c",
    "\u{202e}c",
    "a\0",
    "longer than ten",
];

fuzz_target!(|bytes: &[u8]| {
    let mut tree = Tree::rooted(tenant(1));
    let mut log = Vec::new();
    if bytes.starts_with(b"{") {
        for line in bytes.split(|byte| *byte == b'\n') {
            if let Ok(event) = serde_json::from_slice::<TreeEvent>(line) {
                let _fits_or_not = tree.apply(&event);
                log.push(event);
            }
        }
    } else {
        for step in bytes.chunks_exact(4) {
            log.extend(take(&mut tree, step));
        }
    }
    let fresh = TreeSnapshot::of(&tree).with_limits(limits());
    is_a_tree(&fresh, &tree);
    is_equal_on_every_replica(&fresh, &tree, &log, bytes.first().copied().unwrap_or(0));
    for event in &log {
        let written = serde_json::to_string(event).expect("a document");
        let read: TreeEvent = serde_json::from_str(&written).expect("its own document");
        assert_eq!(&read, event);
    }
});

/// Small enough to be met.
fn limits() -> Limits {
    Limits::default()
        .with_max_depth(5)
        .with_max_children(4)
        .with_max_nodes(20)
        .with_max_members(8)
        .with_max_name_bytes(10)
}

fn tenant(number: u8) -> TenantId {
    TenantId::from_bytes([number; 16]).expect("an id that is not nil")
}

/// Number 0 is the root, number 1 that of another tenant.
fn container(number: u8) -> ContainerId {
    match number % 24 {
        0 => ContainerId::root_of(tenant(1)),
        1 => ContainerId::root_of(tenant(2)),
        number => {
            let mut bytes = [0; 16];
            bytes[15] = number;
            ContainerId::from_bytes(bytes).expect("an id that is not nil")
        }
    }
}

fn account(number: u8) -> AccountId {
    AccountId::from_bytes([1 + number % 4; 16]).expect("an id that is not nil")
}

/// One step: half of them are events that nobody decided, the others commands. What is appended, if anything.
fn take(tree: &mut Tree, step: &[u8]) -> Option<TreeEvent> {
    let [what, one, other, third] = *step else {
        return None;
    };
    let (one, other) = (container(one), container(other));
    let name = NAMES[usize::from(third) % NAMES.len()];
    if what & 0x80 == 0 {
        let event = event(what, one, other, third, name);
        let (before, version) = (tree.clone(), tree.version());
        match tree.apply(&event) {
            Applied::Done => assert_eq!(tree.skipped(), before.skipped()),
            Applied::Skipped(_) => {
                assert_eq!(tree.skipped(), before.skipped() + 1);
                assert_eq!(tree.len(), before.len());
            }
        }
        assert_eq!(tree.version(), version.after(1));
        return Some(event);
    }
    let planned_at = (third & 0x80 != 0).then(|| TreeVersion::new(third.into()));
    let command = command(what, one, other, third, name, planned_at);
    let decided = tree.decide(&command, &limits());
    is_planned_alike(tree, &command, &decided);
    let event = decided.ok()?;
    assert_eq!(tree.apply(&event), Applied::Done, "{command:?}");
    Some(event)
}

fn event(what: u8, one: ContainerId, other: ContainerId, third: u8, name: &str) -> TreeEvent {
    let name = name.to_owned();
    match what % 7 {
        0 => TreeEvent::Created {
            container: one,
            parent: other,
            name,
        },
        1 => TreeEvent::Renamed {
            container: one,
            name,
        },
        2 => TreeEvent::Moved {
            container: one,
            from: other,
            to: container(third),
        },
        3 => TreeEvent::Archived { container: one },
        4 => TreeEvent::Restored { container: one },
        5 => TreeEvent::AccountPlaced {
            account: account(third),
            container: one,
        },
        _ => TreeEvent::AccountRemoved {
            account: account(third),
            container: one,
        },
    }
}

fn command(
    what: u8,
    one: ContainerId,
    other: ContainerId,
    third: u8,
    name: &str,
    planned_at: Option<TreeVersion>,
) -> TreeCommand {
    let name = name.to_owned();
    match what % 7 {
        0 => TreeCommand::Create {
            container: one,
            parent: other,
            name,
        },
        1 => TreeCommand::Rename {
            container: one,
            name,
        },
        2 => TreeCommand::Move {
            container: one,
            to: other,
            planned_at,
        },
        3 => TreeCommand::Archive { container: one },
        4 => TreeCommand::Restore { container: one },
        5 => TreeCommand::Place {
            account: account(third),
            container: one,
        },
        _ => TreeCommand::Remove {
            account: account(third),
            container: one,
        },
    }
}

/// The dry run of a move answers as the command itself.
fn is_planned_alike(
    tree: &Tree,
    command: &TreeCommand,
    decided: &Result<TreeEvent, skeleton_tenancy_tree::TreeError>,
) {
    let TreeCommand::Move {
        container,
        to,
        planned_at: None,
    } = command
    else {
        return;
    };
    let snapshot = TreeSnapshot::of(tree).with_limits(limits());
    match (snapshot.plan_move(*container, *to), decided) {
        (Ok(plan), Ok(_)) => {
            assert_eq!(
                tree.decide(&plan.command(), &limits()).as_ref().ok(),
                decided.as_ref().ok()
            );
        }
        (Err(planned), Err(decided)) => {
            assert_eq!(format!("{planned:?}"), format!("{decided:?}"));
        }
        (planned, decided) => panic!("{planned:?} against {decided:?}"),
    }
}

/// Every way to ask gives one answer.
fn is_a_tree(snapshot: &TreeSnapshot, tree: &Tree) {
    let root = snapshot.root();
    let nodes: Vec<Node<'_>> = snapshot.subtree(root).collect();
    assert_eq!((nodes.len(), snapshot.len()), (tree.len(), tree.len()));
    assert_eq!(snapshot.id(root), Some(ContainerId::root_of(tree.tenant())));
    let mut ids = HashSet::new();
    let mut path_before = None;
    for (at, node) in nodes.iter().copied().enumerate() {
        let id = snapshot.id(node).expect("a node of this snapshot");
        assert!(ids.insert(id), "two containers of one id");
        assert_eq!(snapshot.node(id), Some(node));
        let upward: Vec<_> = snapshot.ancestors(node).collect();
        assert_eq!(upward.len(), usize::from(node.depth()));
        assert_eq!(upward.last().copied().unwrap_or(node), root);
        let mut path: Vec<_> = snapshot.path(node).collect();
        assert_eq!(path.pop(), Some(node));
        path.reverse();
        assert_eq!(path, upward);
        let below: Vec<_> = snapshot.subtree(node).collect();
        assert_eq!(below, nodes[at..at + below.len()]);
        for (place, other) in nodes.iter().enumerate() {
            let is_inside = (at..at + below.len()).contains(&place);
            assert_eq!(node.covers(*other), is_inside);
            let lca = snapshot.lca(node, *other).expect("the root at least");
            assert!(lca.covers(node) && lca.covers(*other));
            assert!(
                !snapshot
                    .children(lca)
                    .any(|child| child.covers(node) && child.covers(*other))
            );
        }
        for child in snapshot.children(node) {
            assert_eq!(snapshot.parent(child), Some(node));
            assert_eq!(child.depth(), node.depth() + 1);
            assert!(child.is_archived() || !node.is_archived());
        }
        let path = snapshot.scope_path(node).expect("a node of this snapshot");
        assert!(path_before.is_none_or(|before| before < path));
        path_before = Some(path);
        let members = snapshot.members(node, Reach::SelfAndBelow);
        let single = below
            .iter()
            .map(|node| snapshot.members(*node, Reach::SelfOnly).len());
        assert_eq!(members.len(), single.sum::<usize>());
    }
    assert_eq!(
        snapshot.members(root, Reach::SelfAndBelow).len(),
        snapshot.member_count()
    );
}

/// What a reader sees, container by container.
fn seen(snapshot: &TreeSnapshot) -> impl PartialEq + core::fmt::Debug {
    let nodes = snapshot.subtree(snapshot.root());
    let rows: Vec<_> = nodes
        .map(|node| {
            let members = snapshot.members(node, Reach::SelfOnly);
            let members: Vec<_> = members.map(|(account, _)| account).collect();
            let name = snapshot.name(node).to_owned();
            let path = snapshot.scope_path(node);
            (snapshot.id(node), name, path, node.is_archived(), members)
        })
        .collect();
    (rows, snapshot.version(), snapshot.skipped())
}

/// By one fold of the whole log, and by a forest that read it in two parts.
fn is_equal_on_every_replica(fresh: &TreeSnapshot, tree: &Tree, log: &[TreeEvent], cut: u8) {
    let mut replica = Tree::rooted(tenant(1));
    for event in log {
        let _fits_or_not = replica.apply(event);
    }
    assert_eq!(&replica, tree);
    let (store, t) = (MemoryTrees::new(), InTenant::background(tenant(1), "fuzz"));
    let recorded = |event: &TreeEvent| Recorded::new(event.clone(), NOW, Cause::of(t));
    let log: Vec<_> = log.iter().map(recorded).collect();
    let (early, late) = log.split_at(log.len() * usize::from(cut) / 255);
    let clock = FixedClock::at(NOW);
    let forest = Forest::open(store.clone(), limits(), clock, SeededIds::new(1));
    now(async {
        let start = TreeVersion::ZERO;
        let version = store
            .append(t, start, early)
            .await
            .expect("an empty stream");
        let held = forest.snapshot(t).await.expect("a store in memory");
        let before = seen(&held);
        store.append(t, version, late).await.expect("a stream");
        let after = forest.catch_up(t).await.expect("a store in memory");
        assert_eq!(seen(&after), seen(fresh));
        // Whoever holds the earlier one still sees that.
        assert_eq!(seen(&held), before);
        assert!(late.is_empty() == Arc::ptr_eq(&held, &after));
        let foreign = after.root();
        assert!(late.is_empty() || !held.root().covers(foreign) && !foreign.covers(held.root()));
    });
}
