//! Events as a log keeps them: what happened, when, and on whose account.

use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::Timestamp;

use crate::in_tenant::InTenant;
use crate::in_tenant::Origin;

/// On whose account something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Cause {
    /// An invocation, or the event of one.
    Invocation(Box<EventContext>),
    /// A job of the platform, for this reason.
    Background(Box<str>),
}

impl Cause {
    /// The cause of whatever is done with `t`.
    #[must_use]
    pub fn of(t: InTenant<'_>) -> Self {
        match t.origin() {
            Origin::Invocation(origin) => Self::Invocation(Box::new(origin.event_context())),
            Origin::Background(reason) => Self::Background(reason.into()),
        }
    }

    /// The context of the invocation; nothing for a job.
    #[must_use]
    pub fn context(&self) -> Option<&EventContext> {
        match self {
            Self::Invocation(context) => Some(context),
            Self::Background(_) => None,
        }
    }
}

/// An event, when it happened, and on whose account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded<E> {
    event: E,
    at: Timestamp,
    cause: Cause,
}

impl<E> Recorded<E> {
    /// The event, which happened at `at`.
    #[must_use]
    pub const fn new(event: E, at: Timestamp, cause: Cause) -> Self {
        Self { event, at, cause }
    }

    /// What happened.
    #[must_use]
    pub const fn event(&self) -> &E {
        &self.event
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// On whose account.
    #[must_use]
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }
}

/// An event that was decided at one version of a stream and not appended: for whoever appends in a transaction of
/// their own, together with what must happen along with it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Proposal<V, E> {
    expected: V,
    event: Recorded<E>,
}

impl<V: Copy, E> Proposal<V, E> {
    pub(crate) const fn new(expected: V, event: Recorded<E>) -> Self {
        Self { expected, event }
    }

    /// The version that the stream must have when the event is appended.
    #[must_use]
    pub const fn expected(&self) -> V {
        self.expected
    }

    /// The event.
    #[must_use]
    pub const fn event(&self) -> &Recorded<E> {
        &self.event
    }
}
