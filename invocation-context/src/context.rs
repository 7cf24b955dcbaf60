//! The context of one invocation.

mod carried;
mod child;

use core::borrow::Borrow;
use std::sync::Arc;

#[cfg(feature = "http")]
pub(crate) use carried::AtDoor;
pub(crate) use carried::Carried;
pub(crate) use carried::Locales;
use carried::Made;
pub use child::Child;

use crate::access::Access;
use crate::access::AccessKind;
use crate::access::Authenticated;
use crate::access::RequestedTenant;
use crate::access::Unauthenticated;
use crate::account::Actor;
use crate::account::ActorKind;
use crate::authentication::Authentication;
use crate::authentication::Identity;
use crate::authentication::RoleAssignments;
use crate::id::AccountId;
use crate::id::ExternalInvocationId;
use crate::id::InvocationId;
use crate::id::TenantId;
use crate::locale::Locale;
#[cfg(any(feature = "http", feature = "testing"))]
use crate::provenance::Provenance;
use crate::step::Step;
use crate::step::StepPathFull;
#[cfg(feature = "http")]
use crate::toggle::ToggleKey;
#[cfg(feature = "http")]
use crate::toggle::ToggleType;
use crate::toggle::Toggles;
use crate::trace::Trace;
#[cfg(feature = "http")]
use crate::trace_parent::TraceParent;

/// Who calls, for whom, from where, under which trace and toggles. Immutable, and cheap to clone.
///
/// # Security
///
/// Nothing from outside becomes a context by being parsed. Contexts are made at the edge
/// (`Edge::admit`), by forking one ([`child`](Self::child)), and by a
/// [`ServiceIdentity`](crate::ServiceIdentity).
///
/// ```compile_fail
/// use skeleton_invocation_context::InvocationContext;
/// let forged: InvocationContext = serde_json::from_str("{}").unwrap();
/// ```
///
/// An anonymous context does not serve where an authenticated one is asked for:
///
/// ```compile_fail
/// use skeleton_invocation_context::*;
/// fn handler(_: InvocationContext<Authenticated>) {}
/// fn call(anonymous: InvocationContext<Unauthenticated>) {
///     handler(anonymous);
/// }
/// ```
#[derive(Clone, Debug)]
pub struct InvocationContext<A: AccessKind = Access> {
    access: A,
    carried: Arc<Carried>,
}

/// The caller is anonymous where a known one is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the caller is not authenticated")]
pub struct NotAuthenticated(());

/// Why a context was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContextError {
    /// The context came from another hop or from a service: only the edge completes one.
    #[error("only a context made at the edge is completed")]
    NotAtEdge,
    /// The caller is known already.
    #[error("the context is authenticated already")]
    AlreadyAuthenticated,
    /// A tenant was asked for already.
    #[error("the context asks for a tenant already")]
    AlreadyRequested,
    /// An item of a bulk request needs an id of its own.
    #[error("an item of a bulk request has an id of its own")]
    NotOfItsOwn,
    /// The credential belongs to another tenant than the door.
    #[error("the credential belongs to another tenant")]
    TenantMismatch,
}

/// Whose repetitions of an invocation are the same invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a caller is known or unknown")]
pub enum Namespace {
    /// A known caller.
    Actors {
        /// The tenant of the effective account.
        tenant: TenantId,
        /// Whose data it is about.
        effective: AccountId,
        /// Who answers for it.
        accountable: AccountId,
        /// How the two belong together.
        kind: ActorKind,
    },
    /// An unknown caller.
    Anonymous {
        /// The tenant that the door asked for.
        tenant: Option<TenantId>,
    },
}

impl<A: AccessKind> InvocationContext<A> {
    pub(crate) fn of(access: A, carried: Arc<Carried>) -> Self {
        Self { access, carried }
    }

    /// Whether the caller is known, and who it is.
    #[must_use]
    pub const fn access(&self) -> &A {
        &self.access
    }

