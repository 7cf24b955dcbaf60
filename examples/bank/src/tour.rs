//! The tour: what the skeleton does, shown by real requests, each answer asserted before it is printed.

pub mod client;
mod doors;
mod guide;
mod organisation;
mod print;
mod rights;
mod steps;

pub use guide::TourError;
pub use print::Transcript;

pub use steps::play;
