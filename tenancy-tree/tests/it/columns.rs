//! The two columns of a product's rows, and the conditions on them.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::FilterError;
use skeleton_tenancy_tree::ScopeColumns;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::growing::folded;
use crate::helpers::container;
use crate::helpers::created;
use crate::helpers::tenant;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

/// Container 1 with 2 in it, and 3 beside them.
fn planted() -> Tree {
    folded(&[
        created(container(1), root(), "a"),
        created(container(2), container(1), "b"),
        created(container(3), root(), "c"),
    ])
}

/// Container 0 with `len` in all in its subtree.
fn fan(len: u64) -> TreeSnapshot {
    let head = created(container(0), root(), "head");
    let below = (1..len).map(|number| created(container(number), container(0), "c"));
    TreeSnapshot::of(&folded(
        &std::iter::once(head).chain(below).collect::<Vec<_>>(),
    ))
}

#[test]
fn a_subtree_is_its_tenant_and_a_list_of_its_containers_in_both_dialects() {
    let tree = TreeSnapshot::of(&planted());
    let node = tree.node(container(1)).unwrap();
    let columns = ScopeColumns::default();
    let binds = [
        tenant(1).to_bytes(),
        container(1).to_bytes(),
        container(2).to_bytes(),
    ];
    let sqlite = columns.subtree(&tree, node, Dialect::Sqlite, 1).unwrap();
    assert_eq!(
        sqlite.text(),
        r#""tenant_id" = ?1 AND "scope_id" IN (?2, ?3)"#
    );
    assert_eq!(sqlite.binds(), binds);
    let postgres = columns.subtree(&tree, node, Dialect::Postgres, 7).unwrap();
    assert_eq!(
        postgres.text(),
        r#""tenant_id" = $7 AND "scope_id" IN ($8, $9)"#
    );
    assert_eq!(postgres.binds(), binds);
    let leaf = tree.node(container(2)).unwrap();
    let leaf = columns.subtree(&tree, leaf, Dialect::Sqlite, 1).unwrap();
    assert_eq!(leaf.text(), r#""tenant_id" = ?1 AND "scope_id" IN (?2)"#);
}

#[test]
fn a_whole_tenant_needs_no_list() {
    let columns = ScopeColumns::new("invoice.tenant", "invoice.container").unwrap();
    for tree in [TreeSnapshot::of(&planted()), fan(5_000)] {
        let filter = columns
            .subtree(&tree, tree.root(), Dialect::Postgres, 3)
            .unwrap();
        assert_eq!(filter.text(), r#""invoice"."tenant" = $3"#);
        assert_eq!(filter.binds(), [tenant(1).to_bytes()]);
    }
}

#[test]
fn a_list_of_4096_is_named_and_a_longer_one_never_cut() {
    let columns = ScopeColumns::default();
    let tree = fan(4_096);
    let node = tree.node(container(0)).unwrap();
    let filter = columns.subtree(&tree, node, Dialect::Sqlite, 1).unwrap();
    assert_eq!(filter.binds().len(), 4_097);
    assert!(filter.text().ends_with(", ?4097)"));
    let tree = fan(4_097);
    let node = tree.node(container(0)).unwrap();
    let refused = columns.subtree(&tree, node, Dialect::Sqlite, 1);
    assert_eq!(refused, Err(FilterError::TooLarge));
    assert_eq!(
        FilterError::TooLarge.to_string(),
        "the subtree has more than 4096 containers"
    );
}

#[test]
fn a_tenant_alone_and_a_list_of_containers_need_no_snapshot() {
    let columns = ScopeColumns::default();
    let tenant_alone = columns.tenant(tenant(1), Dialect::Sqlite, 4);
    assert_eq!(tenant_alone.text(), r#""tenant_id" = ?4"#);
    assert_eq!(tenant_alone.binds(), [tenant(1).to_bytes()]);
    let scopes = [container(9), container(1)];
    let listed = columns.containers(tenant(1), &scopes, Dialect::Postgres, 1);
    let listed = listed.unwrap();
    assert_eq!(
        listed.text(),
        r#""tenant_id" = $1 AND "scope_id" IN ($2, $3)"#
    );
    let binds = [
        tenant(1).to_bytes(),
        container(9).to_bytes(),
        container(1).to_bytes(),
    ];
    assert_eq!(listed.binds(), binds);
    let too_many = vec![container(1); ScopeColumns::MAX_SCOPES + 1];
    let refused = columns.containers(tenant(1), &too_many, Dialect::Sqlite, 1);
    assert_eq!(refused, Err(FilterError::TooLarge));
    let most = &too_many[1..];
    assert!(
        columns
            .containers(tenant(1), most, Dialect::Sqlite, 1)
            .is_ok()
    );
}

/// No container is no row, and not every row of the tenant.
#[test]
fn a_list_of_no_containers_admits_nothing() {
    let none = ScopeColumns::default().containers(tenant(1), &[], Dialect::Sqlite, 1);
    let none = none.unwrap();
    assert_eq!(none.text(), r#""tenant_id" = ?1 AND 1 = 0"#);
    assert_eq!(none.binds(), [tenant(1).to_bytes()]);
}

#[test]
fn places_are_counted_on_past_the_last_that_can_be_named_first() {
    let tree = TreeSnapshot::of(&planted());
    let node = tree.node(container(1)).unwrap();
    let filter = ScopeColumns::default().subtree(&tree, node, Dialect::Postgres, u16::MAX);
    let text = r#""tenant_id" = $65535 AND "scope_id" IN ($65536, $65537)"#;
    assert_eq!(filter.unwrap().text(), text);
}

#[test]
fn a_node_of_another_snapshot_has_no_condition() {
    let (here, there) = (TreeSnapshot::of(&planted()), TreeSnapshot::of(&planted()));
    for foreign in [there.root(), there.node(container(1)).unwrap()] {
        let refused = ScopeColumns::default().subtree(&here, foreign, Dialect::Sqlite, 1);
        assert_eq!(refused, Err(FilterError::Foreign));
    }
}

#[test]
fn a_column_has_a_plain_name_and_at_most_one_table() {
    let longest = "x".repeat(63);
    let both = format!("{longest}.{longest}");
    for name in ["tenant_id", "_t", "T9", "a.b", "select", &longest, &both] {
        assert!(ScopeColumns::new(name, "scope_id").is_ok(), "{name}");
        assert!(ScopeColumns::new("tenant_id", name).is_ok(), "{name}");
    }
    let long = "x".repeat(64);
    let long_table = format!("{long}.a");
    let wrong = [
        "",
        ".",
        "a.",
        ".a",
        "a.b.c",
        "a..b",
        "9a",
        "a.9b",
        "a b",
        " a",
        "a\"b",
        "\"a\"",
        "a'b",
        "a`b",
        "[a]",
        "a;b",
        "a--",
        "a-b",
        "a)",
        "a\0",
        "a\n",
        "a$",
        "größe",
        "\u{ff41}",
        "a\u{202e}b",
        "?1",
        &long,
        &long_table,
    ];
    for name in wrong {
        let error = ScopeColumns::new(name, "scope_id").unwrap_err();
        assert!(
            error.to_string().starts_with("a column is named by"),
            "{name}"
        );
        assert!(ScopeColumns::new("tenant_id", name).is_err(), "{name:?}");
    }
}

#[test]
fn a_row_has_the_bytes_of_its_tenant_and_its_container() {
    let values = ScopeColumns::values(tenant(1), container(7));
    assert_eq!(values, [tenant(1).to_bytes(), container(7).to_bytes()]);
    // At the root both are the same 16 bytes.
    let [tenant, scope] = ScopeColumns::values(tenant(1), root());
    assert_eq!(tenant, scope);
}

#[test]
fn debug_shows_the_text_and_no_value() {
    let tree = fan(3);
    let node = tree.node(container(0)).unwrap();
    let filter = ScopeColumns::default()
        .subtree(&tree, node, Dialect::Sqlite, 1)
        .unwrap();
    let shown = format!("{filter:?}");
    assert!(
        shown.contains("scope_id") && shown.contains("binds: 4"),
        "{shown}"
    );
}
