//! The command endpoint: one command per request, checked and guarded by the layers around it.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use skeleton_authz::Checked;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Source;
use skeleton_invocation_context::Problem;

use super::audited::Recorded;
use super::command::Command;
use super::execute::execute;
use super::execute::is_pending;
use crate::services::Services;

/// The handler of every guarded command.
pub(super) async fn handle<C: Command>(
    State(services): State<Services>,
    once: Execution,
    Checked(ctx, auth, command): Checked<C>,
) -> Result<Response, Problem> {
    let answered = execute(&services, once, (&ctx, &auth), command).await?;
    let (is_pending, source) = (is_pending(&answered), answered.source());
    let mut response = answered.into_response();
    if source != Source::Replay {
        response.extensions_mut().insert(Recorded);
    }
    if is_pending {
        let soon = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, soon);
    }
    Ok(response)
}
