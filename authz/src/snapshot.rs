//! One snapshot per invocation freezes rules and tree: it answers without I/O and without a lock.

mod answers;
mod asked;
mod explain;
mod frozen;
mod holding;
mod intervals;
mod mask;
mod moves;
mod powers;
mod rows;
mod spans;
mod sql;

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RoleName;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::TreeSnapshot;

pub use self::answers::Effective;
pub use self::answers::Missing;
pub use self::answers::ScopeFilter;
pub use self::answers::Verdict;
#[cfg(feature = "tower")]
pub(crate) use self::asked::Asked;
use self::frozen::Caller;
pub(crate) use self::frozen::Frozen;
use self::frozen::Obstacle;
pub(crate) use self::holding::Holding;
pub use self::mask::Attenuation;
pub use self::moves::AccessChange;
pub use self::moves::AccessImpact;
pub use self::moves::StalePlan;
pub(crate) use self::powers::outlasts;
pub(crate) use self::spans::Spans;
use crate::access::AccessEvent;
use crate::access::AccessView;
use crate::catalogue::Catalogue;
use crate::catalogue::Definition;
use crate::catalogue::Permission;
use crate::catalogue::PermissionId;
use crate::catalogue::Role;
use crate::decision::Decision;
use crate::decision::DecisionRecord;
use crate::decision::Deny;
use crate::decision::DenyReason;
use crate::decision::Versions;
use crate::grant::GrantId;
use crate::proof::Authorized;
use crate::proof::Facts;
use crate::proof::Placement;
use crate::refusal::Refusal;
#[cfg(all(feature = "testing", feature = "tower"))]
use crate::refusal::RefusalKind;
use crate::rules::AccessCommand;
use crate::rules::RuleError;
use crate::rules::decide;

/// Everything that one invocation's decisions rest on. Cheap to clone.
///
/// It holds the grants that the tenant's own stream gives to the actor's authorizing account. A change made while the
/// invocation runs is seen by the next one.
#[derive(Clone)]
pub struct Snapshot(pub(crate) Arc<Frozen>);

