//! Grants: a role, held by an account, at a container.

mod window;

pub use window::Window;
pub use window::WindowError;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::ulid_id;
use skeleton_tenancy_tree::Reach;

ulid_id! {
    /// One grant. Never used again after the grant was taken back.
    pub struct GrantId;
}

/// To whom a grant gives its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Subject {
    /// To one account, wherever that account is at home.
    Account(AccountId),
}

/// What a grant comes from: its owner, who alone changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Source {
    /// Given by name, to exactly this subject.
    Direct,
}

/// What a tenant recorded: this subject holds this role at this container.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "kebab-case", deny_unknown_fields)
)]
pub struct Grant {
    id: GrantId,
    to: Subject,
    role: RoleName,
    at: ContainerId,
    reach: Reach,
    window: Window,
    source: Source,
}

impl Grant {
    /// A direct grant that reaches the container and everything below it, at any time.
    #[must_use]
    pub const fn new(id: GrantId, to: Subject, role: RoleName, at: ContainerId) -> Self {
        Self {
            id,
            to,
            role,
            at,
            reach: Reach::SelfAndBelow,
            window: Window::ALWAYS,
            source: Source::Direct,
        }
    }

    /// The same grant with another reach.
    #[must_use]
    pub fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// The same grant, which counts in this window only.
    #[must_use]
    pub fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Names the grant.
    #[must_use]
    pub const fn id(&self) -> GrantId {
        self.id
    }

    /// Who holds the role.
    #[must_use]
    pub const fn to(&self) -> Subject {
        self.to
    }

    /// The role.
    #[must_use]
    pub const fn role(&self) -> &RoleName {
        &self.role
    }

    /// The container at which it is held.
    #[must_use]
    pub const fn at(&self) -> ContainerId {
        self.at
    }

    /// Which containers it reaches from there.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// When it counts.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }

    /// What it comes from.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }
}
