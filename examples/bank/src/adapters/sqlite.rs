//! The event store on SQLite: one file per tenant, one writer per file.
//!
//! WAL mode with `synchronous = FULL`: what was acknowledged survives a power cut. Readers never wait for
//! the writer. The writer is one task that groups what is waiting into one commit.

mod append;
mod claim;
mod log;
mod read;
mod writer;

pub(crate) use append::change;
pub use log::SqliteLog;
pub use log::TenantLog;
pub(crate) use read::AuditReader;
pub(crate) use read::audit as audit_entries;
