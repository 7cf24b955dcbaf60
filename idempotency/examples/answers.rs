//! Small, large and streaming answers, each asked for twice: what runs, and what a repetition gets.
//!
//! `cargo run -p skeleton-idempotency --example answers --features full`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use core::convert::Infallible;
use core::pin::Pin;
use core::sync::atomic::AtomicU32;
use core::sync::atomic::Ordering;
use core::task::Context;
use core::task::Poll;
use core::time::Duration;
use std::net::SocketAddr;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use http::Extensions;
use http::Request;
use http_body::Frame;
use http_body_util::BodyExt;
use serde_json::Value;
use serde_json::json;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Capacity;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::MemoryStore;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Policy;
use skeleton_idempotency::REPLAYED;
use skeleton_idempotency::Reconstruct;
use skeleton_idempotency::Tracker;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::tower::ContextLayer;
use tower::ServiceExt;

/// More than is kept of any body.
const LINES: usize = 40_000;

/// How often each handler truly ran.
#[derive(Debug, Default)]
struct Runs {
    mails: AtomicU32,
    reports: AtomicU32,
    exports: AtomicU32,
}

fn count(runs: &AtomicU32) -> u32 {
    runs.fetch_add(1, Ordering::Relaxed) + 1
}

/// Small: kept whole. The partner gets a key of its own, the same one for every attempt.
async fn send_mail(
    State(runs): State<Arc<Runs>>,
    once: Execution,
    Json(mail): Json<Value>,
) -> Json<Value> {
    let key = once.derive(&step!("smtp"));
    Json(json!({ "run": count(&runs.mails), "to": mail.get("to"), "partner-key": key.to_string() }))
}

/// Large: that it was answered is kept, and the body is made anew for a repetition.
async fn make_report(State(runs): State<Arc<Runs>>) -> String {
    report(count(&runs.reports))
}

fn report(run: u32) -> String {
    let mut report = format!("report {run}\n");
    report.extend(core::iter::repeat_n("a line\n", LINES));
    report
}

/// Where a service would read the report that it made, here it is made from its number.
struct Reports;

#[async_trait]
impl Reconstruct for Reports {
    async fn reconstruct(&self, _: &IdempotencyKey, kept: &Answer) -> Option<Answer> {
        let summary = format!("report 1: {LINES} lines, see /queries/retrieve-report\n");
        kept.clone().with_body(summary.into_bytes()).ok()
    }
}

/// Streaming: every line leaves as it is made; only the last one waits until all of it is recorded.
async fn export(State(runs): State<Arc<Runs>>) -> Response {
    let run = count(&runs.exports);
    let lines = (1..=3).map(|line| format!("run {run}, line {line}\n"));
    Body::new(Lines(lines.collect())).into_response()
}

/// A body of a length that nobody knows before.
struct Lines(std::collections::VecDeque<String>);

impl http_body::Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|line| Ok(Frame::data(line.into()))))
    }
}

fn engine(tracker: &Tracker) -> Result<Engine<MemoryStore>, Box<dyn std::error::Error>> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let store = MemoryStore::new(Capacity::mib(64), SystemClock);
    let engine = Engine::builder(store, FingerprintKeys::new(secret), SystemClock)
        .policy_of(|operation| {
            Some(match operation.as_str() {
                "send-mail" => Policy::new(Mode::AtMostOnce),
                "make-report" => Policy::new(Mode::Resumable).with_reconstruct(Reports),
                "export" => Policy::new(Mode::Resumable),
                _ => return None, // not guarded, and said so
            })
        })
        .tracker(tracker)
        .build()?;
    Ok(engine)
}

fn service(engine: Engine<MemoryStore>) -> Router {
    let edge = Edge::new(SystemClock, RandomIds, TrustedProxies::none());
    let peer = |extensions: &Extensions| {
        let info = extensions.get::<ConnectInfo<SocketAddr>>();
        info.map(|info| info.0)
    };
    Router::new()
        .route("/commands/send-mail", post(send_mail))
        .route("/commands/make-report", post(make_report))
        .route("/commands/export", post(export))
        .route_layer(IdempotencyLayer::new(engine))
        .layer(axum::middleware::map_request(as_ada)) // in place of authentication and authorization
        .layer(ContextLayer::new(edge, peer))
        .with_state(Arc::new(Runs::default()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tracker = Tracker::new();
    let service = service(engine(&tracker)?);
    for operation in ["send-mail", "make-report", "export"] {
        let key = skeleton_invocation_context::ExternalInvocationId::generate(
            &RandomIds,
            skeleton_invocation_context::Clock::now(&SystemClock),
        );
        for _ in 0..2 {
            let request = Request::post(format!("/commands/{operation}"))
                .header("idempotency-key", key.to_string())
                .header("content-type", "application/json")
                .body(Body::from(r#"{"to":"dora@example.com"}"#))?;
            let answer = service.clone().oneshot(request).await?;
            let replayed = answer.headers().get(&REPLAYED).cloned();
            let status = answer.status();
            let body = answer.into_body().collect().await?.to_bytes();
            let first = body.split(|byte| *byte == b'\n').next().unwrap_or_default();
            println!(
                "{operation:<12} {status}  replayed: {:<5}  {:>6} bytes  {}",
                replayed
                    .as_ref()
                    .map_or("no", |value| value.to_str().unwrap_or_default()),
                body.len(),
                String::from_utf8_lossy(first),
            );
        }
    }
    // After the server has stopped: runs whose callers have gone end here.
    let drained = tracker.drain(Duration::from_secs(20)).await;
    println!("drained, {} left", drained.left);
    Ok(())
}

/// Stands where a real service verifies a credential.
async fn as_ada(mut request: Request<Body>) -> Result<Request<Body>, Problem> {
    let ctx = request.extensions_mut().remove::<InvocationContext>();
    let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
    let ctx = ctx.authenticated_as(testing::identity())?;
    request.extensions_mut().insert(ctx);
    Ok(request)
}
