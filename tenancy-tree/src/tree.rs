//! The aggregate: one tree per tenant, decided and folded without I/O.

mod command;
mod decide;
mod error;
mod event;
mod fold;
mod index;
mod limits;
mod model;
mod name;
mod names;
mod nodes;

pub use command::TreeCommand;
pub use error::NameError;
pub use error::TreeError;
pub use event::Applied;
pub use event::Skipped;
pub use event::TreeEvent;
pub use event::TreeVersion;
pub(crate) use index::Index;
pub use limits::Limits;
pub(crate) use model::Shaping;
pub use model::Tree;
pub(crate) use names::Names;
pub(crate) use nodes::Nodes;

pub(crate) use nodes::place;
