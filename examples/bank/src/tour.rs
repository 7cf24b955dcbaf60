//! The tour: what the skeleton does, shown by real requests, each answer asserted before it is printed.

pub mod client;
mod print;
mod steps;

pub use print::Transcript;
pub use steps::TourError;
pub use steps::play;
