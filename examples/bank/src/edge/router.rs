//! The routes, one per operation, and the layers around them in the order of the way of an invocation.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
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
use super::command::Command;
use super::commands;
use super::organisation;
use super::organisation::RetrieveBillingRollup;
use super::organisation::RetrieveContainerTree;
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
        .own::<RetrievePermissions>("retrieve-permissions")
        .own::<RetrievePermissionCatalogue>("retrieve-permission-catalogue")
        .own::<ExplainDecision>("explain-decision")
        .listing::<container::Read, RetrieveContainerTree>("retrieve-container-tree")
        .listing::<audit::Read, ListAuditEntries>("list-audit-entries")
}

/// The service of the bank. Of two layers the one added later goes around the other.
pub fn router(services: &Services, doors: Doors) -> Router {
    let commands = command_routes().route_layer(IdempotencyLayer::new(doors.idempotency));
    let authorization =
        AuthorizationLayer::new(services.authorizer.clone(), operations()).with_locator(
            StreamLocator::new(services.log.clone(), services.access.clone()),
        );
    Router::new()
        .merge(commands)
        .merge(query_routes())
        .route("/commands/log-in", post(public::log_in))
        .route_layer(authorization)
        .fallback(unknown_operation)
        .method_not_allowed_fallback(unknown_operation)
        .layer(from_fn(audited::note_caller))
        .layer(AuthenticationLayer::new(doors.verifier).anonymous(["/commands/log-in"]))
        .layer(from_fn_with_state(services.clone(), audited::record))
        .layer(TenantLayer::new(services.tenants.directory()))
        .layer(SpanLayer::new())
        .layer(ContextLayer::new(doors.edge, peer))
        .with_state(services.clone())
}

fn command_routes() -> Router<Services> {
    let router = Router::new();
    let router = command::<RegisterCustomer>(router);
    let router = command::<ForgetCustomer>(router);
    let router = command::<OpenAccount>(router);
    let router = command::<Deposit>(router);
    let router = command::<CreateContainer>(router);
    let router = command::<MoveContainer>(router);
    let router = command::<ArchiveContainer>(router);
    let router = command::<OnboardTenant>(router);
    let router = command::<RestrictIpRange>(router);
    let router = command::<DefineRole>(router);
    let router = command::<AssignRole>(router);
    command::<RevokeRole>(router)
}

/// Every command has the same handler, at the path that its name gives.
fn command<C: Command>(router: Router<Services>) -> Router<Services> {
    let path = format!("/commands/{}", C::OPERATION);
    router.route(&path, post(commands::handle::<C>))
}

fn query_routes() -> Router<Services> {
    Router::new()
        .route(
            "/queries/retrieve-available-balance",
            post(queries::retrieve_available_balance),
        )
        .route(
            "/queries/retrieve-customer",
            post(queries::retrieve_customer),
        )
        .route(
            "/queries/list-audit-entries",
            post(queries::list_audit_entries),
        )
        .route(
            "/queries/retrieve-container-tree",
            post(organisation::retrieve_container_tree),
        )
        .route(
            "/queries/retrieve-billing-rollup",
            post(organisation::retrieve_billing_rollup),
        )
        .route(
            "/queries/retrieve-permissions",
            post(rights::retrieve_permissions),
        )
        .route(
            "/queries/retrieve-permission-catalogue",
            post(rights::retrieve_permission_catalogue),
        )
        .route("/queries/explain-decision", post(rights::explain_decision))
}

async fn unknown_operation(ctx: InvocationContext) -> Problem {
    Problem::new(ProblemKind::NotFound).with_instance(ctx.trace().current())
}

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0)
}
