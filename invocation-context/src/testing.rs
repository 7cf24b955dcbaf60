//! Clocks that stand still, ids that repeat, and contexts made freely. For tests only.

mod builder;
mod sources;

pub use builder::ContextBuilder;
pub use builder::context;
pub use sources::FixedClock;
pub use sources::SeededIds;
