//! Step 4: every invocation leaves an entry, the refused ones too.
//!
//! It stands outside authentication, so that a bad token leaves an entry as well, and inside the tenant's door, so
//! that it knows whose log to write to. A command that enters the log brings its entry with its append; all else is
//! recorded on the way out, and an answer that cannot be recorded is not given: 503. Items and messages, which have no
//! request of their own, are recorded by their doors, in the same words.

use core::time::Duration;
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
use skeleton_idempotency::Answered;
use skeleton_idempotency::REPLAYED;
use skeleton_idempotency::Source;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::InTenant;
use tokio::task::JoinSet;
use tracing::Span;

use crate::audit::AuditEntry;
use crate::audit::AuditResult;
use crate::audit::InvocationEntry;
use crate::ports::event_store::EventStore;
use crate::services::Services;

/// On an answer: its entry was part of an append, or its door has written it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recorded;

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
        Err(_) => unrecorded()
            .with_instance(door.trace().current())
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

/// The entry of what came without a request of its own; nothing if its append has brought it.
pub(super) fn entry_of(
    ctx: &InvocationContext,
    operation: Option<&Operation>,
    decided: Option<&DecisionRecord>,
    at: Timestamp,
    ended: &Result<Answered, Problem>,
) -> Option<AuditEntry> {
    let operation = operation.map(Operation::as_str);
    let status = status_of(ended);
    ctx.span()
        .in_scope(|| tracing::info!(operation, status, "answered"));
    let result = match ended {
        Ok(answered) if answered.source() == Source::Replay => AuditResult::Replayed { status },
        Ok(_) => return None,
        Err(_) => AuditResult::Refused { status },
    };
    let entry = InvocationEntry::of(ctx, operation, decided, at, result);
    Some(AuditEntry::Invocation(entry))
}

/// The status of an answer, or of a refusal.
pub(super) fn status_of(ended: &Result<Answered, Problem>) -> u16 {
    match ended {
        Ok(answered) => answered.answer().status(),
        Err(problem) => problem.status(),
    }
}

/// Writes entries; whoever cannot must not answer.
pub(super) async fn write(
    services: &Services,
    tenant: TenantId,
    entries: Vec<AuditEntry>,
) -> Result<(), Problem> {
    let mut writing = JoinSet::new();
    for entry in entries {
        let log = services.log.clone();
        // At once, so that they share a commit.
        writing.spawn(async move {
            let t = InTenant::background(tenant, "audit");
            log.audit(t, entry).await
        });
    }
    while let Some(written) = writing.join_next().await {
        if !written.is_ok_and(|written| written.is_ok()) {
            return Err(unrecorded());
        }
    }
    Ok(())
}

fn unrecorded() -> Problem {
    Problem::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(1))
}

fn result_of(response: &Response) -> AuditResult {
    let status = response.status().as_u16();
    // The idempotency layer takes the field off every answer that is none of its own.
    if response.headers().contains_key(REPLAYED) {
        AuditResult::Replayed { status }
    } else if status < 400 {
        AuditResult::Answered { status }
    } else {
        AuditResult::Refused { status }
    }
}
