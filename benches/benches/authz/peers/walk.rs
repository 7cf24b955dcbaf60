//! What a service would write by hand: a walk over parents in a map, and what is held where in another one.

use std::collections::HashMap;

use skeleton_authz::Permission as _;
use skeleton_authz::PermissionId;
use skeleton_authz::PermissionSet;
use skeleton_invocation_context::ContainerId;

use super::Peer;
use super::fold::Hashing;
use crate::catalogue::Large;
use crate::catalogue::m07;
use crate::world::World;

pub(super) struct Walk<S> {
    parents: HashMap<ContainerId, ContainerId, S>,
    held: HashMap<ContainerId, PermissionSet, S>,
}

impl<S: Hashing> Peer for Walk<S> {
    const NAME: &'static str = S::WALK;
    type Question = ContainerId;

    fn of(world: &World) -> Self {
        let catalogue = Large::catalogue();
        let id = |name: &String| -> PermissionId { catalogue.permission_named(name).unwrap().id() };
        let mut held: HashMap<ContainerId, PermissionSet, S> = HashMap::default();
        for (role, at) in &world.grants {
            let set: PermissionSet = world.roles[*role].holds.iter().map(id).collect();
            held.entry(world.ids[*at]).or_default().insert_all(&set);
        }
        let below = 1..world.ids.len();
        let parents = below.map(|number| (world.ids[number], world.ids[world.parents[number]]));
        Self {
            parents: parents.collect(),
            held,
        }
    }

    fn question(&self, at: ContainerId) -> ContainerId {
        at
    }

    fn allows(&mut self, question: &ContainerId) -> bool {
        let mut at = *question;
        loop {
            let held = self.held.get(&at);
            if held.is_some_and(|held| held.contains(m07::Read::ID)) {
                return true;
            }
            match self.parents.get(&at) {
                Some(parent) => at = *parent,
                None => return false,
            }
        }
    }
}
