//! The routes, one per operation, and the layers around them in the order of the way of an invocation.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::handler::Handler;
use axum::http::Extensions;
use axum::middleware::from_fn;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use skeleton_authz::AuthorizationLayer;
use skeleton_authz::Operations;
use skeleton_authz::skeleton::container;
use skeleton_idempotency::Engine;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::tower::ContextLayer;
use skeleton_invocation_context::tower::SpanLayer;
use skeleton_tenancy_tree::TenantLayer;
use skeleton_tokens::AccessToken;
use skeleton_tokens::AuthenticationLayer;
use skeleton_tokens::Verifier;

use super::audited;
use super::billing;
use super::billing::RetrieveBillingRollup;
use super::bulk;
use super::bulk::Bulk;
use super::command::Command;
use super::commands;
use super::dispatch::Commands;
use super::media;
use super::organisation;
use super::organisation::RetrieveContainerTree;
use super::organisation::RetrieveMoveImpact;
use super::public;
use super::queries;
use super::rights;
use super::rights::ExplainDecision;
use super::rights::RetrievePermissionCatalogue;
use super::rights::RetrievePermissions;
use crate::catalogue::audit;
use crate::domain::bank_account::Deposit;
use crate::domain::bank_account::OpenAccount;
use crate::domain::bank_account::RetrieveAvailableBalance;
use crate::domain::container::ArchiveContainer;
use crate::domain::container::CreateContainer;
use crate::domain::container::MoveContainer;
use crate::domain::customer::ForgetCustomer;
use crate::domain::customer::RegisterCustomer;
use crate::domain::customer::RetrieveCustomer;
use crate::domain::rules::AssignRole;
use crate::domain::rules::DefineRole;
use crate::domain::rules::RevokeRole;
use crate::domain::tenant::OnboardTenant;
use crate::domain::tenant::RestrictIpRange;
use crate::edge::queries::ListAuditEntries;
use crate::locator::StreamLocator;
use crate::services::Services;

/// The parts of the way of an invocation that stand before the handlers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Doors {
    /// Step 1.
    pub edge: Edge,
    /// Step 3.
    pub verifier: Verifier<AccessToken>,
    /// Step 6.
    pub idempotency: Engine,
}

impl Doors {
    /// The doors of a service.
    #[must_use]
    pub const fn new(edge: Edge, verifier: Verifier<AccessToken>, idempotency: Engine) -> Self {
        Self {
            edge,
            verifier,
            idempotency,
        }
    }
}

/// Every operation, and what it needs.
#[must_use]
pub fn operations() -> Operations {
    Operations::new()
        .public("log-in")
        .guarded::<RegisterCustomer>("register-customer")
        .guarded::<OpenAccount>("open-account")
        .guarded::<Deposit>("deposit")
        .guarded::<ForgetCustomer>("forget-customer")
        .guarded::<CreateContainer>("create-container")
        .guarded::<MoveContainer>("move-container")
        .guarded::<ArchiveContainer>("archive-container")
        .guarded::<OnboardTenant>("onboard-tenant")
        .guarded::<RestrictIpRange>("restrict-ip-range")
        .guarded::<DefineRole>("define-role")
        .guarded::<AssignRole>("assign-role")
        .guarded::<RevokeRole>("revoke-role")
        .guarded::<RetrieveAvailableBalance>("retrieve-available-balance")
        .guarded::<RetrieveCustomer>("retrieve-customer")
        .guarded::<RetrieveBillingRollup>("retrieve-billing-rollup")
        .guarded::<RetrieveMoveImpact>("retrieve-move-impact")
        .own::<RetrievePermissions>("retrieve-permissions")
        .own::<RetrievePermissionCatalogue>("retrieve-permission-catalogue")
        .own::<ExplainDecision>("explain-decision")
        .listing::<container::Read, RetrieveContainerTree>("retrieve-container-tree")
        .listing::<audit::Read, ListAuditEntries>("list-audit-entries")
}

/// The routes with their paths, in pairs of door and operation: what is covered by tests is counted by them.
#[derive(Default)]
struct Routes {
    router: Router<Services>,
    paths: Vec<(&'static str, &'static str)>,
    commands: Commands,
}

