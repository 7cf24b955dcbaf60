//! Cedar: entities made beforehand, one user's policies alone, a template per role and a link per grant.

use std::collections::HashMap;
use std::collections::HashSet;

use cedar_policy::Authorizer;
use cedar_policy::Context;
use cedar_policy::Decision;
use cedar_policy::Entities;
use cedar_policy::Entity;
use cedar_policy::EntityId;
use cedar_policy::EntityTypeName;
use cedar_policy::EntityUid;
use cedar_policy::PolicyId;
use cedar_policy::PolicySet;
use cedar_policy::Request;
use cedar_policy::SlotId;
use cedar_policy::Template;
use skeleton_invocation_context::ContainerId;

use super::Peer;
use crate::world::ASKED;
use crate::world::World;
use crate::world::user;

pub(super) struct Cedar {
    authorizer: Authorizer,
    entities: Entities,
    policies: PolicySet,
}

impl Peer for Cedar {
    const NAME: &'static str = "cedar";
    type Question = Request;

    fn of(world: &World) -> Self {
        let entities = scopes(world).chain(actions(world));
        Self {
            authorizer: Authorizer::new(),
            entities: Entities::from_entities(entities, None).unwrap(),
            policies: policies(world),
        }
    }

    fn question(&self, at: ContainerId) -> Request {
        let (principal, action) = (uid("Account", &user().to_string()), uid("Action", ASKED));
        let resource = uid("Scope", &at.to_string());
        Request::new(principal, action, resource, Context::empty(), None).unwrap()
    }

    fn allows(&mut self, question: &Request) -> bool {
        let Self {
            authorizer,
            entities,
            policies,
        } = self;
        let answer = authorizer.is_authorized(question, policies, entities);
        answer.decision() == Decision::Allow
    }
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().unwrap();
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn scopes(world: &World) -> impl Iterator<Item = Entity> {
    let scope = |number: usize| uid("Scope", &world.ids[number].to_string());
    (0..world.ids.len()).map(move |number| {
        let parent = (number != 0).then(|| scope(world.parents[number]));
        Entity::new_no_attrs(scope(number), parent.into_iter().collect())
    })
}

/// A role is a group of actions: one look-up, where a list of actions would be walked.
fn actions(world: &World) -> impl Iterator<Item = Entity> {
    let mut groups: HashMap<&str, HashSet<EntityUid>> = HashMap::new();
    for role in &world.roles {
        for held in &role.holds {
            groups
                .entry(held)
                .or_default()
                .insert(uid("Action", &role.name));
        }
    }
    let actions = groups
        .into_iter()
        .map(|(name, roles)| Entity::new_no_attrs(uid("Action", name), roles));
    let roles = world
        .roles
        .iter()
        .map(|role| Entity::new_no_attrs(uid("Action", &role.name), HashSet::new()));
    actions.chain(roles)
}

fn policies(world: &World) -> PolicySet {
    let mut set = PolicySet::new();
    for role in &world.roles {
        let name = &role.name;
        let text = format!(
            r#"permit (principal == ?principal, action in Action::"{name}", resource in ?resource);"#
        );
        let template = Template::parse(Some(PolicyId::new(name)), text).unwrap();
        set.add_template(template).unwrap();
    }
    for (nth, (role, at)) in world.grants.iter().enumerate() {
        let slots = HashMap::from([
            (SlotId::principal(), uid("Account", &user().to_string())),
            (
                SlotId::resource(),
                uid("Scope", &world.ids[*at].to_string()),
            ),
        ]);
        let (template, link) = (
            PolicyId::new(&world.roles[*role].name),
            PolicyId::new(format!("grant-{nth}")),
        );
        set.link(template, link, slots).unwrap();
    }
    set
}
