//! A log-in, step by step. The state is a type: no call starts a session one step too early.
//!
//! ```text
//! log_in ──► AwaitingPassword ──password──► Passed ──start_session──► Started
//!                    └── wrong, unknown, deactivated: Refused, the same for all
//! ```

mod challenge;
mod error;
mod event;
mod started;

pub use challenge::AfterPassword;
pub use challenge::AwaitingPassword;
pub use challenge::Challenge;
pub use challenge::Passed;
pub use error::LogInError;
pub use event::AuthnEvent;
pub use started::Started;
