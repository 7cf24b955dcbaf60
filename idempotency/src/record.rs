//! What a store keeps under a key's address.

use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Timestamp;

use crate::answer::Answer;
use crate::ask::Fence;
use crate::ask::Mode;
use crate::ask::Owner;
use crate::fingerprint::Fingerprint;

/// What a store keeps under a key's address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "stores make it from their rows")]
pub struct Record {
    /// The operation, which is compared.
    pub operation: Operation,
    /// The payload's fingerprint, which is compared.
    pub fingerprint: Fingerprint,
    /// Under which mode it was claimed: a deployment that names another changes new keys only.
    pub mode: Mode,
    /// Grows with each grant, and outlives a release.
    pub epoch: u64,
    /// The attempt to which the last grant was given.
    pub owner: Owner,
    /// How far it is.
    pub state: State,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

/// How far an invocation is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// It is under way.
    Running {
        /// Until when nobody else may begin.
        held: Held,
    },
    /// It is done.
    Done {
        /// The answer.
        answer: Answer,
    },
    /// Whoever ran it is gone, and nobody knows whether it had its effect.
    Unknown {
        /// Since when.
        since: Timestamp,
    },
    /// It had no effect, as its owner proved: another attempt may begin anew.
    Released,
}

/// Until when a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Held {
    /// Until the log has finished it.
    ByLog,
    /// Until this instant, by the store's clock, and then whatever the mode says.
    Until(Timestamp),
}

impl Record {
    /// Whether it counts as absent: its retention is over, and nobody runs under a lease that is not.
    pub(crate) fn is_past(&self, now: Timestamp) -> bool {
        let is_running =
            matches!(&self.state, State::Running { held: Held::Until(until) } if *until > now);
        self.expires_at <= now && !is_running
    }

    /// Whether a fence is that of the last grant.
    pub(crate) fn is_fenced_by(&self, fence: &Fence) -> bool {
        match fence {
            Fence::Attempt { epoch, owner, .. } => *epoch == self.epoch && *owner == self.owner,
            Fence::Log => false,
        }
    }
}
