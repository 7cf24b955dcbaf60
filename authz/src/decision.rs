//! Decisions: what, why, and what would help.

use core::time::Duration;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use crate::access::GuardrailId;
use crate::catalogue::PolicyName;
use crate::grant::GrantId;

/// The versions of the rules under which a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[non_exhaustive]
pub struct Versions {
    /// Of the catalogue.
    pub catalogue: u32,
    /// Of the tenant's tree.
    pub tree: u64,
    /// Of the tenant's own roles and guardrails.
    pub roles: u64,
    /// Of the tenant's grants.
    pub grants: u64,
}

/// An answer with its reason. A new kind of answer is a breaking change, so whoever asks names each:
///
/// ```compile_fail
/// use skeleton_authz::Decision;
/// fn is_allowed(decision: &Decision) -> bool {
///     match decision {
///         Decision::Allow(_) => true,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever asks must answer each")]
pub enum Decision {
    /// Yes.
    Allow(Allow),
    /// No.
    Deny(Deny),
}

/// Why it is allowed: the nearest grant that suffices alone, then the one with the smallest id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allow {
    /// The grant.
    pub grant: GrantId,
    /// Its role.
    pub role: RoleName,
    /// The policy of the role that holds the permission.
    pub policy: PolicyName,
    /// Where the grant stands.
    pub at: ContainerId,
    /// How many levels the scope lies below that.
    pub distance: u8,
    /// Under which rules.
    pub versions: Versions,
}

/// Why it is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deny {
    /// The first reason that holds.
    pub reason: DenyReason,
    /// At most eight changes, each of which alone would allow it; the smallest role first.
    pub would_allow: Vec<Remedy>,
    /// Under which rules.
    pub versions: Versions,
}

/// Why it is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DenyReason {
    /// The tenant has no such container.
    UnknownScope,
    /// A guardrail at the scope, or above it, forbids it to everybody: the nearest one.
    Guardrail(GuardrailId),
    /// The scope, or one above it, is archived, and the permission is not marked as allowed there.
    Archived,
    /// No grant of the account reaches the scope.
    NoGrant {
        /// Where the nearest grant that holds the permission stands.
        nearest: Option<ContainerId>,
    },
    /// Grants reach the scope, and none of their roles holds the permission.
    RoleLacks {
        /// Those roles.
        held: Vec<RoleName>,
    },
    /// A grant would do, at another time.
    NotActive {
        /// Its first instant.
        from: Option<Timestamp>,
        /// The first instant after it.
        until: Option<Timestamp>,
    },
    /// A grant would do, and something narrows what the caller may make of it.
    Masked(Mask),
    /// The move would give its author more than she has, which takes `grant:assign-beyond` at what moves.
    WidensOwnPowers {
        /// What she would gain, by name.
        gains: Vec<&'static str>,
    },
    /// The proof of who calls is too weak or too old.
    StepUp {
        /// The weakest that will do.
        assurance: Option<Assurance>,
        /// The oldest that will do.
        max_age: Option<Duration>,
    },
}

/// What narrows an actor's powers beside its grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mask {
    /// Whoever impersonates reads, touches nothing sensitive, and only where it may impersonate.
    Impersonation,
    /// An API key or a personal access token holds what it lists, and nothing beyond.
    Credential,
    /// The snapshot was narrowed by its holder.
    Attenuation,
}

impl Mask {
    /// The machine's word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Impersonation => "impersonation",
            Self::Credential => "credential",
            Self::Attenuation => "attenuation",
        }
    }
}

impl DenyReason {
    /// The machine's word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownScope => "unknown-scope",
            Self::Guardrail(_) => "guardrail",
            Self::Archived => "archived",
            Self::NoGrant { .. } => "no-grant",
            Self::RoleLacks { .. } => "role-lacks",
            Self::NotActive { .. } => "not-active",
            Self::Masked(_) => "masked",
            Self::WidensOwnPowers { .. } => "widens-own-powers",
            Self::StepUp { .. } => "step-up",
        }
    }
}

