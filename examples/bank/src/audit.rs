//! The audit: one entry per invocation, the refused ones included, and one per value that was revealed.

use serde::Deserialize;
use serde::Serialize;
use skeleton_authz::DecisionRecord;
use skeleton_authz::GrantId;
use skeleton_authz::Versions;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Timestamp;
use skeleton_pii_crypto::Disclosed;
use skeleton_pii_crypto::DisclosureOutcome;

/// What the audit holds. Ids and codes only: no payload, no address, no name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
pub enum AuditEntry {
    /// Somebody asked for something.
    Invocation(InvocationEntry),
    /// Somebody saw personal data, or that it is forgotten.
    Disclosure(DisclosureEntry),
}

/// Who asked for what, where, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InvocationEntry {
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
    /// The grant that sufficed, if it was allowed.
    pub grant: Option<GrantId>,
    /// Whether it continues a decision that was made earlier.
    pub is_resumed: bool,
    /// The rules under which it was decided.
    pub versions: Versions,
}

/// How an invocation ended, as far as its door knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub enum AuditResult {
    /// A command entered the log: its outcome is there.
    Accepted,
    /// A processor ended a command of the log: it was done.
    Done,
    /// A processor ended a command of the log: the domain decided against it.
    Rejected {
        /// The machine's word.
        code: String,
    },
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

/// Who saw which value of which person, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DisclosureEntry {
    /// When, in milliseconds since 1970.
    pub at_millis: u64,
    /// In which invocation.
    pub invocation_id: String,
    /// Who answers for it.
    pub actor: String,
    /// The person.
    pub subject: String,
    /// Which value: the record that holds it and its tag there.
    pub record: String,
    /// See `record`.
    pub tag: String,
    /// The declared purpose.
    pub purpose: String,
    /// Whether the person was forgotten: then nothing was seen.
    pub is_forgotten: bool,
}

impl From<&Disclosed> for DisclosureEntry {
    fn from(disclosed: &Disclosed) -> Self {
        Self {
            at_millis: disclosed.at_millis,
            invocation_id: disclosed.invocation.clone(),
            actor: disclosed.actor.clone(),
            subject: disclosed.subject.to_string(),
            record: disclosed.record.to_string(),
            tag: disclosed.tag.to_string(),
            purpose: disclosed.purpose.as_str().to_owned(),
            is_forgotten: disclosed.outcome == DisclosureOutcome::Forgotten,
        }
    }
}

impl From<&DecisionRecord> for Decided {
    fn from(record: &DecisionRecord) -> Self {
        Self {
            permission: record.permission().to_string(),
            scope: record.scope(),
            verdict: record.verdict().to_owned(),
            grant: record.grant(),
            is_resumed: record.is_resumed(),
            versions: record.versions(),
        }
    }
}

impl InvocationEntry {
    /// The entry of an invocation that was asked for at `at` and ended with `result`.
    #[must_use]
    pub fn of(
        ctx: &InvocationContext,
        operation: Option<&str>,
        decided: Option<&DecisionRecord>,
        at: Timestamp,
        result: AuditResult,
    ) -> Self {
        let actor = match ctx.access() {
            Access::Authenticated(known) => Some(known.actor().clone()),
            Access::Unauthenticated(_) => None,
        };
        Self {
            at,
            invocation_id: ctx.trace().current(),
            external_id: ctx.trace().external().invocation(),
            operation: operation.map(str::to_owned),
            effective: actor.as_ref().map(|actor| actor.effective_account().id()),
            accountable: actor.as_ref().map(|actor| actor.accountable_account().id()),
            decision: decided.map(Decided::from),
            result,
        }
    }
}

impl AuditEntry {
    /// The container in which it was decided, if it was in one.
    #[must_use]
    pub fn scope(&self) -> Option<ContainerId> {
        match self {
            Self::Invocation(entry) => entry.decision.as_ref()?.scope,
            Self::Disclosure(_) => None,
        }
    }

    /// Whose own it is: whoever asked may see that she did.
    #[must_use]
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Invocation(entry) => entry.effective,
            Self::Disclosure(_) => None,
        }
    }

    /// Whether it is about an invocation that the platform refused.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Invocation(entry) if entry.result.is_refused())
    }
}

impl AuditResult {
    /// Whether the platform refused it.
    #[must_use]
    pub const fn is_refused(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}
