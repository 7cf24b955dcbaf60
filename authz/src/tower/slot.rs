//! What the layer leaves for the handler, and whether it was taken.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use http::HeaderMap;
use http::HeaderName;
use http::Response;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;

use super::events;
use super::pending::Pending;
use crate::decision::DecisionRecord;
use crate::operations::Handed;
use crate::snapshot::Asked;

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// Hands what was checked from the layer to an extractor; it can be emptied once.
#[derive(Clone)]
pub(crate) struct Slot(Arc<Mutex<Option<Admitted>>>);

/// Who was admitted, and with what.
pub(crate) type Admitted = (InvocationContext<Authenticated>, Handed);

impl Slot {
    pub(super) fn new(admitted: Admitted) -> Self {
        Self(Arc::new(Mutex::new(Some(admitted))))
    }

    #[cfg_attr(
        not(feature = "axum-08"),
        expect(dead_code, reason = "its reader is an extractor")
    )]
    pub(crate) fn take(&self) -> Option<Admitted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn is_full(&self) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.is_some()
    }
}

/// What shows, after the handler, whether something was checked.
pub(super) struct Watched {
    pub(super) by: Witness,
    pub(super) operation: String,
    pub(super) instance: InvocationId,
}

pub(super) enum Witness {
    /// The layer checked the payload.
    Record(DecisionRecord),
    /// Nothing was decided before the handler, which has to take the snapshot, and of a listing to ask it.
    Slot(Slot, Option<Asked>),
    /// The handler has to check what only it can read, or to ask for what it lists by.
    Pending(Pending, Option<Asked>),
}

impl Watched {
    pub(super) fn record(&self) -> Option<DecisionRecord> {
        match &self.by {
            Witness::Record(record) => Some(record.clone()),
            Witness::Slot(..) => None,
            Witness::Pending(pending, _) => pending.record(),
        }
    }

    /// The answer, or another one for a success without a check.
    pub(super) fn judged<B: ProblemBody>(
        &self,
        answer: Response<B>,
        language: &HeaderMap,
    ) -> Response<B> {
        let is_checked = match &self.by {
            Witness::Record(_) => true,
            Witness::Slot(slot, asked) => !slot.is_full() && is_asked(asked),
            Witness::Pending(pending, asked) => pending.is_passed() && is_asked(asked),
        };
        if is_checked || !is_success(&answer) {
            return answer;
        }
        events::unchecked(&self.operation);
        Problem::new(ProblemKind::Misconfigured)
            .with_detail("the handler answered without a check")
            .with_instance(self.instance)
            .answer_to(language)
    }
}

/// Nothing has to be asked, or it was.
fn is_asked(asked: &Option<Asked>) -> bool {
    asked.as_ref().is_none_or(Asked::is_asked)
}

/// A refusal over gRPC has status 200 too, and its own status in the headers.
fn is_success<B>(answer: &Response<B>) -> bool {
    let over_grpc = answer.headers().get(GRPC_STATUS);
    let is_refused = answer.status().is_client_error() || answer.status().is_server_error();
    !is_refused && over_grpc.is_none_or(|status| status == "0")
}
