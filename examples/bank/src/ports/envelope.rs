//! The envelope of an event: what stays the same whatever happened.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use skeleton_authz::CarriedDecision;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

/// The name of a stream: `kind/id`. The empty name, which is the default, is no stream: no store appends to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StreamId(String);

impl StreamId {
    /// The stream of one entity.
    #[must_use]
    pub fn of(kind: &str, id: impl core::fmt::Display) -> Self {
        Self(format!("{kind}/{id}"))
    }

    /// The entity's id: what stands behind the kind.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, id)| id)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for StreamId {
    fn from(name: String) -> Self {
        Self(name)
    }
}

/// An event as its maker knows it. The store adds stream, version and position.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NewEvent {
    /// Names the event.
    pub id: EventId,
    /// What happened, such as `account-opened`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The version of `data`'s shape.
    pub schema: u16,
    /// In whose log it is.
    pub tenant: TenantId,
    /// The container it belongs to, if it belongs to one.
    pub container: Option<ContainerId>,
    /// When it happened.
    pub at: Timestamp,
    /// The idempotency key of the invocation that caused it, if that has one.
    pub key: Option<String>,
    /// The decision under which it happened, if one was needed.
    pub decision: Option<CarriedDecision>,
    /// Who caused it; none for what nobody asked the platform to do.
    pub context: Option<EventContext>,
    /// Why the platform did it, if nobody asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What exactly happened. Personal data is sealed in here.
    pub data: Value,
}

/// An event as the log holds it.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// What its maker knew.
    pub event: NewEvent,
    /// The stream it is part of.
    pub stream: StreamId,
    /// Its place in the stream, from 1.
    pub version: u64,
    /// Its place in the tenant's log, from 1, without gaps.
    pub position: u64,
}

impl Envelope {
    /// What happened.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.event.kind
    }

    /// Reads `data` as `T`.
    ///
    /// # Errors
    ///
    /// What serde says if the data has another shape.
    pub fn data<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.event.data)
    }
}
