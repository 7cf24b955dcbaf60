//! What is told to `tracing`: operation, permission and reason, never grants.

use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use tracing::Level;
use tracing::event;

use crate::decision::DecisionRecord;

/// Whose events they are.
const TARGET: &str = "authz";

/// A request was refused, or nobody could tell.
pub(super) fn refused(operation: &str, problem: &Problem, record: Option<&DecisionRecord>) {
    if let Some(record) = record {
        event!(
            name: "authz.denied",
            target: TARGET,
            Level::INFO,
            operation,
            permission = record.permission(),
            reason = record.verdict(),
            "denied"
        );
    } else if problem.kind() == ProblemKind::Unavailable {
        event!(name: "authz.undecidable", target: TARGET, Level::WARN, operation, "undecidable");
    }
}

/// A handler succeeded without a check: its answer is dropped.
pub(super) fn unchecked(operation: &str) {
    event!(name: "authz.unchecked", target: TARGET, Level::ERROR, operation, "unchecked");
}
