//! The door of a service behind the edge.

use core::convert::Infallible;
use core::future::Ready;
use core::future::ready;
use core::net::SocketAddr;
use core::task::Context;
use core::task::Poll;

use http::Extensions;
use http::HeaderMap;
use http::Request;
use http::Response;
use http::StatusCode;
use serde_json::Value;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::TraceParent;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::assert_forked_from;
use skeleton_invocation_context::tower::ContextLayer;
use skeleton_invocation_context::tower::InternalContextLayer;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::NOW;
use crate::helpers::OTHER_ULID;
use crate::helpers::ULID;
use crate::helpers::edge;
use crate::helpers::headers;
use crate::helpers::identity;
use crate::helpers::user;
use crate::wire::Answer;
use crate::wire::answer_around;
use crate::wire::at_once;
use crate::wire::domain;
use crate::wire::rich;
use crate::wire::sealed;
use crate::wire::sealed_in;
use crate::wire_laws::said;

const GRPC: (&str, &str) = ("content-type", "application/grpc");

fn door() -> InternalContextLayer {
    InternalContextLayer::new(domain(), SeededIds::new(9))
}

fn peer(_: &Extensions) -> Option<SocketAddr> {
    None
}

/// A request that brings this call, and these lines beside it.
fn calling(ctx: &InvocationContext, more: &[(&str, &str)]) -> Request<()> {
    let sealed = sealed_in(&domain(), ctx);
    let halves = [
        ("skeleton-context", sealed.context()),
        ("skeleton-hop", sealed.hop()),
    ];
    let lines = halves.iter().chain(more);
    let lines: Vec<_> = lines
        .map(|(name, value)| (*name, value.as_bytes()))
        .collect();
    let mut request = Request::new(());
    *request.headers_mut() = headers(&lines);
    request
}

/// What reaches the handler of this request: its context and its headers.
fn handled(request: Request<()>) -> (InvocationContext, HeaderMap) {
    let mut seen = None;
    let handler = service_fn(|request: Request<()>| {
        let ctx: &InvocationContext = request.extensions().get().unwrap();
        seen = Some((ctx.clone(), request.headers().clone()));
        ready(Ok::<_, Infallible>(Answer::default()))
    });
    let answer = at_once(door().layer(handler).oneshot(request)).unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    seen.unwrap()
}

#[test]
fn the_hop_begins_here() {
    let ctx = rich(1);
    let (received, _) = handled(calling(&ctx, &[]));
    assert_forked_from(&received, &ctx);
    assert_eq!(said(&received), said(&ctx));
    assert_eq!(received.trace().current().created_at(), NOW);
    let (next, _) = handled(calling(&received, &[]));
    assert_eq!(next.trace().parent(), Some(received.trace().current()));
    assert_eq!(next.trace().step().as_str(), "debit/debit");
}

#[test]
fn who_is_unknown_stays_unknown() {
    let anonymous = testing::context().at(NOW).build();
    assert!(handled(calling(&anonymous, &[])).0.authenticated().is_err());
    let known = anonymous
        .authenticated_as(identity(Actor::direct(user(1, 1))))
        .unwrap();
    assert!(handled(calling(&known, &[])).0.authenticated().is_ok());
}

#[test]
fn the_handler_sees_no_header_of_the_platform() {
    let more = [
        ("skeleton_context", "AAAA"),
        ("skeleton-other", "AAAA"),
        ("skeleton-other", "BBBB"),
        ("skeleton", "kept"),
        ("x-skeleton-context", "kept"),
        ("etag", "kept"),
    ];
    let (_, headers) = handled(calling(&rich(1), &more));
    let mut names: Vec<_> = headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["etag", "skeleton", "x-skeleton-context"]);
}

