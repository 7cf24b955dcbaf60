//! The conditions and the paths on a real database: SQLite admits and orders rows as the tree does.

use proptest::strategy::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::ScopeColumns;
use skeleton_tenancy_tree::ScopePredicate;
use skeleton_tenancy_tree::ScopeRange;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use crate::growing::commands;
use crate::growing::folded;
use crate::growing::grown;
use crate::helpers::container;
use crate::helpers::created;
use crate::helpers::tenant;

/// Random trees per test.
const TREES: u32 = 48;
/// A product's rows, and beside them where each container lay.
const SCHEMA: &str = "CREATE TABLE invoice (
    tenant_id BLOB NOT NULL, scope_id BLOB NOT NULL,
    number TEXT NOT NULL, scope_path BLOB NOT NULL);
CREATE INDEX invoice_by_scope ON invoice (tenant_id, scope_id);
CREATE INDEX invoice_by_path ON invoice (tenant_id, scope_path);";
const INSERT: &str = "INSERT INTO invoice VALUES (?1, ?2, ?3, ?4)";
const BETWEEN: &str = "SELECT scope_id FROM invoice
    WHERE tenant_id = ?1 AND scope_path BETWEEN ?2 AND ?3 AND number = 'first' ORDER BY scope_path";

async fn database() -> SqliteConnection {
    let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(SCHEMA).execute(&mut database).await.unwrap();
    database
}

/// The same log in the tree of another tenant: equal ids, equal names, another root.
fn transplanted(log: &[TreeEvent], to: TenantId) -> Tree {
    let below = |id| match id {
        id if id == ContainerId::root_of(tenant(1)) => ContainerId::root_of(to),
        id => id,
    };
    let mut tree = Tree::rooted(to);
    for event in log {
        let event = match event.clone() {
            TreeEvent::Created {
                container,
                parent,
                name,
            } => created(container, below(parent), &name),
            TreeEvent::Moved {
                container,
                from,
                to,
            } => TreeEvent::Moved {
                container,
                from: below(from),
                to: below(to),
            },
            other => other,
        };
        let _counted = tree.apply(&event);
    }
    tree
}

/// Two trees of two tenants, grown by the same commands up to a point, with two rows in every container.
async fn planted(database: &mut SqliteConnection, runner: &mut TestRunner) -> [TreeSnapshot; 2] {
    sqlx::raw_sql("DELETE FROM invoice")
        .execute(&mut *database)
        .await
        .unwrap();
    let log = grown(&commands().new_tree(runner).unwrap().current()).log;
    let half = &log[..log.len().div_ceil(2)];
    let trees = [folded(&log), transplanted(half, tenant(2))].map(|tree| TreeSnapshot::of(&tree));
    for tree in &trees {
        for node in tree.subtree(tree.root()) {
            for number in ["first", "second"] {
                insert(database, tree, node, number).await;
            }
        }
    }
    trees
}

async fn insert(
    database: &mut SqliteConnection,
    tree: &TreeSnapshot,
    node: Node<'_>,
    number: &str,
) {
    let [tenant, scope] = ScopeColumns::values(tree.tenant(), tree.id(node).unwrap());
    let path = tree.scope_path(node).unwrap();
    let query = sqlx::query(INSERT).bind(&tenant[..]).bind(&scope[..]);
    let query = query.bind(number).bind(path.as_bytes());
    query.execute(database).await.unwrap();
}

/// Of the rows that a condition admits, the tenants and the containers, sorted.
async fn admitted(
    database: &mut SqliteConnection,
    filter: &ScopePredicate,
    before: Option<&str>,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let and = before.map_or("", |_| "number = ?1 AND ");
    let text = format!(
        "SELECT tenant_id, scope_id FROM invoice WHERE {and}{}",
        filter.text()
    );
    let mut query = sqlx::query_as::<_, (Vec<u8>, Vec<u8>)>(AssertSqlSafe(text));
    if let Some(before) = before {
        query = query.bind(before.to_owned());
    }
    for value in filter.binds() {
        query = query.bind(value.to_vec());
    }
    let mut rows = query.fetch_all(database).await.unwrap();
    rows.sort();
    rows
}

/// The rows that lie inside of a container, so many in each container that it covers.
fn covered(tree: &TreeSnapshot, above: ContainerId, each: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
    let above = tree.node(above).unwrap();
    let inside = tree.subtree(tree.root()).filter(|node| above.covers(*node));
    let mut rows = Vec::new();
    for node in inside {
        let [tenant, scope] = ScopeColumns::values(tree.tenant(), tree.id(node).unwrap());
        rows.extend(std::iter::repeat_n((tenant.to_vec(), scope.to_vec()), each));
    }
    rows.sort();
    rows
}

/// The containers of one row each that a range of paths holds, in the order of the paths.
async fn between(
    database: &mut SqliteConnection,
    tree: &TreeSnapshot,
    range: &ScopeRange,
) -> Vec<Vec<u8>> {
    let tenant = tree.tenant().to_bytes();
    let query = sqlx::query_scalar(BETWEEN).bind(&tenant[..]);
    let query = query
        .bind(range.lo().as_bytes())
        .bind(range.hi().as_bytes());
    query.fetch_all(database).await.unwrap()
}

/// In pre-order.
fn ids(tree: &TreeSnapshot) -> Vec<Vec<u8>> {
    let all = tree.subtree(tree.root());
    all.map(|node| tree.id(node).unwrap().to_bytes().to_vec())
        .collect()
}

