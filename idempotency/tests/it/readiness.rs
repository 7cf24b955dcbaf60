//! The layer calls the very service that was polled ready.

use core::convert::Infallible;
use core::future::Ready;
use core::future::ready;
use core::task::Context;
use core::task::Poll;

use axum::body::Body;
use axum::http::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use skeleton_idempotency::IdempotencyLayer;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

use crate::helpers::engine;
use crate::layer::alice;

/// A service that may be called only after this very one was polled ready.
#[derive(Debug, Default)]
struct Picky {
    is_ready: bool,
}

impl Clone for Picky {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Service<Request<Body>> for Picky {
    type Response = Response;
    type Error = Infallible;
    type Future = Ready<Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(
            core::mem::take(&mut self.is_ready),
            "called without being polled ready"
        );
        // Not a success: it asks no store.
        ready(Ok((StatusCode::IM_A_TEAPOT, "ran").into_response()))
    }
}

#[tokio::test]
async fn the_service_that_was_polled_ready_is_the_one_that_is_called() {
    let mut service = IdempotencyLayer::new(engine()).layer(Picky::default());
    for _ in 0..2 {
        let response = service
            .ready()
            .await
            .unwrap()
            .call(alice("{}"))
            .await
            .unwrap();
        assert_eq!(response.status(), 418);
    }
}
