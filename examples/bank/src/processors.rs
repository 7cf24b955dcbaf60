//! Processors: consume the log, append to it. None calls another.

mod bank_accounts;
mod customers;
mod reaction;
mod runner;

pub use bank_accounts::BankAccounts;
pub use customers::Customers;
pub use reaction::COMMAND_ACCEPTED;
pub use reaction::CommandAccepted;
pub use runner::Processor;
pub use runner::ProcessorError;
pub use runner::run;
