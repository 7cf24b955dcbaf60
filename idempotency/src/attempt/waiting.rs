//! Before the grant: claims, and waiting for others.

use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::Timestamp;

use super::Action;
use super::Actions;
use super::Attempt;
use super::Phase;
use super::Refusal;
use super::Resolution;
use super::none;
use super::one;
use super::running::Running;
use crate::ask::Ask;
use crate::verbs::Claim;
use crate::verbs::Found;
use crate::verbs::Reconciled;

/// How often a claim is sent to a store that does not answer.
const MAX_TRIES: u8 = 3;
/// How long after the first failure it is sent again; three times as long after the next.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Somebody else runs it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Waiting {
    lease: Option<Duration>,
    /// When that lease is over, unless it is extended.
    lapses_at: Option<Timestamp>,
}

impl Waiting {
    pub(super) fn wakes_at(&self, patient_until: Timestamp) -> Timestamp {
        self.lapses_at
            .map_or(patient_until, |at| at.min(patient_until))
    }
}

impl Attempt {
    pub(super) fn claimed(&mut self, claim: Claim, now: Timestamp) -> Actions {
        let Phase::Claiming { sent, tries } = self.phase else {
            return none();
        };
        match claim {
            Claim::Granted(grant) => {
                let running = Running::begun(&grant, &self.terms, sent, now);
                let is_late = running.is_past_lease(now);
                if self.drains || is_late && tries >= MAX_TRIES {
                    return self.give_back(&grant, now);
                }
                if is_late {
                    // The answer took longer than the lease: it holds only what it is told anew that it holds.
                    return self.claim(now, tries + 1);
                }
                self.phase = Phase::Running(running);
                one(Action::Run(grant))
            }
            Claim::Done(answer) => self.reply(Resolution::Replay(answer)),
            Claim::Running { .. } if self.drains => self.refuse(Refusal::Unavailable),
            Claim::Running { lease, .. } if now >= self.patient_until => {
                self.refuse(Refusal::InProgress { lease })
            }
            Claim::Running { epoch, lease } => {
                let lapses_at = lease.map(|lease| now.saturating_add(lease.max(FIRST_PAUSE)));
                self.phase = Phase::Waiting(Waiting { lease, lapses_at });
                one(Action::Watch { epoch })
            }
            Claim::Mismatch => self.refuse(Refusal::Reused),
            Claim::Unknown { epoch, .. } if self.terms.reconciles && !self.has_looked_up => {
                self.has_looked_up = true;
                self.phase = Phase::LookingUp { epoch };
                one(Action::LookUp { epoch })
            }
            Claim::Unknown { .. } => self.refuse(Refusal::Unknown),
            Claim::Fenced { .. } if now >= self.patient_until => {
                self.refuse(Refusal::InProgress { lease: None })
            }
            // It was never granted anything, so it is no late copy: it asks as one that is newer.
            Claim::Fenced { last } => {
                let owner = self.ask.owner().later_than(last);
                self.ask = Arc::new(Ask::clone(&self.ask).by(owner));
                self.claim(now, 1)
            }
            Claim::Expired => self.refuse(Refusal::Expired),
        }
    }

    /// The store did not answer. The claim may be there all the same, so its own owner asks again.
    pub(super) fn unclaimed(&mut self, tries: u8, now: Timestamp) -> Actions {
        if tries >= MAX_TRIES || self.drains {
            return self.refuse(Refusal::Unavailable);
        }
        let pause = FIRST_PAUSE.saturating_mul(3_u32.saturating_pow(u32::from(tries) - 1));
        self.phase = Phase::Reclaiming {
            at: now.saturating_add(pause),
            tries: tries + 1,
        };
        none()
    }

    pub(super) fn changed(&mut self, now: Timestamp) -> Actions {
        match self.phase {
            Phase::Waiting(_) => self.claim(now, 1),
            _ => none(),
        }
    }

    pub(super) fn waited(&mut self, now: Timestamp) -> Actions {
        let Phase::Waiting(waiting) = &self.phase else {
            return none();
        };
        if now < waiting.wakes_at(self.patient_until) {
            none()
        } else if now >= self.patient_until {
            let lease = waiting.lease;
            self.refuse(Refusal::InProgress { lease })
        } else {
            self.claim(now, 1)
        }
    }

    pub(super) fn looked_up(&mut self, found: Option<Found>) -> Actions {
        let Phase::LookingUp { epoch } = self.phase else {
            return none();
        };
        let found = match found {
            None => return self.refuse(Refusal::Unknown),
            // Whoever ran may be at work for as long as a run lasts, whatever was seen of it so far.
            Some(Found::Nothing { after }) => Found::Nothing {
                after: after.max(self.terms.max_run),
            },
            Some(found) => found,
        };
        self.phase = Phase::Reconciling;
        one(Action::Reconcile { epoch, found })
    }

    pub(super) fn reconciled(&mut self, reconciled: Reconciled, now: Timestamp) -> Actions {
        if self.phase != Phase::Reconciling {
            return none();
        }
        match reconciled {
            Reconciled::TooEarly => self.refuse(Refusal::Unknown),
            Reconciled::Settled | Reconciled::NotInDoubt => self.claim(now, 1),
        }
    }
}
