//! What the bank needs from the outside, as traits.

pub mod bus;
pub mod envelope;
pub mod event_store;
pub mod messages;
pub mod replies;
