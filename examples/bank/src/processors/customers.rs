//! Decides the commands about customers. Names and addresses pass through sealed: nobody reads them here.

use serde_json::Value;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_pii_crypto::AsSubject;
use skeleton_pii_crypto::Forget;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::Purpose;
use skeleton_pii_crypto::RecordId;
use skeleton_pii_crypto::RevealAccess;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::TenantVault;
use skeleton_pii_crypto::Unavailable;
use skeleton_tenancy_tree::InTenant;

use super::Processor;
use super::ProcessorError;
use super::reaction::Reaction;
use crate::catalogue::customer;
use crate::domain::customer::CUSTOMER_FORGOTTEN;
use crate::domain::customer::CUSTOMER_REGISTERED;
use crate::domain::customer::Customer;
use crate::domain::customer::CustomerForgotten;
use crate::domain::customer::CustomerRegistered;
use crate::domain::customer::ForgetCustomer;
use crate::domain::customer::RegisterCustomer;
use crate::domain::customer::SealedRegisterCustomer;
use crate::ids::CustomerId;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::Services;

const REGISTER: &str = "register-customer";
const FORGET: &str = "forget-customer";
/// On whose account keys are destroyed: the person asked for it.
const ERASURE: Purpose = Purpose::declared("erasure");

/// Either the append that ends a command, or why the domain is against it.
type Ended = Result<Unit, Rejection>;

/// The processor of customers.
#[derive(Clone, Debug)]
pub struct Customers {
    services: Services,
    step: Step,
}

impl Customers {
    /// A processor of these parts.
    #[must_use]
    pub const fn new(services: Services) -> Self {
        Self {
            services,
            step: step!("customers"),
        }
    }

    /// The customer as the stream made it, and the stream's version.
    async fn load(
        &self,
        reaction: &Reaction<'_>,
        customer: CustomerId,
    ) -> Result<(StreamId, u64, Option<Customer>), ProcessorError> {
        let stream = StreamId::of("customer", customer);
        let t = InTenant::of(reaction.ctx());
        let envelopes = self.services.log.stream(t, &stream, 0, u32::MAX).await?;
        let version = envelopes.last().map_or(0, |last| last.version);
        Ok((stream, version, Customer::fold(&envelopes)))
    }

