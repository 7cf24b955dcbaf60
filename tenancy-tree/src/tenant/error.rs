//! Why tenants do not come into being, or do not change.

use super::TenantStatus;
use crate::store::StoreError;

/// Why a tenant did not come into being.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnboardError {
    /// A tenant has that slug, or had it.
    #[error("the slug is taken")]
    SlugTaken,
    /// A tenant has that id.
    #[error("the tenant exists")]
    IdTaken,
    /// The store of tenants cannot be had.
    #[error("the store of tenants is unavailable")]
    Unavailable(#[source] StoreError),
}

/// Why a tenant did not change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TenantError {
    /// There is no such tenant.
    #[error("no such tenant")]
    Unknown,
    /// That does not follow where it stands in its life.
    #[error("the tenant is {is}")]
    NotNow {
        /// Where it stands.
        is: TenantStatus,
    },
    /// The restriction would exclude the address from which it is asked, and that was not confirmed.
    #[error("the restriction would exclude whoever asks for it")]
    WouldLockOut,
    /// The tenant kept changing while the change was decided.
    #[error("the tenant keeps changing")]
    Stale,
    /// The store of tenants cannot be had.
    #[error("the store of tenants is unavailable")]
    Unavailable(#[source] StoreError),
}
