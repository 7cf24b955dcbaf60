//! The only place that knows which refusal is which problem.

use core::time::Duration;

use serde_json::json;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use crate::check::CheckError;
use crate::decision::DenyReason;
use crate::refusal::Refusal;
use crate::refusal::RefusalKind;
use crate::refusal::Unavailable;

impl From<Unavailable> for Problem {
    fn from(_: Unavailable) -> Self {
        Self::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(1))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let instance = refusal.instance();
        match refusal.kind() {
            // One constant answer: no permission, no scope, no reason.
            RefusalKind::NotFound => Self::new(ProblemKind::NotFound),
            RefusalKind::StepUp => Self::new(ProblemKind::StepUpRequired)
                .with_challenge(step_up_challenge(&refusal.deny().reason)),
            RefusalKind::Denied => Self::new(ProblemKind::PermissionDenied)
                .with_challenge("Bearer error=\"insufficient_scope\"")
                .with_member("params", params(&refusal)),
        }
        .with_instance(instance)
    }
}

impl From<CheckError> for Problem {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Refused(refusal) => refusal.into(),
            CheckError::Unavailable(unavailable) => unavailable.into(),
            CheckError::NoLocator => Self::new(ProblemKind::Misconfigured)
                .with_detail("AuthorizationLayer needs a locator for this operation"),
        }
    }
}

fn params(refusal: &Refusal) -> serde_json::Value {
    let (record, deny) = (refusal.record(), refusal.deny());
    json!({
        "permission": record.permission(),
        "scope": record.scope(),
        "reason": deny.reason.code(),
        "would-allow": deny.would_allow,
    })
}

/// The challenge of RFC 9470.
fn step_up_challenge(reason: &DenyReason) -> String {
    let mut challenge = "Bearer error=\"insufficient_user_authentication\"".to_owned();
    if let DenyReason::StepUp { assurance, max_age } = reason {
        let acr = assurance.map(|least| match least {
            Assurance::Aal1 => "aal1",
            Assurance::Aal2 => "aal2",
            Assurance::Aal3 => "aal3",
        });
        if let Some(acr) = acr {
            challenge.push_str(&format!(", acr_values=\"{acr}\""));
        }
        if let Some(age) = max_age {
            challenge.push_str(&format!(", max_age=\"{}\"", age.as_secs()));
        }
    }
    challenge
}
