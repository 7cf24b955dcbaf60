//! Two services: an edge that opens accounts, and a ledger behind it that debits them.
//!
//! `cargo run -p skeleton-invocation-context --example axum --features full,testing`

#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "an example shows what it does"
)]

use std::net::SocketAddr;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use http::Extensions;
use http::Request;
use http_body_util::BodyExt;
use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::tower::ContextLayer;
use skeleton_invocation_context::tower::InternalContextLayer;
use skeleton_invocation_context::tower::Propagate;
use skeleton_invocation_context::tower::PropagateLayer;
use tower::Layer;
use tower::ServiceExt;

const NEW_FEES: ToggleKey<bool> = ToggleKey::client_allowed("new-fees", false);

/// Calls the ledger. Here it is a router of the same process; a client for HTTP takes its place.
type Ledger = Propagate<Router>;

async fn open_account(
    ctx: InvocationContext<Authenticated>, // anonymous: 401; layer missing: 500 that names it
    State(ledger): State<Ledger>,
) -> Result<Json<Value>, Problem> {
    let fee = if ctx.toggles().get(&NEW_FEES) { 0 } else { 5 };
    let mut call = Request::post("http://ledger:8080/commands/debit")
        .header("content-type", "application/json")
        .body(Body::from(json!({ "fee": fee }).to_string()))
        .map_err(|_| unavailable())?;
    ctx.child(step!("debit"))?.attach(&mut call);
    let answer = ledger.oneshot(call).await.map_err(|_| unavailable())?;
    Ok(Json(json!({
        "trace": ctx.trace().originating().to_string(),
        "by": ctx.actor().accountable_account().id().to_string(),
        "ledger": body(answer).await,
    })))
}

/// The ledger sees who calls, one hop further. No header of a client reaches it.
async fn debit(ctx: InvocationContext<Authenticated>, Json(command): Json<Value>) -> Json<Value> {
    Json(json!({
        "trace": ctx.trace().originating().to_string(),
        "step": ctx.trace().step().as_str(),
        "tenant": ctx.tenant().to_string(),
        "debited": command["fee"],
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Both services hold the key of the domain; nobody else does.
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let key = ContextKey::new(*b"2026", secret);
    let domain = TrustDomain::new("bank", SystemClock, key, [])?;

    let ledger = Router::new()
        .route("/commands/debit", post(debit))
        .layer(InternalContextLayer::new(domain.clone(), RandomIds));
    let ledger = PropagateLayer::new(domain)
        .only_to(["ledger:8080"])
        .layer(ledger);

    let edge = Edge::new(SystemClock, RandomIds, TrustedProxies::none()).with_toggle(&NEW_FEES)?;
    let peer = |extensions: &Extensions| {
        let info = extensions.get::<ConnectInfo<SocketAddr>>();
        info.map(|info| info.0)
    };
    let service = Router::new()
        .route("/commands/open-account", post(open_account))
        .layer(axum::middleware::map_request(as_ada)) // in place of AuthenticationLayer
        .layer(ContextLayer::new(edge, peer))
        .with_state(ledger);

    let request = Request::post("/commands/open-account")
        .header("x-invocation-id", "01M83YEMHRMW96SB74TMCXA9MN")
        .header("x-toggles", "new-fees")
        .header("skeleton-context", "forged") // removed at the edge
        .body(Body::empty())?;
    let answer = body(service.oneshot(request).await?).await;
    println!("{answer:#}");
    assert_eq!(answer["trace"], answer["ledger"]["trace"]);
    assert_eq!(answer["ledger"]["step"], "debit");
    assert_eq!(answer["ledger"]["debited"], 0);
    Ok(())
}

/// Stands where a real service verifies a credential.
async fn as_ada(mut request: Request<Body>) -> Result<Request<Body>, Problem> {
    let ctx = request.extensions_mut().remove::<InvocationContext>();
    let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
    request
        .extensions_mut()
        .insert(ctx.authenticated_as(testing::identity())?);
    Ok(request)
}

async fn body(answer: Response) -> Value {
    let bytes = answer
        .into_body()
        .collect()
        .await
        .map(|body| body.to_bytes());
    serde_json::from_slice(&bytes.unwrap_or_default()).unwrap_or_default()
}

fn unavailable() -> Problem {
    Problem::new(ProblemKind::Unavailable)
}
