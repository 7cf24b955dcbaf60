//! Clocks that stand still, ids that repeat, contexts made freely, and what tests ask of them. For tests only.

mod asserts;
mod builder;
#[cfg(feature = "tracing")]
mod logs;
mod sources;
#[cfg(feature = "wire")]
mod tampering;

pub use asserts::assert_distinct_steps;
pub use asserts::assert_forked_from;
pub use asserts::assert_same_call;
pub use builder::ContextBuilder;
pub use builder::context;
pub use builder::identity;
#[cfg(feature = "tracing")]
pub use logs::capture_logs;
pub use sources::FixedClock;
pub use sources::SeededIds;
pub use sources::SteppingClock;
