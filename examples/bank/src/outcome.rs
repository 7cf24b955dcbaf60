//! How a command ends: done, or rejected by the domain. Both are answers of status 200.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::json;
use skeleton_idempotency::Answer;
use skeleton_idempotency::AnswerError;
use skeleton_invocation_context::InvocationId;

/// A decision of the domain against a command: a code, and what its text needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// The machine's word, in kebab-case.
    pub code: Cow<'static, str>,
    /// What a text about it needs.
    pub params: Value,
}

impl Rejection {
    /// A rejection that needs no parameters.
    #[must_use]
    pub fn of(code: &'static str) -> Self {
        Self {
            code: Cow::Borrowed(code),
            params: json!({}),
        }
    }
}

/// How one invocation of a command ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The run that entered the log.
    pub invocation: InvocationId,
    /// Nothing if it was done; else why it was not.
    pub rejected: Option<Rejection>,
}

impl Outcome {
    /// The answer, recorded for every repetition. `position` is that of the last event it caused.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] if the parameters of a rejection are larger than an answer may be.
    pub fn answer(&self, position: u64) -> Result<Answer, AnswerError> {
        let id = self.invocation.to_string();
        let body = match &self.rejected {
            None => json!({ "invocation-id": id, "outcome": "done", "position": position }),
            Some(Rejection { code, params }) => {
                json!({ "invocation-id": id, "outcome": "rejected", "code": code, "params": params })
            }
        };
        Answer::json(200, &body)
    }
}
