//! What a store keeps, and what every store means by its verbs: one pure function.

use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Timestamp;

use crate::answer::Answer;
use crate::fingerprint::Fingerprint;
use crate::key::IdempotencyKey;

skeleton_invocation_context::ulid_id! {
    /// One attempt at an invocation; drawn anew for each.
    pub struct Owner;
}

/// How an operation is kept from happening twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The effect lives in the record's own database: the claim is committed with the first event of a workflow, and
    /// the answer with its last. Exactly once.
    Transactional,
}

impl Mode {
    /// The number under which stores keep the mode.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Transactional => 1,
        }
    }
}

/// Until when a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hold {
    /// Until the log has finished the workflow that the claim begins: without a lease.
    Log,
}

/// Who may store the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fence {
    /// Whoever drives the log: its checkpoint is the fence.
    Log,
}

/// What an attempt asks a store for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    key: IdempotencyKey,
    fingerprint: Fingerprint,
    mode: Mode,
    owner: Owner,
    expires_at: Timestamp,
}

impl Ask {
    pub(crate) const fn new(
        key: IdempotencyKey,
        fingerprint: Fingerprint,
        mode: Mode,
        owner: Owner,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            key,
            fingerprint,
            mode,
            owner,
            expires_at,
        }
    }

    /// Which invocation.
    #[must_use]
    pub const fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Of which payload.
    #[must_use]
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Under which mode.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Which attempt.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// Until when the record is kept.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// The right to run: made by a store that granted a claim, and by nobody else.
///
/// It cannot be made up:
///
/// ```compile_fail
/// use skeleton_idempotency::{Grant, Owner};
/// fn made_up(owner: Owner) -> Grant {
///     Grant { epoch: 1, owner }
/// }
/// ```
///
/// It cannot be copied, so one grant is one run:
///
/// ```compile_fail
/// fn twice(grant: skeleton_idempotency::Grant) -> (skeleton_idempotency::Grant, skeleton_idempotency::Grant) {
///     (grant.clone(), grant)
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Grant {
    epoch: u64,
    owner: Owner,
}

impl Grant {
    /// For authors of stores: call it where the store has made the claim durable, or noted it in the transaction that
    /// will, and nowhere else.
    pub const fn by_store(ask: &Ask, epoch: u64) -> Self {
        Self {
            epoch,
            owner: ask.owner,
        }
    }

    /// Grows with each grant of one key.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The attempt that was granted.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }
}

/// What a store says to a claim.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// Run.
    Granted(Grant),
    /// It was done: this is the answer.
    Done(Answer),
    /// It is under way.
    Running,
    /// The key was used for another payload or another operation. Nothing of that is shown.
    Mismatch,
    /// The attempt is so late that its record would be past retention already: two such would both run.
    Expired,
}

/// What a store says to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Completed {
    /// It is kept.
    Stored,
    /// Somebody else's answer is kept: roll back.
    AlreadyDone,
    /// There is no such claim: it was never made, or its record was purged.
    Gone,
}

/// What a store keeps under a key's address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it from their rows")]
pub struct Record {
    /// The operation, which is compared.
    pub operation: Operation,
    /// The payload's fingerprint, which is compared.
    pub fingerprint: Fingerprint,
    /// Grows with each grant.
    pub epoch: u64,
    /// How far it is.
    pub state: State,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

/// How far an invocation is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// The log will finish it.
    HeldByLog {
        /// The attempt that began it.
        owner: Owner,
    },
    /// It is done.
    Done {
        /// The answer.
        answer: Answer,
    },
}

/// What is asked of a store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Verb<'v> {
    /// May this attempt run?
    Claim(&'v Ask, Hold),
    /// This is the answer to the invocation of that key.
    Complete(&'v IdempotencyKey, Fence, &'v Answer),
}

/// What a store replies.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one reply per verb")]
pub enum Reply {
    /// To a claim.
    Claim(Claim),
    /// To an answer.
    Completed(Completed),
}

/// What a store means: the record after a verb, and the reply. Stores are tested against it.
///
/// A record past its retention counts as absent. If it was not purged yet, the claim that takes its place continues
/// its epochs.
#[must_use]
pub fn apply(record: Option<Record>, verb: &Verb<'_>, now: Timestamp) -> (Option<Record>, Reply) {
    let (live, past) = match record {
        Some(record) if record.expires_at > now => (Some(record), None),
        past => (None, past),
    };
    match verb {
        Verb::Claim(ask, Hold::Log) if ask.expires_at <= now => {
            (live.or(past), Reply::Claim(Claim::Expired))
        }
        Verb::Claim(ask, Hold::Log) => {
            let epoch = past.map_or(0, |record| record.epoch).saturating_add(1);
            let (record, claim) = claim(live, ask, epoch);
            (Some(record), Reply::Claim(claim))
        }
        Verb::Complete(_, Fence::Log, answer) => {
            let (live, completed) = complete(live, answer);
            (live.or(past), Reply::Completed(completed))
        }
    }
}

fn claim(record: Option<Record>, ask: &Ask, epoch: u64) -> (Record, Claim) {
    let Some(record) = record else {
        let begun = Record {
            operation: ask.key.operation().clone(),
            fingerprint: ask.fingerprint,
            epoch,
            state: State::HeldByLog { owner: ask.owner },
            expires_at: ask.expires_at,
        };
        return (begun, Claim::Granted(Grant::by_store(ask, epoch)));
    };
    let is_same = record.operation == *ask.key.operation() && record.fingerprint == ask.fingerprint;
    let claim = match &record.state {
        _ if !is_same => Claim::Mismatch,
        State::Done { answer } => Claim::Done(answer.clone()),
        // The acknowledgement of its own claim was lost: it holds it still.
        State::HeldByLog { owner } if *owner == ask.owner => {
            Claim::Granted(Grant::by_store(ask, record.epoch))
        }
        State::HeldByLog { .. } => Claim::Running,
    };
    (record, claim)
}

fn complete(record: Option<Record>, answer: &Answer) -> (Option<Record>, Completed) {
    match record {
        None => (None, Completed::Gone),
        Some(record) => match record.state {
            State::Done { .. } => (Some(record), Completed::AlreadyDone),
            State::HeldByLog { .. } => {
                let state = State::Done {
                    answer: answer.clone(),
                };
                (Some(Record { state, ..record }), Completed::Stored)
            }
        },
    }
}
