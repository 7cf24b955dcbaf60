//! A store and what must live as long.

use core::num::NonZeroU32;

use skeleton_invocation_context::TenantId;

use crate::in_tenant::InTenant;
use crate::recorded::Recorded;
use crate::store::AppendError;
use crate::store::Head;
use crate::store::StoreError;
use crate::store::TenantStore;
use crate::store::TreeStore;
use crate::tenant::TenantEvent;
use crate::tenant::TenantVersion;
use crate::tree::TreeEvent;
use crate::tree::TreeVersion;

/// A store under test together with what must live as long as it: its folder, its server. That is dropped after it.
#[derive(Debug)]
pub struct Kept<S, G> {
    store: S,
    _guard: G,
}

impl<S, G> Kept<S, G> {
    /// Keeps `guard` as long as the store.
    pub const fn new(store: S, guard: G) -> Self {
        Self {
            store,
            _guard: guard,
        }
    }
}

impl<S: TreeStore, G: Send + Sync + 'static> TreeStore for Kept<S, G> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        self.store.append(t, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        self.store.read(t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.store.heads(after).await
    }
}

impl<S: TenantStore, G: Send + Sync + 'static> TenantStore for Kept<S, G> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        self.store.append(t, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        self.store.read(t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.store.heads(after).await
    }
}
