//! The layer, driven without a server.

use core::convert::Infallible;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use core::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::http::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::header::RETRY_AFTER;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use http_body::Frame;
use http_body_util::BodyExt;
use http_body_util::Limited;
use serde_json::Value;
use skeleton_idempotency::Accepted;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Execution;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::REPLAYED;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::testing::context;
use tower::ServiceExt;

use crate::helpers::acme;
use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::engine;
use crate::helpers::invocation;
use crate::helpers::key_of;
use crate::helpers::keys;
use crate::helpers::made_at;
use crate::helpers::now;
use crate::optimistic::Optimistic;

const MIB: usize = 1024 * 1024;

/// Answers what it was called with, under which key and fingerprint.
async fn echo(once: Execution, payload: Bytes) -> Response {
    let fingerprint = format!("{:?}", once.ask().fingerprint().as_bytes());
    let headers = [
        ("x-key", once.key().to_text()),
        ("x-fingerprint", fingerprint),
    ];
    claim(once).await;
    (headers, payload).into_response()
}

/// Asks a store of its own, as a handler must before it answers with a success.
async fn claim(once: Execution) {
    let store = Optimistic::default();
    let accepted = once.accept(&store, |_| Box::pin(async { Ok::<(), Infallible>(()) }));
    let accepted = accepted.await;
    assert!(matches!(accepted, Ok(Accepted::Fresh)), "{accepted:?}");
}

fn guarded() -> Router {
    Router::new()
        .route("/commands/transfer-money", post(echo))
        .route("/", post(echo))
        .route_layer(IdempotencyLayer::new(engine()))
}

fn request(ctx: InvocationContext, body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::post("/commands/transfer-money")
        .body(body.into())
        .unwrap();
    request.extensions_mut().insert(ctx);
    request
}

pub(crate) fn alice(body: impl Into<Body>) -> Request<Body> {
    request(alice_calls().build(), body)
}

async fn answers(router: Router, request: Request<Body>) -> (StatusCode, Response<Bytes>) {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status, Response::from_parts(parts, body))
}