impl Snapshot {
    pub(crate) fn take(
        catalogue: Arc<Catalogue>,
        tree: Arc<TreeSnapshot>,
        view: Arc<AccessView>,
        ctx: InvocationContext<Authenticated>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Frozen::take(catalogue, tree, view, ctx, clock)))
    }

    /// The tree on which it decides.
    #[must_use]
    pub fn tree(&self) -> &TreeSnapshot {
        &self.0.tree
    }

    /// The rules of the tenant, as they were published when it was taken.
    #[must_use]
    pub fn view(&self) -> &AccessView {
        &self.0.view
    }

    /// The catalogue by which it reads them.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// For whom it decides.
    #[must_use]
    pub fn context(&self) -> &InvocationContext<Authenticated> {
        &self.0.ctx
    }

    /// Under which rules it decides.
    #[must_use]
    pub fn versions(&self) -> Versions {
        self.0.versions()
    }

    /// Whether the actor may do `P` at a container of [`Snapshot::tree`]. Its cost does not grow with the tree.
    #[must_use]
    pub fn allows<P: Permission>(&self, _permission: P, at: Node<'_>) -> bool {
        self.0.note(P::ID);
        let is_here = self.0.tree.id(at).is_some();
        is_here && self.0.allows::<P>(at)
    }

    /// The proof that the actor may do `P` at a container, for as long as the snapshot is borrowed.
    ///
    /// # Errors
    ///
    /// [`Refusal`], which is the caller's answer too: what it may not see is not found.
    pub fn require<P: Permission>(
        &self,
        _permission: P,
        at: ContainerId,
    ) -> Result<Authorized<'_, P>, Refusal> {
        self.prove(at)
    }

    /// The same for a resource that was placed: whoever then stores it compares `is_for` with where it is by then.
    ///
    /// # Errors
    ///
    /// As [`Snapshot::require`].
    pub fn require_on<P: Permission>(
        &self,
        _permission: P,
        on: &Placement,
    ) -> Result<Authorized<'_, P>, Refusal> {
        self.prove(on.container())
    }

    /// How many of the actor's grants give nothing, because their role or their container is not known here: for a
    /// gauge, since it should be none.
    #[must_use]
    pub fn ignored(&self) -> usize {
        let all = self.0.view.grants_of(self.0.subject).len();
        all.saturating_sub(self.0.rows().len())
    }

    /// Whether the actor may know that a container exists: a grant reaches it, or it lies above one. What a mask takes
    /// away is denied and not hidden; a grant whose time is over shows nothing.
    #[must_use]
    pub fn sees(&self, at: ContainerId) -> bool {
        self.0.tree.node(at).is_some_and(|node| self.0.sees(node))
    }

    /// What is decided about a permission at a container, and why.
    #[must_use]
    pub fn explain(&self, permission: PermissionId, at: ContainerId) -> Decision {
        self.0.note(permission);
        explain::explain(&self.0, permission, at)
    }

    /// What would be decided about another account of the tenant, if it called itself with the caller's proof.
    ///
    /// # Security
    ///
    /// The answer shows that account's grants which reach the container: ask for `decision:explain` there first. A grant
    /// that stands elsewhere is not named unless the caller sees that place.
    #[must_use]
    pub fn explain_for(
        &self,
        account: AccountId,
        permission: PermissionId,
        at: ContainerId,
    ) -> Decision {
        let mut decision = explain::explain(&self.0.about(account), permission, at);
        if let Decision::Deny(Deny {
            reason: DenyReason::NoGrant { nearest },
            ..
        }) = &mut decision
        {
            *nearest = nearest.filter(|nearest| self.sees(*nearest));
        }
        decision
    }

    /// What a change of the rules would do, decided on this snapshot, whose actor is its author. Nothing is recorded:
    /// for whoever appends the events in a transaction of their own, at this snapshot's versions.
    /// [`Authorizer::execute`](crate::Authorizer::execute) does both.
    ///
    /// # Errors
    ///
    /// [`RuleError`] if the author may not make the rule, or it does not fit.
    pub fn decide(&self, command: &AccessCommand) -> Result<Vec<AccessEvent>, RuleError> {
        decide(self, command)
    }

    /// A snapshot that holds no more than this one: to hand on to what should do less than the caller may.
    #[must_use]
    pub fn attenuate(&self, to: &Attenuation) -> Self {
        let mut frozen = Frozen::clone(&self.0);
        let before = frozen.attenuations.iter().cloned();
        frozen.attenuations = before.chain([to.clone()]).collect();
        Self(Arc::new(frozen))
    }

    /// The role of that name as it counts at a container.
    pub(crate) fn role_at(&self, name: &RoleName, node: Node<'_>) -> Option<Arc<Role>> {
        self.0.rules().role_at(name, node)
    }

    /// The proof in the form that outlives the snapshot: for the layer, which hands it to the handler it guards.
    pub(crate) fn prove<'s, P: Permission>(
        &self,
        at: ContainerId,
    ) -> Result<Authorized<'s, P>, Refusal> {
        self.0.note(P::ID);
        let node = self.0.tree.node(at);
        if !node.is_some_and(|node| self.0.allows::<P>(node)) {
            return Err(self.refuse::<P>(at));
        }
        let actor = self.0.ctx.actor();
        let facts = Facts {
            tenant: self.0.ctx.tenant(),
            scope: at,
            originating: self.0.ctx.trace().originating(),
            current: self.0.ctx.trace().current(),
            effective: actor.effective_account().id(),
            accountable: actor.accountable_account().id(),
            impersonator: actor
                .is_impersonating()
                .then(|| actor.accountable_account().id()),
            at: self.0.now,
            versions: self.versions(),
            snapshot: Some(self.clone()),
        };
        Ok(Authorized {
            facts,
            of: PhantomData,
        })
    }

    /// What a caller would be told who asks for a permission at a container; nothing if it is allowed.
    #[cfg(all(feature = "testing", feature = "tower"))]
    pub(crate) fn refused(&self, permission: PermissionId, at: ContainerId) -> Option<RefusalKind> {
        match self.explain(permission, at) {
            Decision::Allow(_) => None,
            Decision::Deny(_) if !self.sees(at) => Some(RefusalKind::NotFound),
            Decision::Deny(deny) => Some(RefusalKind::of(&deny.reason)),
        }
    }

    /// The nearest grant that suffices at a container.
    pub(crate) fn sufficient_grant(
        &self,
        permission: PermissionId,
        at: ContainerId,
    ) -> Option<GrantId> {
        let node = self.0.tree.node(at)?;
        let (row, _) = explain::nearest(&self.0, permission, node.pre())?;
        Some(row.grant.id())
    }

    /// Whether an account may do in another one's name what a permission demands, at a container, now.
    pub(crate) fn lets_impersonate(
        &self,
        by: AccountId,
        permission: &Definition,
        at: ContainerId,
    ) -> bool {
        let admits = self.0.view.impersonation().admits(permission.attributes());
        let node = self.0.tree.node(at);
        admits && node.is_some_and(|node| self.0.impersonates(by, node.pre()))
    }

    /// The refusal of a resource that the tenant does not have: the same as that of one that is not to be seen.
    pub(crate) fn refuse_unknown<P: Permission>(&self) -> Refusal {
        self.refusal::<P>(None, self.unknown(), false)
    }

    fn refuse<P: Permission>(&self, at: ContainerId) -> Refusal {
        let known = self.0.tree.node(at).map(|_| at);
        let deny = match self.explain(P::ID, at) {
            Decision::Deny(deny) if self.0.catalogue.definition_of::<P>().is_some() => deny,
            // The permission is of another catalogue: nobody holds it here, whatever its bit means.
            Decision::Deny(_) | Decision::Allow(_) => self.unknown(),
        };
        self.refusal::<P>(known, deny, self.sees(at))
    }

    pub(crate) fn refusal<P: Permission>(
        &self,
        scope: Option<ContainerId>,
        deny: Deny,
        is_seen: bool,
    ) -> Refusal {
        let actor = self.0.ctx.actor();
        let record = DecisionRecord {
            invocation: self.0.ctx.trace().current(),
            permission: P::NAME,
            scope,
            verdict: deny.reason.code(),
            grant: None,
            is_resumed: false,
            effective: actor.effective_account().id(),
            accountable: actor.accountable_account().id(),
            versions: self.versions(),
        };
        Refusal::denied(record, deny, is_seen, self.0.ctx.trace().current())
    }

    fn unknown(&self) -> Deny {
        Deny {
            reason: DenyReason::UnknownScope,
            would_allow: Vec::new(),
            versions: self.versions(),
        }
    }
}

impl Frozen {
    /// A grant that counts, or is to, reaches the container, or the container lies above one.
    fn sees(&self, node: Node<'_>) -> bool {
        let covered = node.pre()..=node.last();
        let lasting = self.rows().iter();
        let mut lasting = lasting.filter(|row| !row.grant.window().is_over(self.now));
        lasting.any(|row| row.reaches(node.pre()) || covered.contains(&row.at))
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("tenant", &self.0.ctx.tenant())
            .field("versions", &self.versions())
            .finish_non_exhaustive()
    }
}
