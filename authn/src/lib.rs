#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod authn;
mod door;
mod email;
mod hash;
mod identifier;
mod login;
#[cfg(feature = "memory")]
mod memory;
mod password;
mod policy;
mod problem;
mod store;

pub use account::NewAccount;
pub use account::StoredAccount;
pub use authn::Authn;
pub use authn::AuthnBuilder;
pub use authn::CreateAccountError;
pub use authn::Missing;
pub use authn::WithAccounts;
pub use authn::WithHashing;
pub use door::Door;
pub use door::NoTenant;
pub use email::Email;
pub use email::EmailError;
pub use hash::Argon2Cost;
pub use hash::CostError;
pub use hash::HashingPool;
pub use hash::PasswordHash;
pub use hash::PoolStats;
pub use identifier::CanonicalIdentifier;
pub use identifier::Identifier;
pub use login::AfterPassword;
pub use login::AuthnEvent;
pub use login::AwaitingPassword;
pub use login::Challenge;
pub use login::LogInError;
pub use login::Passed;
pub use login::Started;
#[cfg(feature = "memory")]
pub use memory::MemoryAccounts;
pub use password::Password;
pub use password::PasswordError;
pub use policy::PasswordPolicy;
pub use policy::PolicyError;
pub use store::AccountStore;
pub use store::Deactivation;
pub use store::Insertion;
pub use store::LogInRecord;
pub use store::StoreError;