/// Status and `code` of a refusal, which has the form of one.
async fn refusal(router: Router, request: Request<Body>) -> (u16, String) {
    let (status, response) = answers(router, request).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    let document: Value = serde_json::from_slice(response.body()).unwrap();
    (
        status.as_u16(),
        document["code"].as_str().unwrap().to_owned(),
    )
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn the_handler_gets_its_execution_and_the_payload_as_it_came() {
    let payload = " {\"b\" : 1,\n \"a\":\"\\u0061\"} ";
    let (status, response) = answers(guarded(), alice(payload)).await;
    assert_eq!(status, 200);
    assert_eq!(response.body(), payload);
    assert_eq!(
        response.headers()["x-key"],
        key_of(&alice_calls().build()).to_text()
    );
    let fingerprint = keys().of_json(payload.as_bytes()).unwrap();
    assert_eq!(
        response.headers()["x-fingerprint"],
        format!("{:?}", fingerprint.as_bytes())
    );
}

/// P8.
#[tokio::test]
async fn law_08_trace_token_and_spelling_change_neither_key_nor_fingerprint() {
    let (_, first) = answers(guarded(), alice(r#"{"a":1,"b":2}"#)).await;
    let mut retry = request(
        alice_calls().seed(77).build(),
        "{ \"b\": 2, \"\\u0061\": 1 }",
    );
    for (name, value) in [
        ("traceparent", "00-1"),
        ("authorization", "Bearer b"),
        ("user-agent", "other"),
    ] {
        retry.headers_mut().insert(name, value.parse().unwrap());
    }
    let (_, again) = answers(guarded(), retry).await;
    for header in ["x-key", "x-fingerprint"] {
        assert_eq!(first.headers()[header], again.headers()[header]);
    }
}

#[tokio::test]
async fn the_operation_is_what_a_layer_named_else_the_end_of_the_path() {
    let mut named = alice("{}");
    named.extensions_mut().insert(operation!("close-account"));
    let (_, response) = answers(guarded(), named).await;
    assert!(
        response.headers()["x-key"]
            .to_str()
            .unwrap()
            .ends_with(".close-account")
    );
    let mut nameless = alice("{}");
    *nameless.uri_mut() = "/".parse().unwrap();
    assert_eq!(refusal(guarded(), nameless).await, is(500, "misconfigured"));
}

#[tokio::test]
async fn a_missing_layer_is_named() {
    let bare = Router::new().route("/commands/transfer-money", post(echo));
    let (status, response) = answers(bare, alice("{}")).await;
    assert_eq!(status, 500);
    assert!(String::from_utf8_lossy(response.body()).contains("IdempotencyLayer"));
    let nobody = Request::post("/commands/transfer-money")
        .body(Body::empty())
        .unwrap();
    let (status, response) = answers(guarded(), nobody).await;
    assert_eq!(status, 500);
    assert!(String::from_utf8_lossy(response.body()).contains("ContextLayer"));
}

#[tokio::test]
async fn an_execution_is_handed_over_once() {
    let twice = |_: Execution, _: Execution| async { "never" };
    let router = Router::new().route("/commands/transfer-money", post(twice));
    let router = router.route_layer(IdempotencyLayer::new(engine()));
    assert_eq!(refusal(router, alice("{}")).await, is(500, "misconfigured"));
}

#[tokio::test]
async fn what_may_not_be_tried_never_reaches_the_handler() {
    let old = made_at(now().saturating_sub(Duration::from_secs(25 * 3_600)));
    let anonymous = context()
        .anonymous()
        .requesting(acme())
        .invocation(invocation())
        .build();
    let cases = [
        (
            request(alice_calls().made_by(MadeBy::Edge).build(), "{}"),
            is(400, "malformed"),
        ),
        (request(anonymous, "{}"), is(500, "misconfigured")),
        (
            request(alice_calls().invocation(old).build(), "{}"),
            is(412, "idempotency-key-expired"),
        ),
        (alice(" "), is(400, "malformed")),
        (alice(r#"{"amount":1,"amount":2}"#), is(400, "malformed")),
        (alice("[".repeat(65)), is(400, "malformed")),
    ];
    for (request, expected) in cases {
        assert_eq!(refusal(guarded(), request).await, expected);
    }
}

#[tokio::test]
async fn a_request_without_a_payload_has_one_nothing() {
    let (status, empty) = answers(guarded(), alice("")).await;
    assert_eq!(status, 200);
    let (_, null) = answers(guarded(), alice("null")).await;
    assert_ne!(
        empty.headers()["x-fingerprint"],
        null.headers()["x-fingerprint"]
    );
}

#[tokio::test]
async fn attack_06_a_refused_key_is_told_its_window_and_the_invocation() {
    let old = made_at(now().saturating_sub(Duration::from_secs(25 * 3_600)));
    let ctx = alice_calls().invocation(old).build();
    let (_, response) = answers(guarded(), request(ctx.clone(), "{}")).await;
    let document: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(document["window"], 24 * 3_600);
    assert_eq!(document["instance"], ctx.trace().current().to_string());
}

#[tokio::test]
async fn attack_11_a_payload_over_one_mebibyte_is_too_large() {
    let payload = |bytes: usize| format!("\"{}\"", "a".repeat(bytes - 2));
    let (status, response) = answers(guarded(), alice(payload(MIB))).await;
    assert_eq!((status.as_u16(), response.body().len()), (200, MIB));
    assert_eq!(
        refusal(guarded(), alice(payload(MIB + 1))).await,
        is(413, "too-large")
    );
    // So is one over the limit of a layer further out.
    let limited = alice(payload(100)).map(|body| Body::new(Limited::new(body, 99)));
    assert_eq!(refusal(guarded(), limited).await, is(413, "too-large"));
}

#[tokio::test]
async fn a_payload_that_breaks_off_is_malformed() {
    assert_eq!(
        refusal(guarded(), alice(Body::new(Broken(false)))).await,
        is(400, "malformed")
    );
}

#[tokio::test]
async fn attack_12_only_a_stored_answer_says_that_it_is_replayed() {
    let forged = |once: Execution| async {
        claim(once).await;
        [("idempotency-replayed", "true"), ("x-other", "kept")]
    };
    let twice = |once: Execution| async {
        claim(once).await;
        let mut response = "forged".into_response();
        for value in ["true", "false"] {
            response
                .headers_mut()
                .append(REPLAYED, value.parse().unwrap());
        }
        response
    };
    let replay = || async { Answered::replay(answer("first")) };
    let lost = |once: Execution| async {
        claim(once).await;
        let mut response = Answered::replay(answer("first")).into_response();
        response.extensions_mut().clear();
        response
    };
    let router = Router::new()
        .route("/forged", post(forged))
        .route("/twice", post(twice))
        .route("/replay", post(replay))
        .route("/lost", post(lost))
        .route_layer(IdempotencyLayer::new(engine()));
    for (path, said) in [
        ("/forged", false),
        ("/twice", false),
        ("/replay", true),
        ("/lost", false),
    ] {
        let mut request = alice("{}");
        *request.uri_mut() = path.parse().unwrap();
        let (status, response) = answers(router.clone(), request).await;
        assert_eq!(status, 200);
        assert_eq!(response.headers().contains_key(REPLAYED), said, "{path}");
        assert_eq!(
            response.headers().contains_key("x-other"),
            path == "/forged"
        );
    }
}

#[test]
fn a_stored_answer_is_given_as_it_was() {
    let stored = answer("first")
        .with_field("location", "/accounts/1")
        .unwrap();
    let stored = stored
        .with_field("link", "<a>")
        .unwrap()
        .with_field("link", "<b>")
        .unwrap();
    let first = stored.clone().into_response();
    let links: Vec<_> = first.headers().get_all("link").iter().collect();
    assert_eq!(first.status(), 200);
    assert_eq!(links, ["<a>", "<b>"]);
    assert!(!first.headers().contains_key(REPLAYED));
    let replay = Answered::replay(stored).into_response();
    assert_eq!(replay.headers()[REPLAYED], "true");
    assert_eq!(replay.headers()["location"], "/accounts/1");
}

#[test]
fn a_duplicate_is_a_problem_or_has_an_answer() {
    let of = |claim: Claim| claim.to_problem().map(IntoResponse::into_response);
    let running = of(Claim::Running {
        epoch: 1,
        lease: None,
    })
    .unwrap();
    assert_eq!(
        (running.status().as_u16(), &running.headers()[RETRY_AFTER]),
        (409, &"1".parse().unwrap())
    );
    let mismatch = of(Claim::Mismatch).unwrap();
    assert_eq!(mismatch.status(), 422);
    assert!(!mismatch.headers().contains_key(RETRY_AFTER));
    assert!(of(Claim::Done(answer("a"))).is_none());
}

/// A body whose connection goes after some bytes, which are JSON by themselves.
struct Broken(bool);

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let was_sent = core::mem::replace(&mut self.0, true);
        Poll::Ready(Some(if was_sent {
            Err(std::io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(Frame::data(Bytes::from_static(b"{}")))
        }))
    }
}

#[tokio::test]
async fn a_success_of_a_handler_that_asked_no_store_is_500() {
    let careless = |_: Execution| async { "done" };
    let refuses = |_: Execution| async { StatusCode::CONFLICT };
    let forgets = || async { "done" };
    let router = Router::new()
        .route("/careless", post(careless))
        .route("/refuses", post(refuses))
        .route("/forgets", post(forgets))
        .route_layer(IdempotencyLayer::new(engine()));
    for path in ["/careless", "/forgets"] {
        let mut request = alice("{}");
        *request.uri_mut() = path.parse().unwrap();
        assert_eq!(
            refusal(router.clone(), request).await,
            is(500, "misconfigured")
        );
    }
    let mut request = alice("{}");
    *request.uri_mut() = "/refuses".parse().unwrap();
    assert_eq!(answers(router, request).await.0, 409);
}
