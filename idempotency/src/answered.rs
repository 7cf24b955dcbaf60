//! An answer on its way to a caller: the first one, or one that is given again.

use crate::answer::Answer;
use crate::outcome::Outcome;

/// An answer, and what is known of it: whether it is given again, and what it says of the effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Answered {
    answer: Answer,
    source: Source,
    outcome: Option<Outcome>,
    replay_as: Option<Answer>,
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "it is new, was just recorded, or was recorded before"
)]
pub enum Source {
    /// The handler made it. Nothing is recorded yet.
    Handler,
    /// It was recorded in the transaction of its effect.
    Recorded,
    /// It was recorded before: a repetition.
    Replay,
}

impl Answered {
    /// An answer that was recorded together with its effect, by [`TxStore`](crate::TxStore) or by the log that finished it.
    pub const fn recorded(answer: Answer) -> Self {
        Self::new(answer, Source::Recorded)
    }

    /// An answer that was recorded before.
    pub const fn replay(answer: Answer) -> Self {
        Self::new(answer, Source::Replay)
    }

    const fn new(answer: Answer, source: Source) -> Self {
        Self {
            answer,
            source,
            outcome: None,
            replay_as: None,
        }
    }

    /// The same answer with a declaration of what became of the effect; else the status says it.
    pub fn declaring(self, outcome: Outcome) -> Self {
        let outcome = Some(outcome);
        Self { outcome, ..self }
    }

    /// The same answer, in whose place repetitions get another one: a secret is shown once.
    pub fn replayed_as(self, answer: Answer) -> Self {
        let replay_as = Some(answer);
        Self { replay_as, ..self }
    }

    /// The answer.
    #[must_use]
    pub const fn answer(&self) -> &Answer {
        &self.answer
    }

    /// The answer alone.
    #[must_use]
    pub fn into_answer(self) -> Answer {
        self.answer
    }

    /// Where it comes from.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// What it declares of its effect.
    #[must_use]
    pub const fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// What repetitions get.
    #[must_use]
    pub fn kept(&self) -> &Answer {
        self.replay_as.as_ref().unwrap_or(&self.answer)
    }
}

/// An answer that a handler made.
impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self::new(answer, Source::Handler)
    }
}
