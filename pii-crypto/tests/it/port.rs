//! What the port promises, on the memory store, and the keys of a development.

use skeleton_pii_crypto::Change;
use skeleton_pii_crypto::Committed;
use skeleton_pii_crypto::DevKek;
use skeleton_pii_crypto::Development;
use skeleton_pii_crypto::KekProvider;
use skeleton_pii_crypto::KeyStore;
use skeleton_pii_crypto::MemoryKeyStore;
use skeleton_pii_crypto::StoredReceipt;
use skeleton_pii_crypto::StoredRow;

use crate::helpers::subject;
use crate::helpers::tenant;

fn store() -> MemoryKeyStore {
    MemoryKeyStore::new(Development::i_accept_losing_every_key())
}

fn row(user: &str, expected: u64, body: &[u8]) -> Change {
    Change {
        row: Some((subject(user), expected, body.to_vec())),
        ..Change::default()
    }
}

fn receipt(sequence: u64) -> StoredReceipt {
    StoredReceipt {
        sequence,
        body: vec![1],
    }
}

#[tokio::test]
async fn a_row_is_written_over_the_expected_version_alone() {
    let (store, acme) = (store(), tenant("acme"));
    let commit = |change| store.commit(&acme, change);
    assert_eq!(
        commit(row("dora", 1, b"x")).await.unwrap(),
        Committed::RowMoved
    );
    assert_eq!(
        commit(row("dora", 0, b"one")).await.unwrap(),
        Committed::Done
    );
    assert_eq!(
        commit(row("dora", 0, b"x")).await.unwrap(),
        Committed::RowMoved
    );
    assert_eq!(
        commit(row("dora", 1, b"two")).await.unwrap(),
        Committed::Done
    );
    let read = store.read(&acme, &[subject("dora")]).await.unwrap();
    let expected = StoredRow {
        version: 2,
        body: b"two".to_vec(),
    };
    assert_eq!(read.rows, [Some(expected)]);
}

#[tokio::test]
async fn all_parts_of_a_change_are_kept_or_none() {
    let (store, acme) = (store(), tenant("acme"));
    let whole = |expected, sequence, tenant: Option<&[u8]>| Change {
        tenant: tenant.map(<[u8]>::to_vec),
        row: Some((subject("dora"), expected, b"row".to_vec())),
        receipt: Some(receipt(sequence)),
    };
    let first = whole(0, 1, Some(b"secret"));
    assert_eq!(store.commit(&acme, first).await.unwrap(), Committed::Done);
    let before = store.read(&acme, &[subject("dora")]).await.unwrap();
    for (change, answer) in [
        (whole(1, 2, Some(b"other")), Committed::TenantExists),
        (whole(0, 2, None), Committed::RowMoved),
        (whole(1, 1, None), Committed::HeadMoved),
        (whole(1, 3, None), Committed::HeadMoved),
    ] {
        assert_eq!(store.commit(&acme, change).await.unwrap(), answer);
        let after = store.read(&acme, &[subject("dora")]).await.unwrap();
        assert_eq!(after, before);
    }
    assert_eq!(before.tenant.as_deref(), Some(&b"secret"[..]));
    assert_eq!(before.head, Some(receipt(1)));
}

#[tokio::test]
async fn attack_23_a_row_past_its_cap_is_not_kept() {
    let (store, acme) = (store(), tenant("acme"));
    let largest = vec![0; 64 * 1024];
    assert_eq!(
        store.commit(&acme, row("dora", 0, &largest)).await.unwrap(),
        Committed::Done
    );
    let over = [&largest[..], &[0]].concat();
    assert!(store.commit(&acme, row("dora", 1, &over)).await.is_err());
    let read = store.read(&acme, &[subject("dora")]).await.unwrap();
    assert_eq!(read.rows[0].as_ref().map(|row| row.version), Some(1));
}

#[tokio::test]
async fn a_read_keeps_the_order_and_tenants_do_not_meet() {
    let (store, acme, bolt) = (store(), tenant("acme"), tenant("bolt"));
    for user in ["b", "a"] {
        let done = store.commit(&acme, row(user, 0, user.as_bytes())).await;
        assert_eq!(done.unwrap(), Committed::Done);
    }
    let asked = [subject("a"), subject("none"), subject("b"), subject("a")];
    let read = store.read(&acme, &asked).await.unwrap();
    let bodies: Vec<_> = read
        .rows
        .iter()
        .map(|row| row.as_ref().map(|row| &row.body[..]))
        .collect();
    assert_eq!(bodies, [Some(&b"a"[..]), None, Some(b"b"), Some(b"a")]);
    assert_eq!(
        store.read(&bolt, &asked).await.unwrap().rows,
        [const { None }; 4]
    );
    assert!(store.read(&bolt, &[]).await.unwrap().rows.is_empty());
}

#[tokio::test]
async fn receipts_have_no_gap_and_no_repeat() {
    let (store, acme) = (store(), tenant("acme"));
    for sequence in 1..=5 {
        let change = Change {
            receipt: Some(receipt(sequence)),
            ..Change::default()
        };
        assert_eq!(store.commit(&acme, change).await.unwrap(), Committed::Done);
    }
    let numbers = |receipts: Vec<StoredReceipt>| -> Vec<_> {
        receipts.iter().map(|receipt| receipt.sequence).collect()
    };
    assert_eq!(
        numbers(store.receipts(&acme, 0).await.unwrap()),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(numbers(store.receipts(&acme, 3).await.unwrap()), [4, 5]);
    assert!(store.receipts(&acme, 5).await.unwrap().is_empty());
    assert!(store.receipts(&tenant("bolt"), 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_development_has_one_key_per_tenant_and_no_epoch_but_the_first() {
    let keks = DevKek::new(Development::i_accept_losing_every_key());
    let acme = tenant("acme");
    assert!(
        keks.get(&acme, 1).await.unwrap().is_none(),
        "reading makes none"
    );
    assert_eq!(keks.current(&acme).await.unwrap().epoch(), 1);
    assert!(keks.get(&acme, 1).await.unwrap().is_some());
    assert!(keks.get(&acme, 2).await.unwrap().is_none());
    assert!(keks.get(&tenant("bolt"), 1).await.unwrap().is_none());
}
