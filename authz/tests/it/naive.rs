//! The oracle: containers that know their parent, roles as plain sets of names. Every question is a walk.

use std::time::Duration;

use skeleton_authz::Mask;
use skeleton_authz::Reach;
use skeleton_invocation_context::Assurance;

/// What each standard role holds, written out once more by hand.
pub(crate) const ROLES: [(&str, &[&str]); 8] = [
    ("clerk", &["account:read", "account:statement"]),
    (
        "account-manager",
        &[
            "account:read",
            "account:statement",
            "account:open",
            "account:transfer-ownership",
            "account:close",
        ],
    ),
    (
        "auditor",
        &["account:audit", "account:read", "decision:explain"],
    ),
    ("carer", &["customer:read", "customer:erase"]),
    ("support", &["member:impersonate"]),
    ("idle", &[]),
    (
        "steward",
        &[
            "grant:read",
            "grant:assign",
            "grant:revoke",
            "role:define",
            "role:retire",
            "guardrail:set",
        ],
    ),
    (
        "tenant-admin",
        &[
            "grant:read",
            "grant:assign",
            "grant:revoke",
            "role:define",
            "role:retire",
            "guardrail:set",
            "grant:assign-beyond",
            "guardrail:lift",
        ],
    ),
];

/// The names of tenants' own roles. Nobody ever defines the last one.
pub(crate) const OWN: [&str; 4] = ["x-one", "x-two", "x-three", "x-unknown"];

/// What impersonation may do, unless its tenant lets it do more.
const HARMLESS: [&str; 5] = [
    "account:read",
    "account:statement",
    "customer:read",
    "decision:explain",
    "grant:read",
];

/// What no impersonation may do.
const SENSITIVE: [&str; 12] = [
    "account:transfer-ownership",
    "account:audit",
    "role:define",
    "role:retire",
    "grant:assign",
    "grant:revoke",
    "grant:assign-beyond",
    "guardrail:set",
    "guardrail:lift",
    "group-mapping:edit",
    "member:impersonate",
    "account:gone",
];

/// What a closing tenant leaves: whatever reads.
const READING: [&str; 6] = [
    "account:read",
    "account:statement",
    "account:audit",
    "customer:read",
    "decision:explain",
    "grant:read",
];

const ON_ARCHIVED: [&str; 5] = [
    "account:read",
    "decision:explain",
    "grant:read",
    "grant:revoke",
    "container:restore",
];

/// A container of a tenant; those before it in the list may be its parent.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) tenant: u8,
    pub(crate) parent: Option<usize>,
    pub(crate) is_archived: bool,
}

/// When a grant counts, seen from the instant of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    /// From this instant on.
    FromNow,
    /// Until this instant, which is outside.
    UntilNow,
    /// Until the next millisecond.
    UntilSoon,
    Later,
    Past,
}

impl When {
    pub(crate) const fn is_open(self) -> bool {
        matches!(self, Self::Always | Self::FromNow | Self::UntilSoon)
    }

    /// Whether its time is over.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::UntilNow | Self::Past)
    }
}

/// A grant, in the stream of a tenant; its container may be another tenant's.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) stream: u8,
    pub(crate) to: u8,
    pub(crate) role: &'static str,
    pub(crate) at: usize,
    pub(crate) reach: Reach,
    pub(crate) when: When,
}

/// A tenant's own role, in its stream; its home may be another tenant's. Of two with one name the first counts.
#[derive(Clone, Debug)]
pub(crate) struct OwnRole {
    pub(crate) stream: u8,
    pub(crate) name: &'static str,
    pub(crate) home: usize,
    pub(crate) holds: Vec<&'static str>,
}

/// A guardrail, in the stream of a tenant; its container may be another tenant's.
#[derive(Clone, Debug)]
pub(crate) struct Fence {
    pub(crate) stream: u8,
    pub(crate) at: usize,
    /// These permissions; everything that does not read if there is no list.
    pub(crate) forbids: Option<Vec<&'static str>>,
}

