//! The extractors of axum, driven without a server.

use core::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::middleware::Next;
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use http::header::WWW_AUTHENTICATE;
use serde_json::Value;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::tower::ContextLayer;
use tower::ServiceExt;

use crate::helpers::edge;
use crate::helpers::identity;
use crate::helpers::user;

async fn anybody(ctx: InvocationContext) -> String {
    ctx.trace().originating().to_string()
}

async fn known(ctx: InvocationContext<Authenticated>) -> String {
    ctx.actor().accountable_account().id().to_string()
}

async fn refuses() -> Result<String, Problem> {
    Err(Problem::new(ProblemKind::NotFound))
}

fn router() -> Router {
    Router::new()
        .route("/anybody", get(anybody))
        .route("/known", get(known))
        .route("/refuses", get(refuses))
}

fn door() -> ContextLayer<impl Fn(&http::Extensions) -> Option<SocketAddr> + Clone> {
    ContextLayer::new(edge(), |_| None)
}

/// Stands for the layer that verifies a credential.
async fn authenticate(mut request: Request, next: Next) -> Response {
    let ctx = request
        .extensions_mut()
        .remove::<InvocationContext>()
        .unwrap();
    let who = identity(Actor::direct(user(1, 1)));
    let ctx = ctx.authenticated_as(who).unwrap();
    request.extensions_mut().insert(ctx);
    next.run(request).await
}

async fn answer(router: Router, path: &str) -> (http::response::Parts, String) {
    let request = Request::builder().uri(path).body(Body::empty()).unwrap();
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, 65_536).await.unwrap();
    (parts, String::from_utf8(bytes.to_vec()).unwrap())
}

fn code(body: &str) -> Value {
    serde_json::from_str::<Value>(body).unwrap()["code"].clone()
}

#[tokio::test]
async fn a_handler_gets_the_context_of_its_request() {
    let (parts, body) = answer(router().layer(door()), "/anybody").await;
    assert_eq!(parts.status, StatusCode::OK);
    assert_eq!(parts.headers["x-originating-id"], body.as_str());
}

#[tokio::test]
async fn a_handler_of_known_callers_gets_a_known_caller() {
    let router = router().layer(from_fn(authenticate)).layer(door());
    let (parts, body) = answer(router, "/known").await;
    assert_eq!(parts.status, StatusCode::OK);
    assert_eq!(body, user(1, 1).id().to_string());
}

#[tokio::test]
async fn an_unknown_caller_is_challenged() {
    let (parts, body) = answer(router().layer(door()), "/known").await;
    assert_eq!(parts.status, StatusCode::UNAUTHORIZED);
    assert_eq!(parts.headers[WWW_AUTHENTICATE], "Bearer");
    assert_eq!(code(&body), "unauthenticated");
    let document: Value = serde_json::from_str(&body).unwrap();
    let id = &parts.headers["x-originating-id"];
    assert_eq!(document["instance"], id.to_str().unwrap());
}

#[tokio::test]
async fn attack_23_without_the_layer_both_extractors_name_it() {
    for path in ["/anybody", "/known"] {
        let (parts, body) = answer(router(), path).await;
        assert_eq!(parts.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(code(&body), "misconfigured");
        assert!(body.contains("add ContextLayer to the service"), "{body}");
    }
}

#[tokio::test]
async fn attack_23_one_router_has_one_door() {
    let (parts, body) = answer(router().layer(door()).layer(door()), "/anybody").await;
    assert_eq!(parts.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(body.contains("ContextLayer"), "{body}");
}

#[tokio::test]
async fn a_problem_is_a_response() {
    let (parts, body) = answer(router().layer(door()), "/refuses").await;
    assert_eq!(parts.status, StatusCode::NOT_FOUND);
    assert_eq!(code(&body), "not-found");
}
