//! Decides the commands about a tenant's door: from where it may be entered.

use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_tenancy_tree::InTenant;

use super::Processor;
use super::ProcessorError;
use super::reaction::Reaction;
use crate::catalogue::tenant;
use crate::domain::tenant::IpRangeAsked;
use crate::domain::tenant::rejection;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::Services;

const RESTRICT: &str = "restrict-ip-range";

/// The processor of a tenant's door.
#[derive(Clone, Debug)]
pub struct TenantDoors {
    services: Services,
    step: Step,
}

impl TenantDoors {
    /// A processor of these parts.
    #[must_use]
    pub const fn new(services: Services) -> Self {
        Self {
            services,
            step: step!("tenant-doors"),
        }
    }

    async fn restrict(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<Result<Unit, Rejection>, ProcessorError> {
        let begun = reaction.resume::<IpRangeAsked, tenant::RestrictIpRange>(&self.services);
        let asked = match begun {
            Ok((asked, _)) => asked,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let t = InTenant::of(reaction.ctx());
        let proposal = match self
            .services
            .tenants
            .propose(t, &asked.into_command())
            .await
        {
            Ok(proposal) => proposal,
            Err(error) => {
                return rejection(&error)
                    .map(Err)
                    .ok_or_else(|| ProcessorError::unavailable(error));
            }
        };
        Ok(reaction.done(
            &self.services,
            StreamId::of("tenant", t.tenant()),
            Expect::At(proposal.expected().get()),
            None,
            core::slice::from_ref(proposal.event().event()),
        ))
    }
}

impl Processor for TenantDoors {
    const CONSUMER: &'static str = "tenant-doors";

    async fn react(&self, event: &Envelope) -> Result<Option<Unit>, ProcessorError> {
        let Some(reaction) = Reaction::begin(&self.services, event, &self.step, &[RESTRICT]) else {
            return Ok(None);
        };
        let ended = self.restrict(&reaction).await?;
        Ok(Some(ended.unwrap_or_else(|rejection| {
            reaction.rejected(&self.services, rejection)
        })))
    }

    async fn committed(&self, t: InTenant<'_>) -> Result<(), ProcessorError> {
        let caught_up = self.services.tenants.catch_up(t).await;
        caught_up.map(drop).map_err(ProcessorError::unavailable)
    }
}
