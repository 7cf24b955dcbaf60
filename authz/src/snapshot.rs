//! One snapshot per invocation freezes grants and tree: it answers without I/O and without a lock.

mod explain;
mod rows;

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::TreeSnapshot;

use self::rows::Row;
use crate::access::AccessView;
use crate::catalogue::Attributes;
use crate::catalogue::Catalogue;
use crate::catalogue::Definition;
use crate::catalogue::Permission;
use crate::catalogue::PermissionId;
use crate::decision::Decision;
use crate::decision::DecisionRecord;
use crate::decision::Deny;
use crate::decision::DenyReason;
use crate::decision::Versions;
use crate::proof::Authorized;
use crate::proof::Facts;
use crate::refusal::Refusal;
use crate::skeleton::member;

/// Everything that one invocation's decisions rest on. Cheap to clone.
///
/// It holds the grants that the tenant's own stream gives to the actor's authorizing account. A change made while the
/// invocation runs is seen by the next one.
#[derive(Clone)]
pub struct Snapshot(pub(crate) Arc<Frozen>);

pub(crate) struct Frozen {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) tree: Arc<TreeSnapshot>,
    pub(crate) view: Arc<AccessView>,
    pub(crate) ctx: InvocationContext<Authenticated>,
    pub(crate) now: Timestamp,
    /// The authorizing account's grants in this tree.
    rows: Vec<Row>,
    /// The impersonator's own, where somebody impersonates.
    impersonator: Option<Vec<Row>>,
}

impl Snapshot {
    pub(crate) fn take(
        catalogue: Arc<Catalogue>,
        tree: Arc<TreeSnapshot>,
        view: Arc<AccessView>,
        ctx: InvocationContext<Authenticated>,
        now: Timestamp,
    ) -> Self {
        let of = |account| rows::of(&catalogue, &tree, view.grants_of(account), now);
        let actor = ctx.actor();
        let rows = of(actor.authorizing_account().id());
        let impersonator = actor
            .is_impersonating()
            .then(|| of(actor.accountable_account().id()));
        Self(Arc::new(Frozen {
            catalogue,
            tree,
            view,
            ctx,
            now,
            rows,
            impersonator,
        }))
    }

    /// The tree on which it decides.
    #[must_use]
    pub fn tree(&self) -> &TreeSnapshot {
        &self.0.tree
    }

    /// Under which rules it decides.
    #[must_use]
    pub fn versions(&self) -> Versions {
        Versions {
            catalogue: self.0.catalogue.version(),
            tree: self.0.tree.version().get(),
            grants: self.0.view.version().get(),
        }
    }

    /// Whether the actor may do `P` at a container of [`Snapshot::tree`]. Its cost does not grow with the tree.
    #[must_use]
    pub fn allows<P: Permission>(&self, _permission: P, at: Node<'_>) -> bool {
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

    /// Whether the actor may know that a container exists: a grant reaches it, or it lies above one.
    #[must_use]
    pub fn sees(&self, at: ContainerId) -> bool {
        self.0.tree.node(at).is_some_and(|node| self.0.sees(node))
    }

    /// What is decided about a permission at a container, and why.
    #[must_use]
    pub fn explain(&self, permission: PermissionId, at: ContainerId) -> Decision {
        explain::explain(&self.0, self.versions(), permission, at)
    }

    /// The proof in the form that outlives the snapshot: for the layer, which hands it to the handler it guards.
    pub(crate) fn prove<'s, P: Permission>(
        &self,
        at: ContainerId,
    ) -> Result<Authorized<'s, P>, Refusal> {
        let node = self.0.tree.node(at);
        if !node.is_some_and(|node| self.0.allows::<P>(node)) {
            return Err(self.refuse::<P>(at));
        }
        let actor = self.0.ctx.actor();
        let facts = Facts {
            tenant: self.0.ctx.tenant(),
            scope: at,
            originating: self.0.ctx.trace().originating(),
            effective: actor.effective_account().id(),
            accountable: actor.accountable_account().id(),
            at: self.0.now,
            versions: self.versions(),
            is_resumed: false,
        };
        Ok(Authorized {
            facts,
            of: PhantomData,
        })
    }

    /// Whether impersonation, where there is any, reaches a permission at a container.
    pub(crate) fn is_masked(&self, permission: &Definition, at: ContainerId) -> bool {
        let node = self.0.tree.node(at);
        node.is_none_or(|node| self.0.masks(permission.attributes(), node.pre()))
    }

    /// The refusal of a resource that the tenant does not have: the same as that of one that is not to be seen.
    #[cfg(feature = "tower")]
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

    fn refusal<P: Permission>(
        &self,
        scope: Option<ContainerId>,
        deny: Deny,
        is_seen: bool,
    ) -> Refusal {
        let actor = self.0.ctx.actor();
        let record = DecisionRecord {
            permission: P::NAME,
            scope,
            verdict: deny.reason.code(),
            effective: actor.effective_account().id(),
            accountable: actor.accountable_account().id(),
            versions: self.versions(),
        };
        Refusal::denied(record, deny, is_seen, self.0.ctx.trace().current())
    }

    fn unknown(&self) -> Deny {
        let versions = self.versions();
        Deny {
            reason: DenyReason::UnknownScope,
            would_allow: Vec::new(),
            versions,
        }
    }
}