/// Who asks, in which tenant.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) tenant: u8,
    pub(crate) acting: Acting,
    pub(crate) assurance: Assurance,
    pub(crate) proof_age: Duration,
    /// What a personal access token lists: roles in containers.
    pub(crate) ceiling: Option<Vec<(&'static str, usize)>>,
    pub(crate) narrowed: Vec<Narrowing>,
}

/// What the caller made of its own snapshot before it asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrowing {
    pub(crate) only: Option<Vec<&'static str>>,
    pub(crate) below: Option<usize>,
    pub(crate) is_over: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Acting {
    Direct(u8),
    Impersonating { by: u8, of: u8 },
    OnBehalf { agent: u8, of: u8 },
}

impl Acting {
    pub(crate) const fn authorizing(self) -> u8 {
        match self {
            Self::Direct(account) => account,
            Self::Impersonating { of, .. } => of,
            Self::OnBehalf { agent, .. } => agent,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) places: Vec<Place>,
    pub(crate) grants: Vec<Given>,
    pub(crate) own: Vec<OwnRole>,
    pub(crate) fences: Vec<Fence>,
    /// The tenants whose impersonators may do all that is not sensitive.
    pub(crate) wide: Vec<u8>,
}

impl Model {
    /// The container first, the root last.
    pub(crate) fn upward(&self, place: usize) -> Vec<usize> {
        std::iter::successors(Some(place), |at| self.places[*at].parent).collect()
    }

    pub(crate) fn reaches(&self, given: &Given, place: usize) -> bool {
        let is_self = given.at == place;
        let is_below = !is_self && self.upward(place).contains(&given.at);
        match given.reach {
            Reach::SelfAndBelow => is_self || is_below,
            Reach::BelowOnly => is_below,
            Reach::SelfOnly => is_self,
        }
    }

    /// What a role holds at a container; nothing where it does not count.
    pub(crate) fn holds(&self, tenant: u8, role: &str, place: usize) -> Option<&[&'static str]> {
        if let Some((_, held)) = ROLES.iter().find(|(name, _)| *name == role) {
            return Some(held);
        }
        let own = self.own.iter();
        let own = own
            .clone()
            .find(|own| own.stream == tenant && own.name == role)?;
        let is_home = self.upward(place).contains(&own.home);
        is_home.then_some(&own.holds)
    }

    /// The grants that a tenant's own stream gives to an account in that tenant's own tree.
    pub(crate) fn held(&self, tenant: u8, account: u8) -> impl Iterator<Item = (usize, &Given)> {
        let own = move |given: &Given| {
            given.stream == tenant
                && given.to == account
                && self.places[given.at].tenant == tenant
                && self.holds(tenant, given.role, given.at).is_some()
        };
        self.grants
            .iter()
            .enumerate()
            .filter(move |(_, given)| own(given))
    }

    pub(crate) fn gives(&self, given: &Given, permission: &str) -> bool {
        self.holds(given.stream, given.role, given.at)
            .is_some_and(|held| held.contains(&permission))
    }

    /// The open grants, by their place in the list, that give a permission at a container of the tenant.
    pub(crate) fn sufficient(
        &self,
        tenant: u8,
        account: u8,
        permission: &str,
        place: usize,
    ) -> Vec<usize> {
        let gives = |given: &Given| {
            self.gives(given, permission) && given.when.is_open() && self.reaches(given, place)
        };
        self.held(tenant, account)
            .filter(|(_, given)| gives(given))
            .map(|(number, _)| number)
            .collect()
    }

    /// The guardrails of the tenant's stream, by their place in the list, that forbid a permission there.
    pub(crate) fn fenced(&self, tenant: u8, permission: &str, place: usize) -> Vec<usize> {
        let upward = self.upward(place);
        let forbids = |fence: &Fence| match &fence.forbids {
            Some(named) => named.contains(&permission),
            None => !READING.contains(&permission),
        };
        let own =
            |fence: &Fence| fence.stream == tenant && upward.contains(&fence.at) && forbids(fence);
        let fences = self.fences.iter().enumerate();
        fences
            .filter(|(_, fence)| own(fence))
            .map(|(number, _)| number)
            .collect()
    }

