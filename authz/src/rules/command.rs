//! What can be asked of a tenant's rules.

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleName;

use crate::access::GuardrailId;
use crate::access::Impersonation;
use crate::catalogue::PolicyName;
use crate::grant::Grant;
use crate::grant::GrantId;

/// What a tenant's own role is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "kebab-case", deny_unknown_fields)
)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a payload: whoever asks says all of it"
)]
pub struct RoleSpec {
    /// Policies of the catalogue, whole.
    #[cfg_attr(feature = "serde", serde(default))]
    pub policies: Vec<PolicyName>,
    /// Permissions beside them, by name.
    #[cfg_attr(feature = "serde", serde(default))]
    pub permissions: Vec<String>,
}

/// A change of the rules that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccessCommand {
    /// Defines a role that can be assigned at its home and below. Takes `role:define` there, and every permission put in.
    DefineRole {
        /// Its name, which begins with `x-`.
        name: RoleName,
        /// Its home.
        home: ContainerId,
        /// What it holds.
        holds: RoleSpec,
    },
    /// Lets a role of the tenant hold something else. Takes `role:define` at its home, and every permission put in.
    ChangeRole {
        /// Which.
        name: RoleName,
        /// What it will hold.
        holds: RoleSpec,
    },
    /// Retires a role of the tenant: its grants give nothing from then on. Takes `role:retire` at its home.
    RetireRole {
        /// Which.
        name: RoleName,
    },
    /// Gives a grant. Takes `grant:assign` where it stands, and every permission of its role over all that it reaches,
    /// for at least as long; or `grant:assign-beyond`, as for a grant to oneself.
    Assign {
        /// The grant.
        grant: Grant,
    },
    /// Takes a grant back. Takes `grant:revoke` where it stands.
    Revoke {
        /// Which.
        grant: GrantId,
        /// Also what its holder gave to others there and below, and what those gave in turn.
        cascade: bool,
    },
    /// Forbids permissions to everybody at a container and below. Takes `guardrail:set` there.
    SetGuardrail {
        /// Names the guardrail.
        guardrail: GuardrailId,
        /// Where.
        at: ContainerId,
        /// What, by name.
        forbids: Vec<String>,
    },
    /// Lifts a guardrail. Takes `guardrail:lift` at the parent of where it stands: nobody frees herself.
    LiftGuardrail {
        /// Which.
        guardrail: GuardrailId,
    },
    /// Lets whoever impersonates do more, or less again. More takes `guardrail:lift` at the root, less `guardrail:set`.
    SetImpersonation {
        /// What the mask is to admit.
        admits: Impersonation,
    },
}
