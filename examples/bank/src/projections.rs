//! Projections: fold the log into what queries read.

mod replay;
mod rows;
mod runner;
mod views;

pub use replay::Dump;
pub use replay::Replayed;
pub use replay::events;
pub use replay::names;
pub use replay::replay;
pub use runner::run;
pub use runner::seen;
pub use views::CustomerRow;
pub use views::find_balance;
pub use views::find_customer;
pub use views::units_by_container;
