//! While the handler runs: beats, and the ends that time sets.

use core::time::Duration;

use skeleton_invocation_context::Timestamp;

use super::Action;
use super::Actions;
use super::Attempt;
use super::Phase;
use super::Refusal;
use super::Resolution;
use super::Terms;
use super::ending::Ending;
use super::none;
use super::one;
use super::two;
use crate::ask::Fence;
use crate::ask::Grant;
use crate::ask::Mode;
use crate::outcome::End;
use crate::verbs::Beat;

/// It holds the key, as far as it knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Running {
    fence: Fence,
    /// Until when nobody else begins, counted from before the store was asked.
    holds_until: Timestamp,
    beats_at: Timestamp,
    /// When the beat was sent that is not answered yet.
    beat_sent: Option<Timestamp>,
    ends_at: Timestamp,
}

impl Running {
    pub(super) fn begun(grant: &Grant, terms: &Terms, sent: Timestamp, now: Timestamp) -> Self {
        Self {
            fence: grant.fence(),
            holds_until: sent.saturating_add(terms.lease),
            beats_at: sent.saturating_add(third(terms.lease)),
            beat_sent: None,
            ends_at: now.saturating_add(terms.max_run),
        }
    }

    pub(super) fn is_past_lease(&self, now: Timestamp) -> bool {
        now >= self.holds_until
    }

    pub(super) const fn fence(&self) -> &Fence {
        &self.fence
    }

    pub(super) fn wakes_at(&self, mode: Mode) -> Timestamp {
        let next = self.beats_at.min(self.ends_at);
        // Where nobody takes over, whoever runs is not disturbed by a lease that is over.
        if mode == Mode::Resumable {
            next.min(self.holds_until)
        } else {
            next
        }
    }
}

impl Attempt {
    pub(super) fn run_on(&mut self, now: Timestamp) -> Actions {
        let is_resumable = self.ask.mode() == Mode::Resumable;
        let lease = self.terms.lease;
        let Phase::Running(running) = &mut self.phase else {
            return none();
        };
        if now >= running.ends_at {
            let fence = running.fence;
            return self.cut_short(fence, now);
        }
        if is_resumable && running.is_past_lease(now) {
            self.phase = Phase::Over;
            let refusal = Refusal::InProgress { lease: Some(lease) };
            return two(Action::Cancel, Action::Reply(Resolution::Refused(refusal)));
        }
        if now < running.beats_at {
            return none();
        }
        running.beat_sent = Some(now);
        running.beats_at = now.saturating_add(third(lease));
        one(Action::Beat(running.fence))
    }

    pub(super) fn beaten(&mut self, beat: Beat) -> Actions {
        let lease = self.terms.lease;
        let Phase::Running(running) = &mut self.phase else {
            return none();
        };
        match beat {
            Beat::Held { .. } => {
                if let Some(sent) = running.beat_sent.take() {
                    running.holds_until = sent.saturating_add(lease);
                }
                none()
            }
            Beat::Doubted => none(),
            Beat::Lost { answer } => {
                self.phase = Phase::Over;
                let resolution = answer.map_or(
                    Resolution::Refused(Refusal::InProgress { lease: None }),
                    Resolution::Replay,
                );
                two(Action::Cancel, Action::Reply(resolution))
            }
        }
    }

    /// The beat got lost: it is sent again soon.
    pub(super) fn unbeaten(&mut self, now: Timestamp) -> Actions {
        let pause = third(third(self.terms.lease));
        if let Phase::Running(running) = &mut self.phase {
            running.beat_sent = None;
            running.beats_at = now.saturating_add(pause);
        }
        none()
    }

    pub(super) fn ended(&mut self, end: End, now: Timestamp) -> Actions {
        let Phase::Running(running) = &self.phase else {
            return none();
        };
        let gives_up_at = running.ends_at.saturating_add(self.terms.persistence);
        let ending = Ending::begun(running.fence, end, now, gives_up_at);
        let action = ending.action(&self.terms);
        self.phase = Phase::Ending(ending);
        one(action)
    }

    /// Drops the handler and leaves the rest to others, or to nobody.
    pub(super) fn cut_short(&mut self, fence: Fence, now: Timestamp) -> Actions {
        let gives_up_at = now.saturating_add(self.terms.persistence);
        let ending = Ending::begun(fence, End::Broken, now, gives_up_at);
        let action = ending.action(&self.terms);
        self.phase = Phase::Ending(ending);
        two(Action::Cancel, action)
    }
}

fn third(of: Duration) -> Duration {
    of / 3
}
