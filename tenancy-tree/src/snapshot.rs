//! The immutable snapshot: every question about ancestry in constant time, without a lock and without I/O.

mod build;
mod index;
mod node;
mod walk;

pub use node::Node;
pub use node::TreeSnapshot;
