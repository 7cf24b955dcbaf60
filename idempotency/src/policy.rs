//! How one operation is guarded.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use async_trait::async_trait;
use skeleton_invocation_context::InvocationContext;

use crate::answer::Answer;
use crate::answer::is_replayable;
use crate::ask::Mode;
use crate::key::IdempotencyKey;
use crate::outcome::Outcome;
use crate::verbs::Found;

/// How one operation is guarded: its mode, and what differs from the usual. Cheap to clone.
#[derive(Clone)]
pub struct Policy(Arc<Rules>);

#[derive(Clone)]
struct Rules {
    mode: Mode,
    lease: Duration,
    payload: PayloadForm,
    anonymous: Anonymous,
    classifier: fn(u16) -> Outcome,
    fields: Vec<&'static str>,
    reconcile: Option<Arc<dyn Reconcile>>,
    reconstruct: Option<Arc<dyn Reconstruct>>,
}

/// How a payload is compared with that of the first attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadForm {
    /// As JSON: the order of members, white space and escapes do not count. What is not JSON is refused.
    #[default]
    Json,
    /// Byte by byte.
    Raw,
}

/// What becomes of callers of whom nothing is known.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub enum Anonymous {
    /// The operation is not for them: 500 `misconfigured`.
    #[default]
    Refused,
    /// They are told apart by a secret of theirs, such as a cookie's digest. Not by the address, which moves; whoever sends
    /// nothing is refused.
    Bound(fn(&InvocationContext, &RequestParts<'_>) -> Option<[u8; 32]>),
    /// They share their keys, so a replay carries the status alone: whoever guesses a key sees no more.
    StatusOnly,
}

/// What a binding of anonymous callers may look at.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestParts<'r> {
    #[cfg(feature = "tower")]
    headers: Option<&'r http::HeaderMap>,
    #[cfg(not(feature = "tower"))]
    headers: core::marker::PhantomData<&'r ()>,
}

#[cfg(feature = "tower")]
impl<'r> RequestParts<'r> {
    pub(crate) const fn of(headers: &'r http::HeaderMap) -> Self {
        Self {
            headers: Some(headers),
        }
    }

    /// The fields of the request; nothing if it did not come over HTTP.
    #[must_use]
    pub const fn headers(self) -> Option<&'r http::HeaderMap> {
        self.headers
    }
}

/// Finds out what became of an attempt of which nobody knows, for example by asking the partner that was called.
#[async_trait]
pub trait Reconcile: Send + Sync {
    /// What was found, or nothing if it cannot be told now.
    ///
    /// [`Found::Nothing`] counts only once the longest run is over since the doubt began: whoever ran it may be at work.
    async fn reconcile(&self, key: &IdempotencyKey, epoch: u64) -> Option<Found>;
}

/// Makes an answer anew whose body was too large to keep, for example from the resource that was made.
#[async_trait]
pub trait Reconstruct: Send + Sync {
    /// The whole answer, or nothing if it cannot be made: the caller then gets status and fields.
    async fn reconstruct(&self, key: &IdempotencyKey, kept: &Answer) -> Option<Answer>;
}

/// Why a policy cannot be kept to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// A field must not be given again.
    #[error("the field {0} must not be given again")]
    Field(&'static str),
    /// A lease is shorter than three milliseconds, or longer than the longest run.
    #[error("the lease is too short, or longer than the longest run")]
    Lease,
    /// The longest run is not shorter than the window in which a key is recognised.
    #[error("the longest run is not shorter than the window")]
    MaxRun,
    /// The store keeps no claims, and the mode needs them.
    #[error("the store keeps no claims, and the mode needs them")]
    NoClaims,
}

impl Policy {
    /// A policy of this mode, with a lease of 30 seconds, JSON payloads, and without anonymous callers.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self(Arc::new(Rules {
            mode,
            lease: Duration::from_secs(30),
            payload: PayloadForm::default(),
            anonymous: Anonymous::default(),
            classifier: Outcome::of_status,
            fields: Vec::new(),
            reconcile: None,
            reconstruct: None,
        }))
    }

    fn with(mut self, change: impl FnOnce(&mut Rules)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets how long a claim holds without a beat. A shorter one is taken over sooner after a crash, and lost sooner in a
    /// long pause.
    #[must_use]
    pub fn with_lease(self, lease: Duration) -> Self {
        self.with(|rules| rules.lease = lease)
    }

    /// Sets how payloads are compared.
    #[must_use]
    pub fn with_payload(self, payload: PayloadForm) -> Self {
        self.with(|rules| rules.payload = payload)
    }

    /// Lets in callers of whom nothing is known.
    #[must_use]
    pub fn with_anonymous(self, anonymous: Anonymous) -> Self {
        self.with(|rules| rules.anonymous = anonymous)
    }

    /// Sets what a status says of the effect when the handler declares nothing.
    #[must_use]
    pub fn with_classifier(self, classifier: fn(u16) -> Outcome) -> Self {
        self.with(|rules| rules.classifier = classifier)
    }

    /// Keeps one more field of the answer, named in small letters. [`EngineBuilder::build`](crate::EngineBuilder::build)
    /// refuses cookies, credentials, and what is about one connection.
    #[must_use]
    pub fn with_field(self, name: &'static str) -> Self {
        self.with(|rules| rules.fields.push(name))
    }

    /// Sets who finds out what became of an attempt in doubt.
    #[must_use]
    pub fn with_reconcile(self, reconcile: impl Reconcile + 'static) -> Self {
        self.with(|rules| rules.reconcile = Some(Arc::new(reconcile)))
    }

    /// Sets who makes answers anew whose bodies were not kept.
    #[must_use]
    pub fn with_reconstruct(self, reconstruct: impl Reconstruct + 'static) -> Self {
        self.with(|rules| rules.reconstruct = Some(Arc::new(reconstruct)))
    }

    /// How the operation is kept from happening twice.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.0.mode
    }

    /// How long a claim holds without a beat.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.0.lease
    }

    pub(crate) fn payload(&self) -> PayloadForm {
        self.0.payload
    }

    pub(crate) fn anonymous(&self) -> Anonymous {
        self.0.anonymous
    }

    /// Whether the policy can be kept to where no run lasts longer than `max_run`.
    pub(crate) fn check(&self, max_run: Duration) -> Result<(), PolicyError> {
        if let Some(name) = self.0.fields.iter().find(|name| !is_replayable(name)) {
            return Err(PolicyError::Field(name));
        }
        if self.0.lease < Duration::from_millis(3) || self.0.lease > max_run {
            return Err(PolicyError::Lease);
        }
        Ok(())
    }
}

#[cfg(feature = "tower")]
impl Policy {
    pub(crate) fn classify(&self, status: u16) -> Outcome {
        (self.0.classifier)(status)
    }

    pub(crate) fn keeps(&self, name: &str) -> bool {
        crate::answer::is_kept(name) || self.0.fields.contains(&name)
    }

    pub(crate) fn reconcile(&self) -> Option<&Arc<dyn Reconcile>> {
        self.0.reconcile.as_ref()
    }

    pub(crate) fn reconstruct(&self) -> Option<&Arc<dyn Reconstruct>> {
        self.0.reconstruct.as_ref()
    }
}

impl From<Mode> for Policy {
    fn from(mode: Mode) -> Self {
        Self::new(mode)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("mode", &self.0.mode)
            .field("lease", &self.0.lease)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Anonymous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "Refused",
            Self::Bound(_) => "Bound",
            Self::StatusOnly => "StatusOnly",
        })
    }
}
