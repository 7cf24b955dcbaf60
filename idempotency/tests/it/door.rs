//! The whole way of a command over HTTP: the edge, a door that knows alice, the layer, a handler, a store.

use core::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::Response;
use axum::http::StatusCode;
use axum::middleware::map_request;
use axum::response::IntoResponse;
use axum::routing::post;
use http_body_util::BodyExt;
use proptest::prelude::*;
use skeleton_idempotency::AcceptError;
use skeleton_idempotency::Accepted;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Execution;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::REPLAYED;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::tower::ContextLayer;
use tower::ServiceExt;

use crate::helpers::INVOCATION;
use crate::helpers::acme;
use crate::helpers::alice;
use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::engine;
use crate::helpers::key_of;
use crate::helpers::now;
use crate::optimistic::Optimistic;

const KEY: &str = "idempotency-key";

/// The door that knows everybody as alice.
async fn as_alice(mut request: Request) -> Request {
    let ctx = request
        .extensions_mut()
        .remove::<InvocationContext>()
        .unwrap();
    let actor = Actor::direct(Account::new(alice(), AccountKind::User, acme()));
    let session = SessionId::generate(&SeededIds::new(1), now());
    let proof = Authentication::new(Mechanism::Session { session }, Assurance::Aal1, now());
    let who = Identity::new(actor, proof, RoleAssignments::none());
    request
        .extensions_mut()
        .insert(ctx.authenticated_as(who).unwrap());
    request
}

async fn handle(store: Optimistic, once: Execution) -> Result<Response<Body>, Problem> {
    let accepted = once.accept(&store, |mut tx| {
        Box::pin(async move {
            tx.view.log.push("accepted");
            Ok::<_, Infallible>(())
        })
    });
    match accepted.await {
        Ok(Accepted::Fresh) => Ok(StatusCode::ACCEPTED.into_response()),
        Ok(Accepted::Duplicate(Claim::Done(answer))) => {
            Ok(Answered::replay(answer).into_response())
        }
        Ok(Accepted::Duplicate(claim)) => Err(claim.to_problem().unwrap()),
        Err(AcceptError::Work(never)) => match never {},
        Err(_) => Err(Problem::new(ProblemKind::Unavailable)),
    }
}

fn bank(store: &Optimistic) -> Router {
    let handler = |store: Optimistic| move |once: Execution| handle(store.clone(), once);
    let edge = Edge::new(
        FixedClock::at(now()),
        SeededIds::new(2),
        TrustedProxies::none(),
    );
    Router::new()
        .route("/commands/transfer-money", post(handler(store.clone())))
        .route("/commands/close-account", post(handler(store.clone())))
        .route_layer(IdempotencyLayer::new(engine()))
        .layer(map_request(as_alice))
        .layer(ContextLayer::new(edge, |_| None))
}