    /// The ids of this hop.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        self.carried.trace()
    }

    /// The toggles of this invocation.
    #[must_use]
    pub fn toggles(&self) -> &Toggles {
        self.carried.toggles()
    }

    /// The locale asked for, else the effective account's, else the browser's.
    #[must_use]
    pub fn locale(&self) -> Option<Locale> {
        let Locales { asked, browser } = self.carried.locales();
        let accounts = || match self.access.to_access() {
            Access::Authenticated(known) => known.effective().locale(),
            Access::Unauthenticated(_) => None,
        };
        asked.or_else(accounts).or(browser)
    }

    /// Whether this is a test: of the effective account, else of the tenant asked for.
    #[must_use]
    pub fn is_test(&self) -> bool {
        match self.access.to_access() {
            Access::Authenticated(known) => known.effective().is_test(),
            Access::Unauthenticated(unknown) => {
                unknown.requested().is_some_and(RequestedTenant::is_test)
            }
        }
    }

    /// Whose repetitions of this invocation are this invocation.
    #[must_use]
    pub fn namespace(&self) -> Namespace {
        match self.access.to_access() {
            Access::Authenticated(known) => Namespace::Actors {
                tenant: known.tenant(),
                effective: known.actor().effective_account().id(),
                accountable: known.actor().accountable_account().id(),
                kind: known.actor().kind(),
            },
            Access::Unauthenticated(unknown) => Namespace::Anonymous {
                tenant: unknown.requested().map(RequestedTenant::id),
            },
        }
    }

    /// Prepares a call: the same caller, one step further. Its receiver draws the id of the hop.
    ///
    /// # Errors
    ///
    /// [`StepPathFull`] if the path has no room for another step.
    pub fn child(&self, step: impl Borrow<Step>) -> Result<Child<A>, StepPathFull> {
        let path = self.trace().step().then(step.borrow())?;
        Ok(Child::of(
            self.access.clone(),
            Arc::clone(&self.carried),
            path,
        ))
    }

    /// The same context where either kind of access will do.
    #[must_use]
    pub fn into_access(self) -> InvocationContext {
        InvocationContext {
            access: self.access.to_access(),
            carried: self.carried,
        }
    }
}

impl InvocationContext<Authenticated> {
    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        self.access.actor()
    }

    /// How that was proved.
    #[must_use]
    pub fn authentication(&self) -> &Authentication {
        self.access.authentication()
    }

    /// The roles that the credential names.
    #[must_use]
    pub fn roles(&self) -> &RoleAssignments {
        self.access.roles()
    }

    /// The tenant of the effective account. No header and no field of a command moves it.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.access.tenant()
    }
}

impl InvocationContext<Unauthenticated> {
    /// The tenant that the door asked for.
    #[must_use]
    pub const fn requested_tenant(&self) -> Option<RequestedTenant> {
        self.access.requested()
    }
}

impl InvocationContext {
    /// A context made at the edge, where nobody is known yet.
    #[cfg(any(feature = "http", feature = "testing"))]
    pub(crate) fn at_edge(provenance: Provenance, carried: Carried) -> Self {
        Self {
            access: Access::Unauthenticated(Unauthenticated::of(provenance)),
            carried: Arc::new(carried),
        }
    }

    /// Narrows to a known caller.
    ///
    /// # Errors
    ///
    /// [`NotAuthenticated`] if the caller is anonymous.
    pub fn authenticated(self) -> Result<InvocationContext<Authenticated>, NotAuthenticated> {
        match self.access {
            Access::Authenticated(access) => Ok(InvocationContext {
                access,
                carried: self.carried,
            }),
            Access::Unauthenticated(_) => Err(NotAuthenticated(())),
        }
    }

    /// Narrows to an unknown caller, or gives the context back.
    ///
    /// # Errors
    ///
    /// The context itself, if the caller is known.
    pub fn unauthenticated(
        self,
    ) -> Result<InvocationContext<Unauthenticated>, InvocationContext<Authenticated>> {
        match self.access {
            Access::Unauthenticated(access) => Ok(InvocationContext {
                access,
                carried: self.carried,
            }),
            Access::Authenticated(access) => Err(InvocationContext {
                access,
                carried: self.carried,
            }),
        }
    }

