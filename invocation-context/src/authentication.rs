//! How the caller proved who it is, and what its credential said it may do.

use std::sync::Arc;

use crate::account::Actor;
use crate::id::ContainerId;
use crate::id::CredentialId;
use crate::id::IdentityProviderId;
use crate::id::SessionId;
use crate::name::RoleName;
use crate::time::Timestamp;

/// How strong the proof was (NIST SP 800-63B).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "the standard has three levels")]
pub enum Assurance {
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
    /// Two factors, one of them a hardware authenticator.
    Aal3,
}

/// Names an API key without being able to check one: half of a domain-separated digest of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApiKeyHash([u8; 16]);

impl ApiKeyHash {
    /// Takes the left half of the digest.
    #[must_use]
    pub const fn new(half: [u8; 16]) -> Self {
        Self(half)
    }

    /// The left half of the digest.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl core::fmt::Debug for ApiKeyHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ApiKeyHash(..)")
    }
}

/// What the caller showed.
///
/// # Security
///
/// `Debug` names the mechanism and the record of a credential, never a session or the hash of a key.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// A token of a session that began here.
    Session {
        /// The session at the client.
        session: SessionId,
    },
    /// A token of a session that began at an external provider.
    Federated {
        /// The session at the client.
        session: SessionId,
        /// The connection through which it began.
        provider: IdentityProviderId,
    },
    /// A key of a service account.
    ApiKey {
        /// The key's record.
        credential: CredentialId,
        /// Names the key itself.
        hash: ApiKeyHash,
    },
    /// A token that a user made for a program.
    PersonalAccessToken {
        /// The token's record.
        credential: CredentialId,
        /// Names the token itself.
        hash: ApiKeyHash,
    },
    /// A process of the platform, by its own identity.
    Workload,
}

impl core::fmt::Debug for Mechanism {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Session { session: _ } => f.debug_struct("Session").finish_non_exhaustive(),
            Self::Federated {
                session: _,
                provider,
            } => f
                .debug_struct("Federated")
                .field("provider", provider)
                .finish_non_exhaustive(),
            Self::ApiKey {
                credential,
                hash: _,
            } => f
                .debug_struct("ApiKey")
                .field("credential", credential)
                .finish_non_exhaustive(),
            Self::PersonalAccessToken {
                credential,
                hash: _,
            } => f
                .debug_struct("PersonalAccessToken")
                .field("credential", credential)
                .finish_non_exhaustive(),
            Self::Workload => f.write_str("Workload"),
        }
    }
}

/// The proof: what was shown, how strong it is, and when the caller was last there in person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Authentication {
    mechanism: Mechanism,
    assurance: Assurance,
    authenticated_at: Timestamp,
}

impl Authentication {
    /// A proof of `assurance` by `mechanism`, given at `authenticated_at`.
    #[must_use]
    pub const fn new(
        mechanism: Mechanism,
        assurance: Assurance,
        authenticated_at: Timestamp,
    ) -> Self {
        Self {
            mechanism,
            assurance,
            authenticated_at,
        }
    }

    /// What the caller showed.
    #[must_use]
    pub const fn mechanism(&self) -> &Mechanism {
        &self.mechanism
    }

    /// How strong the proof is.
    #[must_use]
    pub const fn assurance(&self) -> Assurance {
        self.assurance
    }

    /// When the proof was given.
    #[must_use]
    pub const fn authenticated_at(&self) -> Timestamp {
        self.authenticated_at
    }
}

/// What a credential says: this role, in this scope. What a tenant recorded is a grant of `authz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleAssignment {
    role: RoleName,
    scope: ContainerId,
}

impl RoleAssignment {
    /// The role in the scope.
    #[must_use]
    pub const fn new(role: RoleName, scope: ContainerId) -> Self {
        Self { role, scope }
    }

    /// The role.
    #[must_use]
    pub const fn role(&self) -> &RoleName {
        &self.role
    }

    /// The container in which it is held.
    #[must_use]
    pub const fn scope(&self) -> ContainerId {
        self.scope
    }
}

/// More roles than a credential may list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a credential lists at most {} role assignments", RoleAssignments::MAX)]
pub struct TooManyRoles(());

/// The roles that a credential names: none, a list, or a reference to a list too large to travel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RoleAssignments(Held);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Held {
    /// Nothing for the empty list, which costs no allocation.
    Listed(Option<Arc<[RoleAssignment]>>),
    ByReference {
        digest: [u8; 32],
        count: u32,
    },
}

impl RoleAssignments {
    /// The most assignments in one list.
    pub const MAX: usize = 256;

    /// No roles.
    #[must_use]
    pub const fn none() -> Self {
        Self(Held::Listed(None))
    }

    /// A list: sorted, duplicates dropped.
    ///
    /// # Errors
    ///
    /// [`TooManyRoles`] if more than [`RoleAssignments::MAX`] different assignments are left.
    pub fn listed(
        assignments: impl IntoIterator<Item = RoleAssignment>,
    ) -> Result<Self, TooManyRoles> {
        let mut list: Vec<_> = assignments.into_iter().collect();
        list.sort();
        list.dedup();
        if list.len() > Self::MAX {
            Err(TooManyRoles(()))
        } else {
            Ok(Self(Held::Listed((!list.is_empty()).then(|| list.into()))))
        }
    }

    /// What was written by [`RoleAssignments::iter`] of a valid list.
    #[cfg(feature = "wire")]
    pub(crate) const fn of_ascending(list: Option<Arc<[RoleAssignment]>>) -> Self {
        Self(Held::Listed(list))
    }

    /// A set that its reader has to look up. Whoever ignores it allows nothing.
    #[must_use]
    pub const fn by_reference(digest: [u8; 32], count: u32) -> Self {
        Self(Held::ByReference { digest, count })
    }

    /// The listed assignments in order; empty for a reference.
    pub fn iter(&self) -> impl Iterator<Item = &RoleAssignment> {
        match &self.0 {
            Held::Listed(list) => list.as_deref().unwrap_or_default().iter(),
            Held::ByReference { .. } => [].iter(),
        }
    }

    /// Digest and size of a set that is not listed here.
    #[must_use]
    pub const fn reference(&self) -> Option<(&[u8; 32], u32)> {
        match &self.0 {
            Held::Listed(_) => None,
            Held::ByReference { digest, count } => Some((digest, *count)),
        }
    }

    /// Whether the credential names no role at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, Held::Listed(None))
    }
}

/// What a verified credential proves: the input of
/// [`authenticated_as`](crate::InvocationContext::authenticated_as).
///
/// Whoever makes one vouches for it: `tokens` does after it verified a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    actor: Actor,
    authentication: Authentication,
    roles: RoleAssignments,
}

impl Identity {
    /// Joins the three halves of a proof.
    #[must_use]
    pub const fn new(actor: Actor, authentication: Authentication, roles: RoleAssignments) -> Self {
        Self {
            actor,
            authentication,
            roles,
        }
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// How that was proved.
    #[must_use]
    pub const fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// The roles that the credential names.
    #[must_use]
    pub const fn roles(&self) -> &RoleAssignments {
        &self.roles
    }

    pub(crate) fn into_parts(self) -> (Actor, Authentication, RoleAssignments) {
        (self.actor, self.authentication, self.roles)
    }
}
