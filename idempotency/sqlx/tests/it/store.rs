//! The store with a pool: how it opens a file, which locks it takes, and what a future leaves that is dropped.

use std::future::Future;
use std::pin::pin;
use std::task::Context;
use std::task::Waker;
use std::time::Duration;

use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Mode;
use skeleton_idempotency::State;
use skeleton_idempotency::Store;
use skeleton_idempotency::TransactionError;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteStore;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePoolOptions;

use crate::helpers::File;
use crate::helpers::HELD;
use crate::helpers::MADE;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::begin;
use crate::helpers::effect;
use crate::helpers::epoch;
use crate::helpers::execution;
use crate::helpers::in_mode;
use crate::helpers::make_effects;
use crate::helpers::options;
use crate::helpers::run;
use crate::helpers::transfer;

const LEASE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_file_is_opened_so_that_it_keeps_what_was_acknowledged() {
    let file = File::new().await;
    let store = SqliteStore::open(file.path(), file.clock.clone())
        .await
        .unwrap();
    let mut connection = store.pool().acquire().await.unwrap();
    let pragma = |name: &'static str| sqlx::query_scalar::<_, String>(name);
    let mode = pragma("PRAGMA journal_mode")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    let full: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert_eq!((mode.as_str(), full), ("wal", 2));
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new.db");
    let store = SqliteStore::open(&path, skeleton_invocation_context::SystemClock)
        .await
        .unwrap();
    for file in [path.clone(), dir.path().join("new.db-wal")] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    store.close().await;
    let missing = SqliteStore::open(dir.path(), skeleton_invocation_context::SystemClock).await;
    assert!(matches!(missing, Err(SqliteError::File(_))), "{missing:?}");
}

/// Whoever comes first makes the file and the table.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_may_open_one_new_file_at_once() {
    for _ in 0..30 {
        let dir = tempfile::tempdir().unwrap();
        let openings: Vec<_> = (0..16)
            .map(|_| {
                let path = dir.path().join("new.db");
                tokio::spawn(SqliteStore::open(
                    path,
                    skeleton_invocation_context::SystemClock,
                ))
            })
            .collect();
        for opening in openings {
            let store = opening.await.unwrap().unwrap();
            assert_eq!(store.find(attempt(1, "1").key()).await.unwrap(), None);
        }
    }
}

/// While somebody else writes, and nobody would wait.
#[tokio::test]
async fn a_repetition_needs_no_writers_lock() {
    let file = File::new().await;
    let store = file.impatient_store().await;
    let [done, held] = [1, 2].map(|number| in_mode(Mode::Resumable, &attempt(number, "1")));
    let Claim::Granted(grant) = store.claim(&done, LEASE).await.unwrap() else {
        panic!("nobody else claims it")
    };
    let end = Conclusion::Done(answer("moved"));
    let ended = store
        .complete(done.key(), &grant.fence(), &end)
        .await
        .unwrap();
    assert_eq!(ended, Completed::Stored);
    assert_eq!(epoch(&store.claim(&held, LEASE).await.unwrap()), Some(1));

    let mut writer = file.connect().await;
    let tx = begin(&mut writer).await;
    let repetition = in_mode(Mode::Resumable, &attempt(1, "1"));
    let replayed = store.claim(&repetition, LEASE).await.unwrap();
    assert_eq!(replayed, Claim::Done(answer("moved")));
    let repetition = in_mode(Mode::Resumable, &attempt(2, "1"));
    let running = Claim::Running {
        epoch: 1,
        lease: Some(LEASE),
    };
    assert_eq!(store.claim(&repetition, LEASE).await.unwrap(), running);
    let reused = in_mode(Mode::Resumable, &attempt(2, "2"));
    assert_eq!(store.claim(&reused, LEASE).await.unwrap(), Claim::Mismatch);
    assert_eq!(
        store.peek(&attempt(1, "1")).await.unwrap(),
        Claim::Done(answer("moved"))
    );
    // Whoever may run has to write, and is told that it cannot.
    let first = in_mode(Mode::Resumable, &attempt(3, "1"));
    let busy = store.claim(&first, LEASE).await.unwrap_err();
    assert!(busy.is_transient(), "{busy:?}");
    tx.rollback().await.unwrap();
    assert_eq!(epoch(&store.claim(&first, LEASE).await.unwrap()), Some(1));
}

