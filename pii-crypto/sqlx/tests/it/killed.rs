//! A process that is killed in mid-write: what it acknowledged is there, and no change is there by half.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use skeleton_pii_crypto::Change;
use skeleton_pii_crypto::Committed;
use skeleton_pii_crypto::KeyStore;
use skeleton_pii_crypto::StoredReceipt;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use skeleton_pii_crypto_sqlx::SqliteKeyStore;

use crate::helpers::holds;

/// Where the process that is going to be killed writes.
const DIR: &str = "SKELETON_KILLED_DIR";
const NAME: &str =
    "killed::attack_19_a_killed_process_leaves_whole_changes_and_every_answer_it_gave";

fn acme() -> TenantRef {
    TenantRef::parse("acme").unwrap()
}

fn person(number: u64) -> SubjectId {
    SubjectId::parse(&format!("person-{number}")).unwrap()
}

/// What a wrapped key of that person looks like on the disk.
fn key(number: u64) -> Vec<u8> {
    format!("<wrapped key of person {number}>")
        .repeat(8)
        .into_bytes()
}

/// Makes a key, destroys it with a receipt, says so, and goes on until it is killed.
async fn write_until_killed(dir: &Path) {
    let store = SqliteKeyStore::open(&dir.join("keys.db")).await.unwrap();
    for number in 1.. {
        let made = Change {
            row: Some((person(number), 0, key(number))),
            ..Change::default()
        };
        assert_eq!(store.commit(&acme(), made).await.unwrap(), Committed::Done);
        let gone = Change {
            row: Some((person(number), 1, b"fence".to_vec())),
            receipt: Some(StoredReceipt {
                sequence: number,
                body: vec![1],
            }),
            ..Change::default()
        };
        assert_eq!(store.commit(&acme(), gone).await.unwrap(), Committed::Done);
        eprintln!("{number}");
    }
}

/// Runs this test in a process of its own, and kills it after its `answers`-th answer.
fn run_and_kill(dir: &Path, answers: usize) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([NAME, "--exact", "--nocapture"])
        .env(DIR, dir)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stderr.take().unwrap()).lines();
    let given: Vec<String> = said.take(answers).map(Result::unwrap).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(given.len(), answers, "{given:?}");
    given.last().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_19_a_killed_process_leaves_whole_changes_and_every_answer_it_gave() {
    if let Some(dir) = std::env::var_os(DIR) {
        write_until_killed(Path::new(&dir)).await;
    }
    for answers in [1, 2, 5, 11, 17, 23] {
        let dir = tempfile::tempdir().unwrap();
        let last = run_and_kill(dir.path(), answers);
        let store = SqliteKeyStore::open(&dir.path().join("keys.db"))
            .await
            .unwrap();

        let receipts = store.receipts(&acme(), 0).await.unwrap();
        let numbers: Vec<_> = receipts.iter().map(|receipt| receipt.sequence).collect();
        let forgotten = u64::try_from(numbers.len()).unwrap();
        assert_eq!(numbers, (1..=forgotten).collect::<Vec<_>>());
        assert!(forgotten >= last, "{forgotten} receipts, {last} answered");

        let people: Vec<_> = (1..=forgotten + 2).map(person).collect();
        let rows = store.read(&acme(), &people).await.unwrap().rows;
        for (number, row) in (1..).zip(rows) {
            if number > forgotten {
                assert!(
                    row.is_none_or(|row| row.version == 1),
                    "no fence without its receipt"
                );
                continue;
            }
            let row = row.unwrap();
            assert_eq!((row.version, &*row.body), (2, &b"fence"[..]));
            assert_eq!(holds(dir.path(), &key(number)), Vec::<String>::new());
        }
    }
}

/// The files as a process leaves them that dies after a commit and before the log is emptied.
#[tokio::test(flavor = "multi_thread")]
async fn attack_09_a_key_that_a_crash_left_in_the_log_is_gone_when_the_file_is_opened() {
    let (dir, left) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = SqliteKeyStore::open(&dir.path().join("keys.db"))
        .await
        .unwrap();
    for (version, body) in [(0, key(1)), (1, b"fence".to_vec())] {
        let change = Change {
            row: Some((person(1), version, body)),
            ..Change::default()
        };
        assert_eq!(
            store.commit(&acme(), change).await.unwrap(),
            Committed::Done
        );
    }
    for name in ["keys.db", "keys.db-wal"] {
        std::fs::copy(dir.path().join(name), left.path().join(name)).unwrap();
    }
    assert_eq!(holds(left.path(), &key(1)), ["keys.db-wal"]);
    let again = SqliteKeyStore::open(&left.path().join("keys.db"))
        .await
        .unwrap();
    assert_eq!(holds(left.path(), &key(1)), Vec::<String>::new());
    let row = again
        .read(&acme(), &[person(1)])
        .await
        .unwrap()
        .rows
        .remove(0);
    assert_eq!(row.map(|row| row.body), Some(b"fence".to_vec()));
}
