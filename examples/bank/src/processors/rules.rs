//! Records the changes of rules that were decided at their doors.

use skeleton_authz::AccessEvent;
use skeleton_authz::skeleton::grant;
use skeleton_authz::skeleton::role;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_tenancy_tree::InTenant;

use super::Processor;
use super::ProcessorError;
use super::reaction::Reaction;
use super::versions::rules_are;
use super::versions::rules_at;
use super::versions::rules_of;
use super::versions::tree_is;
use super::versions::tree_of;
use crate::domain::rules::RulesAsked;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::Services;

const DEFINE: &str = "define-role";
const ASSIGN: &str = "assign-role";
const REVOKE: &str = "revoke-role";

/// The processor of a tenant's rules. What was decided is recorded in the rules and the tree in which it was decided, or
/// not at all.
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

    /// What was decided at the door, if that still counts: a window of its author's may have ended since.
    fn asked(&self, reaction: &Reaction<'_>) -> Result<RulesAsked, Rejection> {
        let services = &self.services;
        let asked = match reaction.operation() {
            DEFINE => reaction.resume::<_, role::Define>(services)?.0,
            ASSIGN => reaction.resume::<_, grant::Assign>(services)?.0,
            _ => reaction.resume::<_, grant::Revoke>(services)?.0,
        };
        Ok(asked)
    }

    async fn record(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<Result<Unit, Rejection>, ProcessorError> {
        let (events, at) = match self.asked(reaction) {
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
        if let Err(changed) = rules_are(&self.services, t, at).await? {
            return Ok(Err(changed));
        }
        if let Err(changed) = tree_is(&self.services, t, at).await? {
            return Ok(Err(changed));
        }
        let mut rests_on = rules_at(t, at);
        rests_on.push((tree_of(t), at.tree));
        let to = rules_of(t, stream);
        let done = reaction.done(&self.services, to, Expect::Any, None, &events);
        Ok(done.map(|unit| unit.resting_on(rests_on)))
    }
}

impl Processor for Rules {
    const CONSUMER: &'static str = "rules";

    async fn react(&self, event: &Envelope) -> Result<Option<Unit>, ProcessorError> {
        let handled = [DEFINE, ASSIGN, REVOKE];
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
