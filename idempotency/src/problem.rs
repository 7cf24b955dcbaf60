//! The only place that knows which refusal is which problem.

use core::time::Duration;

use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use crate::answer::AnswerError;
use crate::batch::BatchError;
use crate::batch::BatchInError;
use crate::execution::AcceptError;
use crate::execution::TransactionError;
use crate::key::KeyError;
use crate::refused::Refused;
use crate::verbs::Claim;

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Key(KeyError::Anonymous) => Self::new(ProblemKind::Misconfigured)
                .with_detail("a guarded operation needs an authenticated caller"),
            Refused::Key(KeyError::Unbound) => Self::new(ProblemKind::Malformed)
                .with_detail("nothing in the request binds the caller to its key"),
            Refused::Key(_) => Self::new(ProblemKind::Malformed).with_detail(
                "name the invocation by the header Idempotency-Key or X-Invocation-Id",
            ),
            Refused::Payload(_) => {
                Self::new(ProblemKind::Malformed).with_detail("the body is not valid")
            }
            Refused::Expired { window } => {
                let problem = Self::new(ProblemKind::IdempotencyKeyExpired);
                match window {
                    Some(window) => problem.with_member("window", window.as_secs()),
                    None => problem,
                }
            }
            Refused::InProgress { retry_after } => {
                Self::new(ProblemKind::InvocationInProgress).with_retry_after(retry_after)
            }
            Refused::Unknown => Self::new(ProblemKind::OutcomeUnknown),
            Refused::Reused => Self::new(ProblemKind::IdempotencyKeyReused),
            // A repetition may run: nothing happened.
            Refused::Unavailable | Refused::Panicked => unavailable(),
            Refused::Misconfigured(what) => Self::new(ProblemKind::Misconfigured).with_detail(what),
        }
    }
}

impl Claim {
    /// The problem that a duplicate gets; nothing for a claim that was granted or is answered.
    #[must_use]
    pub fn to_problem(&self) -> Option<Problem> {
        Refused::of_claim(self).map(Problem::from)
    }
}

impl<S, W: Into<Self>> From<TransactionError<S, W>> for Problem {
    fn from(error: TransactionError<S, W>) -> Self {
        match error {
            TransactionError::Refused(refused) => refused.into(),
            TransactionError::Work(work) => work.into(),
            TransactionError::Store(_) => unavailable(),
        }
    }
}

impl<S, W: Into<Self>> From<AcceptError<S, W>> for Problem {
    fn from(error: AcceptError<S, W>) -> Self {
        match error {
            AcceptError::Refused(refused) => refused.into(),
            AcceptError::Work(work) => work.into(),
            AcceptError::Store(_) => unavailable(),
        }
    }
}

impl From<BatchError> for Problem {
    fn from(_: BatchError) -> Self {
        Self::new(ProblemKind::TooLarge)
    }
}

impl<S, W: Into<Self>> From<BatchInError<S, W>> for Problem {
    fn from(error: BatchInError<S, W>) -> Self {
        match error {
            BatchInError::Batch(error) => error.into(),
            BatchInError::Refused { refused, .. } => refused.into(),
            BatchInError::Work { error, .. } => error.into(),
            BatchInError::Store(_) | BatchInError::Busy => unavailable(),
        }
    }
}

/// An answer that cannot be kept is a mistake of the handler's.
impl From<AnswerError> for Problem {
    fn from(_: AnswerError) -> Self {
        Self::new(ProblemKind::Misconfigured).with_detail("the answer cannot be kept")
    }
}

fn unavailable() -> Problem {
    Problem::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(1))
}
