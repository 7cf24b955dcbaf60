//! A connection that goes in mid-transaction leaves nothing.

use skeleton_pii_crypto::Change;
use skeleton_pii_crypto::Committed;
use skeleton_pii_crypto::KeyStore;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use skeleton_pii_crypto_sqlx::SqliteKeyStore;

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_dropped_on_its_way_happened_whole_or_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteKeyStore::open(&dir.path().join("keys.db"))
        .await
        .unwrap();
    let acme = TenantRef::parse("acme").unwrap();
    let mut done = 0;
    for turn in 0..200_u32 {
        let subject = SubjectId::parse(&format!("person-{turn}")).unwrap();
        let change = Change {
            row: Some((subject.clone(), 0, vec![1; 3_000])),
            receipt: None,
            tenant: None,
        };
        let patience = std::time::Duration::from_micros(u64::from(turn) * 20);
        let answered = tokio::time::timeout(patience, store.commit(&acme, change.clone())).await;
        let held = store
            .read(&acme, core::slice::from_ref(&subject))
            .await
            .unwrap()
            .rows
            .remove(0);
        if let Ok(committed) = answered {
            assert_eq!(committed.unwrap(), Committed::Done);
            assert!(held.is_some());
        }
        done += usize::from(held.is_some());
        // The store goes on: a transaction that was left open would block this one. What was on its way may arrive late.
        match store.commit(&acme, change).await.unwrap() {
            Committed::Done => assert_eq!(held, None),
            other => assert_eq!(other, Committed::RowMoved),
        }
        let now = store.read(&acme, &[subject]).await.unwrap().rows.remove(0);
        assert_eq!(now.map(|row| row.version), Some(1));
    }
    assert!(done > 0, "no commit was ever done");
}
