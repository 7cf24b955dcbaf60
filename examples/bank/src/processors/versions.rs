//! The streams on which a decision about powers rests. What follows from it is recorded only if all of them are as they
//! were at its door, and the transaction that records it is what looks.

use skeleton_authz::AccessStream;
use skeleton_authz::Versions;
use skeleton_tenancy_tree::InTenant;

use super::ProcessorError;
use crate::outcome::Rejection;
use crate::ports::envelope::StreamId;
use crate::services::Services;

/// The stream of the tenant's tree.
pub(super) fn tree_of(t: InTenant<'_>) -> StreamId {
    StreamId::of("tree", t.tenant())
}

/// One of the streams of the tenant's rules.
pub(super) fn rules_of(t: InTenant<'_>, stream: AccessStream) -> StreamId {
    StreamId::of(stream.name(), t.tenant())
}

/// Both streams of the tenant's rules, as long as they were.
pub(super) fn rules_at(t: InTenant<'_>, at: Versions) -> Vec<(StreamId, u64)> {
    vec![
        (rules_of(t, AccessStream::Roles), at.roles),
        (rules_of(t, AccessStream::Grants), at.grants),
    ]
}

/// Whether the tenant's rules are still as they were: a role that changed meanwhile may hold what its giver does not,
/// a grant given meanwhile may reach what moves.
pub(super) async fn rules_are(
    services: &Services,
    t: InTenant<'_>,
    at: Versions,
) -> Result<Result<(), Rejection>, ProcessorError> {
    let view = services.access.load(t).await;
    let now = view.map_err(ProcessorError::unavailable)?.version();
    let are = now.of(AccessStream::Roles) == at.roles && now.of(AccessStream::Grants) == at.grants;
    Ok(are
        .then_some(())
        .ok_or_else(|| Rejection::of("rules-changed")))
}

/// Whether the tenant's tree is still as it was: what moved meanwhile may have come below what is given.
pub(super) async fn tree_is(
    services: &Services,
    t: InTenant<'_>,
    at: Versions,
) -> Result<Result<(), Rejection>, ProcessorError> {
    let tree = services.forest.catch_up(t).await;
    let now = tree.map_err(ProcessorError::unavailable)?.version().get();
    let is = now == at.tree;
    Ok(is
        .then_some(())
        .ok_or_else(|| Rejection::of("tree-changed")))
}
