//! What a world is, as plain facts: whoever decides about it translates these.

use skeleton_authz::Reach;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

/// The instant of every question.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

/// Several tenants. Accounts are the same in all of them.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) tenants: Vec<Tenant>,
}

/// What one tenant's streams say.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) id: TenantId,
    /// The root first, every other one after its parent.
    pub(crate) places: Vec<Place>,
    pub(crate) rules: Rules,
    /// What was so once: grants that were taken back, guardrails that were lifted, roles that were retired.
    pub(crate) past: Rules,
}

/// Roles, grants and guardrails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) roles: Vec<OwnRole>,
    pub(crate) grants: Vec<Given>,
    pub(crate) fences: Vec<Fence>,
}

/// A container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) id: ContainerId,
    /// Nothing for the root.
    pub(crate) parent: Option<ContainerId>,
    pub(crate) is_archived: bool,
    /// Below which it was created, if it was moved since.
    pub(crate) moved_from: Option<ContainerId>,
}

/// A role of a tenant; its home may be another tenant's.
#[derive(Clone, Debug)]
pub(crate) struct OwnRole {
    pub(crate) name: &'static str,
    pub(crate) home: ContainerId,
    pub(crate) holds: Vec<&'static str>,
}

/// A grant; its container may be another tenant's, or nobody's.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) to: AccountId,
    pub(crate) role: &'static str,
    pub(crate) at: ContainerId,
    pub(crate) reach: Reach,
    pub(crate) from: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
}

/// A guardrail; its container may be another tenant's, or nobody's.
#[derive(Clone, Debug)]
pub(crate) struct Fence {
    pub(crate) at: ContainerId,
    /// These permissions; everything that does not read if there is no list.
    pub(crate) forbids: Option<Vec<&'static str>>,
}

/// Who asks, in which tenant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// The tenant's place in the world.
    pub(crate) tenant: usize,
    /// Whose grants decide.
    pub(crate) account: AccountId,
    /// If it is an agent, at home in the next tenant: for which user of this one. Else it is a user of this tenant.
    pub(crate) agent_for: Option<AccountId>,
    /// Which assurance its proof has: 1 or 2.
    pub(crate) assurance: u8,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// The permission's place in the catalogue.
    pub(crate) ask: usize,
    pub(crate) at: ContainerId,
}

impl Tenant {
    pub(crate) fn root(&self) -> ContainerId {
        self.places[0].id
    }

    /// One, unless somebody is mistaken.
    pub(crate) fn roots(&self) -> impl Iterator<Item = ContainerId> {
        let roots = self.places.iter().filter(|place| place.parent.is_none());
        roots.map(|place| place.id)
    }

    /// The container and those above it, the root last; nothing if the tenant does not have it.
    pub(crate) fn upward(&self, at: ContainerId) -> Vec<ContainerId> {
        let find = |id: ContainerId| self.places.iter().find(|place| place.id == id);
        let up = std::iter::successors(find(at), |place| find(place.parent?));
        up.map(|place| place.id).collect()
    }
}
