//! Decides the commands about a tenant's own tree.

use skeleton_authz::Versions;
use skeleton_authz::skeleton::container;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeVersion;

use super::Processor;
use super::ProcessorError;
use super::reaction::Reaction;
use super::versions::rules_are;
use super::versions::rules_at;
use super::versions::tree_of;
use crate::domain::container::ArchiveContainer;
use crate::domain::container::CreateContainer;
use crate::domain::container::MoveContainer;
use crate::domain::container::rejection;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;
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

    /// What the tree is asked, if the decision at the door still holds; for a move also the rules in which it holds. A
    /// move gives what grants reach, so it was decided in all of them: in others it might give its author something.
    fn command(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<(TreeCommand, Option<Versions>), Rejection> {
        match reaction.operation() {
            CREATE => {
                let (create, _) =
                    reaction.resume::<CreateContainer, container::Create>(&self.services)?;
                Ok((create.into_command(), None))
            }
            ARCHIVE => {
                let (archive, _) =
                    reaction.resume::<ArchiveContainer, container::Archive>(&self.services)?;
                Ok((archive.into_command(), None))
            }
            _ => {
                let (asked, auth) =
                    reaction.resume::<MoveContainer, container::Move>(&self.services)?;
                let decided_in = auth.versions();
                let command = asked.into_command(TreeVersion::new(decided_in.tree));
                Ok((command, Some(decided_in)))
            }
        }
    }

    async fn decide(
        &self,
        reaction: &Reaction<'_>,
    ) -> Result<Result<Unit, Rejection>, ProcessorError> {
        let (command, decided_in) = match self.command(reaction) {
            Ok(begun) => begun,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let t = InTenant::of(reaction.ctx());
        if let Some(at) = decided_in
            && let Err(changed) = rules_are(&self.services, t, at).await?
        {
            return Ok(Err(changed));
        }
        let proposal = match self.services.forest.propose(t, &command).await {
            Ok(proposal) => proposal,
            Err(error) => {
                return rejection(&error)
                    .map(Err)
                    .ok_or_else(|| ProcessorError::unavailable(error));
            }
        };
        let event = proposal.event().event();
        let done = reaction.done(
            &self.services,
            tree_of(t),
            Expect::At(proposal.expected().get()),
            Some(event.container()),
            core::slice::from_ref(event),
        );
        let rests_on = decided_in.map_or_else(Vec::new, |at| rules_at(t, at));
        Ok(done.map(|unit| unit.resting_on(rests_on)))
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
