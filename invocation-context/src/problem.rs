//! Refusals on the wire: problem documents (RFC 9457), one kind per row below.
//!
//! The `type` of a problem is a URI that leads to its section here.
//!
//! ## malformed
//! 400. The request, a header or a key is not what it should be. Mend it; a retry changes nothing.
//!
//! ## unauthenticated
//! 401. No credentials, bad ones, or those of another tenant. The answer does not say which.
//!
//! ## step-up-required
//! 401. The credential is good, but this needs a stronger or fresher proof.
//!
//! ## permission-denied
//! 403. The caller may know that the thing exists, and may not do this to it.
//!
//! ## not-found
//! 404. It does not exist, or the caller may not know that it does. Both answers are the same.
//!
//! ## invocation-in-progress
//! 409. The same invocation is still running. Ask again after `Retry-After`.
//!
//! ## outcome-unknown
//! 409. The first try ended in doubt, and nobody repeats it unasked.
//!
//! ## idempotency-key-expired
//! 412. The key is older than the window in which a repetition is recognised, or from the future.
//!
//! ## too-large
//! 413. The body or the batch is over the limit.
//!
//! ## idempotency-key-reused
//! 422. The key was used before, for another payload or another operation.
//!
//! ## rate-limited
//! 429. Too many attempts. Ask again after `Retry-After`.
//!
//! ## misconfigured
//! 500. A layer is missing, or a route answered without a check. The `detail` names the layer.
//!
//! ## unavailable
//! 503. A store, the keys, or a view that a decision needs cannot be had. Ask again after `Retry-After`.

use core::fmt;
use core::time::Duration;
use std::borrow::Cow;

use crate::context::ContextError;
use crate::context::NotAuthenticated;
use crate::id::InvocationId;
use crate::step::StepPathFull;

/// Where the sections above are published. The suffix of a problem's `type` follows.
pub const TYPE_BASE: &str =
    "https://docs.rs/skeleton-invocation-context/latest/skeleton_invocation_context/problem/#";

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident $status:literal $grpc:literal $suffix:literal $title:literal;)+) => {
        /// The kinds of refusal: one per row of the table of answers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ProblemKind { $($(#[$meta])* $name,)+ }

        impl ProblemKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The status over HTTP: never a success.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// The status code over gRPC: never OK.
            #[must_use]
            pub const fn grpc_code(self) -> u16 {
                match self { $(Self::$name => $grpc,)+ }
            }

            /// The last part of the problem's `type`.
            #[must_use]
            pub const fn suffix(self) -> &'static str {
                match self { $(Self::$name => $suffix,)+ }
            }

            /// The title: stable, English.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }
        }
    };
}

kinds! {
    /// The request, a header or a key is malformed.
    Malformed 400 3 "malformed" "Malformed request";
    /// No credentials, or bad ones.
    Unauthenticated 401 16 "unauthenticated" "Not authenticated";
    /// A stronger or fresher proof is needed.
    StepUpRequired 401 16 "step-up-required" "Stronger authentication required";
    /// Denied, and the caller may know that the thing exists.
    PermissionDenied 403 7 "permission-denied" "Permission denied";
    /// Unknown, or not to be seen.
    NotFound 404 5 "not-found" "Not found";
    /// The same invocation is still running.
    InvocationInProgress 409 10 "invocation-in-progress" "Invocation in progress";
    /// The first try ended in doubt.
    OutcomeUnknown 409 10 "outcome-unknown" "Outcome unknown";
    /// The key is outside the window.
    IdempotencyKeyExpired 412 9 "idempotency-key-expired" "Idempotency key expired";
    /// The body or the batch is too large.
    TooLarge 413 8 "too-large" "Too large";
    /// The key was used for something else.
    IdempotencyKeyReused 422 9 "idempotency-key-reused" "Idempotency key reused";
    /// Too many attempts.
    RateLimited 429 8 "rate-limited" "Too many attempts";
    /// A layer is missing, or a route is unchecked.
    Misconfigured 500 13 "misconfigured" "Misconfigured";
    /// Something a decision needs cannot be had.
    Unavailable 503 14 "unavailable" "Temporarily unavailable";
}

/// One refusal.
///
/// # Security
///
/// A `detail` names a header or a layer at most, never a value that came from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    kind: ProblemKind,
    said: Box<Said>,
}

