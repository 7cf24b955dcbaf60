//! The immutable snapshot: every question about ancestry in constant time, without a lock and without I/O.

mod build;
mod layout;
mod members;
mod node;
mod path;
mod plan;
mod row;
mod shift;
mod walk;

pub use node::Node;
pub use node::TreeSnapshot;
pub use path::ScopePath;
pub use path::ScopeRange;
pub use plan::MoveImpact;
pub use plan::MovePlan;