#[tokio::test]
async fn a_condition_admits_exactly_the_rows_that_the_container_covers() {
    let (mut database, mut runner) = (database().await, TestRunner::deterministic());
    let columns = [
        ScopeColumns::default(),
        ScopeColumns::new("invoice.tenant_id", "invoice.scope_id").unwrap(),
    ];
    for _ in 0..TREES {
        for tree in &planted(&mut database, &mut runner).await {
            for node in tree.subtree(tree.root()) {
                let id = tree.id(node).unwrap();
                for columns in &columns {
                    let filter = columns.subtree(tree, node, Dialect::Sqlite, 1).unwrap();
                    let rows = admitted(&mut database, &filter, None).await;
                    assert_eq!(rows, covered(tree, id, 2));
                }
                // Behind a value of the caller's own.
                let filter = columns[0].subtree(tree, node, Dialect::Sqlite, 2).unwrap();
                let rows = admitted(&mut database, &filter, Some("first")).await;
                assert_eq!(rows, covered(tree, id, 1));
            }
        }
    }
}

#[tokio::test]
async fn a_list_of_containers_admits_their_own_rows_and_none_admits_nothing() {
    let (mut database, mut runner) = (database().await, TestRunner::deterministic());
    let columns = ScopeColumns::default();
    for _ in 0..TREES {
        for tree in &planted(&mut database, &mut runner).await {
            let own = tree.tenant();
            // Every second container, in an order that is not the tree's, and one that no row has.
            let listed = (0..tree.len()).rev().step_by(2);
            let scopes = listed.map(|pre| tree.node_at(u32::try_from(pre).unwrap()).unwrap());
            let mut scopes: Vec<_> = scopes.map(|node| tree.id(node).unwrap()).collect();
            scopes.push(container(99));
            let filter = columns
                .containers(own, &scopes, Dialect::Sqlite, 1)
                .unwrap();
            let rows = admitted(&mut database, &filter, None).await;
            let mut expected: Vec<_> = scopes
                .iter()
                .filter(|id| tree.node(**id).is_some())
                .flat_map(|id| [ScopeColumns::values(own, *id); 2])
                .map(|[tenant, scope]| (tenant.to_vec(), scope.to_vec()))
                .collect();
            expected.sort();
            assert_eq!(rows, expected);
            let none = columns.containers(own, &[], Dialect::Sqlite, 1).unwrap();
            assert_eq!(admitted(&mut database, &none, None).await, []);
            let all = columns.tenant(own, Dialect::Sqlite, 1);
            let rows = admitted(&mut database, &all, None).await;
            assert_eq!(rows, covered(tree, ContainerId::root_of(own), 2));
        }
    }
}

#[tokio::test]
async fn law_07_an_interval_of_positions_is_what_sqlite_finds_between_its_paths_in_the_same_order()
{
    let (mut database, mut runner) = (database().await, TestRunner::deterministic());
    for _ in 0..TREES {
        for tree in &planted(&mut database, &mut runner).await {
            let nodes: Vec<_> = tree.subtree(tree.root()).collect();
            let ids = ids(tree);
            for (from, first) in nodes.iter().enumerate() {
                for (to, last) in nodes.iter().enumerate().skip(from) {
                    let range = tree.scope_range(*first, *last).unwrap();
                    assert_eq!(between(&mut database, tree, &range).await, ids[from..=to]);
                }
            }
        }
    }
}

/// Ordinals past a byte and past two: SQLite compares a `BLOB` byte by byte, the highest first.
#[tokio::test]
async fn law_07_paths_of_many_siblings_are_ordered_as_the_tree_is() {
    let mut database = database().await;
    let root = ContainerId::root_of(tenant(1));
    let wide = (0..700).map(|number| created(container(number), root, "c"));
    let below = (700..1_400).map(|number| created(container(number), container(number - 700), "d"));
    let tree = TreeSnapshot::of(&folded(&wide.chain(below).collect::<Vec<_>>()));
    for node in tree.subtree(tree.root()) {
        insert(&mut database, &tree, node, "first").await;
    }
    let all = tree.subtree_range(tree.root()).unwrap();
    assert_eq!(between(&mut database, &tree, &all).await, ids(&tree));
    let node = tree.node(container(300)).unwrap();
    let filter = ScopeColumns::default()
        .subtree(&tree, node, Dialect::Sqlite, 1)
        .unwrap();
    let rows = admitted(&mut database, &filter, None).await;
    assert_eq!(rows, covered(&tree, container(300), 1));
}

/// The longest condition that there is stays below what SQLite takes.
#[tokio::test]
async fn a_condition_of_4096_containers_is_one_that_sqlite_takes() {
    let mut database = database().await;
    let head = created(container(0), ContainerId::root_of(tenant(1)), "head");
    let below = (1..4_096).map(|number| created(container(number), container(0), "c"));
    let tree = TreeSnapshot::of(&folded(
        &std::iter::once(head).chain(below).collect::<Vec<_>>(),
    ));
    for id in [
        container(0),
        container(4_095),
        ContainerId::root_of(tenant(1)),
    ] {
        insert(&mut database, &tree, tree.node(id).unwrap(), "first").await;
    }
    let node = tree.node(container(0)).unwrap();
    let filter = ScopeColumns::default()
        .subtree(&tree, node, Dialect::Sqlite, 1)
        .unwrap();
    let rows = admitted(&mut database, &filter, None).await;
    assert_eq!((filter.binds().len(), rows.len()), (4_097, 2));
}