    async fn register(&self, reaction: &Reaction<'_>) -> Result<Ended, ProcessorError> {
        let begun = reaction.resume::<SealedRegisterCustomer, customer::Register>(&self.services);
        let (sealed, auth) = match begun {
            Ok(begun) => begun,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let (customer, container) = (sealed.customer, sealed.container);
        let (stream, version, state) = self.load(reaction, customer).await?;
        if let Err(rejection) = Customer::register(state.as_ref(), &auth, container) {
            return Ok(Err(rejection));
        }
        let vault = self.vault(reaction)?;
        let id = self.services.new_event_id();
        let data = match carry_over(&vault, (reaction.record().into(), sealed), id.into()).await? {
            Ok(data) => data,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let event = (id, CUSTOMER_REGISTERED, data);
        Ok(Ok(reaction.done_as(
            &self.services,
            stream,
            Expect::At(version),
            Some(container),
            event,
        )))
    }

    async fn forget(&self, reaction: &Reaction<'_>) -> Result<Ended, ProcessorError> {
        let (command, auth) =
            match reaction.resume::<ForgetCustomer, customer::Forget>(&self.services) {
                Ok(begun) => begun,
                Err(rejection) => return Ok(Err(rejection)),
            };
        let (stream, version, state) = self.load(reaction, command.customer).await?;
        let Some(state) = state else {
            return Ok(Err(Rejection::of("customer-unknown")));
        };
        if let Err(rejection) = state.forget(&auth) {
            return Ok(Err(rejection));
        }
        let access = RevealAccess::of(reaction.ctx(), ERASURE);
        let subject = command
            .customer
            .as_subject()
            .map_err(ProcessorError::unavailable)?;
        // The keys go first. If the append is lost, the next try gets the same receipt.
        let vault = self.vault(reaction)?;
        let receipt = match vault.forget(Forget::subject(subject, &access)).await {
            Ok(receipt) => receipt.to_json(),
            Err(error) => return beyond_repair(error).map(Err),
        };
        let event = CustomerForgotten {
            customer: command.customer,
            receipt,
        };
        let data = serde_json::to_value(event).map_err(ProcessorError::unavailable)?;
        Ok(Ok(self.end(
            reaction,
            stream,
            version,
            state.container(),
            data,
        )))
    }

    fn end(
        &self,
        reaction: &Reaction<'_>,
        stream: StreamId,
        version: u64,
        container: ContainerId,
        data: Value,
    ) -> Unit {
        let event = (self.services.new_event_id(), CUSTOMER_FORGOTTEN, data);
        reaction.done_as(
            &self.services,
            stream,
            Expect::At(version),
            Some(container),
            event,
        )
    }

    fn vault(&self, reaction: &Reaction<'_>) -> Result<TenantVault, ProcessorError> {
        let vault = self.services.vaults.of(reaction.ctx().tenant());
        vault.ok_or_else(|| ProcessorError::unavailable("the tenant's vault is not open"))
    }
}

impl Processor for Customers {
    const CONSUMER: &'static str = "customers";

    async fn react(&self, event: &Envelope) -> Result<Option<Unit>, ProcessorError> {
        let handled = [REGISTER, FORGET];
        let Some(reaction) = Reaction::begin(&self.services, event, &self.step, &handled) else {
            return Ok(None);
        };
        let ended = match reaction.operation() {
            REGISTER => self.register(&reaction).await?,
            _ => self.forget(&reaction).await?,
        };
        Ok(Some(ended.unwrap_or_else(|rejection| {
            reaction.rejected(&self.services, rejection)
        })))
    }
}

/// Binds what was sealed for the command to the event. It is never shown on the way.
async fn carry_over(
    vault: &TenantVault,
    (from, sealed): (RecordId, SealedRegisterCustomer),
    to: RecordId,
) -> Result<Result<Value, Rejection>, ProcessorError> {
    let keys = KeySet::opening(&sealed).map_err(ProcessorError::unavailable)?;
    let session = match vault.session(keys).await {
        Ok(session) => session,
        Err(error) => return beyond_repair(error).map(Err),
    };
    let command = session
        .open(&from, sealed)
        .map_err(ProcessorError::unavailable)?;
    let RegisterCustomer {
        customer,
        container,
        name,
        email,
        country,
    } = command;
    let event = CustomerRegistered {
        customer,
        container,
        name,
        email,
        country,
    };
    let keys = KeySet::sealing(&event).map_err(ProcessorError::unavailable)?;
    let session = vault
        .session(keys)
        .await
        .map_err(ProcessorError::unavailable)?;
    match session.seal(&to, event) {
        Ok(event) => Ok(Ok(
            serde_json::to_value(event).map_err(ProcessorError::unavailable)?
        )),
        Err(SealError::Unavailable(error)) => beyond_repair(error).map(Err),
        Err(SealError::Forgotten) => Ok(Err(Rejection::of("customer-forgotten"))),
        Err(SealError::Carry(error)) => match *error {
            OpenError::Unavailable(error) => beyond_repair(error).map(Err),
            _ => Ok(Err(Rejection::of("unreadable"))),
        },
        Err(_) => Ok(Err(Rejection::of("unreadable"))),
    }
}

/// What is damaged stays so, however often it is tried: the command is rejected, and the others go on.
fn beyond_repair(error: Unavailable) -> Result<Rejection, ProcessorError> {
    match error {
        Unavailable::Damaged => Ok(Rejection::of("keys-damaged")),
        passing => Err(ProcessorError::unavailable(passing)),
    }
}
