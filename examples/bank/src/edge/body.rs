//! Bodies of the routes that no check reads first.

use axum::body::Body;
use axum::extract::FromRequest;
use axum::extract::Request;
use http_body_util::BodyExt;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use serde::de::DeserializeOwned;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

/// The most bytes of a body, as everywhere.
pub(super) const MAX_BODY: usize = 1024 * 1024;

/// A payload read from JSON. Over the cap: 413; not this payload: 400, and the answer repeats nothing of it.
#[derive(Clone, Debug)]
pub(super) struct Payload<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Payload<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let ctx = request.extensions().get::<InvocationContext>().cloned();
        let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
        let payload = read(request.into_body()).await;
        payload
            .map(Self)
            .map_err(|problem| problem.with_instance(ctx.trace().current()))
    }
}

async fn read<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    let whole = match Limited::new(body, MAX_BODY).collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(Problem::new(ProblemKind::TooLarge));
        }
        Err(_) => return Err(malformed("the body broke off")),
    };
    serde_json::from_slice(&whole).map_err(|_| malformed("the body is not valid"))
}

fn malformed(detail: &'static str) -> Problem {
    Problem::new(ProblemKind::Malformed).with_detail(detail)
}
