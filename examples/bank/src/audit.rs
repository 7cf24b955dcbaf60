//! The audit: one entry per invocation, the refused ones included.

use serde::Deserialize;
use serde::Serialize;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Timestamp;

/// Who did what, where, and how it ended. Ids and codes only: no payload, no address, no name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AuditEntry {
    /// When it was asked.
    pub at: Timestamp,
    /// This run.
    pub invocation_id: InvocationId,
    /// The invocation as its client names it.
    pub external_id: ExternalInvocationId,
    /// What was asked; none if the request named nothing that could be an operation.
    pub operation: Option<String>,
    /// Whose data it is about; none if nobody was known.
    pub effective: Option<AccountId>,
    /// Who answers for it; none if nobody was known.
    pub accountable: Option<AccountId>,
    /// What was decided; none if it did not come to a decision.
    pub decision: Option<Decided>,
    /// How it ended.
    pub result: AuditResult,
}

/// What an authorization decision was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Decided {
    /// What was needed.
    pub permission: String,
    /// Where; none if the scope is unknown.
    pub scope: Option<ContainerId>,
    /// `allow`, or why not.
    pub verdict: String,
}

/// How an invocation ended, as far as its door knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AuditResult {
    /// A command entered the log: its outcome is there.
    Accepted,
    /// It was answered.
    Answered {
        /// The status.
        status: u16,
    },
    /// It had been done before: the first answer was given again.
    Replayed {
        /// The status of the first answer.
        status: u16,
    },
    /// The platform refused it.
    Refused {
        /// The status.
        status: u16,
    },
}

impl AuditResult {
    /// Whether the platform refused it.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}
