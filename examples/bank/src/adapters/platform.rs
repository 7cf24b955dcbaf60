//! The append-only ports of the other rooms on the bank's log: one log holds tenants, trees and grants.

mod access;
mod tenants;
mod trees;

pub use access::AccessStream;
pub use tenants::TenantStream;
pub use trees::TreeStream;

use serde::Serialize;
use serde::de::DeserializeOwned;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Origin;

use crate::domain;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::NewEvent;
use crate::ports::event_store::StoreError;

/// An event of another room in the bank's envelope.
fn wrap(
    t: InTenant<'_>,
    ids: &dyn IdGenerator,
    at: Timestamp,
    event: &impl Serialize,
) -> Result<NewEvent, StoreError> {
    let (kind, data) = domain::to_parts(event).map_err(StoreError::database)?;
    let context = match t.origin() {
        Origin::Invocation(origin) => Some(origin.event_context()),
        _ => None,
    };
    Ok(NewEvent {
        id: EventId::generate(ids, at),
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

/// An event of another room out of the bank's envelope.
fn unwrap<T: DeserializeOwned>(envelope: &Envelope) -> Result<T, StoreError> {
    domain::from_parts(envelope.kind(), &envelope.event.data)
        .map_err(|error| StoreError::Corrupt(error.into()))
}