/// What keeps a decision from being an allow, beyond the scope itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    NoGrant,
    Archived,
    Masked,
    StepUp,
}

impl Frozen {
    /// The same rules and the same caller at another instant.
    fn at(&self, now: Timestamp) -> Snapshot {
        Snapshot::take(
            Arc::clone(&self.catalogue),
            Arc::clone(&self.tree),
            Arc::clone(&self.view),
            self.ctx.clone(),
            now,
        )
    }

    /// Whether the actor may do `P` there. What `P` demands is what this authorizer's catalogue says of it, never what
    /// the type says: the type may come from another version of the catalogue.
    fn allows<P: Permission>(&self, at: Node<'_>) -> bool {
        self.catalogue
            .definition_of::<P>()
            .is_some_and(|known| self.verdict(known, at).is_ok())
    }

    /// Decides at a container; the first obstacle that holds.
    fn verdict(&self, permission: &Definition, at: Node<'_>) -> Result<(), Obstacle> {
        self.verdict_with(permission, at, None)
    }

    /// The same with one more row.
    fn verdict_with(
        &self,
        permission: &Definition,
        at: Node<'_>,
        extra: Option<&Row>,
    ) -> Result<(), Obstacle> {
        let pre = at.pre();
        let mut rows = self.rows.iter().chain(extra);
        if !rows.any(|row| row.is_open && row.gives(permission.id(), pre)) {
            return Err(Obstacle::NoGrant);
        }
        if at.is_archived() && !permission.attributes().is_on_archived() {
            return Err(Obstacle::Archived);
        }
        if self.masks(permission.attributes(), pre) {
            return Err(Obstacle::Masked);
        }
        if self.lacks_proof(permission.attributes()) {
            Err(Obstacle::StepUp)
        } else {
            Ok(())
        }
    }

    /// Impersonation reads, never touches what is sensitive, and only where the impersonator may impersonate now.
    fn masks(&self, attributes: Attributes, pre: u32) -> bool {
        let Some(rows) = &self.impersonator else {
            return false;
        };
        let may_impersonate = rows
            .iter()
            .any(|row| row.is_open && row.gives(member::Impersonate::ID, pre));
        !may_impersonate || !attributes.is_read() || attributes.is_sensitive()
    }

    fn lacks_proof(&self, attributes: Attributes) -> bool {
        let proof = self.ctx.authentication();
        let is_weak = attributes
            .required_assurance()
            .is_some_and(|least| proof.assurance() < least);
        let age = self.now.saturating_since(proof.authenticated_at());
        is_weak || attributes.required_age().is_some_and(|most| age > most)
    }

    /// A grant reaches the container, whenever it counts, or the container lies above one.
    fn sees(&self, node: Node<'_>) -> bool {
        let covered = node.pre()..=node.last();
        self.rows
            .iter()
            .any(|row| row.reaches(node.pre()) || covered.contains(&row.at))
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
