//! The check itself: a payload in, a proof out. Every door is this and a way of its own to read payloads.

use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_tenancy_tree::InTenant;

use crate::authorizer::Authorizer;
use crate::decision::DecisionRecord;
use crate::guarded::ErasedLocator;
use crate::guarded::Guarded;
use crate::guarded::Locator;
use crate::guarded::Target;
use crate::proof::Authorized;
use crate::refusal::Refusal;
use crate::refusal::Unavailable;
use crate::snapshot::Snapshot;

/// Why a payload got no proof.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It was decided against.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Tree, rules or the place of a resource cannot be had.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The payload is about a resource, and nobody was named who finds where it is.
    #[error("the payload is about a resource, and there is no locator")]
    NoLocator,
}

impl CheckError {
    /// What is noted of the decision, if it came to one.
    #[must_use]
    pub const fn record(&self) -> Option<&DecisionRecord> {
        match self {
            Self::Refused(refusal) => Some(refusal.record()),
            Self::Unavailable(_) | Self::NoLocator => None,
        }
    }
}

impl Authorizer {
    /// Checks a payload that came through a door of its own, such as a message from a bus, for whoever sent it. For
    /// HTTP and gRPC there is [`AuthorizationLayer`](crate::AuthorizationLayer).
    ///
    /// # Errors
    ///
    /// [`CheckError`]; nothing may be done then.
    pub async fn check<C: Guarded>(
        &self,
        ctx: &InvocationContext<Authenticated>,
        payload: &C,
        locator: &impl Locator,
    ) -> Result<Authorized<'static, C::Needs>, CheckError> {
        let snapshot = self.loaded(ctx).await?;
        check(&snapshot, Some(locator), payload).await
    }

    /// The snapshot of the caller's tenant; its views are loaded if nobody has yet, and read on after an append whose
    /// answer was lost: a grant that was taken back must not stay because nobody waited for it.
    pub(crate) async fn loaded(
        &self,
        ctx: &InvocationContext<Authenticated>,
    ) -> Result<Snapshot, Unavailable> {
        let t = InTenant::of(ctx);
        if let Ok(snapshot) = self.snapshot(ctx)
            && self.is_settled(t)
        {
            return Ok(snapshot);
        }
        self.load(t).await?;
        self.snapshot(ctx)
    }
}

/// The proof that the snapshot's actor may do what the payload asks, where it asks it.
pub(crate) async fn check<C: Guarded>(
    snapshot: &Snapshot,
    locator: Option<&dyn ErasedLocator>,
    payload: &C,
) -> Result<Authorized<'static, C::Needs>, CheckError> {
    let ctx = snapshot.context();
    let scope = match payload.target() {
        Target::Scope(scope) => scope,
        Target::Root => ContainerId::root_of(ctx.tenant()),
        Target::Move { container, to } => return Ok(snapshot.prove_move(container, to)?),
        Target::Resource(resource) => {
            let locator = locator.ok_or(CheckError::NoLocator)?;
            match locator.locate(InTenant::of(ctx), &resource).await? {
                Some(placed) => placed.container(),
                None => return Err(snapshot.refuse_unknown::<C::Needs>().into()),
            }
        }
    };
    Ok(snapshot.prove(scope)?)
}
