//! Reads: each sees one committed state and waits for nobody.

use sqlx::Row;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;

use crate::audit::AuditEntry;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::StoreError;

const STREAM: &str = include_str!("../../../sql/sqlite/read_stream.sql");
const VERSION: &str = include_str!("../../../sql/sqlite/read_version.sql");
const LOG: &str = include_str!("../../../sql/sqlite/read_log.sql");
const CHECKPOINT: &str = include_str!("../../../sql/sqlite/read_checkpoint.sql");
const AUDIT: &str = include_str!("../../../sql/sqlite/read_audit.sql");

pub(super) async fn stream(
    pool: &SqlitePool,
    stream: &StreamId,
    after: u64,
    limit: u32,
) -> Result<Vec<Envelope>, StoreError> {
    let query = sqlx::query(STREAM)
        .bind(stream.as_str())
        .bind(to_sql(after))
        .bind(limit);
    let rows = query.fetch_all(pool).await.map_err(StoreError::database)?;
    rows.iter().map(envelope).collect()
}

pub(super) async fn version(pool: &SqlitePool, stream: &StreamId) -> Result<u64, StoreError> {
    let query = sqlx::query_scalar::<_, i64>(VERSION).bind(stream.as_str());
    from_sql(query.fetch_one(pool).await.map_err(StoreError::database)?)
}

pub(super) async fn log(
    pool: &SqlitePool,
    after: u64,
    limit: u32,
) -> Result<Vec<Envelope>, StoreError> {
    let query = sqlx::query(LOG).bind(to_sql(after)).bind(limit);
    let rows = query.fetch_all(pool).await.map_err(StoreError::database)?;
    rows.iter().map(envelope).collect()
}

pub(super) async fn checkpoint(pool: &SqlitePool, consumer: &str) -> Result<u64, StoreError> {
    let query = sqlx::query_scalar::<_, i64>(CHECKPOINT).bind(consumer);
    let position = query
        .fetch_optional(pool)
        .await
        .map_err(StoreError::database)?;
    from_sql(position.unwrap_or(0))
}

/// At most `limit` audit entries after a number, in order, each with its number.
pub(crate) async fn audit(
    pool: &SqlitePool,
    after: u64,
    limit: u32,
) -> Result<Vec<(u64, AuditEntry)>, StoreError> {
    let query = sqlx::query_as::<_, (i64, String)>(AUDIT)
        .bind(to_sql(after))
        .bind(limit);
    let rows = query.fetch_all(pool).await.map_err(StoreError::database)?;
    let read = |(seq, entry): (i64, String)| {
        let entry = serde_json::from_str(&entry).map_err(|error| StoreError::Corrupt(error.into()));
        Ok((from_sql(seq)?, entry?))
    };
    rows.into_iter().map(read).collect()
}

fn envelope(row: &SqliteRow) -> Result<Envelope, StoreError> {
    let column = |name| row.try_get::<i64, _>(name).map_err(StoreError::database);
    let text = |name| row.try_get::<String, _>(name).map_err(StoreError::database);
    Ok(Envelope {
        event: serde_json::from_str(&text("body")?)
            .map_err(|error| StoreError::Corrupt(error.into()))?,
        stream: text("stream")?.into(),
        version: from_sql(column("version")?)?,
        position: from_sql(column("position")?)?,
    })
}

/// SQLite's integers are signed: a number past its end is past every row.
pub(super) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn from_sql(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|error| StoreError::Corrupt(error.into()))
}
