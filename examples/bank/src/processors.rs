//! Processors: consume the log, append to it. None calls another.

mod bank_accounts;
mod containers;
mod customers;
mod doors;
mod onboarding;
mod reaction;
mod rules;
mod runner;
mod versions;

pub use bank_accounts::BankAccounts;
pub use containers::Containers;
pub use customers::Customers;
pub use doors::TenantDoors;
pub use onboarding::Onboarding;
pub use reaction::COMMAND_ACCEPTED;
pub use reaction::CommandAccepted;
pub use rules::Rules;
pub use runner::Processor;
pub use runner::ProcessorError;
pub use runner::run;
