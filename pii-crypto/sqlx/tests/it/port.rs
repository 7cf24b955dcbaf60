//! What the port promises, by itself: compare, set, keep.

use std::path::Path;

use skeleton_pii_crypto::Change;
use skeleton_pii_crypto::Committed;
use skeleton_pii_crypto::KeyStore;
use skeleton_pii_crypto::StoredReceipt;
use skeleton_pii_crypto::StoredRow;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use skeleton_pii_crypto_sqlx::SqliteKeyStore;

fn tenant(name: &str) -> TenantRef {
    TenantRef::parse(name).unwrap()
}

fn subject(name: &str) -> SubjectId {
    SubjectId::parse(name).unwrap()
}

fn row(name: &str, expected: u64, body: &[u8]) -> Change {
    Change {
        row: Some((subject(name), expected, body.to_vec())),
        ..Change::default()
    }
}

fn receipt(sequence: u64) -> StoredReceipt {
    StoredReceipt {
        sequence,
        body: vec![7; 40],
    }
}

async fn open(dir: &Path) -> SqliteKeyStore {
    SqliteKeyStore::open(&dir.join("keys.db")).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_written_only_over_the_version_that_was_expected() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let acme = tenant("acme");
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
        commit(row("dora", 2, b"x")).await.unwrap(),
        Committed::RowMoved
    );
    assert_eq!(
        commit(row("dora", u64::MAX, b"x")).await.unwrap(),
        Committed::RowMoved
    );
    assert_eq!(
        commit(row("dora", 1, b"two")).await.unwrap(),
        Committed::Done
    );
    let asked = [subject("nobody"), subject("dora")];
    let rows = store.read(&acme, &asked).await.unwrap().rows;
    assert_eq!(
        rows,
        [
            None,
            Some(StoredRow {
                version: 2,
                body: b"two".to_vec()
            })
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_kept_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let acme = tenant("acme");
    let first = Change {
        tenant: Some(b"secret".to_vec()),
        receipt: Some(receipt(1)),
        ..row("dora", 0, b"1")
    };
    assert_eq!(
        store.commit(&acme, first.clone()).await.unwrap(),
        Committed::Done
    );
    let before = store
        .read(&acme, &[subject("dora"), subject("eve")])
        .await
        .unwrap();
    let refused = [
        (
            Change {
                receipt: Some(receipt(2)),
                ..first.clone()
            },
            Committed::TenantExists,
        ),
        (
            Change {
                receipt: Some(receipt(2)),
                ..row("dora", 0, b"x")
            },
            Committed::RowMoved,
        ),
        (
            Change {
                receipt: Some(receipt(1)),
                ..row("eve", 0, b"x")
            },
            Committed::HeadMoved,
        ),
        (
            Change {
                receipt: Some(receipt(3)),
                ..row("dora", 1, b"x")
            },
            Committed::HeadMoved,
        ),
    ];
    for (change, answer) in refused {
        assert_eq!(store.commit(&acme, change).await.unwrap(), answer);
        let now = store
            .read(&acme, &[subject("dora"), subject("eve")])
            .await
            .unwrap();
        assert_eq!(now, before);
    }
    let oversized = row("eve", 0, &vec![0; 64 * 1024 + 1]);
    assert!(store.commit(&acme, oversized).await.is_err());
    assert_eq!(
        store.read(&acme, &[subject("eve")]).await.unwrap().rows,
        [None]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_writers_one_wins_and_every_reader_sees_it() {
    let dir = tempfile::tempdir().unwrap();
    // Two pools on one file: as two processes would be.
    let stores = [open(dir.path()).await, open(dir.path()).await];
    let tasks: Vec<_> = (0_u8..64)
        .map(|writer| {
            let store = stores[usize::from(writer % 2)].clone();
            tokio::spawn(async move {
                let change = Change {
                    tenant: Some(vec![writer]),
                    ..row("dora", 0, &[writer])
                };
                (writer, store.commit(&tenant("acme"), change).await.unwrap())
            })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        let (writer, committed) = task.await.unwrap();
        match committed {
            Committed::Done => winners.push(writer),
            Committed::TenantExists => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(winners.len(), 1);
    for store in &stores {
        let rows = store
            .read(&tenant("acme"), &[subject("dora")])
            .await
            .unwrap();
        assert_eq!(rows.tenant, Some(winners.clone()));
        assert_eq!(
            rows.rows,
            [Some(StoredRow {
                version: 1,
                body: winners.clone()
            })]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_share_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let change = Change {
        tenant: Some(vec![1]),
        receipt: Some(receipt(1)),
        ..row("dora", 0, b"1")
    };
    assert_eq!(
        store.commit(&tenant("acme"), change.clone()).await.unwrap(),
        Committed::Done
    );
    let globex = store
        .read(&tenant("globex"), &[subject("dora")])
        .await
        .unwrap();
    assert_eq!(
        (globex.tenant, globex.rows, globex.head),
        (None, vec![None], None)
    );
    assert_eq!(store.receipts(&tenant("globex"), 0).await.unwrap(), []);
    assert_eq!(
        store.commit(&tenant("globex"), change).await.unwrap(),
        Committed::Done
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_come_in_order_after_the_one_named() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let acme = tenant("acme");
    for sequence in 1..=12 {
        let change = Change {
            receipt: Some(receipt(sequence)),
            ..Change::default()
        };
        assert_eq!(store.commit(&acme, change).await.unwrap(), Committed::Done);
    }
    let after = |sequence| store.receipts(&acme, sequence);
    let sequences: Vec<_> = after(9)
        .await
        .unwrap()
        .iter()
        .map(|one| one.sequence)
        .collect();
    assert_eq!(sequences, [10, 11, 12]);
    assert_eq!(after(u64::MAX).await.unwrap(), []);
    assert_eq!(
        store.read(&acme, &[]).await.unwrap().head,
        Some(receipt(12))
    );
}

#[tokio::test]
async fn what_is_no_database_of_keys_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.db");
    std::fs::write(&file, vec![0x41; 8_192]).unwrap();
    assert!(SqliteKeyStore::open(&file).await.is_err());
    assert!(
        SqliteKeyStore::open(&dir.path().join("no/such/dir/keys.db"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_database_whose_tables_are_of_another_layout_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("keys.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let pool = sqlx::SqlitePool::connect_with(options.create_if_missing(true));
    let pool = pool.await.unwrap();
    let other = "CREATE TABLE pii_subject (subject TEXT, name TEXT)";
    sqlx::raw_sql(other).execute(&pool).await.unwrap();
    pool.close().await;
    assert!(SqliteKeyStore::open(&file).await.is_err());
}

#[tokio::test]
async fn a_closed_store_refuses_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    let acme = tenant("acme");
    assert_eq!(
        store.commit(&acme, row("dora", 0, b"1")).await.unwrap(),
        Committed::Done
    );
    store.close().await;
    assert!(store.read(&acme, &[]).await.is_err());
    assert!(store.commit(&acme, row("eve", 0, b"1")).await.is_err());
    let again = open(dir.path()).await;
    let rows = again
        .read(&acme, &[subject("dora"), subject("eve")])
        .await
        .unwrap()
        .rows;
    assert_eq!(
        rows,
        [
            Some(StoredRow {
                version: 1,
                body: b"1".to_vec()
            }),
            None
        ]
    );
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path()).await;
    assert_eq!(
        store
            .commit(&tenant("acme"), row("dora", 0, b"1"))
            .await
            .unwrap(),
        Committed::Done
    );
    let mut files = 0;
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        files += 1;
    }
    assert!(files >= 2, "the write-ahead log is there too");
}
