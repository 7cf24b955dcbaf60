//! The world of two tenants by two branches, and every method of the forest called with the ids of another tenant.

mod methods;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::Tenants;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::isolation_suite;
use skeleton_tenancy_tree::testing::Answer;
use skeleton_tenancy_tree::testing::AnyId;
use skeleton_tenancy_tree::testing::Isolation;
use skeleton_tenancy_tree::testing::TwoByTwo;

use self::methods::every_method;
use crate::helpers::bank;
use crate::helpers::clock;
use crate::helpers::forest;
use crate::helpers::log_of;

pub(crate) const KINDS: [TenantKind; 2] = [TenantKind::EXTERNAL, TenantKind::INTERNAL];

/// All that keeps something of tenants here.
pub(crate) struct Rooms {
    pub(crate) tenants: Tenants,
    pub(crate) forest: Forest,
    pub(crate) store: MemoryTrees,
}

pub(crate) async fn planted() -> (Rooms, TwoByTwo) {
    let (tenants, store) = (bank().await, MemoryTrees::new());
    let forest = forest(store.clone(), 1);
    let ids = SeededIds::new(2);
    let world = TwoByTwo::plant(&tenants, &forest, (&clock(), &ids), &KINDS).await;
    let rooms = Rooms {
        tenants,
        forest,
        store,
    };
    (rooms, world.unwrap())
}

/// The log, the snapshot and the tenant itself.
pub(crate) fn state<'a>(rooms: &'a Rooms, t: InTenant<'a>) -> Answer<'a> {
    Box::pin(async move {
        let log = log_of(&rooms.store, t.tenant());
        let tree = rooms.forest.snapshot(t).await.unwrap();
        let tenant = rooms.tenants.catch_up(t).await.unwrap();
        let shown: Vec<_> = tree
            .subtree(tree.root())
            .map(|node| seen(&tree, Some(node)))
            .collect();
        format!("{log:?} {shown:?} {tenant:?}").into_bytes()
    })
}

pub(crate) async fn isolation() -> Isolation<Rooms> {
    let (rooms, world) = planted().await;
    Isolation::new(rooms, world, clock(), SeededIds::new(3)).with_state(state)
}

/// All that a snapshot says of a container, in words.
fn seen(tree: &TreeSnapshot, node: Option<Node<'_>>) -> String {
    let Some(node) = node else {
        return "nothing".to_owned();
    };
    let ids = |nodes: &mut dyn Iterator<Item = Node<'_>>| -> Vec<_> {
        nodes.map(|node| tree.id(node)).collect()
    };
    let of_node = (
        tree.id(node),
        tree.name(node),
        node,
        node.depth(),
        node.is_archived(),
    );
    let parent = tree.parent(node).and_then(|above| tree.id(above));
    let (children, path) = (ids(&mut tree.children(node)), ids(&mut tree.path(node)));
    let subtree = ids(&mut tree.subtree(node));
    let members = tree.members(node, Reach::SelfAndBelow);
    let members: Vec<_> = members
        .map(|(account, at)| (account, tree.id(at)))
        .collect();
    let range = tree.subtree_range(node);
    format!("{of_node:?} {parent:?} {children:?} {path:?} {subtree:?} {members:?} {range:?}")
}

isolation_suite!(every_method);

#[tokio::test]
async fn the_suite_calls_every_method_as_each_tenant_with_every_id_of_each_other() {
    let isolation = every_method().await;
    // Four tenants, ten methods; a root, two branches, four leaves and five accounts.
    assert_eq!(isolation.run().await.unwrap(), 4 * 3 * 10 * 12);
    let listed = format!("{isolation:?}");
    assert!(
        listed.contains("plan_move") && listed.contains("roll-up"),
        "{listed}"
    );
}

#[tokio::test]
async fn the_world_has_two_tenants_of_each_kind_with_the_same_names() {
    let (rooms, world) = planted().await;
    let slugs: Vec<_> = world
        .tenants()
        .map(|planted| planted.tenant().slug().to_string())
        .collect();
    assert_eq!(
        slugs,
        ["acme", "globex", "acme-internal", "globex-internal"]
    );
    assert_eq!(world.pairs().len(), KINDS.len());
    for (pair, kind) in world.pairs().iter().zip(&KINDS) {
        for planted in pair {
            assert_eq!(planted.tenant().kind(), kind);
            let tree = rooms.forest.snapshot(planted.inside()).await.unwrap();
            let names: Vec<_> = tree
                .subtree(tree.root())
                .map(|node| tree.name(node))
                .collect();
            assert_eq!(
                names,
                ["", "East", "North", "South", "West", "North", "South"]
            );
            let ids: Vec<_> = planted.containers().collect();
            assert_eq!(ids[0], planted.tenant().root());
            assert_eq!(ids[1..], [planted.branches(), planted.leaves()].concat());
            let members = tree.members(tree.root(), Reach::SelfAndBelow);
            let members: Vec<_> = members
                .map(|(account, at)| (account, tree.id(at).unwrap()))
                .collect();
            let places =
                std::iter::once(planted.tenant().root()).chain(planted.leaves().iter().copied());
            let placed = planted.accounts().iter().copied().zip(places);
            assert_eq!(members, placed.collect::<Vec<_>>());
        }
    }
}

#[tokio::test]
async fn no_id_of_the_world_is_in_two_tenants() {
    let (_, world) = planted().await;
    let mut seen = std::collections::HashSet::new();
    for planted in world.tenants() {
        let containers = planted.containers().map(|id| id.to_string());
        let accounts = planted.accounts().iter().map(ToString::to_string);
        assert!(containers.chain(accounts).all(|id| seen.insert(id)));
    }
    assert_eq!(seen.len(), 4 * 12);
}

#[tokio::test]
async fn a_world_is_planted_once() {
    let (rooms, _) = planted().await;
    let ids = SeededIds::new(4);
    let again = TwoByTwo::plant(&rooms.tenants, &rooms.forest, (&clock(), &ids), &KINDS).await;
    assert_eq!(again.unwrap_err().to_string(), "the slug is taken");
}

#[test]
fn any_id_is_read_as_the_other_kind_by_its_characters() {
    let container = ContainerId::from_bytes([7; 16]).unwrap();
    let account = AccountId::from_bytes([7; 16]).unwrap();
    for id in [AnyId::Container(container), AnyId::Account(account)] {
        assert_eq!(id.as_container(), Some(container));
        assert_eq!(id.as_account(), Some(account));
        assert_eq!(id.to_string(), container.to_string());
    }
}
