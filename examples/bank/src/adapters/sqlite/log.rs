//! Opens the files, and hands each call to the right one.

use core::time::Duration;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use skeleton_idempotency_sqlx::SqliteIdempotency;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use sqlx::ConnectOptions;
use sqlx::Connection;
use sqlx::SqliteConnection;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::sqlite::SqliteSynchronous;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use super::read;
use super::writer;
use super::writer::Job;
use crate::adapters::in_process::InProcessBus;
use crate::audit::AuditEntry;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::AppendError;
use crate::ports::event_store::Appended;
use crate::ports::event_store::Checkpoint;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::RowChange;
use crate::ports::event_store::StoreError;
use crate::ports::event_store::Unit;

/// How many jobs may wait for the writer of one tenant.
const QUEUE: usize = 1_024;
const READERS: u32 = 4;
const OPEN_TRIES: u32 = 100;
const OPEN_PAUSE: Duration = Duration::from_millis(20);
const SQLITE_BUSY: &str = "5";

/// The logs of every tenant, one file each.
#[derive(Clone, Debug)]
pub struct SqliteLog(Arc<Files>);

#[derive(Debug)]
struct Files {
    dir: PathBuf,
    bus: InProcessBus,
    open: RwLock<HashMap<TenantId, TenantLog>>,
    /// One file is opened at a time, and each of them once.
    opening: tokio::sync::Mutex<()>,
}

impl SqliteLog {
    /// Keeps the files of all tenants in `dir`.
    #[must_use]
    pub fn in_dir(dir: &Path, bus: InProcessBus) -> Self {
        Self(Arc::new(Files {
            dir: dir.to_owned(),
            bus,
            open: RwLock::default(),
            opening: tokio::sync::Mutex::default(),
        }))
    }

    /// Opens the file of a tenant, and makes it if it does not exist.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`] if the file cannot be opened.
    pub async fn open(&self, tenant: TenantId) -> Result<TenantLog, StoreError> {
        if let Ok(log) = self.tenant(tenant) {
            return Ok(log);
        }
        let _turn = self.0.opening.lock().await;
        if let Ok(log) = self.tenant(tenant) {
            return Ok(log);
        }
        let log = TenantLog::open(tenant, &self.file(tenant), self.0.bus.clone()).await?;
        let mut open = self.0.open.write().unwrap_or_else(PoisonError::into_inner);
        Ok(open.entry(tenant).or_insert(log).clone())
    }

    /// The open file of a tenant.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchTenant`] if none is open.
    pub fn tenant(&self, tenant: TenantId) -> Result<TenantLog, StoreError> {
        let open = self.0.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&tenant).cloned().ok_or(StoreError::NoSuchTenant)
    }

    /// The file of a tenant, opened if it is not; nothing if there is no such file.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`] if the file cannot be opened.
    pub async fn existing(&self, tenant: TenantId) -> Result<Option<TenantLog>, StoreError> {
        if let Ok(log) = self.tenant(tenant) {
            return Ok(Some(log));
        }
        if self
            .file(tenant)
            .try_exists()
            .map_err(StoreError::database)?
        {
            self.open(tenant).await.map(Some)
        } else {
            Ok(None)
        }
    }

    fn file(&self, tenant: TenantId) -> PathBuf {
        self.0.dir.join(format!("{tenant}.db"))
    }

    /// Opens every file that an earlier run left in the directory, and names their tenants.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`] if the directory cannot be read or a file not be opened.
    pub async fn open_all(&self) -> Result<Vec<TenantId>, StoreError> {
        let mut tenants = Vec::new();
        for entry in std::fs::read_dir(&self.0.dir).map_err(StoreError::database)? {
            let name = entry.map_err(StoreError::database)?.file_name();
            let stem = name.to_str().and_then(|name| name.strip_suffix(".db"));
            tenants.extend(stem.and_then(|stem| stem.parse::<TenantId>().ok()));
        }
        tenants.sort_unstable();
        for tenant in &tenants {
            self.open(*tenant).await?;
        }
        Ok(tenants)
    }

    /// Closes every file.
    pub async fn close(&self) {
        let logs: Vec<_> = {
            let mut open = self.0.open.write().unwrap_or_else(PoisonError::into_inner);
            open.drain().map(|(_, log)| log).collect()
        };
        for log in logs {
            log.readers.close().await;
        }
    }
}

/// The log of one tenant.
#[derive(Clone, Debug)]
pub struct TenantLog {
    tenant: TenantId,
    jobs: mpsc::Sender<Job>,
    readers: SqlitePool,
}

