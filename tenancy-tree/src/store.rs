//! The ports: where trees and tenants are kept.

use core::fmt;
use core::future::Future;
use core::num::NonZeroU32;
use core::pin::Pin;

use skeleton_invocation_context::TenantId;

use crate::in_tenant::InTenant;
use crate::tenant::TenantEvent;
use crate::tenant::TenantVersion;
use crate::tree::Recorded;
use crate::tree::TreeVersion;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A store cannot be had. What it answered is the source.
#[derive(Debug)]
pub struct StoreError(BoxError);

impl StoreError {
    /// A store that cannot be had, for this reason.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store is unavailable")
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Why an append wrote nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The stream has another version than expected.
    #[error("the stream is at version {actual}")]
    Stale {
        /// The version it has.
        actual: u64,
    },
    /// The store cannot be had.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

/// Keeps the events of every tenant's tree, one stream per tenant.
pub trait TreeStore: Send + Sync + 'static {
    /// Appends all of `events` if the stream is at `expected`, else nothing.
    fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded],
    ) -> impl Future<Output = Result<TreeVersion, AppendError>> + Send;

    /// At most `max` events after a version, in order, without gaps.
    fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> impl Future<Output = Result<Vec<Recorded>, StoreError>> + Send;
}

/// Keeps the events of the tenants themselves, one stream per tenant.
pub trait TenantStore: Send + Sync + 'static {
    /// Appends all of `events` if the tenant's stream is at `expected`, else nothing.
    fn append(
        &self,
        tenant: TenantId,
        expected: TenantVersion,
        events: &[TenantEvent],
    ) -> impl Future<Output = Result<TenantVersion, AppendError>> + Send;

    /// The events of every tenant, each tenant's in order.
    fn read_all(
        &self,
    ) -> impl Future<Output = Result<Vec<(TenantId, TenantEvent)>, StoreError>> + Send;
}

pub(crate) type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// A [`TreeStore`] of a type nobody needs to name.
pub(crate) trait ErasedTreeStore: Send + Sync {
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        expected: TreeVersion,
        events: &'f [Recorded],
    ) -> Boxed<'f, Result<TreeVersion, AppendError>>;

    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded>, StoreError>>;
}

impl<S: TreeStore> ErasedTreeStore for S {
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        expected: TreeVersion,
        events: &'f [Recorded],
    ) -> Boxed<'f, Result<TreeVersion, AppendError>> {
        Box::pin(TreeStore::append(self, t, expected, events))
    }

    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded>, StoreError>> {
        Box::pin(TreeStore::read(self, t, after, max))
    }
}

/// A [`TenantStore`] of a type nobody needs to name.
pub(crate) trait ErasedTenantStore: Send + Sync {
    fn append<'f>(
        &'f self,
        tenant: TenantId,
        expected: TenantVersion,
        events: &'f [TenantEvent],
    ) -> Boxed<'f, Result<TenantVersion, AppendError>>;
}

impl<S: TenantStore> ErasedTenantStore for S {
    fn append<'f>(
        &'f self,
        tenant: TenantId,
        expected: TenantVersion,
        events: &'f [TenantEvent],
    ) -> Boxed<'f, Result<TenantVersion, AppendError>> {
        Box::pin(TenantStore::append(self, tenant, expected, events))
    }
}
