//! A store that several parts of a program hold is a store.

use core::num::NonZeroU32;
use std::sync::Arc;

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

impl<S: TreeStore> TreeStore for Arc<S> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        TreeStore::append(&**self, t, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        TreeStore::read(&**self, t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        TreeStore::heads(&**self, after).await
    }
}

impl<S: TenantStore> TenantStore for Arc<S> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        TenantStore::append(&**self, t, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        TenantStore::read(&**self, t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        TenantStore::heads(&**self, after).await
    }
}
