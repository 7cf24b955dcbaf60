//! The command endpoint: a checked command enters the log, and its door waits for the outcome.

use core::time::Duration;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;
use skeleton_authz::Authorized;
use skeleton_authz::Checked;
use skeleton_idempotency::AcceptError;
use skeleton_idempotency::Accepted;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Execution;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use super::audited::Recorded;
use super::audited::Replayed;
use super::command::Command;
use crate::adapters::in_process::WaitingReply;
use crate::adapters::sqlite::TenantLog;
use crate::audit::AuditEntry;
use crate::audit::AuditResult;
use crate::audit::InvocationEntry;
use crate::ports::envelope::NewEvent;
use crate::ports::event_store::Unit;
use crate::ports::replies::Replies;
use crate::processors::COMMAND_ACCEPTED;
use crate::processors::CommandAccepted;
use crate::services::Services;

/// How long a door waits for the outcome.
const PATIENCE: Duration = Duration::from_secs(2);

/// The handler of every guarded command.
pub(super) async fn handle<C: Command>(
    State(services): State<Services>,
    once: Execution,
    Checked(ctx, auth, command): Checked<C>,
) -> Result<Response, Problem> {
    let log = services
        .log
        .tenant(ctx.tenant())
        .map_err(|_| unavailable(&ctx))?;
    // Listen first: the answer may be there before the append returns.
    let reply = services.replies.subscribe(once.key());
    match accept(&services, &log, (&ctx, &auth), once, command).await? {
        Accepted::Fresh => Ok(first(&ctx, reply).await),
        Accepted::Duplicate(claim) => repeated(&ctx, claim, reply).await,
    }
}

/// Commits claim, command and audit entry together. The payload is sealed only if the command is new.
async fn accept<C: Command>(
    services: &Services,
    log: &TenantLog,
    (ctx, auth): (
        &InvocationContext<Authenticated>,
        &Authorized<'static, C::Needs>,
    ),
    once: Execution,
    command: C,
) -> Result<Accepted, Problem> {
    let key = once.key().to_text();
    let accepted = once.accept(log, |mut unit| {
        Box::pin(async move {
            let (event, note) = begun(services, (ctx, auth), key, command).await?;
            let unit: &mut Unit = &mut unit;
            unit.events.push(event);
            unit.audit = Some(note);
            Ok::<_, Problem>(())
        })
    });
    accepted.await.map_err(|error| match error {
        AcceptError::Work(problem) => problem.with_instance(ctx.trace().current()),
        _ => unavailable(ctx),
    })
}

/// The event with which a command enters the log, and its audit entry.
async fn begun<C: Command>(
    services: &Services,
    (ctx, auth): (
        &InvocationContext<Authenticated>,
        &Authorized<'static, C::Needs>,
    ),
    key: String,
    command: C,
) -> Result<(NewEvent, AuditEntry), Problem> {
    let id = services.new_event_id();
    let at = services.clock.now();
    let payload = command.into_log(services, ctx, auth, id).await?;
    let data = CommandAccepted {
        operation: C::OPERATION.to_owned(),
        payload,
    };
    let data = serde_json::to_value(data).map_err(|_| {
        Problem::new(ProblemKind::Misconfigured).with_detail("the command has no JSON form")
    })?;
    let event = NewEvent {
        id,
        kind: COMMAND_ACCEPTED.to_owned(),
        schema: 1,
        tenant: ctx.tenant(),
        container: Some(auth.scope()),
        at,
        key: Some(key),
        decision: Some(auth.carry()),
        context: Some(EventContext::of(ctx)),
        reason: None,
        data,
    };
    let note = InvocationEntry::of(
        &ctx.clone().into_access(),
        Some(C::OPERATION),
        Some(&auth.record()),
        at,
        AuditResult::Accepted,
    );
    Ok((event, AuditEntry::Invocation(note)))
}

/// The answer to the request that brought the command: its outcome, or that it is pending.
async fn first(ctx: &InvocationContext<Authenticated>, reply: WaitingReply) -> Response {
    let mut response = match wait(reply).await {
        Some(answer) => answer.into_response(),
        None => pending(ctx),
    };
    response.extensions_mut().insert(Recorded);
    response
}

/// The answer to a repetition: the first one's, or why there is none yet.
async fn repeated(
    ctx: &InvocationContext<Authenticated>,
    claim: Claim,
    reply: WaitingReply,
) -> Result<Response, Problem> {
    let answer = match &claim {
        Claim::Done(answer) => Some(answer.clone()),
        Claim::Running => wait(reply).await,
        _ => None,
    };
    if let Some(answer) = answer {
        let mut response = answer.into_replay();
        response.extensions_mut().insert(Replayed);
        return Ok(response);
    }
    let problem = claim
        .to_problem()
        .unwrap_or_else(|| Problem::new(ProblemKind::Unavailable));
    Err(problem.with_instance(ctx.trace().current()))
}

async fn wait(reply: WaitingReply) -> Option<Answer> {
    tokio::time::timeout(PATIENCE, reply).await.ok().flatten()
}

fn pending(ctx: &InvocationContext<Authenticated>) -> Response {
    let body = json!({ "invocation-id": ctx.trace().current(), "outcome": "pending" });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::RETRY_AFTER, HeaderValue::from_static("1")),
    ];
    (StatusCode::ACCEPTED, headers, body.to_string()).into_response()
}

fn unavailable(ctx: &InvocationContext<Authenticated>) -> Problem {
    Problem::new(ProblemKind::Unavailable)
        .with_instance(ctx.trace().current())
        .with_retry_after(Duration::from_secs(1))
}