#[test]
fn attack_15_no_header_of_a_client_is_read_here() {
    let parent = "00-01a207e7524f1c59ba2dde83458bfed0-cdc83011ac8efe12-03";
    let claims = [
        ("x-action-id", ULID),
        ("x-invocation-id", OTHER_ULID),
        ("idempotency-key", OTHER_ULID),
        ("x-toggles", "new-fees=?0, log-level=\"trace\""),
        ("x-locale", "de-AT"),
        ("accept-language", "fr"),
        ("user-agent", "curl/8"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("traceparent", parent),
        ("authorization", "Bearer root"),
        ("x-test", "true"),
        ("x-tenant-id", ULID),
        ("x-account-id", ULID),
        ("x-role", "admin"),
        ("host", "other-tenant.example"),
    ];
    let ctx = rich(1);
    let (plain, _) = handled(calling(&ctx, &[]));
    let (claimed, _) = handled(calling(&ctx, &claims));
    assert_eq!(said(&claimed), said(&plain));
    assert_eq!(claimed.trace(), plain.trace());
    assert_eq!(claimed.link(), None::<TraceParent>);
    // Malformed or doubled, they are no reason to refuse either.
    let broken: Vec<_> = claims.iter().map(|(name, _)| (*name, "!\"")).collect();
    let twice = [&broken[..], &broken].concat();
    assert_eq!(said(&handled(calling(&ctx, &twice)).0), said(&plain));
}

/// Asserts a 500 that names the layer, and that no handler was called.
#[track_caller]
fn misconfigured(answer: &Answer, layer: &str) {
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let document: Value = serde_json::from_str(answer.body()).unwrap();
    assert_eq!(document["code"], "misconfigured");
    let detail = document["detail"].as_str().unwrap();
    let named = detail.split(' ').find(|word| word.ends_with("Layer"));
    assert_eq!(named, Some(layer));
}

fn never() -> impl Service<Request<()>, Response = Answer, Error = Infallible, Future: Send> + Clone
{
    service_fn(async |_: Request<()>| -> Result<Answer, Infallible> {
        panic!("the handler was called")
    })
}

#[test]
fn attack_23_two_doors_are_misconfigured() {
    let call = || calling(&rich(1), &[]);
    let twice = door().layer(door().layer(never()));
    misconfigured(
        &at_once(twice.oneshot(call())).unwrap(),
        "InternalContextLayer",
    );
    let edge_layer = || ContextLayer::new(edge(), peer);
    let behind_edge = edge_layer().layer(door().layer(never()));
    misconfigured(
        &at_once(behind_edge.oneshot(call())).unwrap(),
        "InternalContextLayer",
    );
    let before_edge = door().layer(edge_layer().layer(never()));
    misconfigured(
        &at_once(before_edge.oneshot(call())).unwrap(),
        "ContextLayer",
    );
}

#[test]
fn attack_23_over_grpc_two_doors_are_internal() {
    let mut request = Request::new(());
    *request.headers_mut() = headers(&[(GRPC.0, GRPC.1.as_bytes())]);
    let behind_edge = ContextLayer::new(edge(), peer).layer(door().layer(never()));
    let answer = at_once(behind_edge.oneshot(request)).unwrap();
    assert_eq!(answer.headers()["grpc-status"], "13");
    let message = answer.headers()["grpc-message"].to_str().unwrap();
    assert!(message.contains("InternalContextLayer"), "{message}");
}

#[test]
fn a_refusal_over_grpc_has_only_trailers() {
    let answer = answer_around(&domain(), &[GRPC], |_| panic!("the handler was called"));
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.body(), "");
    let mut lines: Vec<_> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    lines.sort_unstable();
    let expected = [
        ("content-type", "application/grpc"),
        ("grpc-message", "unauthenticated"),
        ("grpc-status", "16"),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_refusal_says_nothing_but_that() {
    let answer = answer_around(&domain(), &[], |_| panic!("the handler was called"));
    let document: Value = serde_json::from_str(answer.body()).unwrap();
    let mut members: Vec<_> = document.as_object().unwrap().keys().collect();
    members.sort_unstable();
    assert_eq!(members, ["code", "status", "title", "type"]);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
}

#[test]
fn the_layer_shows_neither_key_nor_call() {
    let sealed = sealed();
    let shown = format!("{:?} {:?} {sealed:?}", door(), door().layer(()));
    assert!(shown.contains("bank"), "the domain is named: {shown}");
    for secret in ["167", "a7a7", "A7A7", sealed.context(), sealed.hop()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

/// Serves once for every time that it was polled ready. Clones are not ready.
#[derive(Debug, Default)]
struct Strict {
    is_ready: bool,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request<()>> for Strict {
    type Response = Response<String>;
    type Error = &'static str;
    type Future = Ready<Result<Answer, &'static str>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(core::mem::take(&mut self.is_ready), "called unready");
        ready(Err("broken"))
    }
}

#[test]
fn the_service_that_was_polled_ready_is_called_and_its_error_is_passed_on() {
    let mut service = door().layer(Strict::default());
    for _ in 0..2 {
        let ready = at_once(service.ready()).unwrap();
        let outcome = at_once(ready.call(calling(&rich(1), &[])));
        assert_eq!(outcome.expect_err("the inner error"), "broken");
    }
}
