//! The same two headers over gRPC: binary metadata, and refusals that have only trailers.
//!
//! `cargo run -p skeleton-invocation-context --example tonic --features full,testing`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use http_body_util::BodyExt;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::context;
use skeleton_invocation_context::tonic::RequestExt;
use skeleton_invocation_context::tower::InternalContextLayer;
use skeleton_invocation_context::tower::PropagateLayer;
use tonic::Request;
use tonic::Status;
use tonic::body::Body;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

/// A method of a service, as generated code calls it.
fn debit(request: &Request<()>) -> Result<String, Status> {
    let ctx = request.authenticated_context()?;
    Ok(format!(
        "debited for {} at step {}",
        ctx.actor().effective_account().id(),
        ctx.trace().step().as_str()
    ))
}

/// Stands where generated code turns HTTP into a call of the method.
async fn serve(
    request: http::Request<Body>,
) -> Result<http::Response<Body>, std::convert::Infallible> {
    let (parts, _) = request.into_parts();
    let mut call = Request::new(());
    *call.extensions_mut() = parts.extensions;
    Ok(match debit(&call) {
        Ok(said) => http::Response::new(Body::new(said)),
        Err(status) => status.into_http(),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let key = ContextKey::new(*b"2026", secret);
    let domain = TrustDomain::new("bank", SystemClock, key, [])?;
    let ledger = InternalContextLayer::new(domain.clone(), RandomIds).layer(service_fn(serve));
    let client = PropagateLayer::new(domain)
        .only_to(["ledger:50051"])
        .layer(ledger.clone());

    let request = || {
        http::Request::post("http://ledger:50051/bank.Ledger/Debit")
            .header("content-type", "application/grpc")
            .body(Body::empty())
    };
    let tenant = "01KERPXZM0WQ0S6RPTBK0KV9CA".parse()?;
    let ctx = context().user_in(tenant).build();
    let mut call = request()?;
    ctx.child(step!("debit"))?.attach(&mut call);
    let answer = client.oneshot(call).await?;
    let said = answer.into_body().collect().await?.to_bytes();
    println!("{}", String::from_utf8_lossy(&said));
    assert!(said.ends_with(b"at step debit"));

    // Without the headers nobody becomes anonymous: UNAUTHENTICATED, in trailers.
    let refused = ledger.oneshot(request()?).await?;
    println!("{:?}", refused.headers());
    assert_eq!(refused.headers()["grpc-status"], "16");
    Ok(())
}
