//! The tenants themselves: each is the first stream of its own file.

use core::num::NonZeroU32;
use std::collections::HashMap;
use std::sync::Arc;

use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use tokio::sync::Mutex;

use super::RoomStream;
use super::parts;
use crate::adapters::sqlite::SqliteLog;

/// Why the platform acts: nobody asks it for the list of tenants.
const REASON: &str = "tenants";

/// The tenants on the bank's logs. The first event of a tenant makes its file.
///
/// No transaction spans two files, so that an entry point is nobody else's is kept here, by the one process that has
/// the files.
#[derive(Clone, Debug)]
pub struct TenantStream {
    streams: RoomStream,
    /// Every entry point that was ever given, or may have been, and to whom; read from the files when first needed.
    given: Arc<Mutex<Option<HashMap<EntryPoint, TenantId>>>>,
}

impl TenantStream {
    /// The streams `tenant/{tenant}` of `log`.
    #[must_use]
    pub fn new(log: SqliteLog, ids: Arc<dyn IdGenerator>) -> Self {
        Self {
            streams: RoomStream {
                log,
                ids,
                kind: "tenant",
            },
            given: Arc::default(),
        }
    }

    async fn read_given(&self) -> Result<HashMap<EntryPoint, TenantId>, StoreError> {
        let mut given = HashMap::new();
        for head in self.streams.heads(None).await? {
            let t = InTenant::background(head.tenant(), REASON);
            let events = self.streams.read::<TenantEvent>(t, 0, u32::MAX).await?;
            let entries = events.iter().filter_map(|(event, ..)| event.entry_point());
            given.extend(entries.map(|entry| (entry.clone(), head.tenant())));
        }
        Ok(given)
    }
}

impl TenantStore for TenantStream {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        let mut given = self.given.lock().await;
        if given.is_none() {
            *given = Some(self.read_given().await?);
        }
        let known = given.get_or_insert_default();
        let asked = || {
            events
                .iter()
                .filter_map(|recorded| recorded.event().entry_point())
        };
        if asked().any(|entry| known.get(entry).is_some_and(|owner| *owner != t.tenant())) {
            return Err(AppendError::Taken);
        }
        // Claimed first: whatever becomes of this append, nobody else may be given what it may have given.
        let fresh: Vec<_> = asked()
            .filter(|entry| !known.contains_key(*entry))
            .cloned()
            .collect();
        known.extend(fresh.iter().map(|entry| (entry.clone(), t.tenant())));
        let appended = self.streams.append(t, expected.get(), parts(events)).await;
        if let Err(AppendError::Stale { .. }) = &appended {
            known.retain(|entry, _| !fresh.contains(entry));
        }
        appended.map(TenantVersion::new)
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        let events = self.streams.read(t, after.get(), max.get()).await?;
        Ok(events
            .into_iter()
            .map(|(event, at, cause)| Recorded::new(event, at, cause))
            .collect())
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.streams.heads(after).await
    }
}
