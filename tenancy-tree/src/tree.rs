//! The aggregate: one tree per tenant, decided and folded without I/O.

mod command;
mod error;
mod limits;
mod model;
mod name;

pub use command::Applied;
pub use command::Recorded;
pub use command::Skipped;
pub use command::TreeCommand;
pub use command::TreeEvent;
pub use command::TreeVersion;
pub use error::NameError;
pub use error::TreeError;
pub use limits::Limits;
pub use model::Tree;
