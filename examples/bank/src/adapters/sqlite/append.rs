//! The statements of one append, inside the writer's transaction.

use serde_json::Value;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteIdempotency;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::ScopeColumns;
use sqlx::SqliteConnection;

use super::read::from_sql;
use super::read::to_sql;
use crate::audit::AuditEntry;
use crate::ports::event_store::AppendError;
use crate::ports::event_store::Appended;
use crate::ports::event_store::Checkpoint;
use crate::ports::event_store::Completion;
use crate::ports::event_store::Expect;
use crate::ports::event_store::RowChange;
use crate::ports::event_store::StoreError;
use crate::ports::event_store::Unit;

const HEAD: &str = include_str!("../../../sql/sqlite/read_head.sql");
const VERSION: &str = include_str!("../../../sql/sqlite/read_version.sql");
const INSERT_EVENT: &str = include_str!("../../../sql/sqlite/insert_event.sql");
const INSERT_AUDIT: &str = include_str!("../../../sql/sqlite/insert_audit.sql");
const ADVANCE: &str = include_str!("../../../sql/sqlite/advance_checkpoint.sql");

/// Everything of a unit, or an error: the caller rolls back.
pub(super) async fn unit(
    connection: &mut SqliteConnection,
    idempotency: &SqliteIdempotency,
    tenant: TenantId,
    unit: &Unit,
) -> Result<Appended, AppendError> {
    if let Some(seen) = &unit.seen {
        advance(connection, seen).await?;
    }
    if let Some(ask) = &unit.claim {
        claim(connection, idempotency, ask, Hold::Log).await?;
    }
    if let Some((ask, _)) = &unit.finishes {
        claim(connection, idempotency, ask, Hold::Commit).await?;
    }
    let position = events(connection, unit).await?;
    let answer = match &unit.completes {
        Some((key, completion)) => {
            Some(complete(connection, idempotency, key, completion, position).await?)
        }
        None => None,
    };
    if let Some((ask, answer)) = &unit.finishes {
        finish(connection, idempotency, ask, answer).await?;
    }
    if let Some(entry) = &unit.audit {
        audit(connection, tenant, entry).await?;
    }
    Ok(Appended { position, answer })
}

/// Changes of views, with the checkpoint of their projection.
pub(super) async fn project(
    connection: &mut SqliteConnection,
    seen: &Checkpoint,
    rows: &[RowChange],
) -> Result<(), AppendError> {
    advance(connection, seen).await?;
    for row in rows {
        change(connection, row)
            .await
            .map_err(StoreError::database)?;
    }
    Ok(())
}

/// One row of a view.
pub(crate) async fn change(
    connection: &mut SqliteConnection,
    row: &RowChange,
) -> Result<(), sqlx::Error> {
    let mut query = sqlx::query(row.sql);
    for bind in &row.binds {
        query = match bind {
            Value::String(text) => query.bind(text.clone()),
            Value::Number(number) => query.bind(number.as_i64()),
            other => query.bind(other.to_string()),
        };
    }
    query.execute(connection).await.map(drop)
}

/// One audit entry, in the columns by which it is found. What belongs to no container belongs to the root.
pub(super) async fn audit(
    connection: &mut SqliteConnection,
    tenant: TenantId,
    entry: &AuditEntry,
) -> Result<(), AppendError> {
    let text = serde_json::to_string(entry).map_err(StoreError::database)?;
    let scope = entry.scope().unwrap_or(ContainerId::root_of(tenant));
    let [tenant, scope] = ScopeColumns::values(tenant, scope);
    let query = sqlx::query(INSERT_AUDIT)
        .bind(tenant.to_vec())
        .bind(scope.to_vec())
        .bind(entry.account().map(|account| account.to_bytes().to_vec()))
        .bind(text);
    query
        .execute(connection)
        .await
        .map_err(StoreError::database)?;
    Ok(())
}

/// Whether every stream that the unit rests on is as it was when the unit was decided.
async fn rests(connection: &mut SqliteConnection, unit: &Unit) -> Result<(), AppendError> {
    for (stream, expected) in &unit.rests_on {
        let actual = number(connection, VERSION, Some(stream.as_str())).await?;
        if actual != *expected {
            return Err(AppendError::Conflict { actual });
        }
    }
    Ok(())
}

async fn events(connection: &mut SqliteConnection, unit: &Unit) -> Result<u64, AppendError> {
    rests(connection, unit).await?;
    let version = number(connection, VERSION, Some(unit.to.as_str())).await?;
    if let Expect::At(expected) = unit.expect
        && expected != version
    {
        return Err(AppendError::Conflict { actual: version });
    }
    let mut position = number(connection, HEAD, None).await?;
    for (version, event) in (version + 1..).zip(&unit.events) {
        position += 1;
        let body = serde_json::to_string(event).map_err(StoreError::database)?;
        let query = sqlx::query(INSERT_EVENT)
            .bind(to_sql(position))
            .bind(unit.to.as_str())
            .bind(to_sql(version))
            .bind(event.id.to_string())
            .bind(body);
        query
            .execute(&mut *connection)
            .await
            .map_err(StoreError::database)?;
    }
    Ok(position)
}

async fn claim(
    connection: &mut SqliteConnection,
    idempotency: &SqliteIdempotency,
    ask: &Ask,
    hold: Hold,
) -> Result<(), AppendError> {
    let claimed = idempotency.claim_in(connection, ask, hold).await;
    match claimed.map_err(StoreError::database)? {
        Claim::Granted(_) => Ok(()),
        other => Err(AppendError::Duplicate(other)),
    }
}

/// The answer of what this very append does, as its last statement.
async fn finish(
    connection: &mut SqliteConnection,
    idempotency: &SqliteIdempotency,
    ask: &Ask,
    answer: &Answer,
) -> Result<(), AppendError> {
    let finished = idempotency.finish_in(connection, ask, answer).await;
    match finished.map_err(StoreError::database)? {
        Completed::Stored => Ok(()),
        _ => Err(AppendError::Fenced),
    }
}

async fn complete(
    connection: &mut SqliteConnection,
    idempotency: &SqliteIdempotency,
    key: &IdempotencyKey,
    completion: &Completion,
    position: u64,
) -> Result<Answer, AppendError> {
    let answer = match completion {
        Completion::Outcome(outcome) => outcome.answer(position).map_err(StoreError::database)?,
        Completion::Answer(answer) => answer.clone(),
    };
    let completed = idempotency.complete_in(connection, key, &answer).await;
    match completed.map_err(StoreError::database)? {
        // A record that was purged meanwhile stops nothing: its key is refused by the window.
        Completed::Stored | Completed::Gone => Ok(answer),
        _ => Err(AppendError::Fenced),
    }
}

async fn advance(connection: &mut SqliteConnection, seen: &Checkpoint) -> Result<(), AppendError> {
    let query = sqlx::query(ADVANCE)
        .bind(seen.consumer)
        .bind(to_sql(seen.from))
        .bind(to_sql(seen.to));
    let done = query
        .execute(connection)
        .await
        .map_err(StoreError::database)?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(AppendError::Fenced)
    }
}

async fn number(
    connection: &mut SqliteConnection,
    sql: &'static str,
    bind: Option<&str>,
) -> Result<u64, StoreError> {
    let mut query = sqlx::query_scalar::<_, i64>(sql);
    if let Some(text) = bind {
        query = query.bind(text.to_owned());
    }
    let number = query
        .fetch_one(connection)
        .await
        .map_err(StoreError::database)?;
    from_sql(number)
}
