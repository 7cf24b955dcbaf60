//! Stores in memory: for tests, and for what may be lost with the process.

use core::num::NonZeroU32;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use skeleton_invocation_context::TenantId;

use crate::in_tenant::InTenant;
use crate::store::AppendError;
use crate::store::StoreError;
use crate::store::TenantStore;
use crate::store::TreeStore;
use crate::tenant::TenantEvent;
use crate::tenant::TenantVersion;
use crate::tree::Recorded;
use crate::tree::TreeVersion;

/// Streams of `E`, one per tenant.
#[derive(Debug)]
struct Streams<E>(Arc<Mutex<HashMap<TenantId, Vec<E>>>>);

impl<E: Clone> Streams<E> {
    fn append(&self, tenant: TenantId, expected: u64, events: &[E]) -> Result<u64, AppendError> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = streams.entry(tenant).or_default();
        let actual = length(stream);
        if actual != expected {
            return Err(AppendError::Stale { actual });
        }
        stream.extend_from_slice(events);
        Ok(length(stream))
    }

    fn read(&self, tenant: TenantId, after: u64, max: u32) -> Vec<E> {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let skip = usize::try_from(after).unwrap_or(usize::MAX);
        let take = usize::try_from(max).unwrap_or(usize::MAX);
        streams
            .get(&tenant)
            .into_iter()
            .flatten()
            .skip(skip)
            .take(take)
            .cloned()
            .collect()
    }
}

fn length<E>(stream: &[E]) -> u64 {
    u64::try_from(stream.len()).unwrap_or(u64::MAX)
}

impl<E> Clone for Streams<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> Default for Streams<E> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// Trees in memory. Clones share the streams.
#[derive(Clone, Debug, Default)]
pub struct MemoryTrees(Streams<Recorded>);

impl MemoryTrees {
    /// No trees.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl TreeStore for MemoryTrees {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded],
    ) -> Result<TreeVersion, AppendError> {
        self.0
            .append(t.tenant(), expected.get(), events)
            .map(TreeVersion::new)
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded>, StoreError> {
        Ok(self.0.read(t.tenant(), after.get(), max.get()))
    }
}

/// Tenants in memory. Clones share the streams.
#[derive(Clone, Debug, Default)]
pub struct MemoryTenants(Streams<TenantEvent>);

impl MemoryTenants {
    /// No tenants.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl TenantStore for MemoryTenants {
    async fn append(
        &self,
        tenant: TenantId,
        expected: TenantVersion,
        events: &[TenantEvent],
    ) -> Result<TenantVersion, AppendError> {
        self.0
            .append(tenant, expected.get(), events)
            .map(TenantVersion::new)
    }

    async fn read_all(&self) -> Result<Vec<(TenantId, TenantEvent)>, StoreError> {
        let streams = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let each = |(id, events): (&TenantId, &Vec<TenantEvent>)| {
            events
                .iter()
                .map(|event| (*id, event.clone()))
                .collect::<Vec<_>>()
        };
        Ok(streams.iter().flat_map(each).collect())
    }
}
