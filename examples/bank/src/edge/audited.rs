//! Step 4: every invocation leaves an entry, the refused ones too.
//!
//! It stands outside authentication, so that a bad token leaves an entry as well, and inside the tenant's door, so
//! that it knows whose log to write to. A command that enters the log brings its entry with its append; all else is
//! recorded on the way out, and an answer that cannot be recorded is not given: 503.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use skeleton_authz::DecisionRecord;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_tenancy_tree::InTenant;
use tracing::Span;

use crate::audit::AuditEntry;
use crate::audit::AuditResult;
use crate::audit::InvocationEntry;
use crate::ports::event_store::EventStore;
use crate::services::Services;

/// On an answer: its entry was part of an append.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded;

/// On an answer: it is the first answer given again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replayed;

/// Where the inner half tells the outer half who calls.
#[derive(Clone, Debug, Default)]
struct Caller(Arc<Mutex<Option<InvocationContext>>>);

/// The outer half: records what came back.
pub(super) async fn record(
    State(services): State<Services>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(door) = request.extensions().get::<InvocationContext>().cloned() else {
        return Problem::missing_layer("ContextLayer").into_response();
    };
    let operation = Operation::of_request(&request);
    let at = services.clock.now();
    let caller = Caller::default();
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    tracing::info!(
        operation = operation.as_ref().map(Operation::as_str),
        status = response.status().as_u16(),
        "answered"
    );
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if response.extensions().get::<Recorded>().is_some() {
        return response;
    }
    let ctx = caller
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let ctx = ctx.unwrap_or_else(|| door.clone());
    let decided = response.extensions().get::<DecisionRecord>();
    let operation = operation.as_ref().map(Operation::as_str);
    let entry = InvocationEntry::of(&ctx, operation, decided, at, result_of(&response));
    let Some(tenant) = door.requested_tenant() else {
        return Problem::missing_layer("TenantLayer").into_response();
    };
    let t = InTenant::background(tenant.id(), "audit");
    match services.log.audit(t, AuditEntry::Invocation(entry)).await {
        Ok(()) => response,
        Err(_) => Problem::new(ProblemKind::Unavailable)
            .with_instance(door.trace().current())
            .with_retry_after(core::time::Duration::from_secs(1))
            .into_response(),
    }
}

/// The inner half: tells who calls, once that is known.
pub(super) async fn note_caller(request: Request, next: Next) -> Response {
    let ctx = request.extensions().get::<InvocationContext>().cloned();
    if let Some(ctx) = &ctx {
        ctx.record(&Span::current());
    }
    if let Some(caller) = request.extensions().get::<Caller>() {
        *caller.0.lock().unwrap_or_else(PoisonError::into_inner) = ctx;
    }
    next.run(request).await
}

fn result_of(response: &Response) -> AuditResult {
    let status = response.status().as_u16();
    if response.extensions().get::<Replayed>().is_some() {
        AuditResult::Replayed { status }
    } else if status < 400 {
        AuditResult::Answered { status }
    } else {
        AuditResult::Refused { status }
    }
}
