//! For the tests of a product: what it commits about its permissions, so that a diff is a review.

#[cfg(feature = "tower")]
mod coverage;
mod lock;
#[cfg(feature = "tower")]
mod matrix;

#[cfg(feature = "tower")]
pub use self::coverage::Coverage;
#[cfg(feature = "tower")]
pub use self::coverage::Seen;
pub use self::lock::NewLines;
pub use self::lock::check_lock;
#[cfg(feature = "tower")]
pub use self::matrix::matrix;
