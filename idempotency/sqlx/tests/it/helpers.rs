//! A file with the store's table and one of a business, a clock that stands still, and attempts made freely.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::Held;
use skeleton_idempotency::Hold;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Record;
use skeleton_idempotency::State;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteIdempotency;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::context;
use sqlx::Connection;
use sqlx::Sqlite;
use sqlx::SqliteConnection;
use sqlx::SqlitePool;
use sqlx::Transaction;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::sqlite::SqliteSynchronous;
use tempfile::TempDir;

/// When every invocation of these tests was named.
pub(crate) const MADE: Timestamp = Timestamp::from_millis(1_795_428_900_000);
/// No test waits so long unless it is broken.
const PATIENCE: Duration = Duration::from_secs(300);

/// One file, and the time of its store.
#[derive(Debug)]
pub(crate) struct File {
    dir: TempDir,
    pub(crate) clock: FixedClock,
    pub(crate) records: SqliteIdempotency,
}

impl File {
    /// A new file with the tables `idempotency` and `effect`.
    pub(crate) async fn new() -> Self {
        let clock = FixedClock::at(MADE);
        let file = Self {
            dir: tempfile::tempdir().unwrap(),
            records: SqliteIdempotency::new(clock.clone()),
            clock,
        };
        let mut connection = file.connect().await;
        SqliteIdempotency::migrate(&mut connection).await.unwrap();
        make_effects(&mut connection).await;
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

    pub(crate) async fn pool(&self, connections: u32) -> SqlitePool {
        let pool = SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(PATIENCE);
        pool.connect_with(options(&self.path())).await.unwrap()
    }

    /// One more store on the file, as another process has it.
    pub(crate) async fn store(&self) -> SqliteStore {
        SqliteStore::new(self.pool(6).await, self.clock.clone())
    }

    /// A store that waits for no other process.
    pub(crate) async fn impatient_store(&self) -> SqliteStore {
        let options = options(&self.path()).busy_timeout(Duration::ZERO);
        let pool = SqlitePoolOptions::new()
            .connect_with(options)
            .await
            .unwrap();
        SqliteStore::new(pool, self.clock.clone())
    }

    /// One claim in a transaction of its own, which the log holds.
    pub(crate) async fn claim(&self, ask: &Ask) -> Claim {
        let mut connection = self.connect().await;
        let mut tx = begin(&mut connection).await;
        let claim = self
            .records
            .claim_in(&mut tx, ask, Hold::Log)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        claim
    }

    /// One completion by the log in a transaction of its own.
    pub(crate) async fn complete(
        &self,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, SqliteError> {
        let mut connection = self.connect().await;
        let mut tx = begin(&mut connection).await;
        let completed = self.records.complete_in(&mut tx, ask.key(), answer).await?;
        tx.commit().await.unwrap();
        Ok(completed)
    }

    pub(crate) async fn find(&self, ask: &Ask) -> Option<Record> {
        let mut connection = self.connect().await;
        self.records.find(&mut connection, ask.key()).await.unwrap()
    }

    /// What happened in the business, in its order.
    pub(crate) async fn effects(&self) -> Vec<String> {
        effects(&mut self.connect().await).await
    }
}

pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
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

pub(crate) async fn make_effects(connection: &mut SqliteConnection) {
    run(
        connection,
        "CREATE TABLE IF NOT EXISTS effect (what TEXT NOT NULL) STRICT",
    )
    .await;
}

/// The effect that a claim guards.
pub(crate) async fn effect(connection: &mut SqliteConnection, what: &str) {
    let insert = sqlx::query("INSERT INTO effect (what) VALUES (?1)").bind(what.to_owned());
    insert.execute(connection).await.unwrap();
}

pub(crate) async fn effects(connection: &mut SqliteConnection) -> Vec<String> {
    let rows = sqlx::query_scalar("SELECT what FROM effect ORDER BY rowid");
    rows.fetch_all(connection).await.unwrap()
}

pub(crate) fn transfer() -> Operation {
    operation!("transfer-money")
}

pub(crate) fn tenant() -> TenantId {
    "01KERPXZM0WQ0S6RPTBK0KV9CA".parse().unwrap()
}

pub(crate) fn keys() -> FingerprintKeys {
    FingerprintKeys::new([0x5e; 32])
}

/// Sixteen bytes that name the instant [`MADE`] and a number.
pub(crate) fn id(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&MADE.as_millis().to_be_bytes()[2..]);
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// The context of the invocation of that number.
pub(crate) fn invocation(tenant: TenantId, number: u64) -> InvocationContext {
    context()
        .user_in(tenant)
        .invocation(ExternalInvocationId::from_bytes(id(number)).unwrap())
        .build()
}

/// One more attempt at the invocation of that number.
pub(crate) fn execution(number: u64, operation: &Operation, payload: &str) -> Execution {
    let engine = Engine::in_transactions(keys(), FixedClock::at(MADE));
    let ctx = invocation(tenant(), number);
    let begun = engine
        .build()
        .unwrap()
        .begin(&ctx, operation, payload.as_bytes());
    begun.unwrap()
}

pub(crate) fn attempt(number: u64, payload: &str) -> Ask {
    execution(number, &transfer(), payload).ask().clone()
}

/// The same ask under another mode.
pub(crate) fn in_mode(mode: Mode, ask: &Ask) -> Ask {
    let (key, fingerprint) = (ask.key().clone(), *ask.fingerprint());
    Ask::new(key, fingerprint, mode, ask.owner(), ask.expires_at())
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

/// A record that the log holds.
pub(crate) const BY_LOG: State = State::Running { held: Held::ByLog };

/// The log holds the first grant of the key.
pub(crate) const HELD: Claim = Claim::Running {
    epoch: 1,
    lease: None,
};
