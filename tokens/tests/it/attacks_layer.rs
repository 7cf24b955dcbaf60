//! Attacks 37 to 42 on the layer.

use core::convert::Infallible;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::sync::Arc;

use axum::body::Body;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header;
use http_body_util::BodyExt;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing::ContextBuilder;
use skeleton_invocation_context::testing::context;
use skeleton_tokens::AuthenticationLayer;
use skeleton_tokens::KeyScope;
use skeleton_tokens::testing::ring_with;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::House;
use crate::helpers::KENT_SEED;
use crate::helpers::bruce;
use crate::helpers::draft_in;
use crate::helpers::house;
use crate::helpers::house_with;
use crate::helpers::kent;
use crate::helpers::wayne;

#[tokio::test]
async fn a_good_token_becomes_an_authenticated_context_and_its_header_is_gone() {
    let house = house();
    let answer = answer(&house, request().header("authorization", bearer(&house))).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["vary"], "authorization");
    assert_eq!(answer.headers()["x-account"], bruce().to_string());
    assert_eq!(answer.headers()["x-authorization-seen"], "false");
}

#[tokio::test]
async fn attack_37_two_authorization_headers_are_malformed() {
    let house = house();
    let good = bearer(&house);
    let twice = request().header("authorization", &good).header("authorization", &good);
    assert_invalid_request(answer(&house, twice).await).await;
    for odd in ["Bearer", "Bearer ", "", "Bearer\ttoken"] {
        assert_invalid_request(answer(&house, request().header("authorization", odd)).await).await;
    }
    let bytes = http::HeaderValue::from_bytes(b"Bearer \xff").unwrap();
    assert_invalid_request(answer(&house, request().header("authorization", bytes)).await).await;
}

