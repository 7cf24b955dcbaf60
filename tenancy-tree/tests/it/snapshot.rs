//! The snapshot, apart from what the laws say of it.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::helpers::container;
use crate::helpers::created;
use crate::helpers::tenant;

fn of_two(number: u8) -> TreeSnapshot {
    let root = ContainerId::root_of(tenant(number));
    let mut tree = Tree::rooted(tenant(number));
    let _counted = tree.apply(&created(container(1), root, "a"));
    let _counted = tree.apply(&created(container(2), container(1), "b"));
    TreeSnapshot::of(&tree)
}

#[test]
fn a_node_fits_16_bytes() {
    assert_eq!(size_of::<Node<'_>>(), 16);
}

#[test]
fn the_root_has_the_tenants_characters_and_exists_before_any_event() {
    let snapshot = TreeSnapshot::of(&Tree::rooted(tenant(1)));
    let root = snapshot.root();
    assert_eq!(snapshot.len(), 1);
    assert_eq!(snapshot.version().get(), 0);
    assert_eq!(snapshot.tenant(), tenant(1));
    assert_eq!(
        snapshot.id(root).unwrap().to_string(),
        tenant(1).to_string()
    );
    assert_eq!(snapshot.name(root), "");
    assert_eq!(snapshot.parent(root), None);
    assert_eq!(snapshot.path(root).collect::<Vec<_>>(), [root]);
    assert!(root.covers(root));
}

#[test]
fn equal_ids_in_two_tenants_cover_nothing_of_one_another() {
    let (one, other) = (of_two(1), of_two(2));
    let (here, there) = (
        one.node(container(1)).unwrap(),
        other.node(container(1)).unwrap(),
    );
    assert_ne!(here, there);
    assert!(!here.covers(there) && !there.covers(here));
    assert!(!one.root().covers(there));
    assert_eq!((other.id(here), other.name(here)), (None, ""));
    assert_eq!(other.parent(one.node(container(2)).unwrap()), None);
    assert_eq!(other.lca(here, there), None);
}

#[test]
fn an_unknown_id_and_another_tenants_root_have_no_node() {
    let snapshot = of_two(1);
    assert_eq!(snapshot.node(container(9)), None);
    assert_eq!(snapshot.node(ContainerId::root_of(tenant(2))), None);
}

#[test]
fn debug_shows_no_name() {
    let snapshot = of_two(1);
    let shown = format!("{snapshot:?} {:?}", snapshot.node(container(1)).unwrap());
    assert!(shown.contains("len: 3") && !shown.contains('"'), "{shown}");
}
