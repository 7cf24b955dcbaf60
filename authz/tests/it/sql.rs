//! Lists on a real database: SQLite admits exactly the rows that the rule admits.

use proptest::strategy::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use skeleton_authz::Snapshot;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::FilterError;
use skeleton_tenancy_tree::ScopeColumns;
use skeleton_tenancy_tree::ScopePredicate;
use skeleton_tenancy_tree::TreeEvent;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;

use crate::bank::Clerk;
use crate::bank::account;
use crate::bank::customer;
use crate::drawing::cases;
use crate::drawing::crowded_cases;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::naive::Caller;
use crate::naive::Model;
use crate::worlds::Ask;
use crate::worlds::asks;
use crate::worlds::build;
use crate::worlds::id_of;
use crate::worlds::taken_in;

/// Random worlds per test.
const WORLDS: u32 = 60;
const SCHEMA: &str =
    "CREATE TABLE invoice (tenant_id BLOB NOT NULL, scope_id BLOB NOT NULL, id INTEGER NOT NULL);
CREATE INDEX invoice_by_scope ON invoice (tenant_id, scope_id);";
const INSERT: &str = "INSERT INTO invoice VALUES (?1, ?2, ?3)";

/// Scope and number of a row of the caller's tenant.
type Row = (Vec<u8>, i64);

async fn database() -> SqliteConnection {
    let mut database = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(SCHEMA).execute(&mut database).await.unwrap();
    database
}

async fn insert(database: &mut SqliteConnection, number: u8, scope: ContainerId, id: i64) {
    let [tenant, scope] = ScopeColumns::values(tenant(number), scope);
    let query = sqlx::query(INSERT).bind(tenant.to_vec());
    let query = query.bind(scope.to_vec()).bind(id);
    query.execute(database).await.unwrap();
}

/// Two rows in every container of every tenant, and beside them what no tenant should have: rows of one tenant in a
/// container of the next one. Their numbers are negative.
async fn fill(database: &mut SqliteConnection, model: &Model) {
    let emptied = sqlx::raw_sql("DELETE FROM invoice").execute(&mut *database);
    emptied.await.unwrap();
    for (number, place) in model.places.iter().enumerate() {
        let scope = id_of(model, number);
        let id = i64::try_from(number).unwrap() * 2;
        insert(database, place.tenant, scope, id).await;
        insert(database, place.tenant, scope, id + 1).await;
        let stranger = place.tenant % 3 + 1;
        insert(database, stranger, scope, -1 - id).await;
    }
}

/// What a query with that condition finds, in its order.
async fn found(
    database: &mut SqliteConnection,
    filter: &ScopePredicate,
    (before, after): (&str, &str),
    own: &[Row],
) -> Vec<Row> {
    let text = format!(
        "SELECT scope_id, id FROM invoice WHERE {before}{}{after}",
        filter.text()
    );
    let mut query = sqlx::query_as::<_, Row>(AssertSqlSafe(text));
    for (scope, id) in own {
        query = query.bind(scope.clone()).bind(*id);
    }
    for value in filter.binds() {
        query = query.bind(value.to_vec());
    }
    query.fetch_all(database).await.unwrap()
}

/// The rows that the rule admits, by scope and number.
fn admitted(model: &Model, caller: &Caller, ask: Ask) -> Vec<Row> {
    let mut rows = Vec::new();
    for place in 0..model.places.len() {
        if model.allows(caller, ask.name, place) {
            let scope = id_of(model, place).to_bytes().to_vec();
            let id = i64::try_from(place).unwrap() * 2;
            rows.extend([(scope.clone(), id), (scope, id + 1)]);
        }
    }
    rows.sort();
    rows
}

fn filter_of(snapshot: &Snapshot, ask: Ask, first: u16) -> ScopePredicate {
    let filter = (ask.visible)(snapshot).unwrap();
    let columns = ScopeColumns::default();
    filter.to_sql(Dialect::Sqlite, &columns, first).unwrap()
}

/// Some worlds of both kinds, each with a caller.
async fn worlds(runner: &mut TestRunner, number: u32) -> (Model, Caller, Snapshot) {
    let (model, caller) = if number.is_multiple_of(2) {
        cases().new_tree(runner).unwrap().current()
    } else {
        crowded_cases().new_tree(runner).unwrap().current()
    };
    let world = build(&model).await;
    let snapshot = taken_in(&world, &model, &caller).await;
    (model, caller, snapshot)
}

#[tokio::test]
async fn law_17_a_query_returns_exactly_the_rows_that_are_allowed() {
    let (mut database, mut runner) = (database().await, TestRunner::deterministic());
    let (mut lists, mut whole) = (0, 0);
    for number in 0..WORLDS {
        let (model, caller, snapshot) = worlds(&mut runner, number).await;
        fill(&mut database, &model).await;
        for ask in asks() {
            let expected = admitted(&model, &caller, ask);
            let filter = filter_of(&snapshot, ask, 1);
            let order = ("", " ORDER BY scope_id, id");
            let mut rows = found(&mut database, &filter, order, &[]).await;
            if (ask.visible)(&snapshot).unwrap().is_everything() {
                // The whole tenant, whatever its rows say: these were forged into containers of another one.
                rows.retain(|(_, id)| *id >= 0);
                whole += 1;
            } else {
                lists += usize::from(!expected.is_empty());
            }
            assert_eq!(rows, expected, "{} {model:?} {caller:?}", ask.name);
        }
    }
    // The worlds are worth asking.
    assert!(lists > 50 && whole > 5, "{lists} {whole}");
}

