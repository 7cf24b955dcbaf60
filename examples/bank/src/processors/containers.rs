//! Decides the commands about a tenant's own tree.

use skeleton_authz::skeleton::container;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeVersion;

use super::Processor;
use super::ProcessorError;
use super::bank_accounts::begin;
use super::reaction::Reaction;
use crate::domain::container::ArchiveContainer;
use crate::domain::container::CreateContainer;
use crate::domain::container::MoveContainer;
use crate::domain::container::rejection;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::Services;

const CREATE: &str = "create-container";
const MOVE: &str = "move-container";
const ARCHIVE: &str = "archive-container";

/// The processor of containers: the tree decides, and its event is appended together with the outcome.
#[derive(Clone, Debug)]
pub struct Containers {
    services: Services,
    step: Step,
}

impl Containers {
    /// A processor of these parts.
    #[must_use]
    pub const fn new(services: Services) -> Self {
        Self {
            services,
            step: step!("containers"),
        }
    }

    /// What the tree is asked, if the decision at the door still holds.
    fn command(&self, reaction: &Reaction<'_>) -> Result<TreeCommand, Rejection> {
        match reaction.operation() {
            CREATE => {
                let (create, _) =
                    begin::<CreateContainer, container::Create>(&self.services, reaction)?;
                Ok(create.into_command())
            }
            ARCHIVE => {
                let (archive, _) =
                    begin::<ArchiveContainer, container::Archive>(&self.services, reaction)?;
                Ok(archive.into_command())
            }
            _ => {
                let (asked, auth) =
                    begin::<MoveContainer, container::Move>(&self.services, reaction)?;
                let checked_at = TreeVersion::new(auth.versions().tree);
                Ok(asked.into_command(checked_at))
            }
        }
    }

    async fn decide(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<Result<Unit, Rejection>, ProcessorError> {
        let command = match self.command(reaction) {
            Ok(command) => command,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let t = InTenant::of(reaction.ctx());
        let proposal = match self.services.forest.propose(t, &command).await {
            Ok(proposal) => proposal,
            Err(error) => {
                return rejection(&error)
                    .map(Err)
                    .ok_or_else(|| ProcessorError::unavailable(error));
            }
        };
        let event = proposal.event().event();
        Ok(reaction.done(
            &self.services,
            StreamId::of("tree", t.tenant()),
            Expect::At(proposal.expected().get()),
            Some(event.container()),
            core::slice::from_ref(event),
        ))
    }
}

impl Processor for Containers {
    const CONSUMER: &'static str = "containers";

    async fn react(&self, event: &Envelope) -> Result<Option<Unit>, ProcessorError> {
        let handled = [CREATE, MOVE, ARCHIVE];
        let Some(reaction) = Reaction::begin(&self.services, event, &self.step, &handled) else {
            return Ok(None);
        };
        let ended = self.decide(&reaction).await?;
        Ok(Some(ended.unwrap_or_else(|rejection| {
            reaction.rejected(&self.services, rejection)
        })))
    }

    async fn committed(&self, t: InTenant<'_>) -> Result<(), ProcessorError> {
        let caught_up = self.services.forest.catch_up(t).await;
        caught_up.map(drop).map_err(ProcessorError::unavailable)
    }
}
