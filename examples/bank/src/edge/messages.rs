//! Commands that come as messages: the same steps in the same order as for a request, and the same engines.

use core::time::Duration;
use std::sync::Arc;

use http::HeaderMap;
use http::HeaderName;
use http::header;
use skeleton_authz::DecisionRecord;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Source;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RequestedTenant;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::TenantGate;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::audited;
use super::body::MAX_BODY;
use super::dispatch::Commands;
use super::dispatch::Denied;
use super::execute::is_pending;
use super::router::Doors;
use super::router::all_commands;
use crate::ports::messages::Delivery;
use crate::ports::messages::Message;
use crate::ports::messages::MessageReply;
use crate::ports::messages::Messages;
use crate::services::Services;

/// How many messages are under way at a time.
const AT_A_TIME: usize = 8;
/// How long a message rests before it is delivered again.
const PAUSE: Duration = Duration::from_millis(200);

/// Takes commands from a broker until the future is dropped. A message that has no final answer yet is left to the broker,
/// which delivers it again: its key is the same, so it has one effect all the same.
pub async fn take_messages<M: Messages>(services: Services, doors: Doors, messages: M) {
    let door = Arc::new(MessageDoor {
        commands: all_commands(),
        services,
        doors,
    });
    let slots = Arc::new(Semaphore::new(AT_A_TIME));
    let mut under_way = JoinSet::new();
    loop {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else {
            return;
        };
        let (door, delivery) = (Arc::clone(&door), messages.take().await);
        under_way.spawn(async move {
            let _slot = slot;
            match door.reply(delivery.message()).await {
                Some(reply) => delivery.answer(reply),
                None => tokio::time::sleep(PAUSE).await,
            }
        });
        while under_way.try_join_next().is_some() {}
    }
}

struct MessageDoor {
    services: Services,
    doors: Doors,
    commands: Commands,
}

/// What is noted of a message on its way.
struct Noted {
    ctx: InvocationContext,
    decided: Option<DecisionRecord>,
}

impl MessageDoor {
    /// The final answer to a message; nothing if there is none yet.
    async fn reply(&self, message: &Message) -> Option<MessageReply> {
        let result = self.answer(message).await;
        let status = audited::status_of(&result);
        match result {
            Ok(answered) if is_pending(&answered) => None,
            Ok(answered) => Some(MessageReply {
                status,
                is_replay: answered.source() == Source::Replay,
                body: answered.answer().body_bytes(),
            }),
            Err(problem) if is_passing(&problem) => None,
            Err(problem) => Some(MessageReply {
                status,
                is_replay: false,
                body: problem.to_json().into(),
            }),
        }
    }

    async fn answer(&self, message: &Message) -> Result<Answered, Problem> {
        let mut headers = message.headers.clone();
        let ctx = self.doors.edge.admit(&mut headers, None)?;
        let instance = ctx.trace().current();
        let named = |problem: Problem| problem.with_instance(instance);
        let (ctx, tenant) = self.enter(ctx, &headers).map_err(named)?;
        let operation = Operation::parse(&message.operation).ok();
        let at = self.services.clock.now();
        let mut noted = Noted { ctx, decided: None };
        let attempt = self.attempt(&mut noted, (tenant, &headers), operation.as_ref(), message);
        let result = attempt.await.map_err(named);
        let Noted { ctx, decided } = noted;
        let entry = audited::entry_of(&ctx, operation.as_ref(), decided.as_ref(), at, &result);
        let entries = entry.into_iter().collect();
        let written = audited::write(&self.services, tenant, entries).await;
        written.map_err(named)?;
        result
    }

    /// Step 2. Whoever restricts the addresses from which she is reached is reached by no message, which has none.
    fn enter(
        &self,
        ctx: InvocationContext,
        headers: &HeaderMap,
    ) -> Result<(InvocationContext, TenantId), Problem> {
        let gate = TenantGate::new(self.services.tenants.directory());
        let resolved = gate.admit(only(headers, &header::HOST)?, None)?;
        let tenant = resolved.tenant().id();
        let requested = RequestedTenant::new(tenant);
        let requested = if resolved.tenant().is_test() {
            requested.as_test()
        } else {
            requested
        };
        Ok((ctx.requesting(requested)?, tenant))
    }

    /// Steps 3, 5 and 6, and the command itself.
    async fn attempt(
        &self,
        noted: &mut Noted,
        (tenant, headers): (TenantId, &HeaderMap),
        operation: Option<&Operation>,
        message: &Message,
    ) -> Result<Answered, Problem> {
        let known = self.authenticate(&noted.ctx, tenant, headers)?;
        noted.ctx = known.clone().into_access();
        if message.payload.len() > MAX_BODY {
            return Err(Problem::new(ProblemKind::TooLarge));
        }
        let (commands, payload) = (&self.commands, &message.payload);
        let checked = commands.check(&self.services, &known, operation, payload);
        let ready = checked.await.map_err(|Denied { problem, decided }| {
            noted.decided = decided;
            problem
        })?;
        noted.decided = Some(ready.decided.clone());
        let (engine, services) = (&self.doors.idempotency, self.services.clone());
        let operation = ready.operation.clone();
        let ran = engine.run(&known, &operation, payload, |once| {
            ready.try_it(services, once)
        });
        Box::pin(ran).await
    }

    /// Step 3.
    fn authenticate(
        &self,
        ctx: &InvocationContext,
        tenant: TenantId,
        headers: &HeaderMap,
    ) -> Result<InvocationContext<Authenticated>, Problem> {
        let line = only(headers, &header::AUTHORIZATION)?;
        let token = line.and_then(|line| line.strip_prefix("Bearer "));
        let token = token
            .ok_or_else(|| Problem::new(ProblemKind::Unauthenticated).with_challenge("Bearer"))?;
        let who = self.doors.verifier.verify(token, tenant)?.identity();
        Ok(ctx.clone().authenticated_as(who)?.authenticated()?)
    }
}

/// The only line of a field, if there is one.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let malformed = || Problem::new(ProblemKind::Malformed).with_detail("a field is not valid");
    let mut lines = headers.get_all(name).iter();
    let line = lines
        .next()
        .map(|line| line.to_str().map_err(|_| malformed()));
    match lines.next() {
        Some(_) => Err(malformed()),
        None => line.transpose(),
    }
}

/// Whether it may be otherwise when the message comes again.
fn is_passing(problem: &Problem) -> bool {
    matches!(
        problem.kind(),
        ProblemKind::Unavailable | ProblemKind::InvocationInProgress
    )
}
