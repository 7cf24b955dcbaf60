//! The rules by which the edge sets toggles, driven without a server.

use core::convert::Infallible;
use std::future::ready;
use std::sync::Arc;
use std::sync::Mutex;

use http::Request;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::LogLevel;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::ToggleUnset;
use skeleton_invocation_context::ToggleValue;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::tower::ToggleLayer;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::NOW;
use crate::helpers::edge;
use crate::helpers::headers;
use crate::helpers::identity;
use crate::helpers::tenant;
use crate::helpers::user;

const OWN: ToggleKey<i64> = ToggleKey::client_allowed("own", 0);
const RATE: ToggleKey<i64> = ToggleKey::edge_only("rate", 5);
const FLAG: ToggleKey<bool> = ToggleKey::edge_only("flag", false);

/// The context of a client that sends this header.
fn wishing(line: &str) -> InvocationContext {
    let edge = edge().with_toggle(&OWN).unwrap();
    let mut headers = headers(&[("x-toggles", line.as_bytes())]);
    edge.admit(&mut headers, None).unwrap()
}

fn received() -> InvocationContext {
    let key = ContextKey::new(*b"test", [7; 32]);
    let domain = TrustDomain::new("bank", FixedClock::at(NOW), key, []).unwrap();
    testing::context()
        .at(NOW)
        .user_in(tenant(1))
        .build_received(&domain)
}

