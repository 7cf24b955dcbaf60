//! For tests: two tenants by two branches, and the suite that looks for what one tenant sees of the other.

mod isolation;
mod two_by_two;

pub use isolation::Answer;
pub use isolation::AnyId;
pub use isolation::Isolation;
pub use two_by_two::Planted;
pub use two_by_two::TwoByTwo;
