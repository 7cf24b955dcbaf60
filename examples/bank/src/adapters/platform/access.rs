//! Grants: one stream per tenant.

use core::num::NonZeroU32;
use std::sync::Arc;

use skeleton_authz::AccessLog;
use skeleton_authz::GrantsVersion;
use skeleton_authz::Recorded;
use skeleton_invocation_context::IdGenerator;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::StoreError;

use super::RoomStream;
use crate::adapters::sqlite::SqliteLog;

/// The grants of every tenant on the bank's log.
#[derive(Clone, Debug)]
pub struct AccessStream(RoomStream);

impl AccessStream {
    /// The streams `access/{tenant}` of `log`.
    #[must_use]
    pub const fn new(log: SqliteLog, ids: Arc<dyn IdGenerator>) -> Self {
        Self(RoomStream {
            log,
            ids,
            kind: "access",
        })
    }
}

impl AccessLog for AccessStream {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: GrantsVersion,
        events: &[Recorded],
    ) -> Result<GrantsVersion, AppendError> {
        let events = events
            .iter()
            .map(|recorded| (recorded.event(), recorded.at(), Cause::of(t)));
        self.0
            .append(t, expected.get(), events.collect())
            .await
            .map(GrantsVersion::new)
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: GrantsVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let events = self.0.read(t, after.get(), max.get()).await?;
        Ok(events
            .into_iter()
            .map(|(event, at, _)| Recorded::new(event, at))
            .collect())
    }
}
