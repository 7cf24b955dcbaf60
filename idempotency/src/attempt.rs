//! One attempt at an invocation, without any I/O: what it does next, given what has happened.
//!
//! Whoever drives it performs what a [`step`] returns, and comes back with what became of it, or when the time of
//! [`Attempt::wakes_at`] has come. Its clock is the driver's own: it must not go backwards, and it is never
//! compared with a store's.

mod ending;
#[cfg(test)]
mod model;
mod running;
mod waiting;

use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::Timestamp;

use self::ending::Ending;
use self::running::Running;
use self::waiting::Waiting;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Grant;
use crate::ask::Mode;
use crate::outcome::End;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;
use crate::verbs::Reconciled;
use crate::verbs::Released;

/// The lengths of time that an attempt keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "every driver sets all of them")]
pub struct Terms {
    /// How long a claim holds without a beat. It beats three times as often.
    pub lease: Duration,
    /// The longest that the handler may run.
    pub max_run: Duration,
    /// How long a duplicate waits for the first one.
    pub patience: Duration,
    /// How long the caller waits for the record of an answer, while the store is down.
    pub persistence: Duration,
    /// Whether somebody can be asked what became of an attempt that nobody knows about.
    pub reconciles: bool,
}

/// What has happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The attempt begins.
    Begin,
    /// The store answered the claim.
    Claimed(Claim),
    /// The record that it waits for may have changed.
    Changed,
    /// The time of [`Attempt::wakes_at`] has come.
    Tick,
    /// This was found out about an attempt in doubt, or nothing was.
    LookedUp(Option<Found>),
    /// The store answered what was found out.
    Reconciled(Reconciled),
    /// The handler ended.
    Ended(End),
    /// The store answered the beat.
    Beaten(Beat),
    /// The store answered the end.
    Settled(Completed),
    /// The store answered the release.
    Released(Released),
    /// The store did not answer what it was asked last.
    StoreDown,
    /// The process shuts down and waits no longer.
    Drain,
}

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Ask the store for [`Attempt::ask`], for [`Terms::lease`].
    Claim,
    /// Watch for a change of the record, away from this grant.
    Watch {
        /// Which grant.
        epoch: u64,
    },
    /// Find out what became of this grant.
    LookUp {
        /// Which grant.
        epoch: u64,
    },
    /// Tell the store what was found out.
    Reconcile {
        /// About which grant.
        epoch: u64,
        /// What.
        found: Found,
    },
    /// Start the handler.
    Run(Grant),
    /// Extend the lease. The handler goes on.
    Beat(Fence),
    /// Tell the store how it ended.
    Complete(Fence, Conclusion),
    /// Give the key back.
    Release(Fence, NoEffect),
    /// Drop the handler: whatever it still does comes too late.
    Cancel,
    /// Tell the caller.
    Reply(Resolution),
}

/// What the caller is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resolution {
    /// The handler's own answer: it is recorded, or needs no record.
    First,
    /// The answer that was recorded before.
    Replay(Answer),
    /// No answer.
    Refused(Refusal),
}

/// Why the caller gets no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// Somebody else runs it. It may have ended after so long.
    InProgress {
        /// At the latest, as far as is known.
        lease: Option<Duration>,
    },
    /// Nobody knows whether it had its effect.
    Unknown,
    /// The key was used for something else.
    Reused,
    /// The key came too late.
    Expired,
    /// The store cannot be had, or the process ends: try again.
    Unavailable,
}

/// At most three things, in this order.
pub type Actions = [Option<Action>; 3];

/// One attempt, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attempt {
    ask: Arc<Ask>,
    terms: Terms,
    /// Until when it waits for others.
    patient_until: Timestamp,
    has_looked_up: bool,
    /// The process ends: whatever is granted now is given back.
    drains: bool,
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    New,
    /// The claim was sent at this instant, for the n-th time.
    Claiming {
        sent: Timestamp,
        tries: u8,
    },
    /// The store was down; the claim is sent again at this instant.
    Reclaiming {
        at: Timestamp,
        tries: u8,
    },
    Waiting(Waiting),
    LookingUp {
        epoch: u64,
    },
    Reconciling,
    Running(Running),
    Ending(Ending),
    Over,
}