    pub(crate) fn is_archived(&self, place: usize) -> bool {
        let upward = self.upward(place);
        upward.iter().any(|at| self.places[*at].is_archived)
    }

    pub(crate) fn is_kept_on_archived(permission: &str) -> bool {
        ON_ARCHIVED.contains(&permission)
    }

    /// The first mask that does not admit it.
    pub(crate) fn mask(&self, caller: &Caller, permission: &str, place: usize) -> Option<Mask> {
        let upward = self.upward(place);
        if let Acting::Impersonating { by, .. } = caller.acting {
            let may = self.sufficient(caller.tenant, by, "member:impersonate", place);
            let is_admitted = if self.wide.contains(&caller.tenant) {
                !SENSITIVE.contains(&permission)
            } else {
                HARMLESS.contains(&permission)
            };
            let forbidden = self.fenced(caller.tenant, "member:impersonate", place);
            if may.is_empty() || !forbidden.is_empty() || !is_admitted {
                return Some(Mask::Impersonation);
            }
        }
        if let Some(listed) = &caller.ceiling {
            let holds = |(role, at): &(&str, usize)| {
                let held = self.holds(caller.tenant, role, *at);
                upward.contains(at) && held.is_some_and(|held| held.contains(&permission))
            };
            if !listed.iter().any(holds) {
                return Some(Mask::Credential);
            }
        }
        let admits = |to: &Narrowing| {
            let is_named = to
                .only
                .as_ref()
                .is_none_or(|only| only.contains(&permission));
            is_named && to.below.is_none_or(|at| upward.contains(&at)) && to.is_over != Some(true)
        };
        (!caller.narrowed.iter().all(admits)).then_some(Mask::Attenuation)
    }

    pub(crate) fn is_proven(caller: &Caller, permission: &str) -> bool {
        let (least, most) = match permission {
            "account:transfer-ownership" => (Assurance::Aal2, Some(300)),
            "account:statement" => (Assurance::Aal2, None),
            "account:close" => (Assurance::Aal1, Some(60)),
            "customer:erase" => (Assurance::Aal3, None),
            _ => (Assurance::Aal1, None),
        };
        caller.assurance >= least
            && most.is_none_or(|most| caller.proof_age <= Duration::from_secs(most))
    }

    /// The rule.
    pub(crate) fn allows(&self, caller: &Caller, permission: &str, place: usize) -> bool {
        let (tenant, account) = (caller.tenant, caller.acting.authorizing());
        self.places[place].tenant == tenant
            && self.fenced(tenant, permission, place).is_empty()
            && (!self.is_archived(place) || Self::is_kept_on_archived(permission))
            && !self
                .sufficient(tenant, account, permission, place)
                .is_empty()
            && self.mask(caller, permission, place).is_none()
            && Self::is_proven(caller, permission)
    }

    /// Not allowed, but it would be with the best proof there is.
    pub(crate) fn steps_up(&self, caller: &Caller, permission: &str, place: usize) -> bool {
        let strongest = Caller {
            assurance: Assurance::Aal3,
            proof_age: Duration::ZERO,
            ..caller.clone()
        };
        !self.allows(caller, permission, place) && self.allows(&strongest, permission, place)
    }

    /// The status over HTTP: 404 comes first, and a step-up only where it alone would help.
    pub(crate) fn status(&self, caller: &Caller, permission: &str, place: usize) -> u16 {
        if !self.sees(caller, place) {
            404
        } else if self.allows(caller, permission, place) {
            200
        } else if self.steps_up(caller, permission, place) {
            401
        } else {
            403
        }
    }

    /// A grant reaches the container, whenever it counts, or stands at it or below it.
    pub(crate) fn sees(&self, caller: &Caller, place: usize) -> bool {
        self.places[place].tenant == caller.tenant
            && self
                .held(caller.tenant, caller.acting.authorizing())
                .filter(|(_, given)| !given.when.is_over())
                .any(|(_, given)| {
                    self.reaches(given, place) || self.upward(given.at).contains(&place)
                })
    }
}
