//! Password hashes (Argon2id, RFC 9106), and the bounded pool that computes them.

mod cost;
mod phc;
mod pool;
mod queue;
#[cfg(test)]
mod tests;

pub use cost::Argon2Cost;
pub use cost::CostError;
pub use phc::PasswordHash;
pub use pool::HashingPool;
pub use pool::PoolStats;

pub(crate) use pool::HashingError;
