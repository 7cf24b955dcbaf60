//! A vault on the store: sealed, forgotten, gone from the file.

use skeleton_pii_crypto::AuditQueue;
use skeleton_pii_crypto::Change;
use skeleton_pii_crypto::Committed;
use skeleton_pii_crypto::DevKek;
use skeleton_pii_crypto::Development;
use skeleton_pii_crypto::Forget;
use skeleton_pii_crypto::KeyStore;
use skeleton_pii_crypto::Purpose;
use skeleton_pii_crypto::ReceiptSigner;
use skeleton_pii_crypto::RevealAccess;
use skeleton_pii_crypto::StoredReceipt;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use skeleton_pii_crypto::Unavailable;
use skeleton_pii_crypto::Vault;
use skeleton_pii_crypto_sqlx::SqliteKeyStore;

use crate::helpers::holds;

const TEST: Purpose = Purpose::declared("test");

fn vault(store: &SqliteKeyStore) -> Vault {
    Vault::builder()
        .store(store.clone())
        .keks(DevKek::new(Development::i_accept_losing_every_key()))
        .audit(AuditQueue::bounded(100))
        .signer(ReceiptSigner::from_seed(&[7; 32]))
        .build()
}

/// A row of one page, and one whose pages are given back when it shrinks.
#[tokio::test(flavor = "multi_thread")]
async fn attack_09_a_row_that_is_overwritten_with_a_receipt_stays_in_neither_file() {
    for keys in [4, 1_000] {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteKeyStore::open(&dir.path().join("keys.db"))
            .await
            .unwrap();
        let acme = TenantRef::parse("acme").unwrap();
        let dora = SubjectId::parse("dora").unwrap();
        let key = b"a-wrapped-key-of-forty-bytes-and-a-few";
        let made = Change {
            row: Some((dora.clone(), 0, key.repeat(keys))),
            ..Change::default()
        };
        assert_eq!(store.commit(&acme, made).await.unwrap(), Committed::Done);
        assert_ne!(
            holds(dir.path(), key),
            Vec::<String>::new(),
            "the search finds what is there"
        );
        let gone = Change {
            row: Some((dora, 1, b"fence".to_vec())),
            receipt: Some(StoredReceipt {
                sequence: 1,
                body: vec![1],
            }),
            ..Change::default()
        };
        assert_eq!(store.commit(&acme, gone).await.unwrap(), Committed::Done);
        assert_eq!(holds(dir.path(), key), Vec::<String>::new(), "{keys}");
        assert_ne!(holds(dir.path(), b"fence"), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_at_once_from_everywhere_leaves_one_receipt_each() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteKeyStore::open(&dir.path().join("keys.db"))
        .await
        .unwrap();
    let vault = vault(&store);
    let tasks: Vec<_> = (0..48)
        .map(|turn| {
            let acme = vault.tenant(TenantRef::parse("acme").unwrap());
            tokio::spawn(async move {
                let subject = SubjectId::parse(&format!("person-{}", turn % 6)).unwrap();
                let access = RevealAccess::new("steward", TEST, "run");
                acme.forget(Forget::subject(subject, &access))
                    .await
                    .unwrap()
                    .order()
                    .clone()
            })
        })
        .collect();
    let mut orders = Vec::new();
    for task in tasks {
        orders.push(task.await.unwrap().to_string());
    }
    orders.sort();
    orders.dedup();
    assert_eq!(orders.len(), 6);
    let receipts = vault
        .tenant(TenantRef::parse("acme").unwrap())
        .receipts()
        .await
        .unwrap();
    let key = ReceiptSigner::from_seed(&[7; 32]).verifying_key();
    for (at, receipt) in receipts.iter().enumerate() {
        receipt
            .verify(&key, at.checked_sub(1).map(|before| &receipts[before]))
            .unwrap();
    }
    assert_eq!(receipts.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_changed_by_hand_is_damaged_and_never_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.db");
    let store = SqliteKeyStore::open(&file).await.unwrap();
    let acme = TenantRef::parse("acme").unwrap();
    let forged = Change {
        tenant: Some(vec![9; 113]),
        ..Change::default()
    };
    assert_eq!(store.commit(&acme, forged).await.unwrap(), Committed::Done);
    let access = RevealAccess::new("steward", TEST, "run");
    let order = Forget::subject(SubjectId::parse("dora").unwrap(), &access);
    let refused = vault(&store).tenant(acme.clone()).forget(order).await;
    assert!(matches!(refused, Err(Unavailable::Damaged)), "{refused:?}");
    assert_eq!(store.receipts(&acme, 0).await.unwrap(), []);
}
