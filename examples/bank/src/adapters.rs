//! The ports on real parts.

pub mod in_process;
pub mod platform;
pub mod sqlite;
