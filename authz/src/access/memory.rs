//! Rules in memory: for tests, and for what may be lost with the process.

use core::num::NonZeroU32;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;

use super::AccessEvent;
use super::AccessLog;
use super::AccessStream;
use super::AccessVersion;

/// The streams of all tenants.
type Streams = HashMap<(TenantId, AccessStream), Vec<Recorded<AccessEvent>>>;

/// The streams of all tenants in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryAccessLog(Arc<Mutex<Streams>>);

fn length(streams: &Streams, place: (TenantId, AccessStream)) -> u64 {
    let held = streams.get(&place).map_or(0, Vec::len);
    u64::try_from(held).unwrap_or(u64::MAX)
}

impl MemoryAccessLog {
    /// No rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl AccessLog for MemoryAccessLog {
    async fn append(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        expected: AccessVersion,
        events: &[Recorded<AccessEvent>],
    ) -> Result<u64, AppendError> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for each in AccessStream::ALL {
            let actual = length(&streams, (t.tenant(), each));
            if actual != expected.of(each) {
                return Err(AppendError::Stale { actual });
            }
        }
        let place = (t.tenant(), stream);
        streams.entry(place).or_default().extend_from_slice(events);
        Ok(length(&streams, place))
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        after: u64,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<AccessEvent>>, StoreError> {
        let streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stream = streams
            .get(&(t.tenant(), stream))
            .map_or(&[][..], |stream| stream);
        let skip = usize::try_from(after).unwrap_or(usize::MAX);
        let take = usize::try_from(max.get()).unwrap_or(usize::MAX);
        let rest = stream.get(skip..).unwrap_or_default();
        Ok(rest.get(..take).unwrap_or(rest).to_vec())
    }
}
