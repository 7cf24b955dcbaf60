//! The only place that knows which refusal is which problem.

use core::time::Duration;

use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use crate::engine::Refused;
use crate::key::KeyError;
use crate::record::Claim;

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Key(KeyError::Anonymous) => Self::new(ProblemKind::Misconfigured)
                .with_detail("a guarded operation needs an authenticated caller"),
            Refused::Key(_) => Self::new(ProblemKind::Malformed).with_detail(
                "name the invocation by the header Idempotency-Key or X-Invocation-Id",
            ),
            Refused::Payload(_) => {
                Self::new(ProblemKind::Malformed).with_detail("the body is not valid")
            }
            Refused::Expired { window } => Self::new(ProblemKind::IdempotencyKeyExpired)
                .with_member("window", window.as_secs()),
        }
    }
}

impl Claim {
    /// The problem that a duplicate gets; nothing for a claim that was granted or is answered.
    #[must_use]
    pub fn to_problem(&self) -> Option<Problem> {
        match self {
            Self::Granted(_) | Self::Done(_) => None,
            Self::Running => Some(
                Problem::new(ProblemKind::InvocationInProgress)
                    .with_retry_after(Duration::from_secs(1)),
            ),
            Self::Mismatch => Some(Problem::new(ProblemKind::IdempotencyKeyReused)),
            Self::Expired => Some(Problem::new(ProblemKind::IdempotencyKeyExpired)),
        }
    }
}
