//! The texts that a product commits about its permissions, and the tags of documents.

use serde_json::json;
use skeleton_authz::Operations;
use skeleton_authz::Snapshot;
use skeleton_authz::testing::Coverage;
use skeleton_authz::testing::Seen;
use skeleton_authz::testing::matrix;

use crate::bank::Auditor;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::doors::CloseAll;
use crate::doors::ListAccounts;
use crate::doors::OpenAccount;
use crate::doors::RetrieveAccount;
use crate::doors::TransferAll;
use crate::doors::account_named;
use crate::doors::in_container;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::US;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::root;

fn some() -> Operations {
    Operations::new()
        .public("log-in")
        .guarded::<OpenAccount>("open-account")
        .guarded::<TransferAll>("transfer-all")
        .guarded::<CloseAll>("close-all")
        .listing::<account::Read, ListAccounts>("list-accounts")
}

#[tokio::test]
async fn the_matrix_shows_what_everybody_would_be_answered_everywhere() {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(EU))).await;
    world.give(grant(2, 2, Clerk, root(1))).await;
    let (ada, bob, eve) = (caller(1), caller(2), caller(3));
    let ada = world.snapshot(&ada).await;
    let bob = world.snapshot(&bob).await;
    let eve = world.snapshot(&eve).await;
    let scopes = [
        ("EU", container(EU)),
        ("Texas and more", container(US)),
        ("root", root(1)),
    ];
    let text = matrix(
        &some(),
        &scopes,
        &[("ada", &ada), ("bob", &bob), ("eve", &eve)],
    );
    let expected = "\
# ada          EU       Texas and more  root
close-all      allow    404             403
list-accounts  rows     -               -
log-in         public   public          public
open-account   allow    404             403
transfer-all   step-up  404             403

# bob          EU       Texas and more  root
close-all      403      403             403
list-accounts  rows     rows            rows
log-in         public   public          public
open-account   403      403             403
transfer-all   403      403             403

# eve          EU       Texas and more  root
close-all      404      404             404
list-accounts  -        -               -
log-in         public   public          public
open-account   404      404             404
transfer-all   404      404             404

";
    assert_eq!(text, expected);
}

#[test]
fn coverage_names_what_a_suite_has_not_seen_yet() {
    let mut coverage = Coverage::of(&some());
    for operation in ["log-in", "open-account", "close-all", "list-accounts"] {
        coverage.route("commands", operation);
    }
    coverage.route("commands", "forgotten");
    assert_eq!(
        coverage.unregistered().collect::<Vec<_>>(),
        ["commands/forgotten"]
    );
    let all = [Seen::Allow, Seen::Deny, Seen::Foreign];
    let open = in_container(container(FRANCE));
    for seen in all {
        coverage.saw("open-account", open.as_bytes(), seen);
    }
    coverage.saw("close-all", b"{}", Seen::Allow);
    // Neither what is no payload nor what is no operation counts.
    coverage.saw("transfer-all", b"{", Seen::Allow);
    coverage.saw("forgotten", b"{}", Seen::Allow);
    let missing = [
        ("close-all", "deny"),
        ("transfer-all", "route"),
        ("transfer-all", "allow"),
        ("transfer-all", "deny"),
        ("transfer-all", "foreign"),
    ];
    assert_eq!(coverage.unseen(), missing);
    let expected = "\
door      operation      need                        target  seen
commands  close-all      account:close               root    allow
commands  list-accounts  lists account:read          -       -
commands  log-in         public                      -       -
commands  open-account   account:open                scope   allow deny foreign
-         transfer-all   account:transfer-ownership  -       -
not in the registry: commands/forgotten
";
    assert_eq!(coverage.to_string(), expected);
}

#[test]
fn an_operation_on_a_resource_is_seen_as_one() {
    let operations = Operations::new().guarded::<RetrieveAccount>("retrieve-account");
    let mut coverage = Coverage::of(&operations);
    coverage.route("queries", "retrieve-account");
    coverage.saw(
        "retrieve-account",
        account_named("a").as_bytes(),
        Seen::Deny,
    );
    let text = coverage.to_string();
    let row: Vec<_> = text.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(
        row,
        [
            "queries",
            "retrieve-account",
            "account:read",
            "resource",
            "deny"
        ]
    );
}

#[tokio::test]
async fn the_tag_of_a_document_follows_what_it_says() {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(EU))).await;
    let asked = caller(1);
    let scopes = [container(EU)];
    let tag = |snapshot: &Snapshot| Snapshot::tag_of(&snapshot.permissions_document(&scopes));
    let first = tag(&world.snapshot(&asked).await);
    assert_eq!(first, tag(&world.snapshot(&asked).await));
    assert_eq!(first.len(), 32);
    assert!(
        first
            .chars()
            .all(|char| matches!(char, '0'..='9' | 'a'..='f'))
    );
    world.give(grant(3, 1, Auditor, container(EU))).await;
    assert_ne!(first, tag(&world.snapshot(&asked).await));
    // Known from elsewhere: `printf '{"a":1}' | sha256sum`, its first half.
    let known = "015abd7f5cc57a2dd94b7590f04ad808";
    assert_eq!(Snapshot::tag_of(&json!({ "a": 1 })), known);
}