#[tokio::test]
async fn law_17_pages_concatenate_to_the_whole() {
    let (mut database, mut runner) = (database().await, TestRunner::deterministic());
    for number in 0..WORLDS / 2 {
        let (model, caller, snapshot) = worlds(&mut runner, number).await;
        fill(&mut database, &model).await;
        for ask in asks() {
            // The page's own values come first, so that the filter begins at the third place.
            let filter = filter_of(&snapshot, ask, 3);
            let page = (
                "(scope_id, id) > (?1, ?2) AND ",
                " AND id >= 0 ORDER BY scope_id, id LIMIT 3",
            );
            let mut all: Vec<Row> = Vec::new();
            loop {
                let last = all.last().cloned().unwrap_or((Vec::new(), -1));
                let rows = found(&mut database, &filter, page, &[last]).await;
                if rows.is_empty() {
                    break;
                }
                all.extend(rows);
            }
            assert_eq!(all, admitted(&model, &caller, ask), "{}", ask.name);
        }
    }
}

#[tokio::test]
async fn law_17_nothing_finds_no_row_and_everything_names_the_tenant_alone() {
    let mut database = database().await;
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, root(1))).await;
    insert(&mut database, 1, root(1), 1).await;
    insert(&mut database, 2, root(2), 2).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let columns = ScopeColumns::new("invoice.tenant_id", "invoice.scope_id").unwrap();
    for (dialect, sign) in [(Dialect::Sqlite, '?'), (Dialect::Postgres, '$')] {
        let everything = snapshot.visible(account::Read).unwrap();
        let everything = everything.to_sql(dialect, &columns, 7).unwrap();
        assert_eq!(
            everything.text(),
            format!("\"invoice\".\"tenant_id\" = {sign}7")
        );
        assert_eq!(everything.binds(), [tenant(1).to_bytes()]);
        let nothing = snapshot.visible(customer::Read).unwrap();
        let nothing = nothing.to_sql(dialect, &columns, 7).unwrap();
        assert!(nothing.text().starts_with(everything.text()));
        assert_eq!(nothing.binds(), [tenant(1).to_bytes()]);
    }
    let nothing = snapshot.visible(customer::Read).unwrap();
    let nothing = nothing.to_sql(Dialect::Sqlite, &columns, 1).unwrap();
    assert_eq!(found(&mut database, &nothing, ("", ""), &[]).await, []);
    let everything = snapshot.visible(account::Read).unwrap();
    let everything = everything.to_sql(Dialect::Sqlite, &columns, 1).unwrap();
    let rows = found(&mut database, &everything, ("", ""), &[]).await;
    assert_eq!(rows, [(root(1).to_bytes().to_vec(), 1)]);
}

/// A tenant with so many containers below one of them, of which the caller reads all and the root not.
async fn wide(count: u64) -> Snapshot {
    let world = World::new();
    let created = |number, parent| TreeEvent::Created {
        container: container(number),
        parent,
        name: format!("c{number}"),
    };
    let below = (1..=count).map(|number| created(number, container(0)));
    let tree = core::iter::once(created(0, root(1))).chain(below);
    world.plant(1, tree).await;
    let below = grant(1, 1, Clerk, container(0)).with_reach(skeleton_authz::Reach::BelowOnly);
    world.give(below).await;
    world.snapshot(&caller(1)).await
}

#[tokio::test]
async fn law_17_more_containers_than_can_be_named_are_refused_and_never_cut() {
    let columns = ScopeColumns::default();
    let snapshot = wide(4_097).await;
    let filter = snapshot.visible(account::Read).unwrap();
    assert_eq!((filter.len(), filter.is_everything()), (4_097, false));
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let refused = filter.to_sql(dialect, &columns, 1).unwrap_err();
        assert_eq!(refused, FilterError::TooLarge);
    }
    let snapshot = wide(4_096).await;
    let filter = snapshot.visible(account::Read).unwrap();
    let filter = filter.to_sql(Dialect::Sqlite, &columns, 1).unwrap();
    assert_eq!(filter.binds().len(), 4_097);
    let mut database = database().await;
    insert(&mut database, 1, container(4_096), 1).await;
    insert(&mut database, 1, container(0), 2).await;
    let rows = found(&mut database, &filter, ("", ""), &[]).await;
    assert_eq!(rows, [(container(4_096).to_bytes().to_vec(), 1)]);
}

#[tokio::test]
async fn attack_11_a_whole_tenant_of_many_containers_is_listed_by_its_name() {
    let world = World::new();
    let created = |number| TreeEvent::Created {
        container: container(number),
        parent: root(1),
        name: format!("c{number}"),
    };
    world.plant(1, (0..5_000).map(created)).await;
    world.give(grant(1, 1, Clerk, root(1))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let filter = snapshot.visible(account::Read).unwrap();
    assert_eq!((filter.len(), filter.is_everything()), (5_001, true));
    let roots: Vec<_> = filter.roots();
    assert_eq!(roots.len(), 1);
    let sql = filter.to_sql(Dialect::Sqlite, &ScopeColumns::default(), 1);
    assert_eq!(sql.unwrap().binds().len(), 1);
}

#[tokio::test]
async fn attack_13_a_column_that_is_no_name_is_refused() {
    for odd in [
        "id; drop table x",
        "",
        "tenant id",
        "\"tenant_id\"",
        "a.b.c",
        "1a",
    ] {
        assert!(ScopeColumns::new(odd, "scope_id").is_err(), "{odd:?}");
        assert!(ScopeColumns::new("tenant_id", odd).is_err(), "{odd:?}");
    }
}
