//! The tenants themselves: each is the first stream of its own file.

use core::fmt;
use std::sync::Arc;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;

use super::RoomStream;
use crate::adapters::sqlite::SqliteLog;

/// Why the platform acts: nobody asks it for the list of tenants.
const REASON: &str = "tenants";

/// The tenants on the bank's logs. The first event of a tenant makes its file.
#[derive(Clone)]
pub struct TenantStream {
    streams: RoomStream,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for TenantStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TenantStream").field(&self.streams).finish()
    }
}

impl TenantStream {
    /// The streams `tenant/{tenant}` of `log`.
    #[must_use]
    pub const fn new(log: SqliteLog, ids: Arc<dyn IdGenerator>, clock: Arc<dyn Clock>) -> Self {
        Self {
            streams: RoomStream {
                log,
                ids,
                kind: "tenant",
            },
            clock,
        }
    }
}

impl TenantStore for TenantStream {
    async fn append(
        &self,
        tenant: TenantId,
        expected: TenantVersion,
        events: &[TenantEvent],
    ) -> Result<TenantVersion, AppendError> {
        self.streams
            .log
            .open(tenant)
            .await
            .map_err(StoreError::unavailable)?;
        let t = InTenant::background(tenant, REASON);
        let at = self.clock.now();
        let events = events.iter().map(|event| (event, at)).collect();
        self.streams
            .append(t, expected.get(), events)
            .await
            .map(TenantVersion::new)
    }

    async fn read_all(&self) -> Result<Vec<(TenantId, TenantEvent)>, StoreError> {
        let mut all = Vec::new();
        for tenant in self
            .streams
            .log
            .open_all()
            .await
            .map_err(StoreError::unavailable)?
        {
            let t = InTenant::background(tenant, REASON);
            let events = self.streams.read(t, 0, u32::MAX).await?;
            all.extend(events.into_iter().map(|(event, _)| (tenant, event)));
        }
        Ok(all)
    }
}
