//! Why a rule is not made.

use skeleton_invocation_context::Timestamp;

use crate::access::AccessError;
use crate::catalogue::PolicyName;
use crate::refusal::Refusal;
use crate::refusal::Unavailable;

/// Why a rule is not made. Nothing was recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// The author may not do that there.
    #[error("the author may not do that")]
    Refused(#[source] Refusal),
    /// The rule would give what the author does not hold herself over all that it reaches.
    #[error("the author does not hold what she would give")]
    BeyondOwnPowers {
        /// The permissions that she lacks, by name.
        lacks: Vec<&'static str>,
    },
    /// The grant would outlast what it rests on.
    #[error("the grant would outlast what it rests on")]
    OutlastsPowers {
        /// The last instant but one: until then the author could give it.
        until: Timestamp,
    },
    /// Nobody gives to herself without `grant:assign-beyond`.
    #[error("nobody gives to herself")]
    ToOneself,
    /// There is no such role, or not there.
    #[error("no such role")]
    UnknownRole,
    /// A role of the tenant has, or had, that name.
    #[error("the name of the role is taken")]
    RoleTaken,
    /// The name of a tenant's own role begins with `x-`.
    #[error("the name of a tenant's own role begins with x-")]
    NotOwnName,
    /// The catalogue has no such policy.
    #[error("no such policy")]
    UnknownPolicy(PolicyName),
    /// The catalogue has no such permission.
    #[error("no such permission")]
    UnknownPermission(String),
    /// That permission is in no tenant's own role.
    #[error("the permission is in no tenant's own role")]
    NeverInOwnRoles(&'static str),
    /// The id was used before.
    #[error("the id is taken")]
    IdTaken,
    /// There is no such grant.
    #[error("no such grant")]
    UnknownGrant,
    /// There is no such guardrail.
    #[error("no such guardrail")]
    UnknownGuardrail,
    /// What stands at the root is set and lifted by the platform only: within the tenant nobody is above it.
    #[error("a guardrail at the root is the platform's")]
    LiftedFromAbove,
    /// A tenant has so many at most.
    #[error("there are {most} already")]
    TooMany {
        /// The most.
        most: usize,
    },
    /// Nobody would be left who can give grants at the root.
    #[error("nobody would be left who can give grants")]
    WouldLockOut,
    /// The rules kept changing, or cannot be had.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Tree or rules were never loaded, and cannot be had.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl RuleError {
    /// The machine's word for it, in kebab-case: for a client that tells one refusal from another.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::BeyondOwnPowers { .. } => "beyond-own-powers",
            Self::OutlastsPowers { .. } => "outlasts-powers",
            Self::ToOneself => "to-oneself",
            Self::UnknownRole => "unknown-role",
            Self::RoleTaken => "role-taken",
            Self::NotOwnName => "not-own-name",
            Self::UnknownPolicy(_) => "unknown-policy",
            Self::UnknownPermission(_) => "unknown-permission",
            Self::NeverInOwnRoles(_) => "never-in-own-roles",
            Self::IdTaken => "id-taken",
            Self::UnknownGrant => "unknown-grant",
            Self::UnknownGuardrail => "unknown-guardrail",
            Self::LiftedFromAbove => "lifted-from-above",
            Self::TooMany { .. } => "too-many",
            Self::WouldLockOut => "would-lock-out",
            Self::Access(_) | Self::Unavailable(_) => "unavailable",
        }
    }
}

impl From<Refusal> for RuleError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
