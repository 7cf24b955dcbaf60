//! The door for messages and timers: a process acts under its own name.

use std::sync::Arc;

use crate::access::Authenticated;
use crate::account::Account;
use crate::account::Actor;
use crate::account::Agent;
use crate::account::Beneficiary;
use crate::authentication::Authentication;
use crate::authentication::Identity;
use crate::authentication::RoleAssignments;
use crate::context::Carried;
use crate::context::InvocationContext;
use crate::event::EventContext;
use crate::id::InvocationId;
use crate::provenance::Provenance;
use crate::source::IdGenerator;
use crate::step::Step;
use crate::step::StepPathFull;
use crate::time::Timestamp;
use crate::toggle::Toggles;
use crate::trace::External;
use crate::trace::Trace;

/// A process of the platform, built once in `main`.
///
/// # Security
///
/// An event lends its trace and its beneficiary, never the user's authority: what reacts to an event acts by
/// the service's own grants.
#[derive(Clone, Debug)]
pub struct ServiceIdentity {
    account: Account,
    authentication: Authentication,
}

impl ServiceIdentity {
    /// The process's account, and how the process proved that it has it.
    #[must_use]
    pub const fn new(account: Account, authentication: Authentication) -> Self {
        Self {
            account,
            authentication,
        }
    }

    /// The process's account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Reacts to an event: acts on behalf of its effective account, one step further on its trace.
    ///
    /// An event of an unknown caller, or of this very account, is reacted to directly. What reacts to a test is a test.
    ///
    /// # Errors
    ///
    /// [`StepPathFull`] if the path has no room for another step.
    pub fn react_to(
        &self,
        event: &EventContext,
        step: &Step,
        ids: &dyn IdGenerator,
        now: Timestamp,
    ) -> Result<InvocationContext<Authenticated>, StepPathFull> {
        let path = event.trace().step().then(step)?;
        let trace = event.trace().forked(path, InvocationId::generate(ids, now));
        let as_marked = |account: Account| {
            if event.is_test() {
                account.into_test()
            } else {
                account
            }
        };
        let actor = match event.actor() {
            Some(actor) => self.on_behalf(as_marked(actor.effective_account().clone())),
            None => Actor::direct(as_marked(self.account.clone())),
        };
        Ok(self.acting(actor, trace, event.toggles().clone(), event.locale()))
    }

    /// Begins an invocation of the service's own: a timer, a job.
    #[must_use]
    pub fn begin(
        &self,
        external: External,
        ids: &dyn IdGenerator,
        now: Timestamp,
    ) -> InvocationContext<Authenticated> {
        let trace = Trace::begun(external, InvocationId::generate(ids, now));
        self.acting(self.direct(), trace, Toggles::none(), None)
    }

    fn direct(&self) -> Actor {
        Actor::direct(self.account.clone())
    }

    fn on_behalf(&self, account: Account) -> Actor {
        let agent = Agent::new(self.account.clone());
        Actor::on_behalf_across_tenants(agent, Beneficiary::new(account))
            .unwrap_or_else(|_same_account| self.direct())
    }

    fn acting(
        &self,
        actor: Actor,
        trace: Trace,
        toggles: Toggles,
        locale: Option<crate::Locale>,
    ) -> InvocationContext<Authenticated> {
        let who = Identity::new(actor, self.authentication.clone(), RoleAssignments::none());
        let access = Authenticated::of(who, Provenance::default(), None);
        let carried = Carried::within(trace, toggles, locale);
        InvocationContext::of(access, Arc::new(carried))
    }
}
