//! One command, whatever door it came through: it enters the log, and its door waits for the outcome.

use core::time::Duration;

use serde_json::json;
use skeleton_authz::Authorized;
use skeleton_idempotency::Accepted;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Source;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

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
/// The status of a command whose outcome is not there yet.
const PENDING: u16 = 202;

/// Who asks, and the proof that she may.
pub(super) type By<'b, C> = (
    &'b InvocationContext<Authenticated>,
    &'b Authorized<'static, <C as skeleton_authz::Guarded>::Needs>,
);

/// Tries a command that was checked. A first answer's audit entry is part of the append that accepts the command, also if
/// the answer is that it is pending; a replay's is not.
pub(super) async fn execute<C: Command>(
    services: &Services,
    once: Execution,
    (ctx, auth): By<'_, C>,
    command: C,
) -> Result<Answered, Problem> {
    let log = services.log.tenant(ctx.tenant()).map_err(|_| {
        Problem::new(ProblemKind::Unavailable)
            .with_instance(ctx.trace().current())
            .with_retry_after(Duration::from_secs(1))
    })?;
    // Listen first: the answer may be there before the append returns.
    let reply = services.replies.subscribe(once.key());
    match accept(services, &log, (ctx, auth), once, command).await? {
        Accepted::Fresh => first(ctx, reply).await,
        Accepted::Duplicate(claim) => repeated(ctx, claim, reply).await,
    }
}

/// Whether the command is in the log, and its outcome is not there yet.
pub(super) fn is_pending(answered: &Answered) -> bool {
    answered.source() == Source::Handler && answered.answer().status() == PENDING
}

/// Commits claim, command and audit entry together. The payload is sealed only if the command is new.
async fn accept<C: Command>(
    services: &Services,
    log: &TenantLog,
    (ctx, auth): By<'_, C>,
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
    let instance = ctx.trace().current();
    accepted
        .await
        .map_err(|error| Problem::from(error).with_instance(instance))
}

/// The event with which a command enters the log, and its audit entry.
async fn begun<C: Command>(
    services: &Services,
    (ctx, auth): By<'_, C>,
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

/// The answer to whoever brought the command: its outcome, or that it is pending.
async fn first(
    ctx: &InvocationContext<Authenticated>,
    reply: WaitingReply,
) -> Result<Answered, Problem> {
    if let Some(answer) = wait(reply).await {
        return Ok(Answered::recorded(answer));
    }
    let body = json!({ "invocation-id": ctx.trace().current(), "outcome": "pending" });
    Ok(Answer::json(PENDING, &body)?.into())
}

/// The answer to a repetition: the first one's, or why there is none yet.
async fn repeated(
    ctx: &InvocationContext<Authenticated>,
    claim: Claim,
    reply: WaitingReply,
) -> Result<Answered, Problem> {
    let answer = match &claim {
        Claim::Done(answer) => Some(answer.clone()),
        Claim::Running { .. } => wait(reply).await,
        _ => None,
    };
    answer.map(Answered::replay).ok_or_else(|| {
        let unclear = || Problem::new(ProblemKind::Unavailable);
        let problem = claim.to_problem().unwrap_or_else(unclear);
        problem.with_instance(ctx.trace().current())
    })
}

async fn wait(reply: WaitingReply) -> Option<Answer> {
    tokio::time::timeout(PATIENCE, reply).await.ok().flatten()
}
