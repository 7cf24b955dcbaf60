//! The first peer: what a service would write by hand. Containers that know their parent, in a map; every question is a
//! walk upward.

use std::collections::HashMap;

use skeleton_authz::Reach;
use skeleton_invocation_context::ContainerId;

use crate::catalogue::AAL2;
use crate::catalogue::NAMES;
use crate::catalogue::ON_ARCHIVED;
use crate::catalogue::READING;
use crate::catalogue::ROLES;
use crate::world::Caller;
use crate::world::Given;
use crate::world::NOW;
use crate::world::Place;
use crate::world::Question;
use crate::world::Rules;
use crate::world::World;

/// By tenant: its containers, and its rules.
pub(crate) struct Walk(Vec<(HashMap<ContainerId, Place>, Rules)>);

impl Walk {
    pub(crate) fn over(world: &World) -> Self {
        let tenants = world.tenants.iter().map(|tenant| {
            let places = tenant.places.iter().map(|place| (place.id, *place));
            (places.collect(), tenant.rules.clone())
        });
        Self(tenants.collect())
    }

    pub(crate) fn allows(&self, caller: &Caller, question: Question) -> bool {
        let (places, rules) = &self.0[caller.tenant];
        if !places.contains_key(&question.at) {
            return false;
        }
        let (name, up) = (NAMES[question.ask], upward(places, question.at));
        let is_forbidden = rules.fences.iter().any(|fence| {
            let forbids = match &fence.forbids {
                Some(named) => named.contains(&name),
                None => !READING.contains(&name),
            };
            forbids && up.contains(&fence.at)
        });
        let is_archived = up.iter().any(|at| places[at].is_archived);
        let is_given = rules.grants.iter().any(|given| {
            given.to == caller.account
                && reaches(given, &up)
                && is_open(given)
                && holds(places, rules, given, name)
        });
        is_given
            && !is_forbidden
            && (!is_archived || ON_ARCHIVED.contains(&name))
            && (caller.assurance >= 2 || !AAL2.contains(&name))
    }
}

/// The container first, the root last; nothing if it is not there.
fn upward(places: &HashMap<ContainerId, Place>, at: ContainerId) -> Vec<ContainerId> {
    let mut up = Vec::new();
    let mut next = Some(at);
    while let Some(place) = next.and_then(|at| places.get(&at)) {
        up.push(place.id);
        next = place.parent;
    }
    up
}

fn reaches(given: &Given, up: &[ContainerId]) -> bool {
    let (is_self, is_below) = (up[0] == given.at, up[1..].contains(&given.at));
    match given.reach {
        Reach::SelfAndBelow => is_self || is_below,
        Reach::BelowOnly => is_below,
        Reach::SelfOnly => is_self,
    }
}

fn is_open(given: &Given) -> bool {
    given.from.is_none_or(|from| from <= NOW) && given.until.is_none_or(|until| NOW < until)
}

/// A standard role counts anywhere, a tenant's own where the grant stands at the role's home or below.
fn holds(places: &HashMap<ContainerId, Place>, rules: &Rules, given: &Given, name: &str) -> bool {
    if let Some((_, held)) = ROLES.iter().find(|(role, _)| *role == given.role) {
        return held.contains(&name);
    }
    let own = rules.roles.iter().find(|own| own.name == given.role);
    own.is_some_and(|own| own.holds.contains(&name) && upward(places, given.at).contains(&own.home))
}
