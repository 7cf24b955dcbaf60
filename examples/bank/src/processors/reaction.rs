//! A command that entered the log, and the appends that may answer it.

use std::sync::OnceLock;

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use skeleton_authz::Authorized;
use skeleton_authz::CarriedDecision;
use skeleton_authz::DecisionRecord;
use skeleton_authz::MaxAge;
use skeleton_authz::Permission;
use skeleton_idempotency::IdempotencyKey;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Step;

use crate::audit::AuditEntry;
use crate::audit::AuditResult;
use crate::audit::InvocationEntry;
use crate::domain;
use crate::outcome::Outcome;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::NewEvent;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::Completion;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::Services;

/// The name of the event with which every command enters the log.
pub const COMMAND_ACCEPTED: &str = "command-accepted";
/// The name of the event that ends a command against which the domain decided.
const COMMAND_REJECTED: &str = "command-rejected";

/// The data of [`COMMAND_ACCEPTED`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CommandAccepted {
    /// Which operation.
    pub operation: String,
    /// Its payload, personal data sealed.
    pub payload: Value,
}

/// A command of the log, with all that is needed to end it.
#[derive(Debug)]
pub(super) struct Reaction<'e> {
    accepted: &'e Envelope,
    cause: &'e EventContext,
    key: IdempotencyKey,
    ctx: InvocationContext<Authenticated>,
    command: CommandAccepted,
    /// What is noted of the decision that is continued, once it is.
    resumed: OnceLock<DecisionRecord>,
}

impl<'e> Reaction<'e> {
    /// Begins to react, if `event` is a command that `handles` names. The service acts on behalf of whoever asked.
    ///
    /// Nothing too if the event lacks what every accepted command has: it is none of the doors'.
    pub(super) fn begin(
        services: &Services,
        event: &'e Envelope,
        step: &Step,
        handles: &[&str],
    ) -> Option<Self> {
        if event.kind() != COMMAND_ACCEPTED {
            return None;
        }
        let command: CommandAccepted = event.data().ok()?;
        if !handles.contains(&command.operation.as_str()) {
            return None;
        }
        let cause = event.event.context.as_ref()?;
        let key = event.event.key.as_deref()?.parse().ok()?;
        let now = services.clock.now();
        let ctx = services
            .identity
            .react_to(cause, step, &*services.ids, now)
            .ok()?;
        let operation = command.operation.as_str();
        ctx.span().in_scope(|| tracing::info!(operation, "decides"));
        Some(Self {
            accepted: event,
            cause,
            key,
            ctx,
            command,
            resumed: OnceLock::new(),
        })
    }

    /// The context under which the service reacts.
    pub(super) const fn ctx(&self) -> &InvocationContext<Authenticated> {
        &self.ctx
    }

    /// The operation asked for.
    pub(super) fn operation(&self) -> &str {
        &self.command.operation
    }

    /// The payload and the proof: the decision made at the door is continued, not made again, so what is in flight keeps
    /// its grants.
    ///
    /// # Errors
    ///
    /// A rejection, if there is no decision, it no longer counts, or the payload has not the shape of `C`.
    pub(super) fn resume<C: DeserializeOwned, P: Permission>(
        &self,
        services: &Services,
    ) -> Result<(C, Authorized<'static, P>), Rejection> {
        let decision: Option<&CarriedDecision> = self.accepted.event.decision.as_ref();
        let decision = decision.ok_or_else(|| Rejection::of("undecided"))?;
        let auth = services
            .authorizer
            .resume::<P>(&self.ctx, decision, MaxAge::default());
        let auth = auth.map_err(|_| Rejection::of("decision-expired"))?;
        // Every command continues one decision, so there is nothing to lose.
        let _first = self.resumed.set(auth.record());
        Ok((self.payload()?, auth))
    }

    /// The event with which the command entered the log.
    pub(super) const fn record(&self) -> EventId {
        self.accepted.event.id
    }

    /// The payload.
    ///
    /// # Errors
    ///
    /// The rejection `unreadable`, if it has not the shape of `T`: it was written by another build.
    fn payload<T: DeserializeOwned>(&self) -> Result<T, Rejection> {
        T::deserialize(&self.command.payload).map_err(|_| Rejection::of("unreadable"))
    }

    /// Ends the command: these events, and the outcome `done`.
    ///
    /// # Errors
    ///
    /// The rejection `unreadable`, if an event has no JSON form.
    pub(super) fn done<E: Serialize>(
        &self,
        services: &Services,
        to: StreamId,
        expect: Expect,
        container: Option<ContainerId>,
        events: &[E],
    ) -> Result<Unit, Rejection> {
        let parts = events
            .iter()
            .map(domain::to_parts)
            .collect::<Result<Vec<_>, _>>();
        let parts = parts.map_err(|_| Rejection::of("unreadable"))?;
        let new = parts.into_iter().map(|(kind, data)| {
            self.event(services, services.new_event_id(), &kind, container, data)
        });
        let unit = Unit::to(to, expect).with_events(new.collect());
        Ok(self.ending(services, unit, None))
    }

    /// Ends the command with one event whose id is known already.
    pub(super) fn done_as(
        &self,
        services: &Services,
        to: StreamId,
        expect: Expect,
        container: Option<ContainerId>,
        (id, kind, data): (EventId, &str, Value),
    ) -> Unit {
        let event = self.event(services, id, kind, container, data);
        let unit = Unit::to(to, expect).with_events(vec![event]);
        self.ending(services, unit, None)
    }

    /// Ends the command: nothing happens, and the outcome says why.
    pub(super) fn rejected(&self, services: &Services, rejection: Rejection) -> Unit {
        let data = serde_json::json!({ "code": rejection.code, "params": rejection.params });
        let id = services.new_event_id();
        let container = self.accepted.event.container;
        let event = self.event(services, id, COMMAND_REJECTED, container, data);
        let unit = Unit::to(self.accepted.stream.clone(), Expect::Any).with_events(vec![event]);
        self.ending(services, unit, Some(rejection))
    }

    /// The append that ends the command, with its answer and its audit entry.
    fn ending(&self, services: &Services, unit: Unit, rejected: Option<Rejection>) -> Unit {
        let result = match &rejected {
            None => AuditResult::Done,
            Some(Rejection { code, .. }) => AuditResult::Rejected {
                code: code.to_string(),
            },
        };
        let entry = InvocationEntry::of(
            &self.ctx.clone().into_access(),
            Some(self.operation()),
            self.resumed.get(),
            services.clock.now(),
            result,
        );
        let outcome = Outcome {
            invocation: self.cause.trace().current(),
            rejected,
        };
        Unit {
            completes: Some((self.key.clone(), Completion::Outcome(outcome))),
            audit: Some(AuditEntry::Invocation(entry)),
            ..unit
        }
    }

    fn event(
        &self,
        services: &Services,
        id: EventId,
        kind: &str,
        container: Option<ContainerId>,
        data: Value,
    ) -> NewEvent {
        let context = EventContext::of(&self.ctx).caused_by(self.accepted.event.id, self.cause);
        NewEvent {
            id,
            kind: kind.to_owned(),
            schema: 1,
            tenant: self.accepted.event.tenant,
            container,
            at: services.clock.now(),
            key: self.accepted.event.key.clone(),
            decision: self.accepted.event.decision.clone(),
            context: Some(context),
            reason: None,
            data,
        }
    }
}
