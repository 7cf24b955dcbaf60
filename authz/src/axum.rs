//! The extractors for axum 0.8: they only take out of their slot what the layer checked.

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use crate::guarded::Guarded;
use crate::operations::GuardedParts;
use crate::operations::Handed;
use crate::operations::ListingParts;
use crate::proof::Authorized;
use crate::snapshot::Snapshot;
use crate::tower::Slot;

/// A guarded invocation: who calls, the proof of the check, and the payload that was checked.
///
/// A handler that takes one cannot run unchecked. Without the layer, for a payload of another type than the registry
/// names for the operation, or taken twice: 500.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct Checked<C: Guarded>(
    pub InvocationContext<Authenticated>,
    pub Authorized<'static, C::Needs>,
    pub C,
);

/// A listing, or an operation about the caller itself: who calls, the snapshot to ask about every row, and the query.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "handlers take it apart")]
pub struct Listing<Q>(pub InvocationContext<Authenticated>, pub Snapshot, pub Q);

impl<C, S> FromRequestParts<S> for Checked<C>
where
    C: Guarded + Send + 'static,
    S: Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let (ctx, GuardedParts { payload, proof }) = take::<GuardedParts<C>>(parts)?;
        Ok(Self(ctx, proof, payload))
    }
}

impl<Q, S> FromRequestParts<S> for Listing<Q>
where
    Q: Send + 'static,
    S: Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let (ctx, ListingParts { payload, snapshot }) = take::<ListingParts<Q>>(parts)?;
        Ok(Self(ctx, snapshot, payload))
    }
}

fn take<T: 'static>(parts: &Parts) -> Result<(InvocationContext<Authenticated>, T), Problem> {
    let taken = match parts.extensions.get::<Slot>() {
        None => Err(Problem::missing_layer("AuthorizationLayer")),
        Some(slot) => slot.take().and_then(downcast).ok_or_else(|| {
            let detail = "the handler takes what was not checked for it, or takes it twice";
            Problem::new(ProblemKind::Misconfigured).with_detail(detail)
        }),
    };
    let ctx = parts.extensions.get::<InvocationContext>();
    taken.map_err(|problem| match ctx {
        Some(ctx) => problem.with_instance(ctx.trace().current()),
        None => problem,
    })
}

fn downcast<T: 'static>(
    (ctx, handed): (InvocationContext<Authenticated>, Handed),
) -> Option<(InvocationContext<Authenticated>, T)> {
    Some((ctx, *handed.downcast().ok()?))
}
