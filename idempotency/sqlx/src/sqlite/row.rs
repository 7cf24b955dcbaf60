//! Records as rows, and back.

use skeleton_idempotency::Answer;
use skeleton_idempotency::Fingerprint;
use skeleton_idempotency::Held;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Owner;
use skeleton_idempotency::Record;
use skeleton_idempotency::State;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Timestamp;
use sqlx::Row;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::sqlite::SqliteRow;

use super::error::SqliteError;

const RUNNING: i64 = 1;
const DONE: i64 = 2;
const UNKNOWN: i64 = 3;
const RELEASED: i64 = 4;
/// The lease of what the log holds. No instant is as late.
const BY_LOG: i64 = i64::MAX;

/// The columns that say how far an invocation is.
struct Columns {
    state: i64,
    lease_until: Option<i64>,
    answer: Option<Vec<u8>>,
}

/// Reads the columns of `find.sql`.
pub(super) fn read(row: &SqliteRow) -> Result<Record, SqliteError> {
    let fingerprint: Vec<u8> = row.try_get("fingerprint")?;
    let fingerprint = fingerprint
        .try_into()
        .map_err(|_| SqliteError::Corrupt("fingerprint"))?;
    Ok(Record {
        operation: Operation::parse(row.try_get("operation")?)
            .map_err(|_| SqliteError::Corrupt("operation"))?,
        fingerprint: Fingerprint::from_bytes(fingerprint),
        mode: mode(row)?,
        epoch: number(row, "epoch")?,
        owner: owner(row)?,
        state: state(row)?,
        expires_at: Timestamp::from_millis(number(row, "expires_at")?),
    })
}

/// Binds the values of `put.sql`.
pub(super) fn write(
    put: &'static str,
    key: &IdempotencyKey,
    record: &Record,
) -> Result<Query<'static, Sqlite, SqliteArguments>, SqliteError> {
    let columns = Columns::of(&record.state)?;
    // A grant after the last number would not be told from the one before it.
    let epoch = i64::try_from(record.epoch).map_err(|_| SqliteError::Corrupt("epoch"))?;
    Ok(find(put, key)
        .bind(key.tenant().map(|tenant| tenant.to_bytes().to_vec()))
        .bind(record.operation.as_str().to_owned())
        .bind(record.fingerprint.as_bytes().to_vec())
        .bind(record.mode.number())
        .bind(columns.state)
        .bind(epoch)
        .bind(record.owner.to_bytes().to_vec())
        .bind(columns.lease_until)
        .bind(millis(record.expires_at))
        .bind(columns.answer))
}

/// Binds by what a record is found.
pub(super) fn find(
    sql: &'static str,
    key: &IdempotencyKey,
) -> Query<'static, Sqlite, SqliteArguments> {
    sqlx::query(sql)
        .bind(key.day())
        .bind(key.address().to_vec())
}

/// Instants end in 9999, so they always fit.
pub(super) fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.as_millis()).unwrap_or(BY_LOG - 1)
}

impl Columns {
    fn of(state: &State) -> Result<Self, SqliteError> {
        let (state, lease_until, answer) = match state {
            State::Running { held: Held::ByLog } => (RUNNING, Some(BY_LOG), None),
            State::Running {
                held: Held::Until(until),
            } => (RUNNING, Some(millis(*until)), None),
            State::Done { answer } => (DONE, None, Some(answer.to_bytes())),
            State::Unknown { since } => (UNKNOWN, Some(millis(*since)), None),
            State::Released => (RELEASED, None, None),
            // A state of a later core, which a later adapter knows.
            _ => return Err(SqliteError::Corrupt("state")),
        };
        Ok(Self {
            state,
            lease_until,
            answer,
        })
    }
}

fn state(row: &SqliteRow) -> Result<State, SqliteError> {
    Ok(match row.try_get::<i64, _>("state")? {
        RUNNING => State::Running { held: held(row)? },
        DONE => {
            let answer: Option<Vec<u8>> = row.try_get("answer")?;
            let answer = answer.and_then(|bytes| Answer::from_bytes(&bytes).ok());
            let answer = answer.ok_or(SqliteError::Corrupt("answer"))?;
            State::Done { answer }
        }
        UNKNOWN => {
            let since = Timestamp::from_millis(number(row, "lease_until")?);
            State::Unknown { since }
        }
        RELEASED => State::Released,
        _ => return Err(SqliteError::Corrupt("state")),
    })
}

fn held(row: &SqliteRow) -> Result<Held, SqliteError> {
    Ok(match row.try_get::<Option<i64>, _>("lease_until")? {
        Some(BY_LOG) => Held::ByLog,
        _ => Held::Until(Timestamp::from_millis(number(row, "lease_until")?)),
    })
}

fn mode(row: &SqliteRow) -> Result<Mode, SqliteError> {
    let number = u8::try_from(row.try_get::<i64, _>("mode")?).ok();
    number
        .and_then(Mode::from_number)
        .ok_or(SqliteError::Corrupt("mode"))
}

fn owner(row: &SqliteRow) -> Result<Owner, SqliteError> {
    let owner: Vec<u8> = row.try_get("owner")?;
    let owner = owner
        .try_into()
        .ok()
        .and_then(|bytes| Owner::from_bytes(bytes).ok());
    owner.ok_or(SqliteError::Corrupt("owner"))
}

fn number(row: &SqliteRow, column: &'static str) -> Result<u64, SqliteError> {
    let number: Option<i64> = row.try_get(column)?;
    number
        .and_then(|number| u64::try_from(number).ok())
        .ok_or(SqliteError::Corrupt(column))
}
