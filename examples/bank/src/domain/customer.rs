//! A customer: a data subject, whose name and address are sealed before they reach the log.

mod command;
mod event;
mod state;

pub use command::ForgetCustomer;
pub use command::RegisterCustomer;
pub use command::RetrieveCustomer;
pub use command::SealedRegisterCustomer;
pub use event::CUSTOMER_FORGOTTEN;
pub use event::CUSTOMER_REGISTERED;
pub use event::CustomerForgotten;
pub use event::CustomerRegistered;
pub use event::SealedCustomerRegistered;
pub use state::Customer;
