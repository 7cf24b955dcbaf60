//! The port to key-encryption keys: asked once per session, and never for a data key.

use std::sync::Arc;

use async_trait::async_trait;

use crate::coordinates::TenantRef;
use crate::crypto::wrap::Kek;

/// The key-encryption keys cannot be had.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the key-encryption key is unavailable")]
pub struct KekError(#[source] Arc<dyn std::error::Error + Send + Sync>);

impl KekError {
    /// A provider that cannot be had, for this reason.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Arc::from(source.into()))
    }
}

/// Keeps the key-encryption keys of tenants, apart from the store.
#[async_trait]
pub trait KekProvider: Send + Sync + 'static {
    /// The key that wraps now; made if the tenant has none.
    async fn current(&self, tenant: &TenantRef) -> Result<Kek, KekError>;

    /// The key of an epoch; none if it was destroyed or never was.
    async fn get(&self, tenant: &TenantRef, epoch: u32) -> Result<Option<Kek>, KekError>;
}
