#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod audit;
mod coordinates;
mod crypto;
mod error;
mod kek;
#[cfg(feature = "memory")]
mod memory;
mod pii;
mod protected;
mod receipt;
mod row;
mod sealed_field;
mod session;
mod store;
mod time;
mod value;
mod vault;
#[cfg(test)]
mod vectors;

pub use audit::AuditQueue;
pub use audit::AuditRefused;
pub use audit::AuditSink;
pub use audit::Disclosed;
pub use audit::DisclosureOutcome;
pub use audit::Purpose;
pub use audit::RevealAccess;
pub use coordinates::AsSubject;
pub use coordinates::ForgetOrderId;
pub use coordinates::GENERAL;
pub use coordinates::IdError;
pub use coordinates::RecordId;
pub use coordinates::SubjectId;
pub use coordinates::TenantRef;
pub use crypto::envelope::EnvelopeError;
pub use crypto::keys::NoRandomness;
pub use crypto::padding::Padding;
pub use crypto::wrap::Kek;
pub use error::OpenError;
pub use error::SealError;
pub use error::Unavailable;
pub use kek::KekError;
pub use kek::KekProvider;
#[cfg(feature = "memory")]
pub use memory::DevKek;
#[cfg(feature = "memory")]
pub use memory::Development;
#[cfg(feature = "memory")]
pub use memory::MemoryKeyStore;
pub use pii::Disclosure;
pub use pii::Forgotten;
pub use pii::Pii;
pub use pii::Revealed;
pub use protected::KeySet;
pub use protected::Protected;
pub use protected::SealedEvent;
pub use receipt::Receipt;
pub use receipt::ReceiptError;
pub use receipt::ReceiptSigner;
pub use sealed_field::Detached;
pub use sealed_field::Field;
pub use sealed_field::SealedField;
pub use session::Session;
#[cfg(feature = "derive")]
pub use skeleton_pii_crypto_derive::Protected;
pub use store::Change;
pub use store::Committed;
pub use store::KeyStore;
pub use store::Rows;
pub use store::StoreError;
pub use store::StoredReceipt;
pub use store::StoredRow;
pub use time::SystemTime;
pub use time::TimeSource;
pub use value::PiiValue;
pub use vault::Forget;
pub use vault::Reason;
pub use vault::TenantVault;
pub use vault::Vault;
pub use vault::VaultBuilder;

/// What the derive macro expands to. Not an interface.
#[doc(hidden)]
pub mod __private {
    pub use serde;
}
