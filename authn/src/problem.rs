//! What the refusals of this crate are on the wire. The only file that knows statuses.

use core::time::Duration;

use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use crate::door::NoTenant;
use crate::email::EmailError;
use crate::login::LogInError;
use crate::password::PasswordError;
use crate::store::StoreError;

impl From<LogInError> for Problem {
    /// 401 `unauthenticated`, one fixed answer; 503 `unavailable` if nothing was decided.
    fn from(error: LogInError) -> Self {
        match error {
            LogInError::Refused => Self::new(ProblemKind::Unauthenticated)
                .with_code("log-in-refused")
                .with_challenge("Bearer"),
            LogInError::Saturated | LogInError::Unavailable(_) => unavailable(),
        }
    }
}

impl From<StoreError> for Problem {
    /// 503 `unavailable`, never "wrong password".
    fn from(_: StoreError) -> Self {
        unavailable()
    }
}

impl From<PasswordError> for Problem {
    /// 400 `malformed`.
    fn from(error: PasswordError) -> Self {
        Self::new(ProblemKind::Malformed).with_detail(error.to_string())
    }
}

impl From<EmailError> for Problem {
    /// 400 `malformed`.
    fn from(error: EmailError) -> Self {
        Self::new(ProblemKind::Malformed).with_detail(error.to_string())
    }
}

impl From<NoTenant> for Problem {
    /// 500 `misconfigured`, naming the layer to add.
    fn from(_: NoTenant) -> Self {
        Self::missing_layer("TenantLayer")
    }
}

fn unavailable() -> Problem {
    Problem::new(ProblemKind::Unavailable).with_retry_after(RETRY_AFTER)
}

/// How long a caller should wait.
const RETRY_AFTER: Duration = Duration::from_secs(1);
