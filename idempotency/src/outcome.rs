//! What the end of a handler says about its effect.

use crate::answer::Answer;
#[cfg(feature = "tower")]
use crate::ask::Mode;
use crate::verbs::NoEffect;

/// What a handler knows about its effect when it ends. Declare it where the status does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "it happened, it did not, or nobody knows"
)]
pub enum Outcome {
    /// It is over, with an effect or without: a repetition gets the same answer.
    Final,
    /// Nothing happened, so a repetition may run.
    NoEffect,
    /// Nobody knows whether it happened.
    Unknown,
}

impl Outcome {
    /// What a status of HTTP (RFC 9110) says when the handler declares nothing.
    ///
    /// A timeout in the handler's own layers (408) may have cut it off half done, as may whatever fails with 5xx.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            200..=299 | 303 | 400 | 402 | 404 | 405 | 409 | 410 | 412 | 422 => Self::Final,
            300..=399 | 401 | 403 | 413 | 415 | 425 | 429 => Self::NoEffect,
            _ => Self::Unknown,
        }
    }
}

/// How the handler of an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// With an answer that repetitions get too.
    Answer(Answer),
    /// Without an effect.
    NoEffect(NoEffect),
    /// Before it began: the process ends, or the grant came too late.
    NotBegun(NoEffect),
    /// With an answer that says that nobody knows.
    Doubt,
    /// In a panic, or cut off: with no answer at all.
    Broken,
}

#[cfg(feature = "tower")]
impl End {
    /// The end that an outcome is in a mode. Where nothing may happen twice, only a handler that declares that nothing
    /// happened is believed; a status alone is not.
    pub(crate) fn of(
        mode: Mode,
        declared: Option<Outcome>,
        classified: Outcome,
        answer: Answer,
    ) -> Self {
        match (declared.unwrap_or(classified), mode) {
            (Outcome::Final, _) => Self::Answer(answer),
            (Outcome::NoEffect, Mode::AtMostOnce) if declared.is_none() => Self::Answer(answer),
            (Outcome::NoEffect, _) => Self::NoEffect(NoEffect(())),
            (Outcome::Unknown, _) => Self::Doubt,
        }
    }
}
