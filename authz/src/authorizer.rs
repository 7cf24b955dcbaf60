//! Takes snapshots, and continues decisions that were made earlier.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::InvocationContext;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;

use crate::access::AccessError;
use crate::access::AccessVersion;
use crate::access::AccessViews;
use crate::catalogue::Catalogue;
use crate::catalogue::Permission;
use crate::decision::CarriedDecision;
use crate::decision::MaxAge;
use crate::proof::Authorized;
use crate::proof::Facts;
use crate::refusal::Unavailable;
use crate::rules::AccessCommand;
use crate::rules::RuleError;
use crate::snapshot::Snapshot;

/// How often a change is decided anew after somebody else was faster.
const TRIES: u32 = 3;

/// Why an earlier decision is not continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It is about another permission.
    #[error("the decision is about another permission")]
    Permission,
    /// It was made in another tenant.
    #[error("the decision was made in another tenant")]
    Tenant,
    /// It was made in another flow: its trace has another origin.
    #[error("the decision was made in another flow")]
    Flow,
    /// An impersonator's, and impersonation does not go so far by now.
    #[error("impersonation does not go so far")]
    Masked,
    /// It was made for another account.
    #[error("the decision was made for another account")]
    Account,
    /// It is older than allowed, or from the future.
    #[error("the decision is too old")]
    Age,
}

/// Decides by published views: no I/O, no lock. Cheap to clone.
#[derive(Clone)]
pub struct Authorizer(Arc<Parts>);

struct Parts {
    catalogue: Arc<Catalogue>,
    forest: Forest,
    access: AccessViews,
    clock: Arc<dyn Clock>,
}

impl Authorizer {
    /// Decides about the permissions of `catalogue` on the published trees and grants.
    #[must_use]
    pub fn new(
        catalogue: Arc<Catalogue>,
        forest: Forest,
        access: AccessViews,
        clock: impl Clock + 'static,
    ) -> Self {
        Self(Arc::new(Parts {
            catalogue,
            forest,
            access,
            clock: Arc::new(clock),
        }))
    }

    /// Freezes the rules of the caller's tenant for one invocation. An anonymous caller has none, by type.
    ///
    /// ```compile_fail
    /// use skeleton_authz::Authorizer;
    /// use skeleton_invocation_context::{InvocationContext, Unauthenticated};
    /// fn take(authorizer: &Authorizer, ctx: &InvocationContext<Unauthenticated>) {
    ///     let _ = authorizer.snapshot(ctx);
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if tree or grants of the tenant were never loaded: see [`Authorizer::load`].
    pub fn snapshot(
        &self,
        ctx: &InvocationContext<Authenticated>,
    ) -> Result<Snapshot, Unavailable> {
        let Parts {
            catalogue,
            forest,
            access,
            clock,
        } = &*self.0;
        let published = forest
            .published(ctx.tenant())
            .zip(access.published(ctx.tenant()));
        let (tree, view) = published.ok_or_else(Unavailable::not_loaded)?;
        Ok(Snapshot::take(
            Arc::clone(catalogue),
            tree,
            view,
            ctx.clone(),
            Arc::clone(clock),
        ))
    }

    /// Decides a change of the rules on the author's own snapshot, records it, and publishes it before it returns.
    ///
    /// If the rules changed meanwhile, it is decided again on a new snapshot, three times at most.
    ///
    /// # Errors
    ///
    /// [`RuleError`] if the author may not make the rule, or it does not fit; nothing is recorded then.
    pub async fn execute(
        &self,
        ctx: &InvocationContext<Authenticated>,
        command: &AccessCommand,
    ) -> Result<AccessVersion, RuleError> {
        let t = InTenant::of(ctx);
        for _ in 0..TRIES {
            let author = self.loaded(ctx).await?;
            let events = author.decide(command)?;
            match self
                .0
                .access
                .append(t, author.view().version(), &events)
                .await
            {
                Err(AccessError::Stale) => {}
                ended => return Ok(ended?),
            }
        }
        Err(RuleError::Access(AccessError::Stale))
    }

    /// Loads tree and grants of a tenant, if they were not: once per tenant and process, and again after an append whose
    /// answer was lost.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if a store cannot be had.
    pub async fn load(&self, t: InTenant<'_>) -> Result<(), Unavailable> {
        self.0.forest.snapshot(t).await.map_err(Unavailable::new)?;
        if !self.is_settled(t) {
            let loaded = self.0.access.load(t).await;
            // What was published goes on while the log is down: nobody stops a tenant by a change that fails.
            if self.0.access.published(t.tenant()).is_none() {
                loaded.map_err(Unavailable::new)?;
            }
        }
        Ok(())
    }

    /// Whether the rules of a tenant are loaded, and hold all that this process has recorded.
    pub(crate) fn is_settled(&self, t: InTenant<'_>) -> bool {
        let access = &self.0.access;
        access.is_settled(t.tenant()) && access.published(t.tenant()).is_some()
    }

    /// Continues a decision that was made earlier for the same effective account: what is in flight keeps its grants.
    ///
    /// # Security
    ///
    /// Hand in only what was read from the product's own log. A decision is continued in its own flow alone. What an
    /// impersonator was allowed, or now continues, goes no further than impersonation goes there by now: for that the
    /// tenant's views must be loaded.
    ///
    /// # Errors
    ///
    /// [`ResumeError`] if it is about another permission, tenant, account or flow, or older than `max`.
    pub fn resume<P: Permission>(
        &self,
        ctx: &InvocationContext<Authenticated>,
        decision: &CarriedDecision,
        max: MaxAge,
    ) -> Result<Authorized<'static, P>, ResumeError> {
        let effective = ctx.actor().effective_account().id();
        let now = self.0.clock.now();
        let known = self.0.catalogue.definition_of::<P>();
        let known = known.filter(|known| known.name() == decision.permission);
        let known = known.ok_or(ResumeError::Permission)?;
        if decision.tenant != ctx.tenant() {
            return Err(ResumeError::Tenant);
        }
        if decision.account != effective {
            return Err(ResumeError::Account);
        }
        if decision.originating != ctx.trace().originating() {
            return Err(ResumeError::Flow);
        }
        // Impersonation never does more than its mask admits now, not by what the impersonated was allowed either.
        let actor = ctx.actor();
        let now_by = actor
            .is_impersonating()
            .then(|| actor.accountable_account().id());
        for by in [decision.impersonator, now_by].into_iter().flatten() {
            let views = self.snapshot(ctx);
            if !views.is_ok_and(|now| now.lets_impersonate(by, known, decision.scope)) {
                return Err(ResumeError::Masked);
            }
        }
        if decision.at > now || now.saturating_since(decision.at) > max.get() {
            return Err(ResumeError::Age);
        }
        let facts = Facts {
            tenant: decision.tenant,
            scope: decision.scope,
            originating: ctx.trace().originating(),
            current: ctx.trace().current(),
            effective,
            accountable: ctx.actor().accountable_account().id(),
            impersonator: decision.impersonator.or(now_by),
            at: decision.at,
            versions: decision.versions,
            snapshot: None,
        };
        Ok(Authorized {
            facts,
            of: PhantomData,
        })
    }
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorizer")
            .field("catalogue", &self.0.catalogue.name())
            .finish_non_exhaustive()
    }
}
