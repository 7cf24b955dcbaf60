//! Grants in memory: for tests, and for what may be lost with the process.

use core::num::NonZeroU32;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::StoreError;

use super::AccessLog;
use super::GrantsVersion;
use super::Recorded;

/// The streams of all tenants in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryAccessLog(Arc<Mutex<HashMap<TenantId, Vec<Recorded>>>>);

impl MemoryAccessLog {
    /// No grants.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl AccessLog for MemoryAccessLog {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: GrantsVersion,
        events: &[Recorded],
    ) -> Result<GrantsVersion, AppendError> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = streams.entry(t.tenant()).or_default();
        let actual = u64::try_from(stream.len()).unwrap_or(u64::MAX);
        if actual != expected.get() {
            return Err(AppendError::Stale { actual });
        }
        stream.extend_from_slice(events);
        Ok(GrantsVersion::new(
            u64::try_from(stream.len()).unwrap_or(u64::MAX),
        ))
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: GrantsVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let skip = usize::try_from(after.get()).unwrap_or(usize::MAX);
        let take = usize::try_from(max.get()).unwrap_or(usize::MAX);
        Ok(streams
            .get(&t.tenant())
            .into_iter()
            .flatten()
            .skip(skip)
            .take(take)
            .cloned()
            .collect())
    }
}
