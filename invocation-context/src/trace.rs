//! The trace of an invocation: the client's ids, the edge's, and one per hop.

use crate::id::ActionId;
use crate::id::ExternalInvocationId;
use crate::id::InvocationId;
use crate::step::StepPath;

/// Who made the external ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "an id is made outside, at the edge, or by a service"
)]
pub enum MadeBy {
    /// The client: a retry carries the same ids.
    Client,
    /// The edge, because the client sent none: a retry carries others.
    Edge,
    /// A service of the platform: a timer, a job.
    Service,
}

/// The ids that outlive a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct External {
    action: ActionId,
    invocation: ExternalInvocationId,
    made_by: MadeBy,
}

impl External {
    /// Names an action, one invocation of it, and who made both names.
    #[must_use]
    pub const fn new(action: ActionId, invocation: ExternalInvocationId, made_by: MadeBy) -> Self {
        Self {
            action,
            invocation,
            made_by,
        }
    }

    /// What the person did.
    #[must_use]
    pub const fn action(&self) -> ActionId {
        self.action
    }

    /// The invocation as its client names it.
    #[must_use]
    pub const fn invocation(&self) -> ExternalInvocationId {
        self.invocation
    }

    /// Who made the ids.
    #[must_use]
    pub const fn made_by(&self) -> MadeBy {
        self.made_by
    }
}

/// The trace of one hop. It has no parent exactly where its current id is the originating one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Trace {
    pub(crate) external: External,
    pub(crate) originating: InvocationId,
    pub(crate) parent: Option<InvocationId>,
    pub(crate) current: InvocationId,
    pub(crate) step: StepPath,
    pub(crate) is_sampled: bool,
}

impl Trace {
    pub(crate) const fn begun(external: External, id: InvocationId) -> Self {
        Self {
            external,
            originating: id,
            parent: None,
            current: id,
            step: StepPath::root(),
            is_sampled: true,
        }
    }

    pub(crate) fn forked(&self, step: StepPath, current: InvocationId) -> Self {
        Self {
            parent: Some(self.current),
            current,
            step,
            ..self.clone()
        }
    }

    /// The ids that outlive a retry.
    #[must_use]
    pub const fn external(&self) -> &External {
        &self.external
    }

    /// The id that the edge made, equal on every hop.
    #[must_use]
    pub const fn originating(&self) -> InvocationId {
        self.originating
    }

    /// The id of the hop before; none at the edge.
    #[must_use]
    pub const fn parent(&self) -> Option<InvocationId> {
        self.parent
    }

    /// The id of this hop.
    #[must_use]
    pub const fn current(&self) -> InvocationId {
        self.current
    }

    /// The calls that led here.
    #[must_use]
    pub const fn step(&self) -> &StepPath {
        &self.step
    }

    /// Whether telemetry of this invocation is kept.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.is_sampled
    }
}