/// A change that alone would allow it. Each was verified by deciding again with the change applied.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        tag = "type",
        rename_all = "kebab-case",
        rename_all_fields = "kebab-case"
    )
)]
#[non_exhaustive]
pub enum Remedy {
    /// Hold this role there.
    Role {
        /// The role.
        role: RoleName,
        /// Where.
        at: ContainerId,
    },
    /// Give a stronger or fresher proof.
    StepUp {
        /// The weakest that will do.
        assurance: Option<Assurance>,
        /// The oldest that will do, in seconds.
        max_age: Option<u64>,
    },
    /// Wait.
    Wait {
        /// Until then.
        from: Timestamp,
    },
    /// Come with a credential that is not narrowed.
    FullCredential,
}

/// What is noted of a decision: for the audit, and for whoever asks later.
///
/// Within one invocation all decisions are made on one snapshot, so invocation, permission and scope together name one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRecord {
    pub(crate) invocation: InvocationId,
    pub(crate) permission: &'static str,
    pub(crate) scope: Option<ContainerId>,
    pub(crate) verdict: &'static str,
    pub(crate) grant: Option<GrantId>,
    pub(crate) is_resumed: bool,
    pub(crate) effective: AccountId,
    pub(crate) accountable: AccountId,
    pub(crate) versions: Versions,
}

impl DecisionRecord {
    /// The run in which it was decided.
    #[must_use]
    pub const fn invocation(&self) -> InvocationId {
        self.invocation
    }

    /// What was needed.
    #[must_use]
    pub const fn permission(&self) -> &'static str {
        self.permission
    }

    /// Where; nothing if the tenant has no such container or resource.
    #[must_use]
    pub const fn scope(&self) -> Option<ContainerId> {
        self.scope
    }

    /// `allow`, or the code of the reason against it.
    #[must_use]
    pub const fn verdict(&self) -> &'static str {
        self.verdict
    }

    /// The grant that sufficed; nothing if it was denied, or continues an earlier decision.
    #[must_use]
    pub const fn grant(&self) -> Option<GrantId> {
        self.grant
    }

    /// Whether it continues a decision that was made earlier.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// Whose data it is about.
    #[must_use]
    pub const fn effective(&self) -> AccountId {
        self.effective
    }

    /// Who answers for it.
    #[must_use]
    pub const fn accountable(&self) -> AccountId {
        self.accountable
    }

    /// Under which rules.
    #[must_use]
    pub const fn versions(&self) -> Versions {
        self.versions
    }
}

/// A decision that travels with a command through the product's own log, so that what is in flight keeps its grants.
///
/// # Security
///
/// It is a record, not a proof: it becomes one only by [`Authorizer::resume`](crate::Authorizer::resume), and only when
/// it was read from a log that nobody outside can write to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CarriedDecision {
    pub(crate) permission: String,
    pub(crate) scope: ContainerId,
    pub(crate) tenant: TenantId,
    pub(crate) account: AccountId,
    /// The flow in which it was made, and in which alone it is continued.
    pub(crate) originating: InvocationId,
    /// Whoever impersonated the account then.
    pub(crate) impersonator: Option<AccountId>,
    pub(crate) at: Timestamp,
    pub(crate) versions: Versions,
}

/// How old a carried decision may be: 15 minutes by default, 24 hours at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MaxAge(Duration);

impl MaxAge {
    /// The most there is.
    pub const CEILING: Self = Self(Duration::from_secs(24 * 3_600));

    /// At most `age`; more than a day becomes a day.
    #[must_use]
    pub fn of(age: Duration) -> Self {
        Self(age.min(Self::CEILING.0))
    }

    /// The age.
    #[must_use]
    pub const fn get(self) -> Duration {
        self.0
    }
}

impl Default for MaxAge {
    fn default() -> Self {
        Self(Duration::from_secs(15 * 60))
    }
}
