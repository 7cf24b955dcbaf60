//! Changing the rules: what an author asks for is decided on her own snapshot, and nobody gives what she does not hold.

mod command;
mod decide;
mod error;

pub use command::AccessCommand;
pub use command::RoleSpec;
pub(crate) use decide::decide;
pub use error::RuleError;
