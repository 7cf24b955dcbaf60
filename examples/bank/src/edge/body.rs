//! Bodies of the routes that no check reads first.

use axum::body::Bytes;
use axum::body::to_bytes;
use axum::extract::FromRequest;
use axum::extract::Request;
use serde::de::DeserializeOwned;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

/// The most bytes of a body, as everywhere.
const MAX_BODY: usize = 1024 * 1024;

/// A payload read from JSON. Over the cap: 413; not this payload: 400, and the answer repeats nothing of it.
#[derive(Clone, Debug)]
pub(super) struct Payload<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Payload<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let too_large = |_| Problem::new(ProblemKind::TooLarge);
        let bytes: Bytes = to_bytes(request.into_body(), MAX_BODY)
            .await
            .map_err(too_large)?;
        let malformed =
            |_| Problem::new(ProblemKind::Malformed).with_detail("the body is not valid");
        serde_json::from_slice(&bytes).map(Self).map_err(malformed)
    }
}