/// What a refusal says beyond its kind; apart, so that a `Result` with a problem stays small.
#[derive(Clone, Debug, Default, PartialEq)]
struct Said {
    code: Option<&'static str>,
    detail: Option<Cow<'static, str>>,
    instance: Option<InvocationId>,
    retry_after: Option<Duration>,
    challenge: Option<String>,
    #[cfg(feature = "serde")]
    members: Vec<(&'static str, serde_json::Value)>,
}

impl Problem {
    /// The most members beside those of the standard.
    pub const MAX_MEMBERS: usize = 16;

    /// A refusal of this kind, with nothing else to say.
    #[must_use]
    pub fn new(kind: ProblemKind) -> Self {
        Self {
            kind,
            said: Box::default(),
        }
    }

    /// The 500 of a request that never went through `layer`.
    #[must_use]
    pub fn missing_layer(layer: &'static str) -> Self {
        Self::new(ProblemKind::Misconfigured).with_detail(format!("add {layer} to the service"))
    }

    /// A sentence for the developer who reads the answer.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.said.detail = Some(detail.into());
        self
    }

    /// A more exact word than the kind's own, in kebab-case: what a front end translates.
    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.said.code = Some(code);
        self
    }

    /// The invocation that was refused.
    #[must_use]
    pub fn with_instance(mut self, instance: InvocationId) -> Self {
        self.said.instance = Some(instance);
        self
    }

    /// How long the caller should wait, rounded up to whole seconds, at least one.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.said.retry_after = Some(wait);
        self
    }

    /// The value of `WWW-Authenticate`.
    #[must_use]
    pub fn with_challenge(mut self, challenge: impl Into<String>) -> Self {
        self.said.challenge = Some(challenge.into());
        self
    }

    /// Adds a member; a repeated name replaces, and past [`Problem::MAX_MEMBERS`] nothing is added.
    ///
    /// A member never replaces one that the document has by itself, such as `status`.
    #[cfg(feature = "serde")]
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.said.members.retain(|(held, _)| *held != name);
        if self.said.members.len() < Self::MAX_MEMBERS {
            self.said.members.push((name, value.into()));
        }
        self
    }

    /// The kind of refusal.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The status over HTTP.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.kind.status()
    }

    /// The machine's word for it.
    #[must_use]
    pub fn code(&self) -> &str {
        self.said.code.unwrap_or(self.kind.suffix())
    }

    /// The sentence for the developer.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.said.detail.as_deref()
    }

    /// The invocation that was refused.
    #[must_use]
    pub fn instance(&self) -> Option<InvocationId> {
        self.said.instance
    }

    /// Whole seconds to wait, for `Retry-After`.
    #[must_use]
    pub fn retry_after_secs(&self) -> Option<u64> {
        self.said
            .retry_after
            .map(|wait| wait.as_millis().div_ceil(1_000).max(1))
            .map(|secs| u64::try_from(secs).unwrap_or(u64::MAX))
    }

    /// The value of `WWW-Authenticate`.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        self.said.challenge.as_deref()
    }

    /// The document as JSON (`application/problem+json`).
    #[cfg(feature = "serde")]
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::Map::new();
        json.insert(
            "type".into(),
            format!("{TYPE_BASE}{}", self.kind.suffix()).into(),
        );
        json.insert("title".into(), self.kind.title().into());
        json.insert("status".into(), self.status().into());
        json.insert("code".into(), self.code().into());
        if let Some(detail) = self.detail() {
            json.insert("detail".into(), detail.into());
        }
        if let Some(instance) = self.instance() {
            json.insert("instance".into(), instance.to_string().into());
        }
        for (name, value) in &self.said.members {
            json.entry(*name).or_insert_with(|| value.clone());
        }
        serde_json::Value::Object(json).to_string().into_bytes()
    }
}

impl From<StepPathFull> for Problem {
    /// 500: services call one another in a loop, most likely.
    fn from(full: StepPathFull) -> Self {
        Self::new(ProblemKind::Misconfigured).with_detail(full.to_string())
    }
}

impl From<ContextError> for Problem {
    /// 401 for the credential of another tenant; else 500, for a layer stands in the wrong place.
    fn from(error: ContextError) -> Self {
        match error {
            ContextError::TenantMismatch => {
                Self::new(ProblemKind::Unauthenticated).with_challenge("Bearer")
            }
            misplaced => Self::new(ProblemKind::Misconfigured).with_detail(misplaced.to_string()),
        }
    }
}

impl From<NotAuthenticated> for Problem {
    /// 401.
    fn from(_: NotAuthenticated) -> Self {
        Self::new(ProblemKind::Unauthenticated).with_challenge("Bearer")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        self.detail()
            .map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

impl std::error::Error for Problem {}
