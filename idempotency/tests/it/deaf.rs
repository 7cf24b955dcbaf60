//! A transactional handler that does not listen to what its store says.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use axum::routing::post;
use skeleton_idempotency::Execution;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::Scope;
use skeleton_invocation_context::Problem;
use tower::ServiceExt;

use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::engine;
use crate::optimistic::Optimistic;
use crate::optimistic::Tx;

/// Whatever became of it, it was a success.
async fn deaf(once: Execution, State(store): State<Optimistic>) -> &'static str {
    let done = once.transaction(&store, |mut tx: Scope<'_, '_, Tx>| {
        Box::pin(async move {
            tx.view.log.push("moved");
            Ok::<_, Problem>(answer("moved"))
        })
    });
    drop(done.await);
    "a success"
}

async fn status(service: &Router, payload: &'static str) -> u16 {
    let mut request = Request::post("/commands/transfer-money")
        .body(Body::from(payload))
        .unwrap();
    request.extensions_mut().insert(alice_calls().build());
    service
        .clone()
        .oneshot(request)
        .await
        .unwrap()
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_success_after_a_refused_transaction_is_none() {
    let store = Optimistic::default();
    let service = Router::new()
        .route("/commands/transfer-money", post(deaf))
        .route_layer(IdempotencyLayer::new(engine()))
        .with_state(store.clone());
    assert_eq!(status(&service, "1").await, 200);
    assert_eq!(status(&service, "1").await, 200);
    assert_eq!(status(&service, "2").await, 500);
    assert_eq!(store.0.lock().unwrap().log.len(), 1);
}
