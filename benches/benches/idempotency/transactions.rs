//! A business transaction with a key over the same one without, in turns: what else the machine does hits both.

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use criterion::Criterion;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Engine;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::Source;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::operation;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::sqlite::SqliteSynchronous;

use crate::world::Invocations;
use crate::world::PAYLOAD;
use crate::world::note;
use crate::world::runtime;
use crate::world::scaled;

/// How many turns each of both has.
const TURNS: usize = 5_000;
/// How many turns go before they count: the first ones fill caches and make statements.
const WARM_UP: usize = 200;
const ACCOUNTS: i64 = 1_000;

const SCHEMA: &str = "
    CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL) STRICT;
    CREATE TABLE transfer (id INTEGER PRIMARY KEY, account INTEGER NOT NULL, amount INTEGER NOT NULL, memo TEXT NOT NULL) STRICT;
    WITH RECURSIVE n (id) AS (SELECT 0 UNION ALL SELECT id + 1 FROM n WHERE id < 999)
    INSERT INTO account (id, balance) SELECT id, 100000 FROM n;";
const INSERT: &str = "INSERT INTO transfer (account, amount, memo) VALUES (?1, 1999, 'rent')";
const UPDATE: &str = "UPDATE account SET balance = balance - 1999 WHERE id = ?1";

pub(crate) fn transactions(_: &mut Criterion) {
    for (id, synchronous) in [
        ("idem-tx", SqliteSynchronous::Full),
        ("idem-tx-normal", SqliteSynchronous::Normal),
    ] {
        let [bare, keyed] = in_turns(synchronous);
        println!("{id}: p50 bare {bare:?}, with key {keyed:?}");
        for (row, time) in [("bare", bare), ("keyed", keyed)] {
            note(
                &format!("{id}-{row}"),
                u64::try_from(time.as_nanos()).unwrap(),
            );
        }
    }
}

/// The medians without and with a key.
fn in_turns(synchronous: SqliteSynchronous) -> [Duration; 2] {
    let dir = tempfile::tempdir_in(skeleton_benches::target()).unwrap();
    let (invocations, file) = (Invocations::now(), dir.path().join("bank.db"));
    runtime().block_on(async {
        let bank = Bank::open(&file, synchronous).await;
        let mut times = [const { Vec::new() }; 2];
        for turn in 0..WARM_UP + scaled(TURNS) {
            let ctx = invocations.context(turn as u64);
            let account = turn as i64 % ACCOUNTS;
            let begin = Instant::now();
            bank.bare(account).await;
            let bare = begin.elapsed();
            let begin = Instant::now();
            bank.keyed(&ctx, account).await;
            let keyed = begin.elapsed();
            if turn >= WARM_UP {
                times[0].push(bare);
                times[1].push(keyed);
            }
        }
        bank.store.close().await;
        times.map(p50)
    })
}

fn p50(mut times: Vec<Duration>) -> Duration {
    let middle = times.len() / 2;
    *times.select_nth_unstable(middle).1
}

struct Bank {
    store: SqliteStore,
    engine: Engine,
}

impl Bank {
    async fn open(file: &Path, synchronous: SqliteSynchronous) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous);
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect_with(options).await.unwrap();
        sqlx::raw_sql(SCHEMA).execute(&pool).await.unwrap();
        let store = SqliteStore::new(pool, SystemClock);
        store.migrate().await.unwrap();
        let keys = FingerprintKeys::new([7; 32]);
        let engine = Engine::in_transactions(keys, SystemClock).build().unwrap();
        Self { store, engine }
    }

    async fn bare(&self, account: i64) {
        let tx = self.store.pool().begin_with("BEGIN IMMEDIATE").await;
        let mut tx = tx.unwrap();
        transfer(&mut tx, account).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// With the fingerprint of the request and an answer of 1 KiB each.
    async fn keyed(&self, ctx: &InvocationContext, account: i64) {
        let operation = operation!("transfer-money");
        let once = self.engine.begin(ctx, &operation, PAYLOAD.as_bytes());
        let done = once.unwrap().transaction(&self.store, |mut tx| {
            Box::pin(async move {
                transfer(&mut tx, account).await?;
                let answer = Answer::new(200).and_then(|bare| bare.with_body(PAYLOAD.as_bytes()));
                Ok::<_, sqlx::Error>(answer.unwrap())
            })
        });
        assert_eq!(done.await.unwrap().source(), Source::Recorded);
    }
}

async fn transfer(tx: &mut SqliteConnection, account: i64) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT).bind(account).execute(&mut *tx).await?;
    sqlx::query(UPDATE).bind(account).execute(&mut *tx).await?;
    Ok(())
}
