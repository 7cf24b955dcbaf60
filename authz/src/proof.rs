//! The proof that a check was made, as a type.

use core::fmt;
use core::marker::PhantomData;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use crate::catalogue::Permission;
use crate::decision::CarriedDecision;
use crate::decision::DecisionRecord;
use crate::decision::Versions;
use crate::snapshot::Snapshot;

/// Where a resource is, as far as a check needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Placement {
    container: ContainerId,
}

impl Placement {
    /// In this container.
    #[must_use]
    pub const fn new(container: ContainerId) -> Self {
        Self { container }
    }

    /// The container.
    #[must_use]
    pub const fn container(&self) -> ContainerId {
        self.container
    }
}

/// The proof that `P` was allowed in one scope, for one invocation. Ask for it where the effect is made: then an
/// unchecked call does not compile.
///
/// It has no public constructor, cannot be copied, and is of one permission:
///
/// ```compile_fail
/// # mod p { skeleton_authz::permissions! { pub catalogue B "b" version 1; resource account "account" { 32 => Read "read"; 33 => Open "open"; } } }
/// use skeleton_authz::Authorized;
/// fn open(_: &Authorized<'_, p::account::Open>) {}
/// fn with_another(read: &Authorized<'_, p::account::Read>) {
///     open(read);
/// }
/// ```
///
/// ```compile_fail
/// # mod p { skeleton_authz::permissions! { pub catalogue B "b" version 1; resource account "account" { 32 => Read "read"; } } }
/// use skeleton_authz::Authorized;
/// fn twice<'s>(proof: Authorized<'s, p::account::Read>) -> [Authorized<'s, p::account::Read>; 2] {
///     [proof.clone(), proof]
/// }
/// ```
///
/// Nor is it made by hand, written out, or kept past its snapshot:
///
/// ```compile_fail
/// # mod p { skeleton_authz::permissions! { pub catalogue B "b" version 1; resource account "account" { 32 => Read "read"; } } }
/// use skeleton_authz::Authorized;
/// fn forge() -> Authorized<'static, p::account::Read> {
///     Authorized {}
/// }
/// ```
///
/// ```compile_fail
/// # mod p { skeleton_authz::permissions! { pub catalogue B "b" version 1; resource account "account" { 32 => Read "read"; } } }
/// use skeleton_authz::Authorized;
/// fn write(proof: &Authorized<'_, p::account::Read>) -> serde_json::Result<String> {
///     serde_json::to_string(proof)
/// }
/// ```
///
/// ```compile_fail
/// # mod p { skeleton_authz::permissions! { pub catalogue B "b" version 1; resource account "account" { 32 => Read "read"; } } }
/// use skeleton_authz::{Authorized, Snapshot};
/// use skeleton_invocation_context::ContainerId;
/// fn keep<'s>(snapshot: Snapshot, at: ContainerId) -> Option<Authorized<'s, p::account::Read>> {
///     snapshot.require(p::account::Read, at).ok()
/// }
/// ```
#[must_use]
pub struct Authorized<'s, P: Permission> {
    pub(crate) facts: Facts,
    pub(crate) of: PhantomData<Of<'s, P>>,
}

/// Of one snapshot and of one permission.
type Of<'s, P> = (&'s (), fn() -> P);

/// What a proof states.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) tenant: TenantId,
    pub(crate) scope: ContainerId,
    pub(crate) originating: InvocationId,
    pub(crate) current: InvocationId,
    pub(crate) effective: AccountId,
    pub(crate) accountable: AccountId,
    /// Whoever impersonates the effective account.
    pub(crate) impersonator: Option<AccountId>,
    pub(crate) at: Timestamp,
    pub(crate) versions: Versions,
    /// What it was decided on; nothing for a decision that was made earlier.
    pub(crate) snapshot: Option<Snapshot>,
}

impl<P: Permission> Authorized<'_, P> {
    /// The tenant in which it holds. Stores compare it with the context's.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.facts.tenant
    }

    /// The container in which it holds.
    #[must_use]
    pub const fn scope(&self) -> ContainerId {
        self.facts.scope
    }

    /// The trace for which it holds. Stores compare it with the context's, so a proof that was kept serves nobody.
    #[must_use]
    pub const fn originating_id(&self) -> InvocationId {
        self.facts.originating
    }

    /// The effective account for which it holds.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.facts.effective
    }

    /// Under which rules it was decided.
    #[must_use]
    pub const fn versions(&self) -> Versions {
        self.facts.versions
    }

    /// Whether it continues a decision that was made earlier.
    #[must_use]
    pub const fn is_resumed(&self) -> bool {
        self.facts.snapshot.is_none()
    }

    /// What it was decided on, for whatever else the invocation asks: one snapshot, one answer. Nothing for a decision
    /// that was made earlier.
    #[must_use]
    pub const fn snapshot(&self) -> Option<&Snapshot> {
        self.facts.snapshot.as_ref()
    }

    /// Whether it is of this invocation's tenant and flow. Stores refuse whoever brings another one's proof.
    #[must_use]
    pub fn is_of(&self, ctx: &InvocationContext<Authenticated>) -> bool {
        let flow = ctx.trace().originating();
        self.facts.tenant == ctx.tenant() && self.facts.originating == flow
    }

    /// Whether a resource is still in the scope that was checked. An aggregate that has left it refuses.
    #[must_use]
    pub fn is_for(&self, placed: &Placement) -> bool {
        placed.container == self.facts.scope
    }

    /// What is noted of the decision.
    #[must_use]
    pub fn record(&self) -> DecisionRecord {
        let snapshot = self.facts.snapshot.as_ref();
        DecisionRecord {
            invocation: self.facts.current,
            permission: P::NAME,
            scope: Some(self.facts.scope),
            verdict: "allow",
            grant: snapshot.and_then(|on| on.sufficient_grant(P::ID, self.facts.scope)),
            is_resumed: self.is_resumed(),
            effective: self.facts.effective,
            accountable: self.facts.accountable,
            versions: self.facts.versions,
        }
    }

    /// The decision as it travels with a command through the product's own log.
    #[must_use]
    pub fn carry(&self) -> CarriedDecision {
        CarriedDecision {
            permission: P::NAME.to_owned(),
            scope: self.facts.scope,
            tenant: self.facts.tenant,
            account: self.facts.effective,
            originating: self.facts.originating,
            impersonator: self.facts.impersonator,
            at: self.facts.at,
            versions: self.facts.versions,
        }
    }
}

impl<P: Permission> fmt::Debug for Authorized<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorized({} at {})", P::NAME, self.facts.scope)
    }
}
