//! The layer of the edge, driven without a server.

use core::convert::Infallible;
use core::net::SocketAddr;
use core::task::Context;
use core::task::Poll;
use std::future::Ready;
use std::future::ready;

use http::Extensions;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::tower::ContextLayer;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::ULID;
use crate::helpers::edge;

type Answer = Response<String>;

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get().copied()
}

/// What the layer answers around this handler.
async fn answer(
    request: Request<()>,
    mut handler: impl FnMut(Request<()>) -> Answer,
) -> Result<Answer, Infallible> {
    let inner = service_fn(|request| ready(Ok::<_, Infallible>(handler(request))));
    let layer = ContextLayer::new(edge(), peer);
    layer.layer(inner).oneshot(request).await
}

fn request(lines: &[(&str, &str)]) -> Request<()> {
    let request = Request::builder().uri("/commands/debit");
    let request = lines.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    request.body(()).unwrap()
}

fn context(request: &Request<()>) -> InvocationContext {
    request.extensions().get().cloned().unwrap()
}

fn member(answer: &Answer, name: &str) -> Value {
    let document: Value = serde_json::from_str(answer.body()).unwrap();
    document[name].clone()
}

#[tokio::test]
async fn the_context_reaches_the_handler_and_its_id_the_caller() {
    let mut request = request(&[("idempotency-key", ULID), ("user-agent", "curl/8")]);
    let address: SocketAddr = "203.0.113.7:50000".parse().unwrap();
    request.extensions_mut().insert(address);
    let answer = answer(request, |request| {
        let ctx = context(&request);
        let Access::Unauthenticated(unknown) = ctx.access() else {
            panic!("nobody is known at the edge");
        };
        let provenance = unknown.provenance();
        assert_eq!(provenance.client_ip().unwrap().reveal(), address.ip());
        assert_eq!(provenance.user_agent().unwrap().reveal(), "curl/8");
        let trace = ctx.trace();
        assert_eq!(trace.external().invocation().to_string(), ULID);
        Response::new(trace.originating().to_string())
    })
    .await
    .unwrap();
    assert_eq!(answer.headers()["x-originating-id"], answer.body().as_str());
}

#[tokio::test]
async fn attack_01_internal_headers_neither_come_in_nor_go_out() {
    let request = request(&[
        ("skeleton-context", "AAAA"),
        ("Skeleton_Hop", "AAAA"),
        ("skeleton-context-bin", "AAAA"),
    ]);
    let answer = answer(request, |request| {
        assert!(request.headers().is_empty());
        Response::builder()
            .header("skeleton-context", "AAAA")
            .header("skeleton_hop", "AAAA")
            .header("etag", "kept")
            .body(String::new())
            .unwrap()
    })
    .await
    .unwrap();
    let mut names: Vec<_> = answer.headers().keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["etag", "x-originating-id"]);
}

#[tokio::test]
async fn the_id_of_the_trace_is_the_edges_alone() {
    let forged = request(&[("x-originating-id", ULID)]);
    let answer = answer(forged, |request| {
        let ctx = context(&request);
        Response::builder()
            .header("x-originating-id", ULID)
            .header("x-originating-id", "twice")
            .body(ctx.trace().originating().to_string())
            .unwrap()
    })
    .await
    .unwrap();
    let lines: Vec<_> = answer
        .headers()
        .get_all("x-originating-id")
        .iter()
        .collect();
    assert_eq!(lines, [answer.body().as_str()]);
    assert_ne!(answer.body(), ULID);
}

#[tokio::test]
async fn attack_08_a_malformed_id_is_a_problem_that_the_handler_never_sees() {
    for name in ["x-action-id", "x-invocation-id", "idempotency-key"] {
        let refused = answer(request(&[(name, "not an id")]), |_| {
            panic!("the handler was called")
        });
        let answer = refused.await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(member(&answer, "code"), "malformed");
        let instance = member(&answer, "instance");
        assert_eq!(
            answer.headers()["x-originating-id"],
            instance.as_str().unwrap()
        );
        assert!(!answer.body().contains("not an id"));
    }
}

#[tokio::test]
async fn attack_23_a_layer_behind_another_door_is_misconfigured() {
    let inner = service_fn(async |_: Request<()>| -> Result<Answer, Infallible> {
        panic!("the handler was called")
    });
    let layer = ContextLayer::new(edge(), peer);
    let twice = layer.layer(layer.layer(inner));
    let answer = twice.oneshot(request(&[])).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(member(&answer, "code"), "misconfigured");
    let detail = member(&answer, "detail");
    assert!(detail.as_str().unwrap().contains("ContextLayer"));
    assert!(answer.headers().contains_key("x-originating-id"));
}

/// Serves once for every time that it was polled ready. Clones are not ready.
#[derive(Debug)]
struct Strict {
    is_ready: bool,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { is_ready: false }
    }
}

impl Service<Request<()>> for Strict {
    type Response = Answer;
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

#[tokio::test]
async fn the_service_that_was_polled_ready_is_called_and_its_error_is_passed_on() {
    let mut service = ContextLayer::new(edge(), peer).layer(Strict { is_ready: false });
    for _ in 0..2 {
        let outcome = service.ready().await.unwrap().call(request(&[])).await;
        assert_eq!(outcome.expect_err("the inner error"), "broken");
    }
}
