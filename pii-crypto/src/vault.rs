//! The vault: where sessions come from, and where keys are destroyed.

mod builder;
mod forget;
mod tenant;

pub use builder::Vault;
pub use builder::VaultBuilder;
pub use forget::Forget;
pub use forget::Reason;
pub use tenant::TenantVault;