/// The service of the bank. Of two layers the one added later goes around the other.
pub fn router(services: &Services, doors: Doors) -> Router {
    let Routes {
        router, commands, ..
    } = command_routes();
    let guarded = router.route_layer(IdempotencyLayer::new(doors.idempotency.clone()));
    // Each item has its own decision and its own key, so the bulk door stands outside of the layers that make them.
    let bulk = Bulk {
        services: services.clone(),
        engine: doors.idempotency,
        commands,
    };
    let bulk = Router::new()
        .route("/commands", post(bulk::commands))
        .with_state(bulk);
    let authorization =
        AuthorizationLayer::new(services.authorizer.clone(), operations()).with_locator(
            StreamLocator::new(services.log.clone(), services.access.clone()),
        );
    Router::new()
        .merge(guarded)
        .merge(query_routes().router)
        .merge(public_routes().router)
        .route_layer(authorization)
        .merge(bulk)
        .fallback(unknown_operation)
        .method_not_allowed_fallback(unknown_operation)
        .layer(from_fn(audited::note_caller))
        .layer(AuthenticationLayer::new(doors.verifier).anonymous(["/commands/log-in"]))
        .layer(from_fn(media::refuse_others))
        .layer(from_fn_with_state(services.clone(), audited::record))
        .layer(TenantLayer::new(services.tenants.directory()))
        .layer(SpanLayer::new())
        .layer(ContextLayer::new(doors.edge, peer))
        .layer(from_fn(media::in_plain_http))
        .with_state(services.clone())
}

/// Every route: its door, which is the first segment of its path, and its operation, which is the rest.
#[must_use]
pub fn routes() -> Vec<(&'static str, &'static str)> {
    let all = [command_routes(), query_routes(), public_routes()];
    all.into_iter().flat_map(|routes| routes.paths).collect()
}

impl Routes {
    fn with<H, T>(self, door: &'static str, operation: &'static str, handler: H) -> Self
    where
        H: Handler<T, Services>,
        T: 'static,
    {
        let Self {
            router, mut paths, ..
        } = self;
        paths.push((door, operation));
        let path = format!("/{door}/{operation}");
        Self {
            router: router.route(&path, post(handler)),
            paths,
            commands: self.commands,
        }
    }

    /// Every command has the same handler, and is known to the doors that have no route for each.
    fn command<C: Command>(self) -> Self {
        let routes = self.with("commands", C::OPERATION, commands::handle::<C>);
        Self {
            commands: routes.commands.with::<C>(),
            ..routes
        }
    }
}

/// Every command by its name.
pub(super) fn all_commands() -> Commands {
    command_routes().commands
}

fn command_routes() -> Routes {
    Routes::default()
        .command::<RegisterCustomer>()
        .command::<ForgetCustomer>()
        .command::<OpenAccount>()
        .command::<Deposit>()
        .command::<CreateContainer>()
        .command::<MoveContainer>()
        .command::<ArchiveContainer>()
        .command::<OnboardTenant>()
        .command::<RestrictIpRange>()
        .command::<DefineRole>()
        .command::<AssignRole>()
        .command::<RevokeRole>()
}

fn query_routes() -> Routes {
    let balance = queries::retrieve_available_balance;
    let tree = organisation::retrieve_container_tree;
    let bill = billing::retrieve_billing_rollup;
    let catalogue = rights::retrieve_permission_catalogue;
    Routes::default()
        .with("queries", "retrieve-available-balance", balance)
        .with("queries", "retrieve-customer", queries::retrieve_customer)
        .with("queries", "list-audit-entries", queries::list_audit_entries)
        .with("queries", "retrieve-container-tree", tree)
        .with(
            "queries",
            "retrieve-move-impact",
            organisation::retrieve_move_impact,
        )
        .with("queries", "retrieve-billing-rollup", bill)
        .with(
            "queries",
            "retrieve-permissions",
            rights::retrieve_permissions,
        )
        .with("queries", "retrieve-permission-catalogue", catalogue)
        .with("queries", "explain-decision", rights::explain_decision)
}

fn public_routes() -> Routes {
    Routes::default().with("commands", "log-in", public::log_in)
}

async fn unknown_operation(ctx: InvocationContext) -> Problem {
    Problem::new(ProblemKind::NotFound).with_instance(ctx.trace().current())
}

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0)
}
