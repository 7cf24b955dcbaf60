//! The append-only ports of the other rooms on the bank's log: one log holds tenants, trees and grants.

mod access;
mod tenants;
mod trees;

pub use access::AccessStreams;
pub use tenants::TenantStream;
pub use trees::TreeStream;

use core::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;

use super::sqlite::SqliteLog;
use crate::domain;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::NewEvent;
use crate::ports::envelope::StreamId;
use crate::ports::event_store;
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

    /// Appends events of another room in the bank's envelope; the version after them. The first event of a tenant
    /// makes its file.
    async fn append<E: Serialize>(
        &self,
        t: InTenant<'_>,
        expected: u64,
        events: Vec<(&E, Timestamp, Cause)>,
    ) -> Result<u64, AppendError> {
        self.append_resting_on(t, expected, events, Vec::new())
            .await
    }

    /// The same, only if these other streams have these versions.
    async fn append_resting_on<E: Serialize>(
        &self,
        t: InTenant<'_>,
        expected: u64,
        events: Vec<(&E, Timestamp, Cause)>,
        rests_on: Vec<(StreamId, u64)>,
    ) -> Result<u64, AppendError> {
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        let wrap = |(event, at, cause)| self.wrap(t, at, cause, event);
        let events = events.into_iter().map(wrap).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(StoreError::unavailable)?;
        let log = self.log.open(t.tenant()).await;
        let log = log.map_err(StoreError::unavailable)?;
        let unit = Unit::to(self.of(t), Expect::At(expected)).with_events(events);
        let unit = unit.resting_on(rests_on);
        match log.append(unit).await {
            Ok(_) => Ok(expected.saturating_add(count)),
            Err(event_store::AppendError::Conflict { actual }) => {
                Err(AppendError::Stale { actual })
            }
            Err(other) => Err(StoreError::unavailable(other).into()),
        }
    }

    /// At most `max` events of another room after a version, each with its instant and its cause. A tenant without a
    /// file has none.
    async fn read<E: DeserializeOwned>(
        &self,
        t: InTenant<'_>,
        after: u64,
        max: u32,
    ) -> Result<Vec<(E, Timestamp, Cause)>, StoreError> {
        let log = self.log.existing(t.tenant()).await;
        let Some(log) = log.map_err(StoreError::unavailable)? else {
            return Ok(Vec::new());
        };
        let envelopes = log.stream(&self.of(t), after, max).await;
        let envelopes = envelopes.map_err(StoreError::unavailable)?;
        let events = envelopes.into_iter().map(unwrap).collect::<Result<_, _>>();
        events.map_err(StoreError::unavailable)
    }

    /// The lengths of the streams of this kind that have events, in the order of their tenants.
    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        let tenants = self.log.open_all().await;
        let tenants = tenants.map_err(StoreError::unavailable)?;
        let later = tenants.into_iter().filter(|tenant| Some(*tenant) > after);
        let mut heads = Vec::new();
        for tenant in later {
            let t = InTenant::background(tenant, "heads");
            let log = self.log.tenant(tenant).map_err(StoreError::unavailable)?;
            let version = log.version(&self.of(t)).await;
            let version = version.map_err(StoreError::unavailable)?;
            heads.extend((version > 0).then(|| Head::new(tenant, version)));
        }
        Ok(heads)
    }

    fn wrap(
        &self,
        t: InTenant<'_>,
        at: Timestamp,
        cause: Cause,
        event: &impl Serialize,
    ) -> Result<NewEvent, serde_json::Error> {
        let (kind, data) = domain::to_parts(event)?;
        let (context, reason) = match cause {
            Cause::Invocation(context) => (Some(*context), None),
            Cause::Background(reason) => (None, Some(reason.into())),
            // A cause that this build does not know is not made by it.
            _ => (None, None),
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
            reason,
            data,
        })
    }
}

/// What of recorded events goes into an envelope.
fn parts<E>(events: &[Recorded<E>]) -> Vec<(&E, Timestamp, Cause)> {
    let each = events.iter();
    each.map(|recorded| (recorded.event(), recorded.at(), recorded.cause().clone()))
        .collect()
}

fn unwrap<E: DeserializeOwned>(
    envelope: Envelope,
) -> Result<(E, Timestamp, Cause), serde_json::Error> {
    let event = domain::from_parts(envelope.kind(), &envelope.event.data)?;
    let NewEvent {
        at,
        context,
        reason,
        ..
    } = envelope.event;
    let cause = match context {
        Some(context) => Cause::Invocation(Box::new(context)),
        None => Cause::Background(reason.unwrap_or_default().into()),
    };
    Ok((event, at, cause))
}
