//! The store on SQLite: one writer at a time, so each verb reads the record, asks the core what becomes of it, and writes
//! that back.

mod error;
mod open;
mod records;
mod reply;
mod row;
mod store;
mod tx;
mod watch;

pub use self::error::SqliteError;
pub use self::records::SqliteIdempotency;
pub use self::store::SqliteStore;
pub use self::tx::SqliteTx;
