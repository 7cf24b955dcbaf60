//! What the refusals of this crate are on the wire. The only file that knows statuses and challenges.

use core::time::Duration;

use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use crate::issuer::IssueError;
use crate::issuer::IssueErrorKind;
use crate::refused::Refused;

impl From<Refused> for Problem {
    /// 401 `unauthenticated`, the same for every bad token; 503 `unavailable` if nothing was decided.
    fn from(refused: Refused) -> Self {
        if refused.is_unavailable() {
            Self::new(ProblemKind::Unavailable).with_retry_after(RETRY_AFTER)
        } else {
            Self::new(ProblemKind::Unauthenticated)
        }
    }
}

impl From<IssueError> for Problem {
    /// 503 `unavailable` while there is no key; 500 `misconfigured` for what only a developer can mend.
    fn from(error: IssueError) -> Self {
        match error.kind() {
            IssueErrorKind::NoKey => {
                Self::new(ProblemKind::Unavailable).with_retry_after(RETRY_AFTER)
            }
            IssueErrorKind::NoIssuer
            | IssueErrorKind::Client
            | IssueErrorKind::Audience
            | IssueErrorKind::Grants
            | IssueErrorKind::Proof
            | IssueErrorKind::TooLarge => {
                Self::new(ProblemKind::Misconfigured).with_detail(error.to_string())
            }
        }
    }
}

/// The answers of the layer, each with its challenge (RFC 6750 section 3).
#[cfg(feature = "tower")]
pub(crate) mod answer {
    use skeleton_invocation_context::Problem;
    use skeleton_invocation_context::ProblemKind;

    use crate::refused::Refused;

    /// No credentials: the challenge says how to come back, and names no error.
    pub(crate) fn no_credentials(realm: Option<&str>) -> Problem {
        Problem::new(ProblemKind::Unauthenticated).with_challenge(bearer(realm, ""))
    }

    /// Two headers, or one that is not `scheme token`.
    pub(crate) fn invalid_request(realm: Option<&str>) -> Problem {
        Problem::new(ProblemKind::Malformed)
            .with_detail("send one Authorization header: Bearer and a token")
            .with_challenge(bearer(realm, r#"error="invalid_request""#))
    }

    /// A bad token: one answer for all of them. An undecided one: 503, without a challenge.
    pub(crate) fn refused(refused: Refused, realm: Option<&str>) -> Problem {
        let problem = Problem::from(refused);
        if refused.is_unavailable() {
            problem
        } else {
            problem.with_challenge(bearer(realm, BAD))
        }
    }

    /// A good token for another tenant than the context asks for.
    pub(crate) fn other_tenant(realm: Option<&str>) -> Problem {
        Problem::new(ProblemKind::Unauthenticated).with_challenge(bearer(realm, BAD))
    }

    /// A context that is authenticated already, or that was not made at the edge.
    pub(crate) fn misplaced() -> Problem {
        Problem::new(ProblemKind::Misconfigured)
            .with_detail("AuthenticationLayer stands once, at the edge")
    }

    fn bearer(realm: Option<&str>, error: &str) -> String {
        let realm = realm
            .filter(|text| is_quotable(text))
            .map(|text| format!("realm=\"{text}\""));
        let parts: Vec<_> = realm.as_deref().into_iter().chain(Some(error)).collect();
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("Bearer {}", parts.join(", ")).trim_end().to_owned()
    }

    fn is_quotable(text: &str) -> bool {
        text.bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
    }

    const BAD: &str =
        r#"error="invalid_token", error_description="the access token is not good here""#;
}

/// How long a caller should wait when keys are missing.
const RETRY_AFTER: Duration = Duration::from_secs(1);
