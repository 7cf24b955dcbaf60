//! The extractors: they hand out what the layer checked, once.

use std::sync::Arc;
use std::sync::Mutex;

use axum::Extension;
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::post;
use http::Request;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::AuthorizationLayer;
use skeleton_authz::Authorized;
use skeleton_authz::Checked;
use skeleton_authz::Listing;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::testing;
use tower::ServiceExt;

use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::doors::Answer;
use crate::doors::ListAccounts;
use crate::doors::OpenAccount;
use crate::doors::Places;
use crate::doors::ReadAccounts;
use crate::doors::RetrieveAccount;
use crate::doors::in_container;
use crate::doors::operations;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::TEXAS;
use crate::helpers::US;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::tenant;

type Kept = Arc<Mutex<Vec<Authorized<'static, account::Open>>>>;

/// Asks the routes behind the layer as account 1, who manages France.
async fn asked(routes: Router, operation: &str, body: String) -> Answer {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(FRANCE))).await;
    let layer = AuthorizationLayer::new(world.authorizer.clone(), operations());
    send(routes.route_layer(layer), &caller(1), operation, body).await
}

async fn send(
    app: Router,
    ctx: &InvocationContext<Authenticated>,
    operation: &str,
    body: String,
) -> Answer {
    let app = app.layer(Extension(ctx.clone().into_access()));
    let request = Request::post(format!("/{operation}")).body(Body::from(body));
    Answer::of(app.oneshot(request.unwrap()).await.unwrap()).await
}

fn assert_misconfigured(answer: &Answer, detail: &str) {
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (500, Some("misconfigured"))
    );
    assert_eq!(answer.json()["detail"], detail);
    assert_eq!(
        answer.json()["instance"],
        caller(1).trace().current().to_string()
    );
}

const MISMATCH: &str = "the handler takes what was not checked for it, or takes it twice";

async fn open(Checked(ctx, auth, command): Checked<OpenAccount>) -> String {
    assert_eq!(auth.originating_id(), ctx.trace().originating());
    assert_eq!(
        (auth.tenant(), auth.scope()),
        (ctx.tenant(), command.container)
    );
    format!("{} opens", auth.account())
}

async fn list(Listing(ctx, snapshot, ListAccounts {}): Listing<ListAccounts>) -> Json<Vec<u64>> {
    assert_eq!(snapshot.tree().tenant(), ctx.tenant());
    let tree = snapshot.tree();
    let is_visible = |at: &u64| {
        let node = tree.node(container(*at));
        node.is_some_and(|node| snapshot.allows(account::Read, node))
    };
    Json(
        [EU, FRANCE, GERMANY, US, TEXAS]
            .into_iter()
            .filter(is_visible)
            .collect(),
    )
}

#[tokio::test]
async fn a_handler_gets_who_calls_the_proof_and_the_payload_that_was_checked() {
    let routes = Router::new().route("/open-account", post(open));
    let answer = asked(routes, "open-account", in_container(container(FRANCE))).await;
    assert_eq!(
        (answer.status, answer.text()),
        (200, format!("{} opens", account_id(1)).as_str())
    );
    assert_eq!(answer.record.unwrap().verdict(), "allow");
}

async fn listed(app: &Router) -> (u16, Value) {
    let answer = send(app.clone(), &caller(1), "list-accounts", "{}".to_owned()).await;
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_list_holds_exactly_what_the_caller_may_see_and_may_be_empty() {
    let world = World::bank().await;
    let layer = AuthorizationLayer::new(world.authorizer.clone(), operations());
    let app = Router::new()
        .route("/list-accounts", post(list))
        .route_layer(layer);
    assert_eq!(listed(&app).await, (200, json!([])));
    world.give(grant(1, 1, Clerk, container(EU))).await;
    assert_eq!(listed(&app).await, (200, json!([EU, FRANCE, GERMANY])));
    world.give(grant(2, 1, Clerk, container(TEXAS))).await;
    assert_eq!(
        listed(&app).await,
        (200, json!([EU, FRANCE, GERMANY, TEXAS]))
    );
}

#[tokio::test]
async fn attack_10_a_listing_without_its_extractor_loses_its_answer() {
    async fn everything() -> &'static str {
        "everything"
    }
    let routes = Router::new().route("/list-accounts", post(everything));
    let answer = asked(routes, "list-accounts", "{}".to_owned()).await;
    assert_misconfigured(&answer, "the handler answered without a check");
    assert!(!answer.text().contains("everything"));
}

#[tokio::test]
async fn a_request_without_a_route_stays_the_routers() {
    let routes = Router::new().route("/open-account", post(open));
    let answer = asked(routes, "close-account", in_container(container(FRANCE))).await;
    assert_eq!((answer.status, answer.text()), (404, ""));
    assert!(answer.record.is_none());
}

