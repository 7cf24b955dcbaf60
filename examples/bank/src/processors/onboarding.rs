//! Brings tenants into being on the order of the vendor's own tenant, each with somebody to administer it.

use serde_json::json;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_tenancy_tree::InTenant;

use super::Processor;
use super::ProcessorError;
use super::reaction::Reaction;
use crate::catalogue::tenant;
use crate::domain::tenant::HouseEvent;
use crate::domain::tenant::TenantOrder;
use crate::domain::tenant::onboarding_rejection;
use crate::onboarding;
use crate::onboarding::Found;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::NewEvent;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::AppendError;
use crate::ports::event_store::EventStore;
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
        let begun = reaction.resume::<TenantOrder, tenant::Onboard>(&self.services);
        let order = match begun {
            Ok((order, _)) => order,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if !onboarding::is_the_house(&self.services, reaction.ctx().tenant()) {
            return Ok(Err(Rejection::of("only-the-house")));
        }
        let found = onboarding::find(&self.services, &order).await;
        let found = found.map_err(ProcessorError::unavailable)?;
        if found == Found::Claimed {
            return Ok(Err(Rejection::of("id-taken")));
        }
        if found == Found::Nothing {
            let onboarded = self.services.tenants.onboard(order.to_new()).await;
            if let Err(error) = onboarded {
                return onboarding_rejection(&error)
                    .map(Err)
                    .ok_or_else(|| ProcessorError::unavailable(error));
            }
        }
        let started = self.supervisor.run(order.tenant).await;
        started.map_err(ProcessorError::unavailable)?;
        if found != Found::Ordered {
            self.install(&order).await?;
        }
        let TenantOrder {
            tenant,
            slug,
            administrator,
            ..
        } = order;
        let event = HouseEvent::TenantOrdered {
            tenant,
            slug,
            administrator,
        };
        let to = StreamId::of("tenant-order", tenant);
        Ok(reaction.done(&self.services, to, Expect::Any, None, &[event]))
    }

    /// Makes the first administrator a member of the new tenant, and gives her its first grant: that is the last step, by
    /// which a second try knows that all was done.
    async fn install(&self, order: &TenantOrder) -> Result<(), ProcessorError> {
        let services = &self.services;
        let t = InTenant::background(order.tenant, onboarding::REASON);
        let member = NewEvent {
            id: services.new_event_id(),
            kind: "account-created".to_owned(),
            schema: 1,
            tenant: order.tenant,
            container: None,
            at: services.clock.now(),
            key: None,
            decision: None,
            context: None,
            reason: Some(onboarding::REASON.to_owned()),
            data: json!({ "account": order.administrator, "kind": "user" }),
        };
        let to = StreamId::of("member", order.administrator);
        let unit = Unit::to(to, Expect::At(0)).with_events(vec![member]);
        match services.log.append(t, unit).await {
            // There already: an earlier try got as far as that.
            Ok(_) | Err(AppendError::Conflict { .. }) => {}
            Err(other) => return Err(ProcessorError::unavailable(other)),
        }
        let grant = onboarding::grant_of(order).map_err(ProcessorError::unavailable)?;
        let given = services.access.provision(t, grant).await;
        given.map(drop).map_err(ProcessorError::unavailable)
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