#[tokio::test]
async fn a_clone_is_the_same_store_and_debug_shows_nothing() {
    let file = File::new().await;
    let store = file.store().await;
    let ask = in_mode(Mode::Resumable, &attempt(1, "1"));
    assert_eq!(
        epoch(&store.clone().claim(&ask, LEASE).await.unwrap()),
        Some(1)
    );
    assert!(store.find(ask.key()).await.unwrap().is_some());
    let tx = store.begin().await.unwrap();
    assert_eq!(
        format!("{store:?} {tx:?}"),
        "SqliteStore { .. } SqliteTx { .. }"
    );
}

/// The application's own transaction, of which the store knows nothing.
#[tokio::test]
async fn it_takes_part_in_transactions_that_others_begin() {
    let file = File::new().await;
    let store = file.store().await;
    let ask = attempt(1, "1");
    let mut connection = file.connect().await;
    let mut tx = begin(&mut connection).await;
    let tx: &mut SqliteConnection = &mut tx;
    let claim = store
        .claim_in(tx, &ask, skeleton_idempotency::Hold::Log)
        .await
        .unwrap();
    assert_eq!(epoch(&claim), Some(1));
    let completed = store
        .complete_in(tx, ask.key(), &answer("a"))
        .await
        .unwrap();
    assert_eq!(completed, Completed::Stored);
    let finished = store
        .finish_in(tx, &attempt(2, "1"), &answer("b"))
        .await
        .unwrap();
    assert_eq!(finished, Completed::Stored);
    assert_eq!(store.find(ask.key()).await.unwrap(), None);
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing_and_lets_the_next_one_begin() {
    let file = File::new().await;
    let store = file.store().await;
    for commits in [false, true] {
        let mut tx = store.begin().await.unwrap();
        effect(&mut tx, "moved").await;
        let finished = store
            .finish_in(&mut tx, &attempt(1, "1"), &answer("moved"))
            .await;
        assert_eq!(finished.unwrap(), Completed::Stored);
        if commits {
            store.commit(tx).await.unwrap();
        }
    }
    assert_eq!(file.effects().await, ["moved"]);
}

/// One inside of another waits for its own end: it is told so once the pool's patience is over, and does not hang.
#[tokio::test]
async fn a_transaction_within_another_is_an_error() {
    let file = File::new().await;
    let pool = SqlitePoolOptions::new().acquire_timeout(Duration::from_millis(50));
    let pool = pool.connect_with(options(&file.path())).await.unwrap();
    let store = SqliteStore::new(pool, file.clock.clone());
    let outer = store.begin().await.unwrap();
    let inner = store.begin().await;
    assert!(
        matches!(inner, Err(SqliteError::Database(sqlx::Error::PoolTimedOut))),
        "{inner:?}"
    );
    store.commit(outer).await.unwrap();
    assert!(store.begin().await.is_ok());
}

/// As when the disk is full: the database ends the transaction, and the work does not care.
async fn lost_on_the_way(tx: &mut SqliteConnection) {
    run(
        tx,
        "CREATE TEMP TABLE IF NOT EXISTS once (only PRIMARY KEY)",
    )
    .await;
    for is_first in [true, false] {
        let insert = sqlx::query("INSERT OR ROLLBACK INTO once VALUES (1)");
        assert_eq!(insert.execute(&mut *tx).await.is_ok(), is_first);
    }
}

#[tokio::test]
async fn a_transaction_that_the_database_ended_stores_no_answer_without_its_effect() {
    let file = File::new().await;
    let store = SqliteStore::open(file.path(), file.clock.clone())
        .await
        .unwrap();
    let ended = execution(1, &transfer(), "1").transaction(&store, |mut tx| {
        Box::pin(async move {
            effect(&mut tx, "moved").await;
            lost_on_the_way(&mut tx).await;
            Ok::<_, String>(answer("moved"))
        })
    });
    let ended = ended.await;
    let is_lost = matches!(ended, Err(TransactionError::Store(SqliteError::RolledBack)));
    assert!(is_lost, "{ended:?}");
    assert_eq!(
        (
            file.find(&attempt(1, "1")).await,
            file.effects().await.len()
        ),
        (None, 0)
    );
}

#[tokio::test]
async fn a_workflow_whose_transaction_the_database_ended_is_not_done() {
    let file = File::new().await;
    let store = SqliteStore::open(file.path(), file.clock.clone())
        .await
        .unwrap();
    let ask = attempt(1, "1");
    assert_eq!(epoch(&file.claim(&ask).await), Some(1));
    let mut tx = store.begin().await.unwrap();
    lost_on_the_way(&mut tx).await;
    let completed = store
        .complete_in(&mut tx, ask.key(), &answer("moved"))
        .await;
    assert!(
        matches!(completed, Err(SqliteError::RolledBack)),
        "{completed:?}"
    );
    drop(tx);
    assert_eq!(store.peek(&attempt(1, "1")).await.unwrap(), HELD);
}

/// The connection on which it happened is of no use any more: a file that was opened replaces it.
#[tokio::test]
async fn a_store_goes_on_after_the_database_ended_transactions() {
    let file = File::new().await;
    let store = SqliteStore::open(file.path(), file.clock.clone())
        .await
        .unwrap();
    for number in 0..20 {
        let mut tx = store.begin().await.unwrap();
        lost_on_the_way(&mut tx).await;
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        let finished = store
            .finish_in(&mut tx, &attempt(number, "1"), &answer("a"))
            .await;
        assert_eq!(finished.unwrap(), Completed::Stored);
        store.commit(tx).await.unwrap();
    }
}

/// Polls a future so often, then drops it.
async fn polled(times: usize, future: impl Future) -> bool {
    let mut future = pin!(future);
    for _ in 0..times {
        let mut cx = Context::from_waker(Waker::noop());
        if future.as_mut().poll(&mut cx).is_ready() {
            return true;
        }
        // The connection's thread goes on meanwhile.
        tokio::time::sleep(Duration::from_micros(50)).await;
    }
    false
}

#[tokio::test]
async fn a_verb_that_is_dropped_on_its_way_was_done_or_not_done() {
    let file = File::new().await;
    let store = file.store().await;
    for turn in 0..40_u64 {
        let times = usize::try_from(turn).unwrap();
        let ask = in_mode(Mode::Resumable, &attempt(turn, "1"));
        let is_claimed = polled(times, store.claim(&ask, LEASE)).await;
        // Its own owner asks again, whether it was granted or not.
        let Claim::Granted(grant) = store.claim(&ask, LEASE).await.unwrap() else {
            panic!("it is its own")
        };
        assert_eq!(grant.epoch(), 1, "{is_claimed}");
        let end = Conclusion::Done(answer("moved"));
        let fence = grant.fence();
        let is_done = polled(times, store.complete(ask.key(), &fence, &end)).await;
        let state = store.find(ask.key()).await.unwrap().unwrap().state;
        match state {
            State::Done { answer: kept } => assert_eq!(kept, answer("moved")),
            State::Running { .. } => assert!(!is_done),
            other => panic!("{other:?}"),
        }
        let ended = store
            .complete(ask.key(), &grant.fence(), &end)
            .await
            .unwrap();
        assert_eq!(ended, Completed::Stored);
    }
}

/// A database in memory has one connection, and that one suffices.
#[tokio::test]
async fn one_connection_is_enough() {
    let pool = SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect("sqlite::memory:").await.unwrap();
    let clock = skeleton_invocation_context::testing::FixedClock::at(MADE);
    let store = SqliteStore::new(pool, clock);
    store.migrate().await.unwrap();
    make_effects(&mut store.pool().acquire().await.unwrap()).await;
    let ask = in_mode(Mode::AtMostOnce, &attempt(1, "1"));
    assert_eq!(epoch(&store.claim(&ask, LEASE).await.unwrap()), Some(1));
    let mut tx = store.begin().await.unwrap();
    let held = attempt(2, "1");
    let claim = store
        .claim_in(&mut tx, &held, skeleton_idempotency::Hold::Log)
        .await;
    assert_eq!(epoch(&claim.unwrap()), Some(1));
    store.commit(tx).await.unwrap();
    assert_eq!(store.peek(&attempt(2, "1")).await.unwrap(), HELD);
}
