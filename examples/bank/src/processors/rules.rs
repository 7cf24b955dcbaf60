//! Records the changes of rules that were decided at their doors.

use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::Versions;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_tenancy_tree::InTenant;

use super::Processor;
use super::ProcessorError;
use super::reaction::Reaction;
use crate::domain::rules::RulesAsked;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::Services;

/// The processor of a tenant's rules. What was decided is recorded in the rules in which it was decided, or not at all.
#[derive(Clone, Debug)]
pub struct Rules {
    services: Services,
    step: Step,
}

impl Rules {
    /// A processor of these parts.
    #[must_use]
    pub const fn new(services: Services) -> Self {
        Self {
            services,
            step: step!("rules"),
        }
    }

    async fn record(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<Result<Unit, Rejection>, ProcessorError> {
        let (events, decided_at) = match reaction.payload::<RulesAsked>() {
            Ok(RulesAsked::Decided { events, at }) => (events, at),
            Ok(RulesAsked::Rejected { code, params }) => {
                let code = code.into();
                return Ok(Err(Rejection { code, params }));
            }
            Err(rejection) => return Ok(Err(rejection)),
        };
        let Some(stream) = events.first().map(AccessEvent::stream) else {
            return Ok(Err(Rejection::of("unreadable")));
        };
        let t = InTenant::of(reaction.ctx());
        let view = self.services.access.load(t).await;
        let now = view.map_err(ProcessorError::unavailable)?.version();
        if !is_as_decided(now, decided_at) {
            return Ok(Err(Rejection::of("rules-changed")));
        }
        Ok(reaction.done(
            &self.services,
            StreamId::of(stream.name(), t.tenant()),
            Expect::At(now.of(stream)),
            None,
            &events,
        ))
    }
}

/// Whether both streams are as the author saw them: a role that changed meanwhile may hold what she does not.
fn is_as_decided(now: AccessVersion, at: Versions) -> bool {
    now.of(AccessStream::Roles) == at.roles && now.of(AccessStream::Grants) == at.grants
}

impl Processor for Rules {
    const CONSUMER: &'static str = "rules";

    async fn react(&self, event: &Envelope) -> Result<Option<Unit>, ProcessorError> {
        let handled = ["define-role", "assign-role", "revoke-role"];
        let Some(reaction) = Reaction::begin(&self.services, event, &self.step, &handled) else {
            return Ok(None);
        };
        let ended = self.record(&reaction).await?;
        Ok(Some(ended.unwrap_or_else(|rejection| {
            reaction.rejected(&self.services, rejection)
        })))
    }

    async fn committed(&self, t: InTenant<'_>) -> Result<(), ProcessorError> {
        let loaded = self.services.access.load(t).await;
        loaded.map(drop).map_err(ProcessorError::unavailable)
    }
}
