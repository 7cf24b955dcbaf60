//! What can happen to a tenant's rules.

use skeleton_invocation_context::RoleName;

use super::Guardrail;
use super::GuardrailId;
use super::Impersonation;
use super::TenantRole;
use crate::grant::Grant;
use crate::grant::GrantId;

/// Which of a tenant's two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "there are two, and a store keeps both"
)]
pub enum AccessStream {
    /// The tenant's own roles, its guardrails, and what impersonation may.
    Roles,
    /// Who holds what.
    Grants,
}

impl AccessStream {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Roles, Self::Grants];

    /// The stream's name: `roles`, `grants`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Grants => "grants",
        }
    }
}

/// How many events made a tenant's rules, stream by stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessVersion {
    roles: u64,
    grants: u64,
}

impl AccessVersion {
    /// The version before the first event.
    pub const ZERO: Self = Self {
        roles: 0,
        grants: 0,
    };

    /// So many events of roles and guardrails, and so many of grants.
    #[must_use]
    pub const fn new(roles: u64, grants: u64) -> Self {
        Self { roles, grants }
    }

    /// How many events a stream has.
    #[must_use]
    pub const fn of(self, stream: AccessStream) -> u64 {
        match stream {
            AccessStream::Roles => self.roles,
            AccessStream::Grants => self.grants,
        }
    }

    /// How many events made roles and guardrails.
    #[must_use]
    pub const fn roles(self) -> u64 {
        self.roles
    }

    /// How many events made the grants.
    #[must_use]
    pub const fn grants(self) -> u64 {
        self.grants
    }

    /// One event more.
    pub(super) const fn count(&mut self, stream: AccessStream) {
        let counted = match stream {
            AccessStream::Roles => &mut self.roles,
            AccessStream::Grants => &mut self.grants,
        };
        *counted = counted.saturating_add(1);
    }

    /// Whether neither stream is shorter than in `other`, and one is longer.
    pub(super) const fn is_after(self, other: Self) -> bool {
        self.roles >= other.roles
            && self.grants >= other.grants
            && (self.roles > other.roles || self.grants > other.grants)
    }
}

/// A change of a tenant's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        tag = "type",
        content = "data",
        rename_all = "kebab-case",
        deny_unknown_fields
    )
)]
#[non_exhaustive]
pub enum AccessEvent {
    /// A role was defined. On the wire: `role-defined`.
    RoleDefined {
        /// The role.
        role: TenantRole,
    },
    /// A role holds something else. On the wire: `role-changed`.
    RoleChanged {
        /// The role as it is now.
        role: TenantRole,
    },
    /// A role was retired: it gives nothing, and its name is never used again. On the wire: `role-retired`.
    RoleRetired {
        /// Which.
        role: RoleName,
    },
    /// A guardrail was set. On the wire: `guardrail-set`.
    GuardrailSet {
        /// The guardrail.
        guardrail: Guardrail,
    },
    /// A guardrail was lifted. On the wire: `guardrail-lifted`.
    GuardrailLifted {
        /// Which.
        guardrail: GuardrailId,
    },
    /// Whoever impersonates may do more, or less again. On the wire: `impersonation-set`.
    ImpersonationSet {
        /// What the mask admits from then on.
        admits: Impersonation,
    },
    /// A grant was given. On the wire: `grant-given`.
    GrantGiven {
        /// The grant.
        grant: Grant,
    },
    /// A grant was taken back. On the wire: `grant-taken`.
    GrantTaken {
        /// Which.
        grant: GrantId,
    },
}

impl AccessEvent {
    /// The event's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RoleDefined { .. } => "role-defined",
            Self::RoleChanged { .. } => "role-changed",
            Self::RoleRetired { .. } => "role-retired",
            Self::GuardrailSet { .. } => "guardrail-set",
            Self::GuardrailLifted { .. } => "guardrail-lifted",
            Self::ImpersonationSet { .. } => "impersonation-set",
            Self::GrantGiven { .. } => "grant-given",
            Self::GrantTaken { .. } => "grant-taken",
        }
    }

    /// The stream to which it belongs.
    #[must_use]
    pub const fn stream(&self) -> AccessStream {
        match self {
            Self::RoleDefined { .. }
            | Self::RoleChanged { .. }
            | Self::RoleRetired { .. }
            | Self::GuardrailSet { .. }
            | Self::GuardrailLifted { .. }
            | Self::ImpersonationSet { .. } => AccessStream::Roles,
            Self::GrantGiven { .. } | Self::GrantTaken { .. } => AccessStream::Grants,
        }
    }
}
