//! The extractor for axum 0.8, and stored answers as its responses.

use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::IntoResponse;
use axum_core::response::Response;
use http::HeaderName;
use http::HeaderValue;
use http::StatusCode;
use http::request::Parts;
use skeleton_invocation_context::Problem;

use crate::answer::Answer;
use crate::execution::Execution;
use crate::tower::REPLAYED;
use crate::tower::Stored;

/// The attempt that `IdempotencyLayer` prepared. Without the layer, or taken a second time: 500.
impl<S: Sync> FromRequestParts<S> for Execution {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Self::take_from(&parts.extensions).ok_or_else(|| Problem::missing_layer("IdempotencyLayer"))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body().to_vec()));
        *response.status_mut() =
            StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.fields() {
            let field = name
                .parse::<HeaderName>()
                .ok()
                .zip(HeaderValue::from_str(value).ok());
            if let Some((name, value)) = field {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

impl Answer {
    /// The answer as it is given again: with `Idempotency-Replayed: true`.
    #[must_use]
    pub fn into_replay(self) -> Response {
        let mut response = self.into_response();
        response
            .headers_mut()
            .insert(REPLAYED, HeaderValue::from_static("true"));
        response.extensions_mut().insert(Stored);
        response
    }
}
