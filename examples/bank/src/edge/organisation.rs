//! Queries about a tenant's own organisation: its tree, and what a move would change of it.

use std::collections::HashSet;

use axum::response::Response;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::AccessChange;
use skeleton_authz::Checked;
use skeleton_authz::Guarded;
use skeleton_authz::Listing;
use skeleton_authz::Snapshot;
use skeleton_authz::Target;
use skeleton_authz::skeleton::container;
use skeleton_authz::skeleton::grant;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Problem;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::TreeSnapshot;

use super::allowed::Allowed;
use super::allowed::decided_on;
use super::queries::answer;
use super::queries::not_yet;
use crate::domain::container::rejection;
use crate::outcome::Rejection;

/// Asks for the tree, as far as the caller may see it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RetrieveContainerTree {}

/// One container of the answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Shown<'t> {
    container: ContainerId,
    parent: Option<ContainerId>,
    depth: u8,
    /// None for one that is only on the way to what the caller may read.
    #[serde(flatten)]
    read: Option<Read<'t>>,
}

/// What takes `container:read` there.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Read<'t> {
    name: &'t str,
    archived: bool,
}

/// The tree in pre-order: the containers that the caller may read, and those above one, so that a path can be drawn.
/// What is above and may not be read is its id and nothing else; the rest does not exist for her.
pub(super) async fn retrieve_container_tree(
    Listing(ctx, snapshot, _query): Listing<RetrieveContainerTree>,
) -> Result<Response, Problem> {
    let tree = snapshot.tree();
    let readable = Allowed::of(&snapshot, container::Read)?;
    let above = readable.roots().flat_map(|root| tree.ancestors(root));
    let above: HashSet<u32> = above.map(Node::pre).collect();
    let nodes = tree.subtree(tree.root());
    let nodes = nodes.filter(|node| readable.contains(*node) || above.contains(&node.pre()));
    let containers: Vec<_> = nodes
        .filter_map(|node| shown(&readable, tree, node))
        .collect();
    let result = json!({ "version": tree.version(), "containers": containers });
    Ok(answer(&ctx, None, &result))
}

fn shown<'t>(readable: &Allowed<'_>, tree: &'t TreeSnapshot, node: Node<'t>) -> Option<Shown<'t>> {
    let read = readable.contains(node).then(|| Read {
        name: tree.name(node),
        archived: node.is_archived(),
    });
    Some(Shown {
        container: tree.id(node)?,
        parent: tree.parent(node).and_then(|parent| tree.id(parent)),
        depth: node.depth(),
        read,
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

/// The dry run of a move: how much would move, out of and into which containers, and who would gain and lose what, as
/// far as the caller may read grants. It is answered by the rules by which she was let in.
pub(super) async fn retrieve_move_impact(
    Checked(ctx, auth, query): Checked<RetrieveMoveImpact>,
) -> Result<Response, Problem> {
    let snapshot = decided_on(&auth)?;
    let result = match snapshot.tree().plan_move(query.container, query.to) {
        Ok(plan) => {
            let impact = plan.assess(snapshot).map_err(|_| not_yet(&ctx))?;
            let readable = Allowed::of(snapshot, grant::Read)?;
            let changes = impact.changes().iter();
            let changes = changes.filter_map(|change| told(snapshot, &readable, change));
            json!({
                "version": plan.version(),
                "moved": plan.moved(),
                "depth": plan.depth(),
                "left": plan.left(),
                "entered": plan.entered(),
                "changes": changes.collect::<Vec<_>>(),
            })
        }
        Err(error) => {
            let Rejection { code, params } = rejection(&error).ok_or_else(|| not_yet(&ctx))?;
            json!({ "would-be-rejected": { "code": code, "params": params } })
        }
    };
    Ok(answer(&ctx, None, &result))
}

/// A change where the caller may read grants; nothing if that is nowhere.
fn told<'s>(
    snapshot: &'s Snapshot,
    readable: &Allowed<'s>,
    change: &AccessChange,
) -> Option<Value> {
    let tree = snapshot.tree();
    let parts = change.scopes.iter();
    let parts = parts.filter_map(|(at, reach)| Some((tree.node(*at)?, *reach)));
    let left = parts.flat_map(|part| readable.left_of(part));
    let scopes: Vec<_> = left
        .map(|(node, reach)| json!({ "scope": tree.id(node), "reach": reach }))
        .collect();
    let catalogue = snapshot.catalogue();
    (!scopes.is_empty()).then(|| {
        json!({
            "account": change.account,
            "scopes": scopes,
            "gains": catalogue.names(&change.gains),
            "losses": catalogue.names(&change.losses),
        })
    })
}
