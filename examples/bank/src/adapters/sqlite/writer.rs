//! The one writer of a file: takes what waits, commits it together, then answers.

use skeleton_idempotency_sqlx::SqliteIdempotency;
use skeleton_invocation_context::TenantId;
use sqlx::Connection;
use sqlx::Sqlite;
use sqlx::SqliteConnection;
use sqlx::Transaction;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use super::append;
use crate::adapters::in_process::InProcessBus;
use crate::audit::AuditEntry;
use crate::ports::bus::Bus;
use crate::ports::event_store::AppendError;
use crate::ports::event_store::Appended;
use crate::ports::event_store::Checkpoint;
use crate::ports::event_store::RowChange;
use crate::ports::event_store::StoreError;
use crate::ports::event_store::Unit;

/// How many jobs share one commit at most.
const GROUP: usize = 64;

/// What the writer does, and where it says how it went.
#[derive(Debug)]
pub(super) enum Job {
    Append(Box<Unit>, oneshot::Sender<Result<Appended, AppendError>>),
    Project(
        Checkpoint,
        Vec<RowChange>,
        oneshot::Sender<Result<(), AppendError>>,
    ),
    Audit(AuditEntry, oneshot::Sender<Result<(), AppendError>>),
}

/// A job that was tried: its answer waits for the commit.
enum Tried {
    Append(
        oneshot::Sender<Result<Appended, AppendError>>,
        Result<Appended, AppendError>,
    ),
    Other(
        oneshot::Sender<Result<(), AppendError>>,
        Result<(), AppendError>,
    ),
}

/// Writes until nobody can ask any more.
pub(super) async fn run(
    mut connection: SqliteConnection,
    mut queue: mpsc::Receiver<Job>,
    tenant: TenantId,
    bus: InProcessBus,
) {
    let mut group = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut group, GROUP).await > 0 {
        commit(&mut connection, &mut group, tenant, &bus).await;
    }
    // Nothing is lost if this fails: everything acknowledged is committed.
    let _closed = connection.close().await;
}

async fn commit(
    connection: &mut SqliteConnection,
    group: &mut Vec<Job>,
    tenant: TenantId,
    bus: &InProcessBus,
) {
    let mut transaction = match connection.begin_with("BEGIN IMMEDIATE").await {
        Ok(transaction) => transaction,
        Err(error) => return group.drain(..).for_each(|job| job.fail(&error)),
    };
    let mut tried = Vec::with_capacity(group.len());
    for job in group.drain(..) {
        tried.push(attempt(&mut transaction, tenant, job).await);
    }
    match transaction.commit().await {
        Ok(()) => {
            let grown = tried.iter().filter_map(Tried::position).max();
            tried.into_iter().for_each(Tried::answer);
            if let Some(position) = grown {
                bus.announce(tenant, position);
            }
        }
        Err(error) => tried.into_iter().for_each(|tried| tried.fail(&error)),
    }
}

/// Tries one job inside a savepoint: if it fails, the others of its group stay.
async fn attempt(transaction: &mut Transaction<'_, Sqlite>, tenant: TenantId, job: Job) -> Tried {
    match job {
        Job::Append(unit, done) => {
            Tried::Append(done, guarded_append(transaction, tenant, &unit).await)
        }
        Job::Project(seen, rows, done) => {
            Tried::Other(done, guarded_project(transaction, &seen, &rows).await)
        }
        Job::Audit(entry, done) => {
            Tried::Other(done, append::audit(transaction, tenant, &entry).await)
        }
    }
}

async fn guarded_append(
    transaction: &mut Transaction<'_, Sqlite>,
    tenant: TenantId,
    unit: &Unit,
) -> Result<Appended, AppendError> {
    let mut savepoint = transaction.begin().await.map_err(StoreError::database)?;
    let appended =
        append::unit(&mut savepoint, &SqliteIdempotency::default(), tenant, unit).await?;
    savepoint.commit().await.map_err(StoreError::database)?;
    Ok(appended)
}

async fn guarded_project(
    transaction: &mut Transaction<'_, Sqlite>,
    seen: &Checkpoint,
    rows: &[RowChange],
) -> Result<(), AppendError> {
    let mut savepoint = transaction.begin().await.map_err(StoreError::database)?;
    append::project(&mut savepoint, seen, rows).await?;
    savepoint.commit().await.map_err(StoreError::database)?;
    Ok(())
}

impl Job {
    fn fail(self, error: &sqlx::Error) {
        match self {
            Self::Append(_, done) => drop(done.send(Err(lost(error)))),
            Self::Project(_, _, done) | Self::Audit(_, done) => drop(done.send(Err(lost(error)))),
        }
    }
}

impl Tried {
    fn position(&self) -> Option<u64> {
        match self {
            Self::Append(_, Ok(appended)) => Some(appended.position),
            Self::Append(_, Err(_)) | Self::Other(..) => None,
        }
    }

    /// Whoever asked may have gone: what is committed stays committed.
    fn answer(self) {
        match self {
            Self::Append(done, result) => drop(done.send(result)),
            Self::Other(done, result) => drop(done.send(result)),
        }
    }

    fn fail(self, error: &sqlx::Error) {
        match self {
            Self::Append(done, _) => drop(done.send(Err(lost(error)))),
            Self::Other(done, _) => drop(done.send(Err(lost(error)))),
        }
    }
}

/// One failure of the database fails everybody of the group: each gets its own copy of the reason.
fn lost(error: &sqlx::Error) -> AppendError {
    AppendError::Store(StoreError::database(error.to_string()))
}
