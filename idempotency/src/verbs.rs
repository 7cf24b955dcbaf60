//! What is asked of a store, and what it replies.

use core::time::Duration;

use skeleton_invocation_context::Timestamp;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Grant;
use crate::ask::Hold;
use crate::ask::Owner;
use crate::key::IdempotencyKey;

/// What is asked of a store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Verb<'v> {
    /// May this attempt run?
    Claim(&'v Ask, Hold),
    /// It runs still: its lease is to last so long from now.
    Beat(&'v IdempotencyKey, Fence, Duration),
    /// This is how the invocation of that key ended.
    Complete(&'v IdempotencyKey, Fence, &'v Conclusion),
    /// This is the answer of the transaction that claimed with [`Hold::Commit`], and is about to commit.
    Finish(&'v Ask, &'v Answer),
    /// It ended without an effect.
    Release(&'v IdempotencyKey, Fence, NoEffect),
    /// This is what was found out about an invocation of which nobody knew.
    Reconcile(&'v IdempotencyKey, u64, &'v Found),
}

/// What a store replies.
#[derive(Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one reply per verb")]
pub enum Reply {
    /// To a claim.
    Claim(Claim),
    /// To a beat.
    Beat(Beat),
    /// To an end.
    Completed(Completed),
    /// To a release.
    Released(Released),
    /// To what was found out.
    Reconciled(Reconciled),
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
    Running {
        /// By which grant: wait until that has changed.
        epoch: u64,
        /// How long its lease lasts yet; nothing if the log holds it.
        lease: Option<Duration>,
    },
    /// The key was used for another payload or another operation. Nothing of that is shown.
    Mismatch,
    /// Whoever ran it is gone, and nobody knows whether it had its effect.
    Unknown {
        /// By which grant.
        epoch: u64,
        /// Since when.
        since: Timestamp,
    },
    /// A later attempt was granted the key before, or this one and gave it back: it is a late copy of its own claim. An
    /// attempt that was never granted anything asks again, as one that is newer than `last`.
    Fenced {
        /// The attempt to which the last grant was given.
        last: Owner,
    },
    /// The attempt is so late that its record would be past retention already: two such would both run.
    Expired,
}

/// What a store says to a beat.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Beat {
    /// It holds until then, by the store's clock.
    Held {
        /// Until when.
        until: Timestamp,
    },
    /// Nobody else will run, and nobody knows how it ends but this attempt: it goes on, and its end settles the doubt.
    Doubted,
    /// It holds no more: whatever it still does comes too late.
    Lost {
        /// The answer, if it is there and of the same payload.
        answer: Option<Answer>,
    },
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Conclusion {
    /// With this answer, which is given to whoever repeats it.
    Done(Answer),
    /// Nobody knows whether with an effect or without. Under [`Mode::Resumable`](crate::Mode::Resumable) the next attempt
    /// may go on after so long; else it stays unknown.
    InDoubt {
        /// After how long at the earliest.
        retry_after: Duration,
    },
}

/// What a store says to an end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Completed {
    /// It is kept.
    Stored,
    /// The doubt is kept.
    InDoubt,
    /// Somebody else was faster, or it comes too late: roll back, and claim again.
    AlreadyDone,
    /// Somebody else was granted the key since.
    Fenced {
        /// The answer, if it is there and of the same payload.
        answer: Option<Answer>,
    },
    /// There is no such claim: it was never made, or its record was purged.
    Gone,
}

/// The proof that an attempt had no effect, so that another one may begin anew.
///
/// It is made from what a handler declares, or from a status that says so, and by nobody else:
///
/// ```compile_fail
/// let made_up = skeleton_idempotency::NoEffect(());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NoEffect(pub(crate) ());

/// What a store says to a release.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Released {
    /// Another attempt may begin.
    Free,
    /// Somebody else was granted the key since, or it has ended.
    Fenced {
        /// The answer, if it is there and of the same payload.
        answer: Option<Answer>,
    },
    /// There is no such claim.
    Gone,
}

/// What was found out about an invocation of which nobody knew.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found {
    /// It had its effect, and this is the answer.
    Done(Answer),
    /// Nothing happened. Believed only so long after the doubt began: whoever ran it may still be at work before.
    Nothing {
        /// So long: the longest run.
        after: Duration,
    },
}

/// What a store says to what was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Reconciled {
    /// It is settled.
    Settled,
    /// Nothing may have happened yet: ask again later.
    TooEarly,
    /// Nobody is in doubt about that grant of the key.
    NotInDoubt,
}