/// Takes one step.
///
/// An event that does not fit what the attempt waits for changes nothing: it answers a question that is not asked any more.
#[must_use]
pub fn step(attempt: &mut Attempt, event: Event, now: Timestamp) -> Actions {
    match event {
        Event::Begin => attempt.begin(now),
        Event::Claimed(claim) => attempt.claimed(claim, now),
        Event::Changed => attempt.changed(now),
        Event::Tick => attempt.tick(now),
        Event::LookedUp(found) => attempt.looked_up(found),
        Event::Reconciled(reconciled) => attempt.reconciled(reconciled, now),
        Event::Ended(end) => attempt.ended(end, now),
        Event::Beaten(beat) => attempt.beaten(beat),
        Event::Settled(completed) => attempt.settled(completed),
        Event::Released(released) => attempt.released(released),
        Event::StoreDown => attempt.store_down(now),
        Event::Drain => attempt.drain(now),
    }
}

impl Attempt {
    /// An attempt that has not begun.
    #[must_use]
    pub fn new(ask: impl Into<Arc<Ask>>, terms: Terms) -> Self {
        Self {
            ask: ask.into(),
            terms,
            patient_until: Timestamp::MIN,
            has_looked_up: false,
            drains: false,
            phase: Phase::New,
        }
    }

    /// What it asks for.
    #[must_use]
    pub const fn ask(&self) -> &Arc<Ask> {
        &self.ask
    }

    /// The lengths of time it keeps to.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// When it wants to be woken by [`Event::Tick`], if nothing else happens before.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Reclaiming { at, .. } => Some(*at),
            Phase::Waiting(waiting) => Some(waiting.wakes_at(self.patient_until)),
            Phase::Running(running) => Some(running.wakes_at(self.ask.mode())),
            Phase::Ending(ending) => ending.wakes_at(),
            _ => None,
        }
    }

    /// Whether there is nothing left to do.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    fn begin(&mut self, now: Timestamp) -> Actions {
        self.patient_until = now.saturating_add(self.terms.patience);
        self.claim(now, 1)
    }

    fn claim(&mut self, sent: Timestamp, tries: u8) -> Actions {
        self.phase = Phase::Claiming { sent, tries };
        one(Action::Claim)
    }

    /// The end, for the caller too.
    fn reply(&mut self, resolution: Resolution) -> Actions {
        self.phase = Phase::Over;
        one(Action::Reply(resolution))
    }

    fn refuse(&mut self, refusal: Refusal) -> Actions {
        self.reply(Resolution::Refused(refusal))
    }

    fn tick(&mut self, now: Timestamp) -> Actions {
        match &self.phase {
            Phase::Reclaiming { at, tries } if *at <= now => {
                let tries = *tries;
                self.claim(now, tries)
            }
            Phase::Waiting(_) => self.waited(now),
            Phase::Running(_) => self.run_on(now),
            Phase::Ending(_) => self.end_on(now),
            _ => none(),
        }
    }

    fn store_down(&mut self, now: Timestamp) -> Actions {
        match &self.phase {
            Phase::Claiming { tries, .. } => {
                let tries = *tries;
                self.unclaimed(tries, now)
            }
            // Whoever looked it up has done so; without a store nothing comes of it.
            Phase::Reconciling => self.refuse(Refusal::Unknown),
            Phase::Running(_) => self.unbeaten(now),
            Phase::Ending(_) => self.unsettled(now),
            _ => none(),
        }
    }

    fn drain(&mut self, now: Timestamp) -> Actions {
        self.drains = true;
        match &self.phase {
            Phase::New | Phase::Reclaiming { .. } | Phase::Waiting(_) => {
                self.refuse(Refusal::Unavailable)
            }
            Phase::LookingUp { .. } => self.refuse(Refusal::Unknown),
            Phase::Running(running) if self.ask.mode() == Mode::Resumable => {
                let fence = *running.fence();
                self.cut_short(fence, now)
            }
            _ => none(),
        }
    }
}

const fn none() -> Actions {
    [None, None, None]
}

const fn one(action: Action) -> Actions {
    [Some(action), None, None]
}

const fn two(first: Action, second: Action) -> Actions {
    [Some(first), Some(second), None]
}
