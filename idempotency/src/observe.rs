//! What an operator wants to count.

use core::time::Duration;

use skeleton_invocation_context::Operation;

use crate::ask::Mode;

/// Counts what happens. It is called in the middle of things: let it return at once.
///
/// Nothing that it is told is a secret or a personal datum: an operation, a mode, and how it went.
pub trait Observe: Send + Sync {
    /// Something happened to an invocation of `operation`.
    fn observe(&self, operation: &Operation, mode: Mode, signal: Signal);
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Signal {
    /// An attempt is over for its caller.
    Answered(AttemptResult),
    /// A duplicate waited for so long for somebody else.
    Waited(Duration),
    /// The handler ran for so long.
    Ran(Duration),
    /// An attempt was told that it holds its key no more. **Page on it**: a process slept longer than its lease, or the lease
    /// is too short.
    Fenced,
    /// Nobody knows whether an attempt had its effect: somebody must look.
    Unknown,
    /// An attempt that held its key was dropped before its end, as when its runtime shuts down: the lease runs out.
    DroppedGrant,
    /// The store did not answer a verb.
    StoreError(StoreVerb),
    /// So many bytes of an answer were recorded.
    AnswerBytes(usize),
    /// An answer was too large to record, or broke off: repetitions get it without its body.
    Tombstone,
    /// A repetition came so long after the invocation was named.
    RetryAge(Duration),
    /// The caller left before the end; the attempt goes on.
    Detached,
}

/// How an attempt ended for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttemptResult {
    /// It ran, and this is its own answer.
    First,
    /// It got the answer of the first one.
    Replayed,
    /// Another one is running.
    InProgress,
    /// The key was used for something else.
    Reused,
    /// Nobody knows what became of the first one.
    Unknown,
    /// The key was too old, or from the future.
    Expired,
    /// The store could not be had, or the process ends.
    Unavailable,
    /// It had no key, or a payload without a fingerprint.
    Malformed,
    /// The service is not put together as it must be.
    Misconfigured,
    /// Its handler panicked within its transaction.
    Panicked,
}

impl AttemptResult {
    /// Its name as the label of a metric.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Replayed => "replayed",
            Self::InProgress => "in-progress",
            Self::Reused => "reused",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Unavailable => "unavailable",
            Self::Malformed => "malformed",
            Self::Misconfigured => "misconfigured",
            Self::Panicked => "panicked",
        }
    }
}

/// What a store was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreVerb {
    /// For a claim.
    Claim,
    /// To extend one.
    Heartbeat,
    /// To end one.
    Complete,
    /// To take one back.
    Release,
    /// To settle a doubt.
    Reconcile,
}

/// Counts nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unobserved;

impl Observe for Unobserved {
    fn observe(&self, _: &Operation, _: Mode, _: Signal) {}
}
