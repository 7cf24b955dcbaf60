//! Finds where a resource belongs by reading its stream: an account is found as soon as it is open.

use skeleton_authz::AccessViews;
use skeleton_authz::Locator;
use skeleton_authz::Placement;
use skeleton_authz::ResourceRef;
use skeleton_authz::Unavailable;
use skeleton_tenancy_tree::InTenant;

use crate::adapters::sqlite::SqliteLog;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::EventStore;

/// The kind of the resource that a grant is.
const GRANT: &str = "grant";

/// The locator of the bank: the kind of a resource is the kind of its stream, and the container of its first event is
/// where it belongs. Grants alone have no stream of their own: where one stands the tenant's rules say.
#[derive(Clone, Debug)]
pub struct StreamLocator {
    log: SqliteLog,
    access: AccessViews,
}

impl StreamLocator {
    /// Reads the streams of `log`, and the rules of `access`.
    #[must_use]
    pub const fn new(log: SqliteLog, access: AccessViews) -> Self {
        Self { log, access }
    }
}

impl Locator for StreamLocator {
    async fn locate(
        &self,
        t: InTenant<'_>,
        resource: &ResourceRef<'_>,
    ) -> Result<Option<Placement>, Unavailable> {
        if resource.kind() == GRANT {
            let view = self.access.load(t).await.map_err(Unavailable::new)?;
            let grant = resource.id().parse().ok().and_then(|id| view.grant(id));
            return Ok(grant.map(|grant| Placement::new(grant.at())));
        }
        let stream = StreamId::of(resource.kind(), resource.id());
        let events = self
            .log
            .stream(t, &stream, 0, 1)
            .await
            .map_err(Unavailable::new)?;
        let container = events.first().and_then(|first| first.event.container);
        Ok(container.map(Placement::new))
    }
}