async fn send(
    store: &Optimistic,
    path: &str,
    keys: &[&[u8]],
    body: &'static str,
) -> Response<Bytes> {
    let mut request = Request::post(path).body(Body::from(body)).unwrap();
    for key in keys {
        request
            .headers_mut()
            .append(KEY, HeaderValue::from_bytes(key).unwrap());
    }
    let (parts, body) = bank(store).oneshot(request).await.unwrap().into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

async fn transfer(store: &Optimistic, keys: &[&[u8]]) -> u16 {
    send(store, "/commands/transfer-money", keys, r#"{"amount":5}"#)
        .await
        .status()
        .as_u16()
}

#[tokio::test]
async fn attack_03_a_retry_waits_then_gets_the_first_answer_and_anything_else_nothing() {
    let store = Optimistic::default();
    let key: &[&[u8]] = &[INVOCATION.as_bytes()];
    assert_eq!(transfer(&store, key).await, 202);
    let waiting = send(&store, "/commands/transfer-money", key, r#"{ "amount":5 }"#).await;
    assert_eq!(
        (waiting.status().as_u16(), &waiting.headers()["retry-after"]),
        (409, &HeaderValue::from(1))
    );

    let mut tx = store.begin().await.unwrap();
    let (held, secret) = (key_of(&alice_calls().build()), answer("secret"));
    let stored = store.complete_in(&mut tx, &held, &secret).await.unwrap();
    assert_eq!(stored, Completed::Stored);
    store.commit(tx).await.unwrap();

    let replay = send(&store, "/commands/transfer-money", key, r#"{"amount":5}"#).await;
    assert_eq!(
        (replay.status().as_u16(), replay.body().as_ref()),
        (200, b"secret".as_slice())
    );
    assert_eq!(replay.headers()[REPLAYED], "true");
    for (path, body) in [
        ("/commands/transfer-money", r#"{"amount":6}"#),
        ("/commands/close-account", r#"{"amount":5}"#),
    ] {
        let reused = send(&store, path, key, body).await;
        assert_eq!(reused.status(), 422);
        assert!(!reused.headers().contains_key(REPLAYED));
        let shown = String::from_utf8_lossy(reused.body()).into_owned();
        assert!(
            shown.contains("idempotency-key-reused") && !shown.contains("secret"),
            "{shown}"
        );
    }
    assert_eq!(store.0.lock().unwrap().log, ["accepted"]);
}

#[tokio::test]
async fn a_command_without_a_key_is_refused() {
    let store = Optimistic::default();
    assert_eq!(transfer(&store, &[]).await, 400);
    assert_eq!(store.0.lock().unwrap().records.len(), 0);
}

/// P7: a bare key and the string of RFC 9651, in either case of letters, are one.
#[tokio::test]
async fn law_07_a_quoted_key_is_the_bare_one() {
    let store = Optimistic::default();
    let lower = INVOCATION.to_lowercase();
    assert_eq!(transfer(&store, &[INVOCATION.as_bytes()]).await, 202);
    for same in [
        format!("\"{INVOCATION}\""),
        lower.clone(),
        format!("\"{lower}\""),
    ] {
        assert_eq!(transfer(&store, &[same.as_bytes()]).await, 409, "{same}");
    }
    assert_eq!(store.0.lock().unwrap().records.len(), 1);
}

#[tokio::test]
async fn attack_08_a_header_that_is_not_one_key_is_malformed() {
    let store = Optimistic::default();
    let key = INVOCATION.as_bytes();
    let with = |before: &str, after: &str| format!("{before}{INVOCATION}{after}").into_bytes();
    let long = [b'0'; 256];
    let bad: [&[&[u8]]; 13] = [
        &[key, key],
        &[&with("", ", "), key],
        &[&with("", &format!(",{INVOCATION}"))],
        &[&with("\"", "\";a=1")],
        &[&with("\"", "")],
        &[&with("", "\"")],
        &[&with("\"\"", "\"\"")],
        &[&with("\"\\", "\"")],
        &[&with("", "\t")],
        &[&with("", "é")],
        &[b"\""],
        &[b""],
        &[&long],
    ];
    for keys in bad {
        assert_eq!(transfer(&store, keys).await, 400, "{keys:?}");
    }
    // These cannot even stand in a header.
    for end in [b"\r\nx: y".as_slice(), b"\0", b"\n"] {
        assert!(HeaderValue::from_bytes(&[key, end].concat()).is_err());
    }
    assert_eq!(store.0.lock().unwrap().records.len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Attack 8, any bytes: a key is recognised or refused, and never half read.
    #[test]
    fn any_key_is_one_or_malformed(key in proptest::collection::vec(any::<u8>(), 0..40)) {
        prop_assume!(HeaderValue::from_bytes(&key).is_ok());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let status = runtime.block_on(transfer(&Optimistic::default(), &[&key]));
        prop_assert!(matches!(status, 202 | 400 | 412), "{}", status);
    }
}
