//! Queries about a tenant's own organisation: its tree, and what each branch of it used.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;
use skeleton_authz::Checked;
use skeleton_authz::Guarded;
use skeleton_authz::Listing;
use skeleton_authz::Snapshot;
use skeleton_authz::Target;
use skeleton_authz::skeleton::grant;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Rollup;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TreeSnapshot;

use super::queries::answer;
use super::queries::caught_up;
use super::queries::not_yet;
use super::queries::unavailable;
use crate::catalogue::billing;
use crate::domain::container::rejection;
use crate::metering::OPERATIONS;
use crate::outcome::Rejection;
use crate::projections;
use crate::services::Services;

/// Asks for the tree, as far as the caller may see it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RetrieveContainerTree {}

/// One container of the answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Seen<'t> {
    container: ContainerId,
    parent: Option<ContainerId>,
    name: &'t str,
    depth: u8,
    archived: bool,
}

/// The tree in pre-order: the containers that a grant of the caller reaches, and those above one. The rest does not
/// exist for her.
pub(super) async fn retrieve_container_tree(
    Listing(ctx, snapshot, _query): Listing<RetrieveContainerTree>,
) -> Result<Response, Problem> {
    let tree = snapshot.tree();
    let nodes = tree.subtree(tree.root());
    let containers: Vec<_> = nodes
        .filter_map(|node| seen(&snapshot, tree, node))
        .collect();
    let result = json!({ "version": tree.version(), "containers": containers });
    Ok(answer(&ctx, None, &result))
}

fn seen<'t>(snapshot: &Snapshot, tree: &'t TreeSnapshot, node: Node<'t>) -> Option<Seen<'t>> {
    let container = tree.id(node).filter(|id| snapshot.sees(*id))?;
    Some(Seen {
        container,
        parent: tree.parent(node).and_then(|parent| tree.id(parent)),
        name: tree.name(node),
        depth: node.depth(),
        archived: node.is_archived(),
    })
}

/// Asks what a move would change, without making it. It shows what others may do, which takes more than the move itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RetrieveMoveImpact {
    /// What would move.
    container: ContainerId,
    /// Below which.
    to: ContainerId,
}

impl Guarded for RetrieveMoveImpact {
    type Needs = grant::Read;

    fn target(&self) -> Target<'_> {
        Target::Move {
            container: self.container,
            to: self.to,
        }
    }
}

/// The dry run of a move: how much would move, out of and into which containers, and who would gain and lose what.
pub(super) async fn retrieve_move_impact(
    State(services): State<Services>,
    Checked(ctx, _auth, query): Checked<RetrieveMoveImpact>,
) -> Result<Response, Problem> {
    let snapshot = services.authorizer.snapshot(&ctx).map_err(Problem::from)?;
    let result = match snapshot.tree().plan_move(query.container, query.to) {
        Ok(plan) => {
            let impact = plan.assess(&snapshot);
            let changes = impact.map(|impact| impact.to_json(snapshot.catalogue()));
            json!({
                "version": plan.version(),
                "moved": plan.moved(),
                "depth": plan.depth(),
                "left": plan.left(),
                "entered": plan.entered(),
                "changes": changes.map_err(|_| not_yet(&ctx))?,
            })
        }
        Err(error) => {
            let Rejection { code, params } = rejection(&error).ok_or_else(|| not_yet(&ctx))?;
            json!({ "would-be-rejected": { "code": code, "params": params } })
        }
    };
    Ok(answer(&ctx, None, &result))
}

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
pub(super) async fn retrieve_billing_rollup(
    State(services): State<Services>,
    headers: HeaderMap,
    Checked(ctx, _auth, query): Checked<RetrieveBillingRollup>,
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
    let tree = services.forest.snapshot(InTenant::of(&ctx)).await;
    let tree = tree.map_err(|_| not_yet(&ctx))?;
    let bill = Rollup::build(&tree, used).map_err(|_| {
        Problem::new(ProblemKind::Misconfigured)
            .with_detail("more was used than can be counted")
            .with_instance(ctx.trace().current())
    })?;
    let asked = tree.node(query.container).ok_or_else(|| not_yet(&ctx))?;
    let below = tree.children(asked).map(|child| {
        json!({ "container": tree.id(child), "name": tree.name(child), "units": bill.total(child) })
    });
    let result = json!({
        "meter": OPERATIONS,
        "tree-version": bill.version(),
        "units": bill.total(asked),
        "own": bill.own(asked),
        "below": below.collect::<Vec<_>>(),
    });
    Ok(answer(&ctx, after, &result))
}