/// What stands behind the layer: the answer, and the context if the handler was called.
async fn through(
    layer: &ToggleLayer,
    ctx: Option<InvocationContext>,
) -> (Response<String>, Option<InvocationContext>) {
    let mut request = Request::new(());
    if let Some(ctx) = ctx {
        request.extensions_mut().insert(ctx);
    }
    let seen = Arc::new(Mutex::new(None));
    let handler = service_fn(|request: Request<()>| {
        *seen.lock().unwrap() = request.extensions().get::<InvocationContext>().cloned();
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    let answer = layer.layer(handler).oneshot(request).await.unwrap();
    let seen = seen.lock().unwrap().take();
    (answer, seen)
}

async fn toggles(layer: &ToggleLayer, ctx: InvocationContext) -> Toggles {
    let (answer, seen) = through(layer, Some(ctx)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    seen.unwrap().toggles().clone()
}

/// The sentence of a 500 that never reached the handler.
async fn misconfigured(layer: &ToggleLayer, ctx: Option<InvocationContext>) -> String {
    let id = ctx.as_ref().map(|ctx| ctx.trace().current().to_string());
    let (answer, seen) = through(layer, ctx).await;
    assert!(seen.is_none(), "the handler was called");
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
    let problem: Value = serde_json::from_str(answer.body()).unwrap();
    assert_eq!(problem["code"], "misconfigured");
    assert_eq!(problem["instance"].as_str().map(str::to_owned), id);
    problem["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_wish_is_granted_by_a_rule_and_by_nothing_else() {
    let line = "log-level=\"debug\", rate=7, flag";
    let none = toggles(&ToggleLayer::new(), wishing(line)).await;
    assert!(none.is_empty());
    let grants = ToggleLayer::new().when(&LOG_LEVEL, |_, wish| wish);
    let granted = toggles(&grants, wishing(line)).await;
    assert_eq!(granted.try_get(&LOG_LEVEL), Ok(LogLevel::Debug));
    assert_eq!(
        (granted.len(), granted.try_get(&RATE)),
        (1, Err(ToggleUnset::Absent))
    );
    let refuses = ToggleLayer::new().when(&LOG_LEVEL, |_, wish| {
        assert_eq!(wish, Some(LogLevel::Debug));
        None
    });
    assert!(toggles(&refuses, wishing(line)).await.is_empty());
}

#[tokio::test]
async fn a_rule_asks_who_calls() {
    let layer = ToggleLayer::new().when(&LOG_LEVEL, |ctx, wish| match ctx.access() {
        Access::Authenticated(known) => wish.filter(|_| known.tenant() == tenant(1)),
        Access::Unauthenticated(_) => None,
    });
    let line = "log-level=\"trace\"";
    assert!(toggles(&layer, wishing(line)).await.is_empty());
    for (of, expected) in [(1, Ok(LogLevel::Trace)), (2, Err(ToggleUnset::Absent))] {
        let actor = Actor::direct(user(1, of));
        let known = wishing(line).authenticated_as(identity(actor));
        let seen = toggles(&layer, known.unwrap()).await;
        assert_eq!(seen.try_get(&LOG_LEVEL), expected);
    }
}

#[tokio::test]
async fn a_rule_sets_what_nobody_wished_for() {
    let layer = ToggleLayer::new().when(&RATE, |_, wish| {
        assert_eq!(wish, None);
        Some(250)
    });
    let set = toggles(&layer, wishing("own=3")).await;
    assert_eq!((set.try_get(&RATE), set.try_get(&OWN)), (Ok(250), Ok(3)));
}

#[tokio::test]
async fn a_wish_of_another_type_is_none() {
    for line in [
        "rate",
        "rate=\"7\"",
        "flag=1",
        "log-level=\"loud\"",
        "log-level=3",
    ] {
        let layer = ToggleLayer::new()
            .when(&RATE, |_, wish| wish)
            .when(&FLAG, |_, wish| wish)
            .when(&LOG_LEVEL, |_, wish| wish);
        assert!(toggles(&layer, wishing(line)).await.is_empty(), "{line}");
    }
}

#[tokio::test]
async fn a_rule_replaces_what_the_client_or_a_rule_before_it_set() {
    let layer = ToggleLayer::new()
        .when(&OWN, |ctx, wish| {
            // What is the client's to set is set already, and so no wish.
            assert_eq!((ctx.toggles().get(&OWN), wish), (3, None));
            Some(4)
        })
        .when(&RATE, |_, _| Some(1))
        .when(&RATE, |ctx, _| {
            assert_eq!(ctx.toggles().try_get(&RATE), Err(ToggleUnset::Absent));
            Some(2)
        })
        .when(&RATE, |_, _| None);
    let set = toggles(&layer, wishing("own=3")).await;
    assert_eq!(
        (set.try_get(&OWN), set.try_get(&RATE), set.len()),
        (Ok(4), Ok(2), 2)
    );
}

#[tokio::test]
async fn nothing_but_the_toggles_changes() {
    let ctx = wishing("rate=7");
    let layer = ToggleLayer::new().when(&RATE, |_, wish| wish);
    let (_, seen) = through(&layer, Some(ctx.clone())).await;
    let seen = seen.unwrap();
    assert_eq!(seen.trace(), ctx.trace());
    assert_eq!(seen.namespace(), ctx.namespace());
    // A layer further in sees the same wishes.
    let again = toggles(&layer, seen).await;
    assert_eq!(again.try_get(&RATE), Ok(7));
}

#[tokio::test]
async fn attack_23_without_a_context_the_missing_layer_is_named() {
    for layer in [
        ToggleLayer::new(),
        ToggleLayer::new().when(&FLAG, |_, _| Some(true)),
    ] {
        let detail = misconfigured(&layer, None).await;
        assert_eq!(detail, "add ContextLayer to the service");
    }
}

#[tokio::test]
async fn attack_13_a_context_that_was_not_made_here_is_not_toggled() {
    let forked = wishing("own=1").child(step!("debit")).unwrap();
    let forked = forked.begin(&SeededIds::new(9), NOW);
    for ctx in [received(), forked] {
        for layer in [
            ToggleLayer::new(),
            ToggleLayer::new().when(&FLAG, |_, _| Some(true)),
        ] {
            let detail = misconfigured(&layer, Some(ctx.clone())).await;
            assert_eq!(
                detail,
                "ToggleLayer: only a context made at the edge is completed"
            );
        }
    }
}

#[tokio::test]
async fn a_33rd_toggle_of_a_rule_is_misconfigured_and_names_the_layer() {
    let full = (0..32).map(|nth| (format!("t{nth}"), ToggleValue::Flag(true)));
    let ctx = testing::context()
        .toggles(Toggles::new(full).unwrap())
        .build();
    let layer = ToggleLayer::new().when(&FLAG, |_, _| Some(true));
    let detail = misconfigured(&layer, Some(ctx)).await;
    assert_eq!(
        detail,
        "a rule of ToggleLayer: an invocation has at most 32 toggles"
    );
}

#[tokio::test]
async fn a_value_that_cannot_travel_is_misconfigured_and_names_the_layer() {
    let layer = ToggleLayer::new().when(&RATE, |_, _| Some(1_000_000_000_000_000));
    let detail = misconfigured(&layer, Some(wishing(""))).await;
    assert_eq!(
        detail,
        "a rule of ToggleLayer: a toggle's value is not valid"
    );
    let odd = ToggleKey::edge_only("Odd Name", false);
    let layer = ToggleLayer::new().when(&odd, |_, _| Some(true));
    let detail = misconfigured(&layer, Some(wishing(""))).await;
    assert_eq!(
        detail,
        "a rule of ToggleLayer: a toggle's name is not valid"
    );
}

#[test]
fn a_layer_shows_how_many_rules_it_has_and_none_of_them() {
    let layer = ToggleLayer::new().when(&FLAG, |_, _| Some(true));
    assert_eq!(format!("{layer:?}"), "ToggleLayer { rules: 1 }");
}
