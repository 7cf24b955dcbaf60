//! The command endpoint: a checked command enters the log, and its door waits for the outcome.

use core::time::Duration;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::Authorized;
use skeleton_authz::Checked;
use skeleton_authz::Guarded;
use skeleton_authz::Permission;
use skeleton_idempotency::Accepted;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Execution;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::TenantId;

use super::audited::Recorded;
use super::audited::entry;
use crate::audit::AuditResult;
use crate::ports::envelope::NewEvent;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::Expect;
use crate::ports::replies::Replies;
use crate::processors::COMMAND_ACCEPTED;
use crate::processors::CommandAccepted;
use crate::services::Services;

/// How long a door waits for the outcome before it says `pending`.
const PATIENCE: Duration = Duration::from_secs(2);

/// A command whose payload may enter the log.
pub(crate) trait Command: Guarded + Send + 'static {
    /// Its name on the wire.
    const OPERATION: &'static str;

    /// The payload as the log keeps it: personal data sealed, bound to the event `record`.
    fn into_log(
        self,
        services: &Services,
        tenant: TenantId,
        record: EventId,
    ) -> impl Future<Output = Result<Value, Problem>> + Send;
}

/// The handler of every guarded command.
pub(crate) async fn handle<C: Command>(
    State(services): State<Services>,
    once: Execution,
    Checked(ctx, auth, command): Checked<C>,
) -> Result<Response, Problem>
where
    C::Needs: Permission,
{
    let key = once.key().clone();
    // Listen first: the answer may be there before the append returns.
    let reply = services.replies.subscribe(&key);
    let record = EventId::generate(&*services.ids, services.clock.now());
    let payload = command.into_log(&services, ctx.tenant(), record).await?;
    let event = accepted(&services, &ctx, &auth, &once, (C::OPERATION, record, payload))?;
    let note = entry(&ctx.clone().into_access(), Some(C::OPERATION), Some(auth.record()), services.clock.now());
    let log = services.log.tenant(ctx.tenant()).map_err(|_| unavailable(&ctx))?;
    let claimed = once
        .accept(&log, |mut unit| {
            Box::pin(async move {
                unit.to = StreamId::of("command", key.address_hex());
                unit.expect = Expect::At(0);
                unit.events.push(event);
                unit.audit = Some(note(AuditResult::Accepted));
                Ok::<_, core::convert::Infallible>(())
            })
        })
        .await;
    match claimed.map_err(|_| unavailable(&ctx))? {
        Accepted::Fresh => Ok(recorded(first(&ctx, tokio::time::timeout(PATIENCE, reply).await.ok().flatten()))),
        Accepted::Duplicate(claim) => repeated(&ctx, claim, reply).await,
    }
}
