//! The layer as a request meets it, with what stands outside and a handler inside.

use core::convert::Infallible;
use core::time::Duration;

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
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::House;
use crate::helpers::wayne;

pub(crate) fn request() -> http::request::Builder {
    Request::post("/commands/debit")
}

pub(crate) fn bearer(house: &House) -> String {
    format!("Bearer {}", house.token())
}

pub(crate) fn layer(house: &House) -> AuthenticationLayer {
    AuthenticationLayer::new(house.verifier.clone())
        .anonymous(["/livez"])
        .anonymous(["/commands/log-in"])
}

pub(crate) async fn answer(house: &House, request: http::request::Builder) -> Response<Body> {
    call(house, admit(request)).await
}

pub(crate) async fn call(house: &House, request: Request<Body>) -> Response<Body> {
    let service = layer(house).layer(service_fn(handle));
    tokio::time::timeout(Duration::from_secs(10), service.oneshot(request))
        .await
        .unwrap()
        .unwrap()
}

pub(crate) fn admit(request: http::request::Builder) -> Request<Body> {
    admit_as(request, context().anonymous().requesting(wayne()))
}

/// As the layers outside would have done.
pub(crate) fn admit_as(request: http::request::Builder, context: ContextBuilder) -> Request<Body> {
    request
        .extension(context.build())
        .body(Body::empty())
        .unwrap()
}

/// Says in headers what it was given.
pub(crate) async fn handle(request: Request<Body>) -> Result<Response<Body>, Infallible> {
    let ctx = request
        .extensions()
        .get::<InvocationContext>()
        .expect("the layer puts it back");
    let who = ctx
        .clone()
        .authenticated()
        .map_or("nobody".to_owned(), |ctx| {
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

pub(crate) fn assert_challenge(answer: &Response<Body>, challenge: &str) {
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(answer.headers()["www-authenticate"], challenge);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["vary"], "authorization");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

pub(crate) async fn assert_invalid_request(answer: Response<Body>) {
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let challenge = r#"Bearer realm="wayne", error="invalid_request""#;
    assert_eq!(answer.headers()["www-authenticate"], challenge);
    assert_eq!(answer.headers()["vary"], "authorization");
    assert!(text(answer).await.contains("malformed"));
}

pub(crate) async fn text(answer: Response<Body>) -> String {
    String::from_utf8(
        answer
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
    .unwrap()
}
