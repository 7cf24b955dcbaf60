//! Brings tenants into being on the order of the vendor's own tenant.

use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantKind;

use super::Processor;
use super::ProcessorError;
use super::bank_accounts::begin;
use super::reaction::Reaction;
use crate::catalogue::tenant;
use crate::domain::tenant::HouseEvent;
use crate::domain::tenant::OnboardTenant;
use crate::domain::tenant::onboarding_rejection;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::Services;
use crate::supervisor::Supervisor;

const ONBOARD: &str = "onboard-tenant";

/// The processor of onboarding. What it does lies in the new tenant's own file, so it must bear repetition: the id
/// comes from the command, and a second try finds what the first one made.
#[derive(Clone, Debug)]
pub struct Onboarding {
    services: Services,
    supervisor: Supervisor,
    step: Step,
}

impl Onboarding {
    /// A processor of these parts.
    #[must_use]
    pub const fn new(services: Services, supervisor: Supervisor) -> Self {
        Self {
            services,
            supervisor,
            step: step!("onboarding"),
        }
    }

    async fn onboard(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<Result<Unit, Rejection>, ProcessorError> {
        let begun = begin::<OnboardTenant, tenant::Onboard>(&self.services, reaction);
        let order = match begun {
            Ok((order, _)) => order,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if !self.is_the_house(reaction) {
            return Ok(Err(Rejection::of("only-the-house")));
        }
        if !self.is_there(&order) {
            let onboarded = self.services.tenants.onboard(order.to_new()).await;
            if let Err(error) = onboarded {
                return onboarding_rejection(&error)
                    .map(Err)
                    .ok_or_else(|| ProcessorError::unavailable(error));
            }
        }
        let started = self.supervisor.run(order.tenant).await;
        started.map_err(ProcessorError::unavailable)?;
        let OnboardTenant { tenant, slug, .. } = order;
        let event = HouseEvent::TenantOrdered { tenant, slug };
        let to = StreamId::of("tenant-order", tenant);
        Ok(reaction.done(&self.services, to, Expect::Any, None, &[event]))
    }

    /// Whether the vendor asks: whatever roles a customer may give within its own tenant, it makes no other one.
    fn is_the_house(&self, reaction: &Reaction<'_>) -> bool {
        let tenant = self
            .services
            .tenants
            .directory()
            .by_id(reaction.ctx().tenant());
        tenant.is_some_and(|tenant| *tenant.kind() == TenantKind::INTERNAL)
    }

    /// Whether an earlier try of this very order has made the tenant.
    fn is_there(&self, order: &OnboardTenant) -> bool {
        let tenant = self.services.tenants.directory().by_id(order.tenant);
        tenant.is_some_and(|tenant| *tenant.slug() == order.slug)
    }
}

impl Processor for Onboarding {
    const CONSUMER: &'static str = "onboarding";

    async fn react(&self, event: &Envelope) -> Result<Option<Unit>, ProcessorError> {
        let Some(reaction) = Reaction::begin(&self.services, event, &self.step, &[ONBOARD]) else {
            return Ok(None);
        };
        let ended = self.onboard(&reaction).await?;
        Ok(Some(ended.unwrap_or_else(|rejection| {
            reaction.rejected(&self.services, rejection)
        })))
    }
}
