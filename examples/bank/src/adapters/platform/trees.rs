//! Containers: one stream per tenant.

use core::num::NonZeroU32;
use std::sync::Arc;

use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use super::RoomStream;
use super::parts;
use crate::adapters::sqlite::SqliteLog;

/// The trees of every tenant on the bank's log.
#[derive(Clone, Debug)]
pub struct TreeStream(RoomStream);

impl TreeStream {
    /// The streams `tree/{tenant}` of `log`.
    #[must_use]
    pub const fn new(log: SqliteLog, ids: Arc<dyn IdGenerator>) -> Self {
        Self(RoomStream {
            log,
            ids,
            kind: "tree",
        })
    }
}

impl TreeStore for TreeStream {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        self.0
            .append(t, expected.get(), parts(events))
            .await
            .map(TreeVersion::new)
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        let events = self.0.read(t, after.get(), max.get()).await?;
        Ok(events
            .into_iter()
            .map(|(event, at, cause)| Recorded::new(event, at, cause))
            .collect())
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.0.heads(after).await
    }
}
