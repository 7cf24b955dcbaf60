//! A refusal: what the caller is told, and what is noted.

use skeleton_invocation_context::InvocationId;

use crate::decision::DecisionRecord;
use crate::decision::Deny;
use crate::decision::DenyReason;

/// The views that a decision needs were never loaded, or cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the rules are unavailable")]
pub struct Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>);

impl Unavailable {
    /// Something cannot be had, for this reason.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(Some(source.into()))
    }

    pub(crate) const fn not_loaded() -> Self {
        Self(None)
    }
}

/// Why a proof was not given.
#[derive(Debug)]
pub struct Refusal(Box<Parts>);

#[derive(Debug)]
struct Parts {
    record: DecisionRecord,
    deny: Deny,
    is_seen: bool,
    instance: InvocationId,
}

/// What a caller may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefusalKind {
    /// Denied, and the caller may know that the scope exists.
    Denied,
    /// The scope is unknown, foreign or not to be seen: one answer.
    NotFound,
    /// A stronger or fresher proof alone would do.
    StepUp,
}

impl RefusalKind {
    /// What a caller may be told who sees the scope.
    pub(crate) const fn of(reason: &DenyReason) -> Self {
        match reason {
            DenyReason::StepUp { .. } => Self::StepUp,
            _ => Self::Denied,
        }
    }
}

impl Refusal {
    pub(crate) fn denied(
        record: DecisionRecord,
        deny: Deny,
        is_seen: bool,
        instance: InvocationId,
    ) -> Self {
        Self(Box::new(Parts {
            record,
            deny,
            is_seen,
            instance,
        }))
    }

    /// What the caller may be told.
    #[must_use]
    pub fn kind(&self) -> RefusalKind {
        if self.0.is_seen {
            RefusalKind::of(&self.0.deny.reason)
        } else {
            RefusalKind::NotFound
        }
    }

    /// The reason, and what would help.
    #[must_use]
    pub const fn deny(&self) -> &Deny {
        &self.0.deny
    }

    /// What is noted of the decision.
    #[must_use]
    pub const fn record(&self) -> &DecisionRecord {
        &self.0.record
    }

    #[cfg_attr(
        not(feature = "serde"),
        expect(dead_code, reason = "problems are JSON")
    )]
    pub(crate) const fn instance(&self) -> InvocationId {
        self.0.instance
    }
}

impl core::fmt::Display for Refusal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "refused: {}", self.0.deny.reason.code())
    }
}

impl std::error::Error for Refusal {}
