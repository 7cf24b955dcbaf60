//! What was published of a catalogue changes only before everybody's eyes.

use std::path::PathBuf;

use proptest::proptest;
use skeleton_authz::Lock;
use skeleton_authz::testing::NewLines;
use skeleton_authz::testing::check_lock;

use crate::bank::Bank;

pub(crate) mod later {
    skeleton_authz::permissions! {
        /// The bank of the tests, one version later: a permission more, one less, one that demands less.
        pub(crate) catalogue Bank "bank" version 4;
        resource account "account" {
            32 => Read "read" [read, on_archived];
            33 => Open "open";
            37 => Freeze "freeze";
        }
        policy AccountReading "account-reading" { account::Read }
        policy AccountServicing "account-servicing" { account::Open, account::Freeze }
        role Clerk "clerk" { AccountReading }
        retired { 63 => "account:close"; }
    }
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("permissions.lock");
    std::fs::write(&path, text).unwrap();
    (dir, path)
}

#[test]
fn the_catalogue_is_as_it_was_published() {
    skeleton_authz::assert_locked!(Bank, "tests/golden/permissions.lock");
}

#[test]
fn a_lock_reads_what_it_writes() {
    let lock = Lock::of(&Bank::catalogue());
    assert_eq!(Lock::parse(&lock.to_string()), Ok(lock.clone()));
    assert!(lock.drift(&lock).is_none());
}

#[test]
fn every_kind_of_change_is_told() {
    let drift = Lock::of(&Bank::catalogue()).drift(&Lock::of(&later::Bank::catalogue()));
    for gone in [
        "permission 34 account:transfer-ownership sensitive aal2 max_age=300",
        "permission 1023 customer:erase aal3",
        "policy account-reading account:statement",
        "policy customer-care customer:read",
        "role account-manager account:open",
        "role clerk account:statement",
    ] {
        assert!(drift.broken().contains(&gone.to_owned()), "{gone}\n{drift}");
    }
    let added = [
        "permission 37 account:freeze",
        "policy account-servicing account:freeze",
        "retired 63 account:close",
    ];
    assert_eq!(drift.added(), added);
    // What is retired under its own bit and name is withdrawn, not broken.
    assert!(
        drift
            .broken()
            .iter()
            .all(|line| !line.starts_with("permission 63 "))
    );
}

#[test]
fn an_attribute_that_is_lost_or_a_bit_that_changes_hands_is_a_break() {
    let published = Lock::parse("permission 40 a:b sensitive aal2\npermission 41 a:c\n").unwrap();
    for (now, broken) in [
        (
            "permission 40 a:b aal2\npermission 41 a:c\n",
            "permission 40 a:b sensitive aal2",
        ),
        (
            "permission 40 a:b sensitive aal2\npermission 41 a:d\n",
            "permission 41 a:c",
        ),
        (
            "permission 40 a:b sensitive aal2\nretired 41 a:d\n",
            "permission 41 a:c",
        ),
        (
            "permission 40 a:b sensitive aal2\nretired 42 a:c\n",
            "permission 41 a:c",
        ),
    ] {
        assert_eq!(
            published.drift(&Lock::parse(now).unwrap()).broken(),
            [broken],
            "{now}"
        );
    }
    let retired = Lock::parse("permission 40 a:b sensitive aal2\nretired 41 a:c\n").unwrap();
    assert!(published.drift(&retired).broken().is_empty());
    // And never comes back.
    assert_eq!(retired.drift(&published).broken(), ["retired 41 a:c"]);
}

#[test]
fn a_new_line_waits_for_a_blessing_and_a_broken_one_gets_none() {
    let catalogue = Bank::catalogue();
    let whole = Lock::of(&catalogue).to_string();
    let (_dir, path) = file("");
    let told = check_lock(&catalogue, &path, NewLines::Refused).unwrap_err();
    assert!(
        told.contains("+ permission 33 account:open") && told.contains("SKELETON_BLESS=1"),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    assert_eq!(check_lock(&catalogue, &path, NewLines::Written), Ok(()));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
    let weaker = whole.replace("33 account:open", "33 account:open aal2");
    for new in [NewLines::Refused, NewLines::Written] {
        let (_dir, path) = file(&weaker);
        let told = check_lock(&catalogue, &path, new).unwrap_err();
        assert!(
            told.contains("- permission 33 account:open aal2") && told.contains("by hand"),
            "{told}"
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), weaker);
    }
    let (_dir, path) = file("permission x");
    assert!(
        check_lock(&catalogue, &path, NewLines::Written)
            .unwrap_err()
            .contains("line 1")
    );
    let missing = path.with_file_name("missing.lock");
    assert!(check_lock(&catalogue, &missing, NewLines::Refused).is_err());
    assert_eq!(check_lock(&catalogue, &missing, NewLines::Written), Ok(()));
}

#[test]
fn what_is_no_line_of_a_lock_is_named_by_its_number() {
    for line in [
        "permission",
        "permission 1",
        "permission 01 a:b",
        "permission 1024 a:b",
        "permission -1 a:b",
        "permission 40  a:b",
        "permission 40 a:\u{e9}",
        "retired 40 a:b read",
        "policy a",
        "policy a b c",
        "role a",
        "roles a b",
        "grant a b",
        " permission 40 a:b",
    ] {
        let text = format!("# a comment\n\n{line}\n");
        assert_eq!(Lock::parse(&text).unwrap_err().line(), 3, "{line}");
    }
}

#[test]
fn the_document_of_a_catalogue_is_the_committed_one() {
    let document = serde_json::to_string_pretty(&Bank::catalogue().to_json()).unwrap() + "\n";
    assert_eq!(document, include_str!("../golden/catalogue.json"));
    assert_eq!(
        later::Bank::catalogue().to_json()["retired"],
        serde_json::json!([{ "name": "account:close", "bit": 63 }])
    );
}

proptest! {
    /// Whatever bytes come, they are a lock or a line number, and a lock reads what it writes.
    #[test]
    fn no_text_breaks_the_parser(text in "[a-z0-9 :#\n]{0,200}") {
        match Lock::parse(&text) {
            Ok(lock) => assert_eq!(Lock::parse(&lock.to_string()), Ok(lock)),
            Err(error) => assert!((1..=text.lines().count()).contains(&error.line())),
        }
    }
}
