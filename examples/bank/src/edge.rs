//! The doors: HTTP in, HTTP out. No decision is made here.

mod audited;
mod body;
mod commands;
mod public;
mod queries;
mod router;

pub use router::router;
