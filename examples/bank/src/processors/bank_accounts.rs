//! Decides the commands about bank accounts.

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_tenancy_tree::InTenant;

use super::Processor;
use super::ProcessorError;
use super::reaction::Reaction;
use crate::catalogue::account;
use crate::domain;
use crate::domain::bank_account::BankAccount;
use crate::domain::bank_account::BankAccountEvent;
use crate::domain::bank_account::Deposit;
use crate::domain::bank_account::OpenAccount;
use crate::ids::BankAccountId;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::Expect;
use crate::ports::event_store::StoreError;
use crate::ports::event_store::Unit;
use crate::services::Services;

const OPEN: &str = "open-account";
const DEPOSIT: &str = "deposit";

/// The processor of bank accounts.
#[derive(Clone, Debug)]
pub struct BankAccounts {
    services: Services,
    step: Step,
}

impl BankAccounts {
    /// A processor of these parts.
    #[must_use]
    pub const fn new(services: Services) -> Self {
        Self {
            services,
            step: step!("bank-accounts"),
        }
    }

    /// The account as its stream made it, and the stream's version.
    async fn load(
        &self,
        reaction: &Reaction<'_>,
        account: BankAccountId,
    ) -> Result<(StreamId, u64, Option<BankAccount>), ProcessorError> {
        let stream = StreamId::of("bank-account", account);
        let t = InTenant::of(reaction.ctx());
        let envelopes = self.services.log.stream(t, &stream, 0, u32::MAX).await?;
        let version = envelopes.last().map_or(0, |last| last.version);
        let read = |envelope: &Envelope| domain::from_parts(envelope.kind(), &envelope.event.data);
        let events = envelopes
            .iter()
            .map(read)
            .collect::<Result<Vec<BankAccountEvent>, _>>();
        let events = events.map_err(|error| StoreError::Corrupt(error.into()))?;
        Ok((stream, version, BankAccount::fold(events)))
    }

    async fn open(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<Result<Unit, Rejection>, ProcessorError> {
        let (command, auth) = match reaction.resume::<OpenAccount, account::Open>(&self.services) {
            Ok(begun) => begun,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let (stream, version, state) = self.load(reaction, command.bank_account).await?;
        let decided = BankAccount::open(state.as_ref(), &auth, &command);
        Ok(self.end(reaction, stream, version, command.container, decided))
    }

    async fn deposit(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<Result<Unit, Rejection>, ProcessorError> {
        let (command, auth) = match reaction.resume::<Deposit, account::Deposit>(&self.services) {
            Ok(begun) => begun,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let (stream, version, state) = self.load(reaction, command.bank_account).await?;
        let Some(state) = state else {
            return Ok(Err(Rejection::of("account-unknown")));
        };
        let decided = state.deposit(&auth, &command);
        Ok(self.end(reaction, stream, version, state.container(), decided))
    }

    fn end(
        &self,
        reaction: &Reaction<'_>,
        stream: StreamId,
        version: u64,
        container: ContainerId,
        decided: Result<Vec<BankAccountEvent>, Rejection>,
    ) -> Result<Unit, Rejection> {
        let events = decided?;
        reaction.done(
            &self.services,
            stream,
            Expect::At(version),
            Some(container),
            &events,
        )
    }
}

impl Processor for BankAccounts {
    const CONSUMER: &'static str = "bank-accounts";

    async fn react(&self, event: &Envelope) -> Result<Option<Unit>, ProcessorError> {
        let handled = [OPEN, DEPOSIT];
        let Some(reaction) = Reaction::begin(&self.services, event, &self.step, &handled) else {
            return Ok(None);
        };
        let ended = match reaction.operation() {
            OPEN => self.open(&reaction).await?,
            _ => self.deposit(&reaction).await?,
        };
        Ok(Some(ended.unwrap_or_else(|rejection| {
            reaction.rejected(&self.services, rejection)
        })))
    }
}
