//! Casbin: a policy per grant of the one user; containers and roles are two hierarchies.

use std::fmt::Write as _;
use std::sync::Arc;

use casbin::CoreApi as _;
use casbin::DefaultModel;
use casbin::DefaultRoleManager;
use casbin::Enforcer;
use casbin::StringAdapter;
use parking_lot::RwLock;
use skeleton_invocation_context::ContainerId;

use super::Peer;
use crate::world::ASKED;
use crate::world::World;
use crate::world::runtime;
use crate::world::user;

const MODEL: &str = "
[request_definition]
r = sub, act, obj

[policy_definition]
p = sub, role, scope

[role_definition]
g = _, _
g2 = _, _

[policy_effect]
e = some(where (p.eft == allow))

[matchers]
m = r.sub == p.sub && g(r.act, p.role) && g2(r.obj, p.scope)
";
/// By default a hierarchy is followed ten levels up.
const LEVELS: usize = 256;

pub(super) struct Casbin(Enforcer);

impl Peer for Casbin {
    const NAME: &'static str = "casbin";
    type Question = [String; 3];

    fn of(world: &World) -> Self {
        let enforcer = runtime().block_on(async {
            let model = DefaultModel::from_str(MODEL).await.unwrap();
            let adapter = StringAdapter::new(policies(world));
            let mut enforcer = Enforcer::new(model, adapter).await.unwrap();
            let manager = DefaultRoleManager::new(LEVELS);
            enforcer
                .set_role_manager(Arc::new(RwLock::new(manager)))
                .unwrap();
            enforcer
        });
        Self(enforcer)
    }

    fn question(&self, at: ContainerId) -> [String; 3] {
        [user().to_string(), ASKED.to_owned(), at.to_string()]
    }

    fn allows(&mut self, [who, what, place]: &[String; 3]) -> bool {
        let asked = (who.as_str(), what.as_str(), place.as_str());
        self.0.enforce(asked).unwrap()
    }
}

fn policies(world: &World) -> String {
    let mut text = String::new();
    for (role, at) in &world.grants {
        let (role, at) = (&world.roles[*role].name, world.ids[*at]);
        writeln!(text, "p, {}, {role}, {at}", user()).unwrap();
    }
    for role in &world.roles {
        for held in &role.holds {
            writeln!(text, "g, {held}, {}", role.name).unwrap();
        }
    }
    for number in 1..world.ids.len() {
        let (at, parent) = (world.ids[number], world.ids[world.parents[number]]);
        writeln!(text, "g2, {at}, {parent}").unwrap();
    }
    text
}
