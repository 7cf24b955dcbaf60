//! Finds where a resource belongs by reading its stream: an account is found as soon as it is open.

use skeleton_authz::Locator;
use skeleton_authz::Placement;
use skeleton_authz::ResourceRef;
use skeleton_authz::Unavailable;
use skeleton_tenancy_tree::InTenant;

use crate::adapters::sqlite::SqliteLog;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::EventStore;

/// The locator of the bank: the kind of a resource is the kind of its stream, and the container of its first event is
/// where it belongs.
#[derive(Clone, Debug)]
pub struct StreamLocator(SqliteLog);

impl StreamLocator {
    /// Reads the streams of `log`.
    #[must_use]
    pub const fn new(log: SqliteLog) -> Self {
        Self(log)
    }
}

impl Locator for StreamLocator {
    async fn locate(
        &self,
        t: InTenant<'_>,
        resource: &ResourceRef<'_>,
    ) -> Result<Option<Placement>, Unavailable> {
        let stream = StreamId::of(resource.kind(), resource.id());
        let events = self
            .0
            .stream(t, &stream, 0, 1)
            .await
            .map_err(Unavailable::new)?;
        let container = events.first().and_then(|first| first.event.container);
        Ok(container.map(Placement::new))
    }
}
