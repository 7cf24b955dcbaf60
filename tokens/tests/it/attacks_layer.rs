//! Attacks 37 to 42 on the layer.

use core::convert::Infallible;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering;
use std::sync::Arc;

use axum::body::Body;
use http::Request;
use http::Response;
use http::StatusCode;
use skeleton_invocation_context::InvocationContext;
use skeleton_tokens::AuthenticationLayer;
use tower::Layer;
use tower::Service;
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower::service_fn;

use crate::door::admit;
use crate::door::answer;
use crate::door::assert_challenge;
use crate::door::assert_invalid_request;
use crate::door::bearer;
use crate::door::handle;
use crate::door::layer;
use crate::door::request;
use crate::door::text;
use crate::helpers::House;
use crate::helpers::KENT_SEED;
use crate::helpers::NOW;
use crate::helpers::WAYNE_SEED;
use crate::helpers::bruce;
use crate::helpers::claims;
use crate::helpers::claims_with;
use crate::helpers::draft_in;
use crate::helpers::forge;
use crate::helpers::header;
use crate::helpers::house;
use crate::helpers::kent;
use crate::helpers::signed;

#[tokio::test]
async fn attack_37_two_authorization_headers_are_malformed() {
    let house = house();
    let good = bearer(&house);
    let twice = request()
        .header("authorization", &good)
        .header("authorization", &good);
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
        assert_eq!(
            answer(&house, shown).await.status(),
            StatusCode::OK,
            "{scheme}"
        );
    }
}

#[tokio::test]
async fn attack_38_every_bad_token_gets_one_answer_with_its_challenge() {
    let house = house();
    let mut answers = Vec::new();
    for bad in bad_tokens(&house) {
        let shown = request().header("authorization", format!("Bearer {bad}"));
        let answer = answer(&house, shown).await;
        assert_challenge(
            &answer,
            r#"Bearer realm="wayne", error="invalid_token", error_description="the access token is not good here""#,
        );
        answers.push((answer.headers().clone(), text(answer).await));
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "one answer for all"
    );
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
    for near in [
        "/commands/log-in/",
        "/commands/log-in/x",
        "/Commands/log-in",
        "//commands/log-in",
    ] {
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
        let refused = service
            .ready()
            .await
            .unwrap()
            .call(admit(request()))
            .await
            .unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(calls.load(Ordering::SeqCst), round);
    }
}

#[tokio::test]
async fn attack_40_a_buffer_and_load_shedding_inside_work() {
    let house = house();
    let shed = ServiceBuilder::new()
        .load_shed()
        .concurrency_limit(1)
        .service(service_fn(handle));
    let shown = || admit(request().header("authorization", bearer(&house)));
    let answer = layer(&house).layer(shed).oneshot(shown()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let buffered = ServiceBuilder::new().buffer(2).service(service_fn(handle));
    let answer = layer(&house)
        .layer(buffered)
        .oneshot(shown())
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn attack_42_no_answer_repeats_a_token() {
    let house = house();
    let token = house.token();
    for shown in [
        format!("Bearer {token}x"),
        format!("Basic {token}"),
        token.clone(),
    ] {
        let answer = answer(&house, request().header("authorization", shown)).await;
        let printed = format!("{:?} {}", answer.headers().clone(), text(answer).await);
        for part in token.split('.') {
            assert!(!printed.contains(part.split_at(12).0), "{printed}");
        }
    }
}

#[tokio::test]
async fn attack_42_the_handler_does_not_get_the_token() {
    let house = house();
    let token = house.token();
    let handler = service_fn(|request: Request<Body>| async move {
        let ctx = request.extensions().get::<InvocationContext>();
        let seen = format!("{:?} {:?} {ctx:?}", request.uri(), request.headers());
        Ok::<_, Infallible>(Response::new(Body::from(seen)))
    });
    let shown = admit(request().header("authorization", format!("Bearer {token}")));
    let answer = layer(&house).layer(handler).oneshot(shown).await.unwrap();
    let seen = text(answer).await;
    assert!(seen.contains("/commands/debit") && seen.contains(&bruce().to_string()));
    for part in token.split('.') {
        assert!(!seen.contains(part.split_at(12).0), "{seen}");
    }
}

#[tokio::test]
async fn attack_41_a_grpc_path_is_no_exception_unless_it_is_listed() {
    let house = house();
    let check = || Request::post("/grpc.health.v1.Health/Check");
    let refused = answer(&house, check()).await;
    assert_challenge(&refused, r#"Bearer realm="wayne""#);
    let listing = AuthenticationLayer::new(house.verifier.clone())
        .anonymous(["/grpc.health.v1.Health/Check"])
        .layer(service_fn(handle));
    let passed = listing.oneshot(admit(check())).await.unwrap();
    assert_eq!(passed.status(), StatusCode::OK);
}

/// One token, or what stands for one, for each reason to refuse it.
fn bad_tokens(house: &House) -> Vec<String> {
    let good = house.token();
    let of_kent = house.issuer.issue(draft_in(kent())).unwrap();
    let payload = claims().to_string();
    let header = header(WAYNE_SEED);
    vec![
        "x".to_owned(),
        "..".to_owned(),
        "sk_live_1".to_owned(),
        good.split_at(1).1.to_owned(),
        format!("{good} {good}"),
        "a".repeat(9_000),
        of_kent.expose().to_owned(),
        forge(header.as_bytes(), payload.as_bytes(), KENT_SEED),
        forge(header.as_bytes(), b"{}", WAYNE_SEED),
        forge(header.as_bytes(), b"not json", WAYNE_SEED),
        forge(
            header.replace("at+jwt", "JWT").as_bytes(),
            payload.as_bytes(),
            WAYNE_SEED,
        ),
        forge(
            crate::helpers::header([99; 32]).as_bytes(),
            payload.as_bytes(),
            [99; 32],
        ),
        signed(&claims_with("exp", (NOW + 3_601).into()).to_string()),
        signed(&claims_with("nbf", (NOW + 31).into()).to_string()),
        signed(&claims_with("aud", "https://other.example".into()).to_string()),
        signed(&claims_with("iss", "https://evil.example".into()).to_string()),
        signed(&claims_with("cnf", serde_json::json!({})).to_string()),
        expired(),
    ]
}

fn expired() -> String {
    let mut claims = claims();
    claims["iat"] = (NOW - 100).into();
    claims["nbf"] = (NOW - 100).into();
    claims["exp"] = (NOW - 30).into();
    signed(&claims.to_string())
}
