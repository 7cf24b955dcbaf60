//! The bank speaks JSON over HTTP, and nothing else.
//!
//! The layers answer a request over gRPC in gRPC, where a refusal has status 200. Here nothing is done over gRPC, so
//! whoever claims it would only have her refusals look like answers.

use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::is_grpc;

/// On a request: it claimed to speak gRPC.
#[derive(Clone, Copy, Debug)]
struct ClaimsGrpc;

/// Outermost: takes the claim off the request, so that whatever layer refuses it does so in plain HTTP.
pub(super) async fn in_plain_http(mut request: Request, next: Next) -> Response {
    if is_grpc(request.headers()) {
        request.headers_mut().remove(header::CONTENT_TYPE);
        request.extensions_mut().insert(ClaimsGrpc);
    }
    next.run(request).await
}

/// Inside the audit, so that it leaves an entry: refuses what claimed it.
pub(super) async fn refuse_others(request: Request, next: Next) -> Response {
    if request.extensions().get::<ClaimsGrpc>().is_none() {
        return next.run(request).await;
    }
    let problem = Problem::new(ProblemKind::Malformed)
        .with_code("media-type-unsupported")
        .with_detail("this service speaks JSON over HTTP");
    match request.extensions().get::<InvocationContext>() {
        Some(ctx) => problem.with_instance(ctx.trace().current()).into_response(),
        None => problem.into_response(),
    }
}
