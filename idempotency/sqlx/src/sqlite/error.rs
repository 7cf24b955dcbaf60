//! What the store fails with.

use std::io;

/// The part of a result code that names its kind; the rest is detail.
const PRIMARY: i32 = 0xff;
/// `SQLITE_BUSY`: another connection writes, or wrote since this one read.
const BUSY: i32 = 5;
/// `SQLITE_LOCKED`: another statement of this process is in the way.
const LOCKED: i32 = 6;

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteError {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The database ended the transaction by itself before its answer was stored, as it may when the disk is full: nothing
    /// of it is left.
    #[error("the database ended the transaction by itself")]
    RolledBack,
    /// The file cannot be made, or not be kept from other users.
    #[error("the file cannot be made")]
    File(#[from] io::Error),
    /// A stored record cannot be read, or a new one not be written, because of that column.
    #[error("a stored record cannot be read: {0}")]
    Corrupt(&'static str),
}

impl SqliteError {
    /// Whether the transaction may succeed if it is done again: the database was busy with another one.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => is_transient(error),
            Self::RolledBack | Self::File(_) | Self::Corrupt(_) => false,
        }
    }
}

pub(super) fn is_transient(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    let code = code.and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| matches!(code & PRIMARY, BUSY | LOCKED))
}
