//! The extractor for axum 0.8, and answers as its responses.

use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::IntoResponse;
use axum_core::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::request::Parts;
use http_body_util::Full;
use skeleton_invocation_context::Problem;

use crate::answer::Answer;
use crate::answered::Answered;
use crate::answered::Source;
use crate::execution::Execution;
use crate::tower::GuardedBody;
use crate::tower::REPLAYED;
use crate::tower::ReplayAs;
use crate::tower::Stored;
use crate::tower::response_of;

/// The attempt that `IdempotencyLayer` prepared. Without the layer, or taken a second time: 500.
impl<S: Sync> FromRequestParts<S> for Execution {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Self::take_from(&parts.extensions).ok_or_else(|| Problem::missing_layer("IdempotencyLayer"))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        response_of(&self, body)
    }
}

/// A replay says `Idempotency-Replayed: true`.
impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let mut response = response_of(self.answer(), body);
        let extensions = response.extensions_mut();
        match self.source() {
            Source::Handler => {
                if let Some(outcome) = self.outcome() {
                    extensions.insert(outcome);
                }
                if self.kept() != self.answer() {
                    extensions.insert(ReplayAs(self.kept().clone()));
                }
            }
            Source::Recorded | Source::Replay => {
                extensions.insert(Stored(self.kept().clone()));
            }
        }
        if self.source() == Source::Replay {
            let said = if self.answer().is_tombstone() {
                "body-omitted"
            } else {
                "true"
            };
            let said = HeaderValue::from_static(said);
            response.headers_mut().insert(REPLAYED, said);
        }
        response
    }
}

fn body(data: Bytes, trailers: Option<HeaderMap>) -> Body {
    match trailers {
        None => Body::from(data),
        Some(_) => Body::new(GuardedBody::<Full<Bytes>>::whole(data, trailers)),
    }
}
