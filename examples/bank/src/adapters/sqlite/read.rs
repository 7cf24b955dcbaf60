//! Reads: each sees one committed state and waits for nobody.

use skeleton_invocation_context::AccountId;
use skeleton_tenancy_tree::ScopePredicate;
use sqlx::AssertSqlSafe;
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
const AUDIT_MARK: &str = include_str!("../../../sql/sqlite/find_audit_mark.sql");

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

/// Who asks for audit entries: her own are hers, and beside them those that `also` admits, whose values are bound from
/// [`AuditReader::FIRST`] on.
#[derive(Clone, Debug)]
pub(crate) struct AuditReader {
    pub(crate) account: AccountId,
    pub(crate) also: ScopePredicate,
}

impl AuditReader {
    /// The place of the predicate's first value.
    pub(crate) const FIRST: u16 = 4;
}

/// At most `limit` of the audit entries that the reader may see, after a mark, in order, each with its mark. Nothing if
/// no entry has that mark.
///
/// What others did is left out before anything is counted, and a mark tells no number.
pub(crate) async fn audit(
    pool: &SqlitePool,
    reader: &AuditReader,
    after: Option<&str>,
    limit: u32,
) -> Result<Option<Vec<(String, AuditEntry)>>, StoreError> {
    let Some(after) = audit_place(pool, after).await? else {
        return Ok(None);
    };
    let text = AUDIT.replace("FALSE)", &format!("{})", reader.also.text()));
    let mut query = sqlx::query_as::<_, (String, String)>(AssertSqlSafe(text))
        .bind(after)
        .bind(reader.account.to_bytes().to_vec())
        .bind(limit);
    for value in reader.also.binds() {
        query = query.bind(value.to_vec());
    }
    let rows = query.fetch_all(pool).await.map_err(StoreError::database)?;
    let read = |(mark, entry): (String, String)| {
        let entry = serde_json::from_str(&entry).map_err(|error| StoreError::Corrupt(error.into()));
        Ok((mark, entry?))
    };
    rows.into_iter()
        .map(read)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// The place that a mark names; that before the first entry for no mark, and nothing for one that was never given.
async fn audit_place(pool: &SqlitePool, mark: Option<&str>) -> Result<Option<i64>, StoreError> {
    let Some(mark) = mark else {
        return Ok(Some(0));
    };
    let query = sqlx::query_scalar::<_, i64>(AUDIT_MARK).bind(mark.to_owned());
    query
        .fetch_optional(pool)
        .await
        .map_err(StoreError::database)
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
