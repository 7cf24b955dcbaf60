//! Stores in memory: for tests, and for what may be lost with the process.

use core::num::NonZeroU32;
use core::ops::Bound;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use skeleton_invocation_context::TenantId;

use crate::in_tenant::InTenant;
use crate::recorded::Recorded;
use crate::store::AppendError;
use crate::store::Head;
use crate::store::StoreError;
use crate::store::TenantStore;
use crate::store::TreeStore;
use crate::tenant::EntryPoint;
use crate::tenant::TenantEvent;
use crate::tenant::TenantVersion;
use crate::tree::TreeEvent;
use crate::tree::TreeVersion;

/// How many heads are told at once.
const HEADS: usize = 1_024;

/// Streams of `E`, one per tenant.
#[derive(Debug)]
struct Streams<E>(BTreeMap<TenantId, Vec<E>>);

impl<E: Clone> Streams<E> {
    fn append(
        &mut self,
        tenant: TenantId,
        expected: u64,
        events: &[E],
    ) -> Result<u64, AppendError> {
        let actual = self.0.get(&tenant).map_or(0, |stream| length(stream));
        if actual != expected {
            return Err(AppendError::Stale { actual });
        }
        if events.is_empty() {
            return Ok(actual);
        }
        let stream = self.0.entry(tenant).or_default();
        stream.extend_from_slice(events);
        Ok(length(stream))
    }

    fn read(&self, tenant: TenantId, after: u64, max: NonZeroU32) -> Vec<E> {
        let stream = self.0.get(&tenant).map_or(&[][..], |stream| stream);
        let skip = usize::try_from(after).unwrap_or(usize::MAX);
        let rest = stream.get(skip..).unwrap_or_default();
        let take = usize::try_from(max.get()).unwrap_or(usize::MAX);
        rest.get(..take).unwrap_or(rest).to_vec()
    }

    fn heads(&self, after: Option<TenantId>) -> Vec<Head> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let streams = self.0.range((from, Bound::Unbounded)).take(HEADS);
        streams
            .map(|(tenant, stream)| Head::new(*tenant, length(stream)))
            .collect()
    }
}

impl<E> Default for Streams<E> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

fn length<E>(stream: &[E]) -> u64 {
    u64::try_from(stream.len()).unwrap_or(u64::MAX)
}

/// Nothing that runs under these locks panics, so nothing is ever half-done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Trees in memory. Clones share the streams.
#[derive(Clone, Debug, Default)]
pub struct MemoryTrees(Arc<Mutex<Streams<Recorded<TreeEvent>>>>);

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
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        let version = lock(&self.0).append(t.tenant(), expected.get(), events)?;
        Ok(TreeVersion::new(version))
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        Ok(lock(&self.0).read(t.tenant(), after.get(), max))
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        Ok(lock(&self.0).heads(after))
    }
}

/// Tenants in memory. Clones share the streams.
#[derive(Clone, Debug, Default)]
pub struct MemoryTenants(Arc<Mutex<House>>);

#[derive(Debug, Default)]
struct House {
    streams: Streams<Recorded<TenantEvent>>,
    /// Every entry point that was ever given, and to whom.
    given: HashMap<EntryPoint, TenantId>,
}

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
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        let mut house = lock(&self.0);
        let House { streams, given } = &mut *house;
        let asked = || {
            events
                .iter()
                .filter_map(|recorded| recorded.event().entry_point())
        };
        if asked().any(|entry| given.get(entry).is_some_and(|owner| *owner != t.tenant())) {
            return Err(AppendError::Taken);
        }
        let version = streams.append(t.tenant(), expected.get(), events)?;
        given.extend(asked().map(|entry| (entry.clone(), t.tenant())));
        Ok(TenantVersion::new(version))
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        Ok(lock(&self.0).streams.read(t.tenant(), after.get(), max))
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        Ok(lock(&self.0).streams.heads(after))
    }
}
