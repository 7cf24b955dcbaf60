//! Rows as records.

use skeleton_idempotency::Answer;
use skeleton_idempotency::Fingerprint;
use skeleton_idempotency::Owner;
use skeleton_idempotency::Record;
use skeleton_idempotency::State;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Timestamp;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::sqlite::SqliteError;

const RUNNING: i64 = 1;
const DONE: i64 = 2;

/// Reads `operation, fingerprint, state, epoch, owner, expires_at, answer`.
pub(crate) fn read(row: &SqliteRow) -> Result<Record, SqliteError> {
    let fingerprint: Vec<u8> = row.try_get("fingerprint")?;
    let fingerprint = fingerprint
        .try_into()
        .map_err(|_| SqliteError::Corrupt("fingerprint"))?;
    Ok(Record {
        operation: Operation::parse(row.try_get("operation")?)
            .map_err(|_| SqliteError::Corrupt("operation"))?,
        fingerprint: Fingerprint::from_bytes(fingerprint),
        epoch: number(row, "epoch")?,
        state: state(row)?,
        expires_at: Timestamp::from_millis(number(row, "expires_at")?),
    })
}

/// Instants end in 9999, so they always fit.
pub(crate) fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(i64::MAX)
}

fn state(row: &SqliteRow) -> Result<State, SqliteError> {
    match row.try_get::<i64, _>("state")? {
        RUNNING => {
            let owner: Vec<u8> = row.try_get("owner")?;
            let owner = owner
                .try_into()
                .ok()
                .and_then(|bytes| Owner::from_bytes(bytes).ok());
            owner
                .map(|owner| State::HeldByLog { owner })
                .ok_or(SqliteError::Corrupt("owner"))
        }
        DONE => {
            let answer: Option<Vec<u8>> = row.try_get("answer")?;
            let answer = answer.and_then(|bytes| Answer::from_bytes(&bytes).ok());
            answer
                .map(|answer| State::Done { answer })
                .ok_or(SqliteError::Corrupt("answer"))
        }
        _ => Err(SqliteError::Corrupt("state")),
    }
}

fn number(row: &SqliteRow, column: &'static str) -> Result<u64, SqliteError> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| SqliteError::Corrupt(column))
}