impl TenantLog {
    async fn open(tenant: TenantId, file: &Path, bus: InProcessBus) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .disable_statement_logging();
        let writing = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let mut connection = connect(&writing).await?;
        migrate(&mut connection).await?;
        // The file has its write-ahead log by now: readers do not ask for it again, which takes a lock.
        let pool = SqlitePoolOptions::new().max_connections(READERS);
        let readers = pool
            .connect_with(options.read_only(true))
            .await
            .map_err(StoreError::database)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(writer::run(connection, queue, tenant, bus));
        Ok(Self {
            tenant,
            jobs,
            readers,
        })
    }

    /// The tenant whose log this is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Reads of this log and its views.
    #[must_use]
    pub const fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// Appends all of `unit`, or nothing of it.
    ///
    /// # Errors
    ///
    /// [`AppendError`] if the stream moved, the invocation was claimed, or the store is down.
    pub async fn append(&self, unit: Unit) -> Result<Appended, AppendError> {
        let (done, result) = oneshot::channel();
        self.hand_over(Job::Append(Box::new(unit), done), result)
            .await?
    }

    /// At most `limit` events of a stream after a version, in order.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`] if the file cannot be read.
    pub async fn stream(
        &self,
        stream: &StreamId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Envelope>, StoreError> {
        read::stream(&self.readers, stream, after, limit).await
    }

    /// How many events a stream has.
    ///
    /// # Errors
    ///
    /// [`StoreError::Database`] if the file cannot be read.
    pub async fn version(&self, stream: &StreamId) -> Result<u64, StoreError> {
        read::version(&self.readers, stream).await
    }

    /// Notes an audit entry without waiting for it to be committed. It is committed before, or together with,
    /// whatever is handed over later.
    ///
    /// # Errors
    ///
    /// [`StoreError::Closed`] if too much is waiting already, or the log is closed.
    pub fn note(&self, entry: AuditEntry) -> Result<(), StoreError> {
        let (done, _nobody_waits) = oneshot::channel();
        self.jobs
            .try_send(Job::Audit(entry, done))
            .map_err(|_| StoreError::Closed)
    }

    async fn hand_over<T>(&self, job: Job, result: oneshot::Receiver<T>) -> Result<T, StoreError> {
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)
    }
}

/// Connects. A file becomes one with a write-ahead log under a lock for which SQLite itself does not wait.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    for _ in 1..OPEN_TRIES {
        match SqliteConnection::connect_with(options).await {
            Err(error) if is_locked(&error) => tokio::time::sleep(OPEN_PAUSE).await,
            connected => return connected.map_err(StoreError::database),
        }
    }
    SqliteConnection::connect_with(options)
        .await
        .map_err(StoreError::database)
}

fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code == SQLITE_BUSY)
}

async fn migrate(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    for script in [
        include_str!("../../../sql/sqlite/log.sql"),
        include_str!("../../../sql/sqlite/views.sql"),
    ] {
        sqlx::raw_sql(script)
            .execute(&mut *connection)
            .await
            .map_err(StoreError::database)?;
    }
    SqliteIdempotency::migrate(connection)
        .await
        .map_err(StoreError::database)
}

impl EventStore for SqliteLog {
    async fn append(&self, t: InTenant<'_>, unit: Unit) -> Result<Appended, AppendError> {
        self.tenant(t.tenant())?.append(unit).await
    }

    async fn stream(
        &self,
        t: InTenant<'_>,
        stream: &StreamId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Envelope>, StoreError> {
        self.tenant(t.tenant())?.stream(stream, after, limit).await
    }

    async fn log(
        &self,
        t: InTenant<'_>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Envelope>, StoreError> {
        read::log(&self.tenant(t.tenant())?.readers, after, limit).await
    }

    async fn checkpoint(&self, t: InTenant<'_>, consumer: &'static str) -> Result<u64, StoreError> {
        read::checkpoint(&self.tenant(t.tenant())?.readers, consumer).await
    }

    async fn project(
        &self,
        t: InTenant<'_>,
        seen: Checkpoint,
        rows: Vec<RowChange>,
    ) -> Result<(), AppendError> {
        let (done, result) = oneshot::channel();
        self.tenant(t.tenant())?
            .hand_over(Job::Project(seen, rows, done), result)
            .await?
    }

    async fn audit(&self, t: InTenant<'_>, entry: AuditEntry) -> Result<(), StoreError> {
        let (done, result) = oneshot::channel();
        let written = self
            .tenant(t.tenant())?
            .hand_over(Job::Audit(entry, done), result)
            .await?;
        written.map_err(|error| match error {
            AppendError::Store(error) => error,
            other => StoreError::database(other),
        })
    }
}
