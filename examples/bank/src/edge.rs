//! The doors: HTTP in, HTTP out. No decision is made here.

mod audited;
mod body;
mod command;
mod commands;
mod organisation;
mod public;
mod queries;
mod rights;
mod router;

pub use router::Doors;
pub use router::operations;
pub use router::router;
pub use router::routes;
