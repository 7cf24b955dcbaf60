//! What draft-ietf-httpapi-idempotency-key-header-07 asks of a server, one test for each MUST and SHOULD. How the field is
//! written is the edge's business, and tested in `door`.

use core::convert::Infallible;
use core::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::Request;
use axum::http::Response;
use http_body_util::BodyExt;
use http_body_util::Full;
use serde_json::Value;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::Mode;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::tower::ContextLayer;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::helpers::INVOCATION;
use crate::helpers::acme;
use crate::helpers::alice;
use crate::helpers::invocation_no;
use crate::helpers::now;
use crate::script::Count;
use crate::script::Gate;
use crate::script::Script;
use crate::stage::Stage;
use crate::stage::of_status;
use crate::stage::ok;

type Server = BoxCloneSyncService<Request<Full<Bytes>>, Response<Bytes>, Infallible>;

/// The edge, a door that knows the account of the field `x-account`, the layer, and a handler.
fn server<F>(
    stage: &Stage,
    mode: Mode,
    handler: impl Fn() -> F + Clone + Send + Sync + 'static,
) -> Server
where
    F: Future<Output = Response<Script>> + Send + 'static,
{
    let handler = service_fn(move |_: Request<Full<Bytes>>| {
        let answered = handler();
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let guarded = IdempotencyLayer::new(stage.engine(mode)).layer(handler);
    let known = service_fn(move |request| guarded.clone().oneshot(authenticated(request)));
    let edge = Edge::new(stage.clock, SeededIds::new(2), TrustedProxies::none());
    let around = ContextLayer::new(edge, |_| None).layer(known);
    BoxCloneSyncService::new(service_fn(move |request| {
        let mut around = around.clone();
        async move {
            let response = around.ready().await?.call(request).await?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Ok(Response::from_parts(parts, body))
        }
    }))
}

fn authenticated(mut request: Request<Full<Bytes>>) -> Request<Full<Bytes>> {
    let ctx = request
        .extensions_mut()
        .remove::<InvocationContext>()
        .unwrap();
    let account = request.headers().get("x-account");
    let account = account.map_or(alice(), |id| id.to_str().unwrap().parse().unwrap());
    let actor = Actor::direct(Account::new(account, AccountKind::User, acme()));
    let session = SessionId::generate(&SeededIds::new(1), now());
    let proof = Authentication::new(Mechanism::Session { session }, Assurance::Aal1, now());
    let who = Identity::new(actor, proof, RoleAssignments::none());
    request
        .extensions_mut()
        .insert(ctx.authenticated_as(who).unwrap());
    request
}

fn keyed(key: Option<&str>, body: &'static str) -> Request<Full<Bytes>> {
    let mut request = Request::post("/commands/transfer-money");
    if let Some(key) = key {
        request = request.header("Idempotency-Key", format!("\"{key}\""));
    }
    request.body(Full::from(body)).unwrap()
}

async fn send(server: &Server, request: Request<Full<Bytes>>) -> Response<Bytes> {
    server.clone().oneshot(request).await.unwrap()
}

/// A problem whose type leads to what explains it.
fn problem(response: &Response<Bytes>) -> (u16, String) {
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert!(
        body["type"].as_str().unwrap().starts_with("https://"),
        "{body}"
    );
    assert_eq!(body["status"], response.status().as_u16());
    (
        response.status().as_u16(),
        body["code"].as_str().unwrap().to_owned(),
    )
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn counted(
    runs: &Count,
) -> impl Fn() -> core::future::Ready<Response<Script>> + Clone + Send + Sync + 'static {
    let runs = runs.clone();
    move || core::future::ready(ok(format!("run {}", runs.add())))
}

#[tokio::test(start_paused = true)]
async fn a_first_request_is_processed_normally_and_answered_directly() {
    let (stage, runs) = (Stage::new(), Count::default());
    let server = server(&stage, Mode::AtMostOnce, counted(&runs));
    let first = send(&server, keyed(Some(INVOCATION), "{}")).await;
    assert_eq!(
        (first.status().as_u16(), first.body().as_ref()),
        (200, b"run 1".as_slice())
    );
    assert!(!first.headers().contains_key("idempotency-replayed"));
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_the_first_one_ended_gets_its_result_if_that_was_a_success() {
    let (stage, runs) = (Stage::new(), Count::default());
    let server = server(&stage, Mode::AtMostOnce, counted(&runs));
    for _ in 0..3 {
        let seen = send(&server, keyed(Some(INVOCATION), "{}")).await;
        assert_eq!(
            (seen.status().as_u16(), seen.body().as_ref()),
            (200, b"run 1".as_slice())
        );
    }
    assert_eq!(runs.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_retry_after_the_first_one_ended_gets_its_result_if_that_was_an_error() {
    for status in [400, 402, 404, 409, 410, 412, 422] {
        let (stage, runs) = (Stage::new(), Count::default());
        let ran = runs.clone();
        let server = server(&stage, Mode::AtMostOnce, move || {
            core::future::ready(of_status(status, format!("run {}", ran.add())))
        });
        for _ in 0..2 {
            let seen = send(&server, keyed(Some(INVOCATION), "{}")).await;
            assert_eq!(
                (seen.status().as_u16(), seen.body().as_ref()),
                (status, b"run 1".as_slice())
            );
        }
        assert_eq!(runs.get(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_while_the_first_one_runs_is_a_conflict() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let held = gate.clone();
    let server = server(&stage, Mode::AtMostOnce, move || {
        let held = held.clone();
        async move {
            held.pass().await;
            ok("done")
        }
    });
    let running = tokio::spawn({
        let server = server.clone();
        async move { send(&server, keyed(Some(INVOCATION), "{}")).await }
    });
    gate.reached(1).await;
    let seen = send(&server, keyed(Some(INVOCATION), "{}")).await;
    assert_eq!(problem(&seen), is(409, "invocation-in-progress"));
    assert!(seen.headers().contains_key("retry-after"));
    gate.open();
    assert_eq!(running.await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_missing_key_where_one_is_required_is_a_bad_request() {
    let (stage, runs) = (Stage::new(), Count::default());
    let server = server(&stage, Mode::AtMostOnce, counted(&runs));
    let seen = send(&server, keyed(None, "{}")).await;
    assert_eq!(problem(&seen), is(400, "malformed"));
    let body: Value = serde_json::from_slice(seen.body()).unwrap();
    assert!(body["detail"].as_str().unwrap().contains("Idempotency-Key"));
    assert_eq!(runs.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_reused_with_another_payload_is_unprocessable() {
    let (stage, runs) = (Stage::new(), Count::default());
    let server = server(&stage, Mode::AtMostOnce, counted(&runs));
    send(&server, keyed(Some(INVOCATION), "[1]")).await;
    let seen = send(&server, keyed(Some(INVOCATION), "[2]")).await;
    assert_eq!(problem(&seen), is(422, "idempotency-key-reused"));
    assert_eq!(runs.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_of_another_client_is_another_key() {
    let (stage, runs) = (Stage::new(), Count::default());
    let server = server(&stage, Mode::AtMostOnce, counted(&runs));
    let mut bobs = keyed(Some(INVOCATION), "{}");
    let bob = HeaderValue::from_static("01KGHF3N80T0AJRRW8HWMF0141");
    bobs.headers_mut().insert("x-account", bob);
    assert_eq!(
        send(&server, keyed(Some(INVOCATION), "{}"))
            .await
            .body()
            .as_ref(),
        b"run 1"
    );
    assert_eq!(send(&server, bobs).await.body().as_ref(), b"run 2");
}

#[tokio::test(start_paused = true)]
async fn keys_expire_as_it_is_published_and_are_told_apart_from_unknown_ones() {
    let (stage, runs) = (Stage::new(), Count::default());
    let server = server(&stage, Mode::AtMostOnce, counted(&runs));
    send(&server, keyed(Some(INVOCATION), "{}")).await;
    tokio::time::advance(Duration::from_secs(24 * 3_600)).await;
    let seen = send(&server, keyed(Some(INVOCATION), "{}")).await;
    assert_eq!(problem(&seen), is(412, "idempotency-key-expired"));
    let body: Value = serde_json::from_slice(seen.body()).unwrap();
    assert_eq!(body["window"], 24 * 3_600);
    assert_eq!(runs.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_patch_is_made_fault_tolerant_as_a_post_is() {
    let (stage, runs) = (Stage::new(), Count::default());
    let server = server(&stage, Mode::AtMostOnce, counted(&runs));
    for _ in 0..2 {
        let mut patch = keyed(Some(&invocation_no(7).to_string()), "{}");
        *patch.method_mut() = Method::PATCH;
        assert_eq!(send(&server, patch).await.body().as_ref(), b"run 1");
    }
}
