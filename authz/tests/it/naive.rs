//! The oracle: containers that know their parent, roles as plain sets of names. Every question is a walk.

use std::collections::BTreeSet;
use std::time::Duration;

use skeleton_authz::Reach;
use skeleton_invocation_context::Assurance;

/// What each role holds, written out once more by hand. The last one is no role of the catalogue.
pub(crate) const ROLES: [(&str, &[&str]); 7] = [
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
    ("x-unknown", &[]),
];

pub(crate) const UNKNOWN_ROLE: usize = 6;

/// What impersonation may do.
const HARMLESS: [&str; 4] = [
    "account:read",
    "account:statement",
    "customer:read",
    "decision:explain",
];

/// A container of a tenant; those before it in the list may be its parent.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) tenant: u8,
    pub(crate) parent: Option<usize>,
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
}

/// A grant, in the stream of a tenant; its container may be another tenant's.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) stream: u8,
    pub(crate) to: u8,
    pub(crate) role: usize,
    pub(crate) at: usize,
    pub(crate) reach: Reach,
    pub(crate) when: When,
}

/// Who asks, in which tenant.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) tenant: u8,
    pub(crate) acting: Acting,
    pub(crate) assurance: Assurance,
    pub(crate) proof_age: Duration,
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

    /// The grants that a tenant's own stream gives to an account in that tenant's own tree.
    pub(crate) fn held(&self, tenant: u8, account: u8) -> impl Iterator<Item = (usize, &Given)> {
        let own = move |given: &Given| {
            given.stream == tenant
                && given.to == account
                && given.role != UNKNOWN_ROLE
                && self.places[given.at].tenant == tenant
        };
        self.grants
            .iter()
            .enumerate()
            .filter(move |(_, given)| own(given))
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
            let (_, held) = ROLES[given.role];
            let held: BTreeSet<_> = held.iter().copied().collect();
            held.contains(permission) && given.when.is_open() && self.reaches(given, place)
        };
        self.held(tenant, account)
            .filter(|(_, given)| gives(given))
            .map(|(number, _)| number)
            .collect()
    }

    /// The mask of impersonation.
    pub(crate) fn admits(&self, caller: &Caller, permission: &str, place: usize) -> bool {
        let Acting::Impersonating { by, .. } = caller.acting else {
            return true;
        };
        let may = self.sufficient(caller.tenant, by, "member:impersonate", place);
        HARMLESS.contains(&permission) && !may.is_empty()
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

    pub(crate) fn allows(&self, caller: &Caller, permission: &str, place: usize) -> bool {
        let account = caller.acting.authorizing();
        self.places[place].tenant == caller.tenant
            && !self
                .sufficient(caller.tenant, account, permission, place)
                .is_empty()
            && self.admits(caller, permission, place)
            && Self::is_proven(caller, permission)
    }

    /// The status over HTTP: 404 comes first, and a step-up only where it alone would help.
    pub(crate) fn status(&self, caller: &Caller, permission: &str, place: usize) -> u16 {
        let strongest = Caller {
            assurance: Assurance::Aal3,
            proof_age: Duration::ZERO,
            ..caller.clone()
        };
        if !self.sees(caller, place) {
            404
        } else if self.allows(caller, permission, place) {
            200
        } else if self.allows(&strongest, permission, place) {
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
                .any(|(_, given)| {
                    self.reaches(given, place) || self.upward(given.at).contains(&place)
                })
    }
}
