//! Extractors for axum 0.8, and problems as its responses.

use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::IntoResponse;
use axum_core::response::Response;
use http::request::Parts;

use crate::access::Authenticated;
use crate::context::InvocationContext;
use crate::http::ProblemBody;
use crate::problem::Problem;
use crate::problem::ProblemKind;

impl ProblemBody for Body {
    fn from_problem_json(json: Vec<u8>) -> Self {
        json.into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into_http()
    }
}

/// The context of the request, whoever calls. Without `ContextLayer`: 500.
impl<S: Sync> FromRequestParts<S> for InvocationContext {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let ctx = parts.extensions.get::<Self>().cloned();
        ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))
    }
}

/// The context of the request of a known caller. Anonymous: 401. Without `ContextLayer`: 500.
impl<S: Sync> FromRequestParts<S> for InvocationContext<Authenticated> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let ctx = <InvocationContext>::from_request_parts(parts, state).await?;
        let instance = ctx.trace().current();
        ctx.authenticated().map_err(|_| {
            Problem::new(ProblemKind::Unauthenticated)
                .with_challenge("Bearer")
                .with_instance(instance)
        })
    }
}
