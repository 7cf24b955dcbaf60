//! The ports as trait objects.

use core::future::Future;
use core::num::NonZeroU32;
use core::pin::Pin;

use skeleton_invocation_context::TenantId;

use super::AppendError;
use super::Head;
use super::StoreError;
use super::TenantStore;
use super::TreeStore;
use crate::in_tenant::InTenant;
use crate::recorded::Recorded;
use crate::tenant::TenantEvent;
use crate::tenant::TenantVersion;
use crate::tree::TreeEvent;
use crate::tree::TreeVersion;

/// What a trait object answers with.
type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// A [`TreeStore`] of a type that nobody needs to name: behind a `Box` it is one again.
pub trait DynTreeStore: Send + Sync + 'static {
    /// As [`TreeStore::append`].
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        expected: TreeVersion,
        events: &'f [Recorded<TreeEvent>],
    ) -> Boxed<'f, Result<TreeVersion, AppendError>>;

    /// As [`TreeStore::read`].
    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded<TreeEvent>>, StoreError>>;

    /// As [`TreeStore::heads`].
    fn heads(&self, after: Option<TenantId>) -> Boxed<'_, Result<Vec<Head>, StoreError>>;
}

impl<S: TreeStore> DynTreeStore for S {
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        expected: TreeVersion,
        events: &'f [Recorded<TreeEvent>],
    ) -> Boxed<'f, Result<TreeVersion, AppendError>> {
        Box::pin(TreeStore::append(self, t, expected, events))
    }

    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded<TreeEvent>>, StoreError>> {
        Box::pin(TreeStore::read(self, t, after, max))
    }

    fn heads(&self, after: Option<TenantId>) -> Boxed<'_, Result<Vec<Head>, StoreError>> {
        Box::pin(TreeStore::heads(self, after))
    }
}

impl TreeStore for Box<dyn DynTreeStore> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        (**self).append(t, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        (**self).read(t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        (**self).heads(after).await
    }
}

/// A [`TenantStore`] of a type that nobody needs to name: behind a `Box` it is one again.
pub trait DynTenantStore: Send + Sync + 'static {
    /// As [`TenantStore::append`].
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        expected: TenantVersion,
        events: &'f [Recorded<TenantEvent>],
    ) -> Boxed<'f, Result<TenantVersion, AppendError>>;

    /// As [`TenantStore::read`].
    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded<TenantEvent>>, StoreError>>;

    /// As [`TenantStore::heads`].
    fn heads(&self, after: Option<TenantId>) -> Boxed<'_, Result<Vec<Head>, StoreError>>;
}

impl<S: TenantStore> DynTenantStore for S {
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        expected: TenantVersion,
        events: &'f [Recorded<TenantEvent>],
    ) -> Boxed<'f, Result<TenantVersion, AppendError>> {
        Box::pin(TenantStore::append(self, t, expected, events))
    }

    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded<TenantEvent>>, StoreError>> {
        Box::pin(TenantStore::read(self, t, after, max))
    }

    fn heads(&self, after: Option<TenantId>) -> Boxed<'_, Result<Vec<Head>, StoreError>> {
        Box::pin(TenantStore::heads(self, after))
    }
}

impl TenantStore for Box<dyn DynTenantStore> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        (**self).append(t, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        (**self).read(t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        (**self).heads(after).await
    }
}
