//! After the handler: the record is made before the caller hears of it.

use core::time::Duration;

use skeleton_invocation_context::Timestamp;

use super::Action;
use super::Actions;
use super::Attempt;
use super::Phase;
use super::Refusal;
use super::Resolution;
use super::Terms;
use super::none;
use super::one;
use crate::answer::Answer;
use crate::ask::Fence;
use crate::ask::Grant;
use crate::ask::Mode;
use crate::outcome::End;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::NoEffect;
use crate::verbs::Released;

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The handler is over, and the store is told.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Ending {
    fence: Fence,
    end: End,
    began: Timestamp,
    /// When the store is told again; nothing while it is asked.
    retries_at: Option<Timestamp>,
    pause: Duration,
    /// Until when it is worth telling.
    gives_up_at: Timestamp,
    has_replied: bool,
}

impl Ending {
    pub(super) const fn begun(
        fence: Fence,
        end: End,
        began: Timestamp,
        gives_up_at: Timestamp,
    ) -> Self {
        Self {
            fence,
            end,
            began,
            retries_at: None,
            pause: FIRST_PAUSE,
            gives_up_at,
            has_replied: false,
        }
    }

    pub(super) const fn wakes_at(&self) -> Option<Timestamp> {
        self.retries_at
    }

    /// What the store is told.
    pub(super) fn action(&self, terms: &Terms) -> Action {
        let doubt = |retry_after| Action::Complete(self.fence, Conclusion::InDoubt { retry_after });
        match &self.end {
            End::Answer(answer) => Action::Complete(self.fence, Conclusion::Done(answer.clone())),
            End::NoEffect(proof) | End::NotBegun(proof) => Action::Release(self.fence, *proof),
            // Whoever goes on waits a moment, or a handler that always fails would run without pause.
            End::Doubt => doubt(terms.lease / 30),
            End::Broken => doubt(Duration::ZERO),
        }
    }

    /// What the caller hears if the store knows it.
    fn resolution(&self, mode: Mode) -> Resolution {
        match (&self.end, mode) {
            (End::Broken, Mode::Resumable) | (End::NotBegun(_), _) => {
                Resolution::Refused(Refusal::Unavailable)
            }
            (End::Broken, _) => Resolution::Refused(Refusal::Unknown),
            _ => Resolution::First,
        }
    }

    /// What the caller hears if the store cannot be told.
    fn unrecorded(&self, mode: Mode) -> Resolution {
        match (&self.end, mode) {
            (End::Answer(_), Mode::Resumable) => Resolution::Refused(Refusal::Unavailable),
            (End::Answer(_), _) => Resolution::Refused(Refusal::Unknown),
            _ => self.resolution(mode),
        }
    }
}

impl Attempt {
    /// Gives back what was granted: nothing ran, and nothing will.
    pub(super) fn give_back(&mut self, grant: &Grant, now: Timestamp) -> Actions {
        let gives_up_at = now.saturating_add(self.terms.persistence);
        let ending = Ending::begun(grant.fence(), End::NotBegun(NoEffect(())), now, gives_up_at);
        let action = ending.action(&self.terms);
        self.phase = Phase::Ending(ending);
        one(action)
    }

    pub(super) fn settled(&mut self, completed: Completed) -> Actions {
        match completed {
            // What was purged is refused to every repetition: that it happened is still true.
            Completed::Stored | Completed::InDoubt | Completed::Gone => self.concluded(None),
            Completed::AlreadyDone => self.concluded(Some(None)),
            Completed::Fenced { answer } => self.concluded(Some(answer)),
        }
    }

    pub(super) fn released(&mut self, released: Released) -> Actions {
        match released {
            Released::Fenced {
                answer: Some(answer),
            } => self.concluded(Some(Some(answer))),
            // It had no effect, whoever holds the key now.
            _ => self.concluded(None),
        }
    }

    /// The store has answered: with somebody else's answer if it was fenced.
    fn concluded(&mut self, fenced: Option<Option<Answer>>) -> Actions {
        let Phase::Ending(ending) = &self.phase else {
            return none();
        };
        if ending.has_replied {
            self.phase = Phase::Over;
            return none();
        }
        let resolution = match fenced {
            None => ending.resolution(self.ask.mode()),
            Some(Some(answer)) => Resolution::Replay(answer),
            Some(None) => Resolution::Refused(Refusal::InProgress { lease: None }),
        };
        self.reply(resolution)
    }

    pub(super) fn unsettled(&mut self, now: Timestamp) -> Actions {
        let (mode, persistence) = (self.ask.mode(), self.terms.persistence);
        let Phase::Ending(ending) = &mut self.phase else {
            return none();
        };
        let is_over = now >= ending.gives_up_at;
        let is_late = is_over || now >= ending.began.saturating_add(persistence);
        let reply = (is_late && !ending.has_replied).then(|| {
            ending.has_replied = true;
            Action::Reply(ending.unrecorded(mode))
        });
        ending.retries_at = Some(now.saturating_add(ending.pause));
        ending.pause = ending.pause.saturating_mul(2).min(LONGEST_PAUSE);
        if is_over {
            self.phase = Phase::Over;
        }
        reply.map_or(none(), one)
    }

    pub(super) fn end_on(&mut self, now: Timestamp) -> Actions {
        let terms = self.terms;
        match &mut self.phase {
            Phase::Ending(ending) if ending.retries_at.is_some_and(|at| at <= now) => {
                ending.retries_at = None;
                one(ending.action(&terms))
            }
            _ => none(),
        }
    }
}
