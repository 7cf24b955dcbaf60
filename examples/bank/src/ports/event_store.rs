//! The log of a tenant: one transaction takes events, claim, outcome, checkpoint and audit entry together.

use core::future::Future;

use serde_json::Value;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::IdempotencyKey;
use skeleton_tenancy_tree::InTenant;

use super::envelope::Envelope;
use super::envelope::NewEvent;
use super::envelope::StreamId;
use crate::audit::AuditEntry;
use crate::outcome::Outcome;

/// Which version a stream must have for an append to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// Whatever it has.
    #[default]
    Any,
    /// This many events so far; 0 for a stream that does not exist.
    At(u64),
}

/// How far a consumer has come. Moves only if it stands where the consumer believes.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Whose.
    pub consumer: &'static str,
    /// The position it is believed to have.
    pub from: u64,
    /// The position it gets.
    pub to: u64,
}

/// An append under way: what one transaction will hold.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The stream that grows.
    pub to: StreamId,
    /// The version it must have.
    pub expect: Expect,
    /// The streams that what is appended rests on, with the versions they must have.
    pub rests_on: Vec<(StreamId, u64)>,
    /// What is appended to it.
    pub events: Vec<NewEvent>,
    /// The claim of the invocation that begins with this append.
    pub claim: Option<Ask>,
    /// The outcome of the invocation that ends with this append.
    pub completes: Option<(IdempotencyKey, Completion)>,
    /// The claim and the answer of the invocation that is nothing but this append.
    pub finishes: Option<(Ask, Answer)>,
    /// The consumer that thereby has seen an event.
    pub seen: Option<Checkpoint>,
    /// The audit entry of the invocation.
    pub audit: Option<AuditEntry>,
}

impl Unit {
    /// An append of nothing yet, to `to`.
    #[must_use]
    pub const fn to(to: StreamId, expect: Expect) -> Self {
        Self {
            to,
            expect,
            rests_on: Vec::new(),
            events: Vec::new(),
            claim: None,
            completes: None,
            finishes: None,
            seen: None,
            audit: None,
        }
    }

    /// The same append with these events.
    #[must_use]
    pub fn with_events(self, events: Vec<NewEvent>) -> Self {
        Self { events, ..self }
    }

    /// The same append, which happens only if these streams have these versions, whether they grow by it or not.
    #[must_use]
    pub fn resting_on(self, rests_on: Vec<(StreamId, u64)>) -> Self {
        Self { rests_on, ..self }
    }
}

/// How an invocation ends.
#[derive(Clone, Debug)]
pub enum Completion {
    /// With this outcome: its answer names the position that the append gives it.
    Outcome(Outcome),
    /// With an answer that is there already.
    Answer(Answer),
}

/// What an append did.
#[derive(Clone, Debug)]
pub struct Appended {
    /// The position of the last event of the log now.
    pub position: u64,
    /// The answer recorded for the invocation that this append completes.
    pub answer: Option<Answer>,
}

/// Why an append did nothing.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The stream has another version, or one that the append rests on.
    #[error("a stream is at version {actual}")]
    Conflict {
        /// The version it has.
        actual: u64,
    },
    /// The invocation was claimed before.
    #[error("the invocation was claimed before")]
    Duplicate(Claim),
    /// The consumer's checkpoint stands elsewhere, or its invocation is completed: somebody else was faster.
    #[error("another consumer was faster")]
    Fenced,
    /// The store cannot be had.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store cannot be had, or holds what it must not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The tenant has no log here.
    #[error("no log of this tenant is open")]
    NoSuchTenant,
    /// The writer of the log has ended.
    #[error("the log is closed")]
    Closed,
    /// The database failed.
    #[error("the database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored event cannot be read.
    #[error("a stored event cannot be read")]
    Corrupt(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// A failure of the database.
    pub fn database(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Database(source.into())
    }
}

/// A change of one row of a view: a statement of the projection and its values.
#[derive(Clone, Debug, PartialEq)]
pub struct RowChange {
    /// The statement. It names its parameters `?1`, `?2`, …
    pub sql: &'static str,
    /// Text, or whole numbers.
    pub binds: Vec<Value>,
}

/// The log of every tenant.
pub trait EventStore: Clone + Send + Sync + 'static {
    /// Appends all of `unit`, or nothing of it.
    fn append(
        &self,
        t: InTenant<'_>,
        unit: Unit,
    ) -> impl Future<Output = Result<Appended, AppendError>> + Send;

    /// At most `limit` events of a stream after a version, in order.
    fn stream(
        &self,
        t: InTenant<'_>,
        stream: &StreamId,
        after: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Envelope>, StoreError>> + Send;

    /// At most `limit` events of the tenant's log after a position, in order.
    fn log(
        &self,
        t: InTenant<'_>,
        after: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Envelope>, StoreError>> + Send;

    /// How far a consumer has come; 0 at first.
    fn checkpoint(
        &self,
        t: InTenant<'_>,
        consumer: &'static str,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Commits changes of views together with the checkpoint of their projection.
    fn project(
        &self,
        t: InTenant<'_>,
        seen: Checkpoint,
        rows: Vec<RowChange>,
    ) -> impl Future<Output = Result<(), AppendError>> + Send;

    /// Records an invocation that appended nothing.
    fn audit(
        &self,
        t: InTenant<'_>,
        entry: AuditEntry,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
