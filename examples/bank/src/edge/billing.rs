//! The query about bills: what each branch of a tenant used.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::Checked;
use skeleton_authz::Guarded;
use skeleton_authz::Target;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Rollup;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TreeSnapshot;

use super::allowed::Allowed;
use super::allowed::decided_on;
use super::queries::answer;
use super::queries::caught_up;
use super::queries::not_yet;
use super::queries::unavailable;
use crate::catalogue::billing;
use crate::metering::OPERATIONS;
use crate::projections;
use crate::services::Services;

/// Asks what a container and all that is below it used.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RetrieveBillingRollup {
    /// Of which container.
    container: ContainerId,
}

impl Guarded for RetrieveBillingRollup {
    type Needs = billing::Read;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.container)
    }
}

/// The units of a container and of each container directly below it, rolled up by the tree as it is: the answer names
/// its version, by which the same bill can be made again.
///
/// It tells what the caller may read and nothing else: a container below is named only if she may read its bill, and a
/// sum is given only if she may read every part of it. Else it is null, because a sum less its known parts is the rest.
pub(super) async fn retrieve_billing_rollup(
    State(services): State<Services>,
    headers: HeaderMap,
    Checked(ctx, auth, query): Checked<RetrieveBillingRollup>,
) -> Result<Response, Problem> {
    let after = caught_up(&services, &ctx, &headers).await?;
    let log = services
        .log
        .tenant(ctx.tenant())
        .map_err(|error| unavailable(&ctx, &error))?;
    let used = projections::units_by_container(log.readers(), OPERATIONS).await;
    let mut used = used.map_err(|error| unavailable(&ctx, &error))?;
    let tenant = services.tenants.directory().by_id(ctx.tenant());
    if tenant.is_none_or(|tenant| tenant.is_test()) {
        // Nobody is billed for tests.
        used.clear();
    }
    let snapshot = decided_on(&auth)?;
    let tree = snapshot.tree();
    let bill = Rollup::build(tree, used).map_err(|_| {
        Problem::new(ProblemKind::Misconfigured)
            .with_detail("more was used than can be counted")
            .with_instance(ctx.trace().current())
    })?;
    let asked = tree.node(query.container).ok_or_else(|| not_yet(&ctx))?;
    let readable = Allowed::of(snapshot, billing::Read)?;
    Ok(answer(&ctx, after, &billed(tree, &bill, &readable, asked)))
}

fn billed(
    tree: &TreeSnapshot,
    bill: &Rollup<i64>,
    readable: &Allowed<'_>,
    asked: Node<'_>,
) -> Value {
    let sum = |node: Node<'_>| bill.total(node).filter(|_| readable.covers(node));
    let below = tree.children(asked);
    let below = below.filter(|child| readable.contains(*child)).map(|child| {
        json!({ "container": tree.id(child), "name": tree.name(child), "units": sum(child) })
    });
    json!({
        "meter": OPERATIONS,
        "tree-version": bill.version(),
        "units": sum(asked),
        "own": bill.own(asked),
        "below": below.collect::<Vec<_>>(),
    })
}
