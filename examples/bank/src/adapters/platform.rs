//! The append-only ports of the other rooms on the bank's log: one log holds tenants, trees and grants.

mod access;
mod tenants;
mod trees;

pub use access::AccessStream;
pub use tenants::TenantStream;
pub use trees::TreeStream;

use core::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Origin;
use skeleton_tenancy_tree::StoreError;

use super::sqlite::SqliteLog;
use crate::domain;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::NewEvent;
use crate::ports::envelope::StreamId;
use crate::ports::event_store;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;

/// The streams of one room, one per tenant.
#[derive(Clone)]
struct RoomStream {
    log: SqliteLog,
    ids: Arc<dyn IdGenerator>,
    kind: &'static str,
}

impl fmt::Debug for RoomStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomStream")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl RoomStream {
    fn of(&self, t: InTenant<'_>) -> StreamId {
        StreamId::of(self.kind, t.tenant())
    }

    /// Appends events of another room in the bank's envelope; the version after them.
    async fn append<E: Serialize>(
        &self,
        t: InTenant<'_>,
        expected: u64,
        events: Vec<(&E, Timestamp)>,
    ) -> Result<u64, AppendError> {
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        let wrap = |(event, at)| self.wrap(t, at, event);
        let events = events.into_iter().map(wrap).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(StoreError::unavailable)?;
        let unit = Unit::to(self.of(t), Expect::At(expected)).with_events(events);
        match self.log.append(t, unit).await {
            Ok(_) => Ok(expected.saturating_add(count)),
            Err(event_store::AppendError::Conflict { actual }) => {
                Err(AppendError::Stale { actual })
            }
            Err(other) => Err(StoreError::unavailable(other).into()),
        }
    }

    /// At most `max` events of another room after a version, each with its instant.
    async fn read<E: DeserializeOwned>(
        &self,
        t: InTenant<'_>,
        after: u64,
        max: u32,
    ) -> Result<Vec<(E, Timestamp)>, StoreError> {
        let envelopes = self.log.stream(t, &self.of(t), after, max).await;
        let envelopes = envelopes.map_err(StoreError::unavailable)?;
        let unwrap = |envelope: &Envelope| {
            let event = domain::from_parts(envelope.kind(), &envelope.event.data);
            event.map(|event| (event, envelope.event.at))
        };
        let events = envelopes.iter().map(unwrap).collect::<Result<_, _>>();
        events.map_err(StoreError::unavailable)
    }

    fn wrap(
        &self,
        t: InTenant<'_>,
        at: Timestamp,
        event: &impl Serialize,
    ) -> Result<NewEvent, serde_json::Error> {
        let (kind, data) = domain::to_parts(event)?;
        let context = match t.origin() {
            Origin::Invocation(origin) => Some(origin.event_context()),
            _ => None,
        };
        Ok(NewEvent {
            id: EventId::generate(&*self.ids, at),
            kind,
            schema: 1,
            tenant: t.tenant(),
            container: None,
            at,
            key: None,
            decision: None,
            context,
            data,
        })
    }
}
