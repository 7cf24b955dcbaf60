//! Whether the caller is known.

use std::sync::Arc;

use crate::account::Account;
use crate::account::Actor;
use crate::authentication::Authentication;
use crate::authentication::Identity;
use crate::authentication::RoleAssignments;
use crate::id::TenantId;
use crate::provenance::Provenance;

/// The tenant that a host name or a message asks for. It becomes the caller's tenant only if the
/// credential agrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestedTenant {
    id: TenantId,
    is_test: bool,
}

impl RequestedTenant {
    /// Asks for `id`.
    #[must_use]
    pub const fn new(id: TenantId) -> Self {
        Self { id, is_test: false }
    }

    /// The same tenant, marked as one of tests.
    #[must_use]
    pub const fn as_test(self) -> Self {
        Self {
            is_test: true,
            ..self
        }
    }

    /// The tenant asked for.
    #[must_use]
    pub const fn id(self) -> TenantId {
        self.id
    }

    /// Whether that tenant exists for tests.
    #[must_use]
    pub const fn is_test(self) -> bool {
        self.is_test
    }
}

/// A known caller, or an unknown one: a variant, never a nil account.
///
/// # Security
///
/// No text becomes an access:
///
/// ```compile_fail
/// use skeleton_invocation_context::Access;
/// let forged: Access = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a caller is known or unknown")]
pub enum Access {
    /// The caller proved who it is.
    Authenticated(Authenticated),
    /// The caller proved nothing.
    Unauthenticated(Unauthenticated),
}

impl Access {
    /// From where the caller calls, whoever it is.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        match self {
            Self::Authenticated(known) => known.provenance(),
            Self::Unauthenticated(unknown) => unknown.provenance(),
        }
    }
}

/// The access of a known caller. Cheap to clone.
///
/// # Security
///
/// No text becomes a known caller:
///
/// ```compile_fail
/// use skeleton_invocation_context::Authenticated;
/// let forged: Authenticated = serde_json::from_str("{}").unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Authenticated(Arc<Known>);

#[derive(Debug)]
struct Known {
    actor: Actor,
    authentication: Authentication,
    roles: RoleAssignments,
    provenance: Provenance,
    requested: Option<RequestedTenant>,
}

impl Authenticated {
    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    /// How that was proved.
    #[must_use]
    pub fn authentication(&self) -> &Authentication {
        &self.0.authentication
    }

    /// The roles that the credential names.
    #[must_use]
    pub fn roles(&self) -> &RoleAssignments {
        &self.0.roles
    }

    /// Where the call came from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.0.provenance
    }

    /// The tenant that the door asked for.
    #[must_use]
    pub fn requested(&self) -> Option<RequestedTenant> {
        self.0.requested
    }

    /// The tenant of the effective account.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.effective().tenant()
    }

    pub(crate) fn effective(&self) -> &Account {
        self.0.actor.effective_account()
    }

    pub(crate) fn of(
        identity: Identity,
        provenance: Provenance,
        requested: Option<RequestedTenant>,
    ) -> Self {
        let (actor, authentication, roles) = identity.into_parts();
        Self(Arc::new(Known {
            actor,
            authentication,
            roles,
            provenance,
            requested,
        }))
    }
}

/// The access of an unknown caller. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Unauthenticated {
    provenance: Arc<Provenance>,
    requested: Option<RequestedTenant>,
}

impl Unauthenticated {
    /// Where the call came from.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// The tenant that the door asked for.
    #[must_use]
    pub const fn requested(&self) -> Option<RequestedTenant> {
        self.requested
    }

    #[cfg(any(feature = "http", feature = "testing", feature = "wire"))]
    pub(crate) fn of(provenance: Provenance) -> Self {
        Self {
            provenance: Arc::new(provenance),
            requested: None,
        }
    }

    pub(crate) fn requesting(self, tenant: RequestedTenant) -> Self {
        Self {
            requested: Some(tenant),
            ..self
        }
    }
}

/// What may stand for the access in an [`InvocationContext`](crate::InvocationContext): [`Access`] and its two variants.
///
/// Nothing else does:
///
/// ```compile_fail
/// use skeleton_invocation_context::{Access, AccessKind};
///
/// #[derive(Clone)]
/// struct Root;
///
/// impl AccessKind for Root {
///     fn to_access(&self) -> Access {
///         loop {}
///     }
/// }
/// ```
pub trait AccessKind: sealed::Sealed + Clone + Send + Sync + 'static {
    /// The same access, as either.
    fn to_access(&self) -> Access;
}

impl AccessKind for Access {
    fn to_access(&self) -> Access {
        self.clone()
    }
}

impl AccessKind for Authenticated {
    fn to_access(&self) -> Access {
        Access::Authenticated(self.clone())
    }
}

impl AccessKind for Unauthenticated {
    fn to_access(&self) -> Access {
        Access::Unauthenticated(self.clone())
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "this is what seals AccessKind")]
    pub trait Sealed {}
    impl Sealed for super::Access {}
    impl Sealed for super::Authenticated {}
    impl Sealed for super::Unauthenticated {}
}
