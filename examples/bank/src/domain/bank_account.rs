//! A bank account: opened in a container for a customer, and paid into.

mod command;
mod event;
mod state;
#[cfg(test)]
mod tests;

pub use command::Deposit;
pub use command::OpenAccount;
pub use command::RetrieveAvailableBalance;
pub use event::BankAccountEvent;
pub use state::BankAccount;