    /// What the client would like a toggle to be that it may not set, known at the edge only.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn wish<T: ToggleType>(&self, key: &ToggleKey<T>) -> Option<T> {
        self.carried.at_door().wishes.try_get(key).ok()
    }

    /// The trace of which the client believes this to be a part: a link at most, known at the edge only.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn link(&self) -> Option<TraceParent> {
        self.carried.at_door().link
    }

    /// The tenant that the door asked for.
    #[must_use]
    pub fn requested_tenant(&self) -> Option<RequestedTenant> {
        match &self.access {
            Access::Authenticated(known) => known.requested(),
            Access::Unauthenticated(unknown) => unknown.requested(),
        }
    }

    /// Notes which tenant the door asks for. A step of the edge.
    ///
    /// # Errors
    ///
    /// [`ContextError`] if the context was not made at the edge, is authenticated, or asks already.
    pub fn requesting(self, tenant: RequestedTenant) -> Result<Self, ContextError> {
        let unknown = self.still_unknown()?;
        if unknown.requested().is_some() {
            return Err(ContextError::AlreadyRequested);
        }
        let access = Access::Unauthenticated(unknown.requesting(tenant));
        Ok(self.changed(access, |_| ()))
    }

    /// Notes who calls, after a credential was verified. A step of the edge.
    ///
    /// # Errors
    ///
    /// [`ContextError::TenantMismatch`] if the effective account belongs to another tenant than the door
    /// asked for; other variants if the context was not made at the edge or is authenticated.
    pub fn authenticated_as(self, who: Identity) -> Result<Self, ContextError> {
        let unknown = self.still_unknown()?;
        let tenant = who.actor().effective_account().tenant();
        if unknown
            .requested()
            .is_some_and(|requested| requested.id() != tenant)
        {
            return Err(ContextError::TenantMismatch);
        }
        let known = Authenticated::of(who, unknown.provenance().clone(), unknown.requested());
        Ok(self.changed(Access::Authenticated(known), |_| ()))
    }

    /// Sets the toggles of the invocation. A step of the edge.
    ///
    /// # Errors
    ///
    /// [`ContextError::NotAtEdge`] if the context was not made at the edge.
    pub fn with_toggles(self, toggles: Toggles) -> Result<Self, ContextError> {
        self.at_edge_only()?;
        let access = self.access.clone();
        Ok(self.changed(access, |carried| carried.set_toggles(toggles)))
    }

    /// The context of one item of a bulk request: the same caller under the item's own name, one hop further. A step
    /// of the edge.
    ///
    /// # Errors
    ///
    /// [`ContextError::NotAtEdge`] if the context was not made at the edge, [`ContextError::NotOfItsOwn`] if `current` is
    /// the id of another hop of this trace.
    pub fn bulk_item(
        &self,
        item: ExternalInvocationId,
        current: InvocationId,
    ) -> Result<Self, ContextError> {
        self.at_edge_only()?;
        let trace = self.trace();
        if current == trace.current() || current == trace.originating() {
            return Err(ContextError::NotOfItsOwn);
        }
        let item = self.carried.for_item(item, current);
        Ok(Self {
            access: self.access.clone(),
            carried: Arc::new(item),
        })
    }

    /// The same context with another access, and another seal to come: what was sealed before says something else.
    fn changed(self, access: Access, change: impl FnOnce(&mut Carried)) -> Self {
        let mut carried = self.carried;
        let own = Arc::make_mut(&mut carried);
        change(own);
        own.unseal();
        Self { access, carried }
    }

    fn at_edge_only(&self) -> Result<(), ContextError> {
        match self.carried.made() {
            Made::AtEdge => Ok(()),
            Made::Within => Err(ContextError::NotAtEdge),
        }
    }

    fn still_unknown(&self) -> Result<Unauthenticated, ContextError> {
        self.at_edge_only()?;
        match &self.access {
            Access::Unauthenticated(unknown) => Ok(unknown.clone()),
            Access::Authenticated(_) => Err(ContextError::AlreadyAuthenticated),
        }
    }
}
