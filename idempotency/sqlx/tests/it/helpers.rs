//! A file with the store's table and one of a business, a clock that stands still, and attempts made freely.

use std::path::PathBuf;
use std::time::Duration;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Fence;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::Hold;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Record;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteIdempotency;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::context;
use sqlx::Connection;
use sqlx::Sqlite;
use sqlx::SqliteConnection;
use sqlx::Transaction;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::sqlite::SqliteSynchronous;
use tempfile::TempDir;

/// When every invocation of these tests was named.
pub(crate) const MADE: Timestamp = Timestamp::from_millis(1_795_428_900_000);

/// One file, and the time of its store.
#[derive(Debug)]
pub(crate) struct File {
    dir: TempDir,
    pub(crate) clock: FixedClock,
    pub(crate) store: SqliteIdempotency,
}

impl File {
    /// A new file with the tables `idempotency` and `effect`.
    pub(crate) async fn new() -> Self {
        let clock = FixedClock::at(MADE);
        let file = Self {
            dir: tempfile::tempdir().unwrap(),
            store: SqliteIdempotency::new(clock.clone()),
            clock,
        };
        let mut connection = file.connect().await;
        SqliteIdempotency::migrate(&mut connection).await.unwrap();
        run(
            &mut connection,
            "CREATE TABLE effect (what TEXT NOT NULL) STRICT",
        )
        .await;
        connection.close().await.unwrap();
        file
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("bank.db")
    }

    pub(crate) async fn connect(&self) -> SqliteConnection {
        SqliteConnection::connect_with(&options(&self.path()))
            .await
            .unwrap()
    }

    /// One claim in a transaction of its own.
    pub(crate) async fn claim(&self, ask: &Ask) -> Claim {
        let mut connection = self.connect().await;
        let mut tx = begin(&mut connection).await;
        let claim = self.store.claim_in(&mut tx, ask, Hold::Log).await.unwrap();
        tx.commit().await.unwrap();
        claim
    }

    /// One completion in a transaction of its own.
    pub(crate) async fn complete(
        &self,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        let mut connection = self.connect().await;
        let mut tx = begin(&mut connection).await;
        let completed = self
            .store
            .complete_in(&mut tx, ask.key(), Fence::Log, answer)
            .await?;
        tx.commit().await.unwrap();
        Ok(completed)
    }

    pub(crate) async fn find(&self, ask: &Ask) -> Option<Record> {
        let mut connection = self.connect().await;
        self.store.find(&mut connection, ask.key()).await.unwrap()
    }

    /// What happened in the business, in its order.
    pub(crate) async fn effects(&self) -> Vec<String> {
        let mut connection = self.connect().await;
        let rows = sqlx::query_scalar("SELECT what FROM effect ORDER BY rowid");
        rows.fetch_all(&mut connection).await.unwrap()
    }
}

pub(crate) fn options(path: &std::path::Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(Duration::from_secs(60))
}

pub(crate) async fn begin(connection: &mut SqliteConnection) -> Transaction<'_, Sqlite> {
    connection.begin_with("BEGIN IMMEDIATE").await.unwrap()
}

pub(crate) async fn run(connection: &mut SqliteConnection, sql: &'static str) {
    sqlx::raw_sql(sql).execute(connection).await.unwrap();
}

/// The effect that a claim guards.
pub(crate) async fn effect(connection: &mut SqliteConnection, what: &str) {
    let insert = sqlx::query("INSERT INTO effect (what) VALUES (?1)").bind(what.to_owned());
    insert.execute(connection).await.unwrap();
}

pub(crate) fn transfer() -> Operation {
    operation!("transfer-money")
}

/// One more attempt at the invocation of that number.
pub(crate) fn execution(number: u64, operation: &Operation, payload: &str) -> Execution {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&MADE.as_millis().to_be_bytes()[2..]);
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    let ctx = context()
        .user_in("01KERPXZM0WQ0S6RPTBK0KV9CA".parse().unwrap())
        .invocation(ExternalInvocationId::from_bytes(bytes).unwrap())
        .build();
    let engine = Engine::builder(FingerprintKeys::new([0x5e; 32]), FixedClock::at(MADE));
    let engine = engine.mode(Mode::Transactional).build();
    engine.begin(&ctx, operation, payload.as_bytes()).unwrap()
}

pub(crate) fn attempt(number: u64, payload: &str) -> Ask {
    execution(number, &transfer(), payload).ask().clone()
}

pub(crate) fn answer(body: &str) -> Answer {
    Answer::new(200)
        .unwrap()
        .with_body(body.as_bytes().to_vec())
        .unwrap()
}

pub(crate) fn epoch(claim: &Claim) -> Option<u64> {
    match claim {
        Claim::Granted(grant) => Some(grant.epoch()),
        _ => None,
    }
}