#[tokio::test]
async fn attack_37_credentials_elsewhere_are_not_read() {
    let house = house();
    let token = house.token();
    let elsewhere = Request::post(format!("/commands/debit?access_token={token}"))
        .header("cookie", format!("access_token={token}"))
        .header("x-api-key", &token)
        .header("proxy-authorization", format!("Bearer {token}"));
    let answer = answer(&house, elsewhere).await;
    assert_challenge(&answer, r#"Bearer realm="wayne""#);
}

#[tokio::test]
async fn attack_38_the_scheme_is_read_in_any_case() {
    let house = house();
    let token = house.token();
    for scheme in ["bearer", "BEARER", "bEaReR", "Bearer  "] {
        let shown = request().header("authorization", format!("{scheme} {token}"));
        assert_eq!(answer(&house, shown).await.status(), StatusCode::OK, "{scheme}");
    }
}

#[tokio::test]
async fn attack_38_every_bad_token_gets_one_answer_with_its_challenge() {
    let house = house();
    let good = house.token();
    let of_kent = house.issuer.issue(draft_in(kent())).unwrap();
    let mut bodies = Vec::new();
    for bad in ["x", &good[1..], &format!("{good} {good}"), of_kent.expose(), "..", "sk_live_1"] {
        let answer = answer(&house, request().header("authorization", format!("Bearer {bad}"))).await;
        assert_challenge(
            &answer,
            r#"Bearer realm="wayne", error="invalid_token", error_description="the access token is not good here""#,
        );
        bodies.push(text(answer).await);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "one answer for all");
}

#[tokio::test]
async fn attack_39_nobody_passes_a_protected_route_without_a_token() {
    let house = house();
    let shown = answer(&house, request()).await;
    assert_challenge(&shown, r#"Bearer realm="wayne""#);
    let basic = answer(&house, request().header("authorization", "Basic YTpi")).await;
    assert_challenge(&basic, r#"Bearer realm="wayne""#);
}

#[tokio::test]
async fn attack_39_an_anonymous_route_takes_no_credentials_or_good_ones() {
    let house = house();
    let log_in = || Request::post("/commands/log-in");
    let anonymous = answer(&house, log_in()).await;
    assert_eq!(anonymous.status(), StatusCode::OK);
    assert_eq!(anonymous.headers()["x-account"], "nobody");
    assert_eq!(anonymous.headers()["vary"], "authorization");
    let known = answer(&house, log_in().header("authorization", bearer(&house))).await;
    assert_eq!(known.headers()["x-account"], bruce().to_string());
    for bad in ["Bearer x", "Basic YTpi"] {
        let refused = answer(&house, log_in().header("authorization", bad)).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{bad}");
    }
    for near in ["/commands/log-in/", "/commands/log-in/x", "/Commands/log-in", "//commands/log-in"] {
        let answer = answer(&house, Request::post(near)).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{near}");
    }
}

#[tokio::test]
async fn attack_40_the_service_that_was_ready_is_the_one_that_is_called() {
    let house = house();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let handler = service_fn(move |request: Request<Body>| {
        counted.fetch_add(1, Ordering::SeqCst);
        handle(request)
    });
    let inner = ServiceBuilder::new().concurrency_limit(1).service(handler);
    let mut service = layer(&house).layer(inner);
    for round in 1..=3 {
        let shown = admit(request().header("authorization", bearer(&house)));
        let answer = service.ready().await.unwrap().call(shown).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(calls.load(Ordering::SeqCst), round, "called at most once");
        let refused = service.ready().await.unwrap().call(admit(request())).await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(calls.load(Ordering::SeqCst), round);
    }
}

#[tokio::test]
async fn attack_40_a_buffer_and_load_shedding_inside_work() {
    let house = house();
    let shed = ServiceBuilder::new().load_shed().concurrency_limit(1).service(service_fn(handle));
    let shown = || admit(request().header("authorization", bearer(&house)));
    let answer = layer(&house).layer(shed).oneshot(shown()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let buffered = ServiceBuilder::new().buffer(2).service(service_fn(handle));
    let answer = layer(&house).layer(buffered).oneshot(shown()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_missing_layer_is_named() {
    let house = house();
    let bare = request().header("authorization", bearer(&house)).body(Body::empty()).unwrap();
    let without_context = call(&house, bare).await;
    assert_eq!(without_context.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(without_context.headers()["vary"], "authorization");
    assert!(text(without_context).await.contains("ContextLayer"));
    let without_tenant = call(&house, admit_as(request(), context().anonymous())).await;
    assert_eq!(without_tenant.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text(without_tenant).await.contains("TenantLayer"));
}

#[tokio::test]
async fn the_layer_stands_once() {
    let house = house();
    let known = context().user_in(wayne()).requesting(wayne());
    let shown = admit_as(request().header("authorization", bearer(&house)), known);
    let answer = call(&house, shown).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text(answer).await.contains("AuthenticationLayer"));
}

#[tokio::test]
async fn without_keys_the_answer_is_503_and_no_challenge() {
    let house = house_with(ring_with(KeyScope::Tenant(kent()), KENT_SEED));
    let token = crate::helpers::house().token();
    let answer = answer(&house, request().header("authorization", format!("Bearer {token}"))).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert!(answer.headers().get("www-authenticate").is_none());
}

#[tokio::test]
async fn attack_42_no_answer_repeats_a_token() {
    let house = house();
    let token = house.token();
    for shown in [format!("Bearer {token}x"), format!("Basic {token}"), token.clone()] {
        let answer = answer(&house, request().header("authorization", shown)).await;
        let printed = format!("{:?} {}", answer.headers().clone(), text(answer).await);
        for part in token.split('.') {
            assert!(!printed.contains(&part[..12]), "{printed}");
        }
    }
    let printed = format!("{:?}", layer(&house));
    assert!(!printed.contains(&token[..12]));
}

fn request() -> http::request::Builder {
    Request::post("/commands/debit")
}

fn bearer(house: &House) -> String {
    format!("Bearer {}", house.token())
}

fn layer(house: &House) -> AuthenticationLayer {
    AuthenticationLayer::new(house.verifier.clone()).anonymous(["/livez"]).anonymous(["/commands/log-in"])
}

async fn answer(house: &House, request: http::request::Builder) -> Response<Body> {
    call(house, admit(request)).await
}

async fn call(house: &House, request: Request<Body>) -> Response<Body> {
    let service = layer(house).layer(service_fn(handle));
    tokio::time::timeout(Duration::from_secs(10), service.oneshot(request)).await.unwrap().unwrap()
}

fn admit(request: http::request::Builder) -> Request<Body> {
    admit_as(request, context().anonymous().requesting(wayne()))
}

/// As the layers outside would have done.
fn admit_as(request: http::request::Builder, context: ContextBuilder) -> Request<Body> {
    request.extension(context.build()).body(Body::empty()).unwrap()
}

/// Says in headers what it was given.
async fn handle(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let ctx = request.extensions().get::<InvocationContext>().expect("the layer puts it back");
    let who = ctx.clone().authenticated().map_or("nobody".to_owned(), |ctx| {
        assert_eq!(ctx.tenant(), wayne());
        ctx.actor().effective_account().id().to_string()
    });
    let is_seen = request.headers().contains_key(header::AUTHORIZATION);
    let answer = Response::builder()
        .header("x-account", who)
        .header("x-authorization-seen", is_seen.to_string())
        .body(Body::empty());
    Ok(answer.unwrap())
}

fn assert_challenge(answer: &Response<Body>, challenge: &str) {
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()["www-authenticate"], challenge);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["vary"], "authorization");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

async fn assert_invalid_request(answer: Response<Body>) {
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let challenge = r#"Bearer realm="wayne", error="invalid_request""#;
    assert_eq!(answer.headers()["www-authenticate"], challenge);
    assert_eq!(answer.headers()["vary"], "authorization");
    assert!(text(answer).await.contains("malformed"));
}

async fn text(answer: Response<Body>) -> String {
    String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
