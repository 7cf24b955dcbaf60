//! The doors: HTTP in, HTTP out. No decision is made here.

mod allowed;
mod audited;
mod billing;
mod body;
mod bulk;
mod command;
mod commands;
mod dispatch;
mod execute;
mod media;
mod messages;
mod organisation;
mod public;
mod queries;
mod rights;
mod router;

pub use messages::take_messages;
pub use router::Doors;
pub use router::operations;
pub use router::router;
pub use router::routes;