#[tokio::test]
async fn attack_10_a_missing_layer_is_named() {
    let app = Router::new()
        .route("/open-account", post(open))
        .route("/list-accounts", post(list));
    for (operation, body) in [
        ("open-account", in_container(container(FRANCE))),
        ("list-accounts", "{}".to_owned()),
    ] {
        let answer = send(app.clone(), &caller(1), operation, body).await;
        assert_misconfigured(&answer, "add AuthorizationLayer to the service");
    }
}

#[tokio::test]
async fn attack_10_a_public_operation_has_no_proof_to_give() {
    let routes = Router::new().route("/log-in", post(open));
    let answer = asked(routes, "log-in", in_container(container(FRANCE))).await;
    assert_misconfigured(&answer, "add AuthorizationLayer to the service");
}

#[tokio::test]
async fn attack_10_a_handler_for_another_payload_gets_nothing() {
    async fn read(Checked(_, _, _): Checked<ReadAccounts>) -> &'static str {
        "read"
    }
    let routes = Router::new()
        .route("/open-account", post(read))
        .route("/read-accounts", post(list));
    for operation in ["open-account", "read-accounts"] {
        let answer = asked(routes.clone(), operation, in_container(container(FRANCE))).await;
        assert_misconfigured(&answer, MISMATCH);
    }
}

#[tokio::test]
async fn a_proof_is_taken_once() {
    async fn twice(_: Checked<OpenAccount>, _: Checked<OpenAccount>) -> &'static str {
        "twice"
    }
    let routes = Router::new().route("/open-account", post(twice));
    let answer = asked(routes, "open-account", in_container(container(FRANCE))).await;
    assert_misconfigured(&answer, MISMATCH);
}

#[tokio::test]
async fn a_request_that_is_sent_on_twice_has_its_effect_once() {
    async fn again(request: Request<Body>, next: Next) -> Response {
        let mut copy = Request::post(request.uri().clone())
            .body(Body::empty())
            .unwrap();
        *copy.extensions_mut() = request.extensions().clone();
        let first = next.clone().run(request).await;
        assert_eq!(first.status().as_u16(), 200);
        next.run(copy).await
    }
    let routes = Router::new()
        .route("/open-account", post(open))
        .route_layer(from_fn(again));
    let answer = asked(routes, "open-account", in_container(container(FRANCE))).await;
    assert_misconfigured(&answer, MISMATCH);
}

#[tokio::test]
async fn attack_02_a_resource_that_moved_after_the_check_is_not_found_and_not_touched() {
    async fn retrieve(
        State(places): State<Places>,
        Checked(ctx, auth, query): Checked<RetrieveAccount>,
    ) -> Result<&'static str, Problem> {
        let placed = places.now(ctx.tenant(), &query.account);
        match placed.filter(|placed| auth.is_for(placed)) {
            Some(_) => Ok("1,000,000"),
            None => Err(Problem::new(ProblemKind::NotFound).with_instance(ctx.trace().current())),
        }
    }
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    let places = Places::default();
    places.put(tenant(1), "fr-001", container(FRANCE));
    let layer = AuthorizationLayer::new(world.authorizer.clone(), operations());
    let app = Router::new()
        .route("/retrieve-account", post(retrieve))
        .route_layer(layer.with_locator(places.clone()))
        .with_state(places.clone());
    let body = r#"{"account":"fr-001"}"#.to_owned();
    let answer = send(app.clone(), &caller(1), "retrieve-account", body.clone()).await;
    assert_eq!(answer.status, 200);
    places.move_after_check(container(TEXAS));
    let moved = send(app.clone(), &caller(1), "retrieve-account", body.clone()).await;
    let unseen = send(app, &caller(1), "retrieve-account", body).await;
    assert_eq!(moved.status, 404);
    assert_eq!(moved.bytes(), unseen.bytes());
}

#[tokio::test]
async fn a_proof_that_was_kept_serves_no_other_invocation() {
    async fn keep(State(kept): State<Kept>, Checked(ctx, auth, _): Checked<OpenAccount>) -> String {
        let mut kept = kept.lock().unwrap();
        kept.push(auth);
        // What a store compares before it writes.
        let serves = |auth: &Authorized<'_, account::Open>| {
            auth.tenant() == ctx.tenant() && auth.originating_id() == ctx.trace().originating()
        };
        format!("{:?}", kept.iter().map(serves).collect::<Vec<_>>())
    }
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(FRANCE))).await;
    let layer = AuthorizationLayer::new(world.authorizer.clone(), operations());
    let app = Router::new()
        .route("/open-account", post(keep))
        .route_layer(layer);
    let app = app.with_state(Kept::default());
    for (seed, expected) in [(1, "[true]"), (2, "[false, true]")] {
        let ctx = testing::context().user(account_id(1), tenant(1)).seed(seed);
        let ctx = ctx.build_authenticated();
        let answer = send(
            app.clone(),
            &ctx,
            "open-account",
            in_container(container(FRANCE)),
        )
        .await;
        assert_eq!((answer.status, answer.text()), (200, expected));
    }
}
