//! Whatever is cut off on its way happened whole, or not at all.

use std::path::Path;
use std::time::Duration;

use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Hold;
use skeleton_idempotency::TxStore;
use sqlx::Connection;
use sqlx::SqliteConnection;

use crate::helpers::File;
use crate::helpers::HELD;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::begin;
use crate::helpers::effect;
use crate::helpers::epoch;
use crate::helpers::options;

#[tokio::test]
async fn a_connection_that_goes_before_its_commit_leaves_nothing() {
    let file = File::new().await;
    let first = attempt(1, "1");
    let mut connection = file.connect().await;
    let mut tx = begin(&mut connection).await;
    file.records
        .claim_in(&mut tx, &first, Hold::Log)
        .await
        .unwrap();
    effect(&mut tx, "half").await;
    drop(tx);
    drop(connection);
    assert_eq!(
        (file.find(&first).await, file.effects().await.len()),
        (None, 0)
    );
    assert_eq!(epoch(&file.claim(&attempt(1, "1")).await), Some(1));
}

#[tokio::test]
async fn what_was_committed_is_there_when_the_file_is_opened_again() {
    let file = File::new().await;
    let [held, done] = [attempt(1, "1"), attempt(2, "1")];
    file.claim(&held).await;
    file.claim(&done).await;
    assert_eq!(
        file.complete(&done, &answer("moved")).await.unwrap(),
        Completed::Stored
    );
    // Every connection of the above is closed by now; these are new.
    assert_eq!(epoch(&file.claim(&held).await), Some(1));
    assert_eq!(file.claim(&attempt(1, "1")).await, HELD);
    assert_eq!(
        file.claim(&attempt(2, "1")).await,
        Claim::Done(answer("moved"))
    );
}

/// A copy of the files is what a process leaves that is killed at this moment.
async fn as_after_a_kill(file: &File, ask: &Ask) -> (Claim, i64) {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("bank.db");
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", file.path().display());
        if Path::new(&from).exists() {
            std::fs::copy(from, format!("{}{suffix}", copy.display())).unwrap();
        }
    }
    let mut connection = SqliteConnection::connect_with(&options(&copy))
        .await
        .unwrap();
    let claim = file.records.peek(&mut connection, ask).await.unwrap();
    let effects = sqlx::query_scalar("SELECT count(*) FROM effect")
        .fetch_one(&mut connection)
        .await;
    connection.close().await.unwrap();
    (claim, effects.unwrap())
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_claim_and_effect_together_or_neither() {
    let file = File::new().await;
    let (first, retry) = (attempt(1, "1"), attempt(1, "1"));
    let mut connection = file.connect().await;
    // A small cache makes SQLite write pages of the open transaction to the log before the commit.
    sqlx::raw_sql("PRAGMA cache_size = 1; PRAGMA cache_spill = 1")
        .execute(&mut connection)
        .await
        .unwrap();
    let mut tx = begin(&mut connection).await;
    file.records
        .claim_in(&mut tx, &first, Hold::Log)
        .await
        .unwrap();
    for _ in 0..100 {
        effect(&mut tx, &"x".repeat(1_000)).await;
        let (claim, effects) = as_after_a_kill(&file, &retry).await;
        assert_eq!((epoch(&claim), effects), (Some(1), 0));
    }
    tx.commit().await.unwrap();
    assert_eq!(as_after_a_kill(&file, &retry).await, (HELD, 100));
    let mut tx = begin(&mut connection).await;
    let completed = file
        .records
        .complete_in(&mut tx, first.key(), &answer("moved"))
        .await;
    assert_eq!(completed.unwrap(), Completed::Stored);
    assert_eq!(as_after_a_kill(&file, &retry).await, (HELD, 100));
    tx.commit().await.unwrap();
    assert_eq!(
        as_after_a_kill(&file, &retry).await,
        (Claim::Done(answer("moved")), 100)
    );
}

async fn run_once(file: &File, ask: &Ask) -> Claim {
    let mut connection = file.connect().await;
    let mut tx = begin(&mut connection).await;
    let claim = file
        .records
        .claim_in(&mut tx, ask, Hold::Log)
        .await
        .unwrap();
    if matches!(claim, Claim::Granted(_)) {
        effect(&mut tx, &ask.key().to_text()).await;
        tx.commit().await.unwrap();
    }
    claim
}

/// The future is dropped at whatever await it has come to; the retry finds all of it or nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_that_is_dropped_on_its_way_had_its_effect_whole_or_not() {
    let file = File::new().await;
    for turn in 0..150_u64 {
        let patience = Duration::from_micros(turn * 40);
        let first = attempt(turn, "1");
        let answered = tokio::time::timeout(patience, run_once(&file, &first)).await;
        let retry = run_once(&file, &attempt(turn, "1")).await;
        match &answered {
            Ok(granted) => assert_eq!((epoch(granted), retry), (Some(1), HELD)),
            Err(_) => assert!(retry == HELD || epoch(&retry) == Some(1)),
        }
        let mut effects = file.effects().await;
        effects.sort();
        effects.dedup();
        assert_eq!(effects.len(), file.effects().await.len());
        assert_eq!(effects.len(), usize::try_from(turn).unwrap() + 1);
    }
}
