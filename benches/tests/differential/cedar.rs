//! The second peer: Cedar. Containers are entities in a hierarchy; a grant is a permit, everything that stands against
//! one is a forbid.
//!
//! A grant is a static policy, not a link of a template: a template has slots for principal and resource alone, and a
//! grant also has a window, a reach, and the home of its role. The instant comes in the context, and Cedar compares.

use std::collections::HashMap;
use std::collections::HashSet;
use std::fmt::Write as _;

use cedar_policy::Authorizer;
use cedar_policy::Context;
use cedar_policy::Decision;
use cedar_policy::Entities;
use cedar_policy::Entity;
use cedar_policy::EntityId;
use cedar_policy::EntityTypeName;
use cedar_policy::EntityUid;
use cedar_policy::PolicySet;
use cedar_policy::Request;
use cedar_policy::RestrictedExpression;
use skeleton_authz::Reach;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;

use crate::catalogue::AAL2;
use crate::catalogue::NAMES;
use crate::catalogue::ON_ARCHIVED;
use crate::catalogue::READING;
use crate::catalogue::ROLES;
use crate::world::Caller;
use crate::world::Fence;
use crate::world::Given;
use crate::world::NOW;
use crate::world::Question;
use crate::world::Tenant;
use crate::world::World;

/// The groups of permissions that forbids name.
const GROUPS: [(&str, &[&str]); 3] = [
    ("reading", &READING),
    ("on-archived", &ON_ARCHIVED),
    ("aal2", &AAL2),
];

pub(crate) struct Cedar {
    authorizer: Authorizer,
    /// The containers of all tenants, and the permissions.
    entities: Entities,
    /// By tenant and account: what counts for that account alone.
    policies: HashMap<(usize, AccountId), PolicySet>,
}

impl Cedar {
    /// Translates what counts for these callers.
    pub(crate) fn of(world: &World, callers: impl Iterator<Item = Caller>) -> Self {
        let scopes = world.tenants.iter().flat_map(scopes);
        let entities = Entities::from_entities(scopes.chain(actions()), None).unwrap();
        let policies = callers.map(|caller| {
            let text = policies(&world.tenants[caller.tenant], caller.account);
            let set: PolicySet = text.parse().unwrap();
            ((caller.tenant, caller.account), set)
        });
        Self {
            authorizer: Authorizer::new(),
            entities,
            policies: policies.collect(),
        }
    }

    pub(crate) fn allows(&self, caller: &Caller, question: Question) -> bool {
        let now = i64::try_from(NOW.as_millis()).unwrap();
        let context = Context::from_pairs([
            ("now".to_owned(), RestrictedExpression::new_long(now)),
            (
                "assurance".to_owned(),
                RestrictedExpression::new_long(i64::from(caller.assurance)),
            ),
        ]);
        let request = Request::new(
            uid("Account", &caller.account.to_string()),
            uid("Action", NAMES[question.ask]),
            uid("Scope", &question.at.to_string()),
            context.unwrap(),
            None,
        );
        let set = &self.policies[&(caller.tenant, caller.account)];
        let answer = self
            .authorizer
            .is_authorized(&request.unwrap(), set, &self.entities);
        // Cedar passes over a policy that errs, and a forbid that is passed over allows.
        let errors: Vec<_> = answer.diagnostics().errors().collect();
        assert!(errors.is_empty(), "{errors:?}");
        answer.decision() == Decision::Allow
    }
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind: EntityTypeName = kind.parse().unwrap();
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn scopes(tenant: &Tenant) -> Vec<Entity> {
    let scope = |at: ContainerId| uid("Scope", &at.to_string());
    let places = tenant.places.iter();
    let entities = places.map(|place| {
        let parents = place.parent.map(scope);
        Entity::new_no_attrs(scope(place.id), parents.into_iter().collect())
    });
    entities.collect()
}

/// The permissions, each in its groups.
fn actions() -> Vec<Entity> {
    let groups = |name: &str| -> HashSet<EntityUid> {
        let own = GROUPS.iter().filter(|(_, held)| held.contains(&name));
        own.map(|(group, _)| uid("Action", group)).collect()
    };
    let actions = NAMES.map(|name| Entity::new_no_attrs(uid("Action", name), groups(name)));
    let groups =
        GROUPS.map(|(group, _)| Entity::new_no_attrs(uid("Action", group), HashSet::new()));
    actions.into_iter().chain(groups).collect()
}

fn policies(tenant: &Tenant, account: AccountId) -> String {
    let roots = tenant.roots().map(|root| format!(r#"Scope::"{root}""#));
    let roots = roots.collect::<Vec<_>>().join(", ");
    let mut text = format!(
        r#"
forbid (principal, action, resource) unless {{ resource in [{roots}] }};
forbid (principal, action in Action::"aal2", resource) when {{ context.assurance < 2 }};
"#
    );
    for place in tenant.places.iter().filter(|place| place.is_archived) {
        let at = place.id;
        writeln!(
            text,
            r#"forbid (principal, action, resource in Scope::"{at}") unless {{ action in Action::"on-archived" }};"#
        )
        .unwrap();
    }
    for fence in &tenant.rules.fences {
        text.push_str(&forbid(fence));
    }
    for given in tenant
        .rules
        .grants
        .iter()
        .filter(|given| given.to == account)
    {
        text.push_str(&permit(tenant, given).unwrap_or_default());
    }
    text
}

fn forbid(Fence { at, forbids }: &Fence) -> String {
    match forbids {
        Some(named) => format!(
            "forbid (principal, action in [{}], resource in Scope::\"{at}\");\n",
            listed(named)
        ),
        None => format!(
            "forbid (principal, action, resource in Scope::\"{at}\") unless {{ action in Action::\"reading\" }};\n"
        ),
    }
}

/// Nothing for a role that nobody has.
fn permit(tenant: &Tenant, given: &Given) -> Option<String> {
    let Given { to, at, role, .. } = given;
    let standard = ROLES.iter().find(|(name, _)| name == role);
    let own = tenant.rules.roles.iter().find(|own| own.name == *role);
    let (held, home) = match (standard, own) {
        (Some((_, held)), _) => (*held, None),
        (None, Some(own)) => (&own.holds[..], Some(own.home)),
        (None, None) => return None,
    };
    let resource = match given.reach {
        Reach::SelfOnly => "==",
        Reach::SelfAndBelow | Reach::BelowOnly => "in",
    };
    let mut conditions = Vec::new();
    if given.reach == Reach::BelowOnly {
        conditions.push(format!(r#"resource != Scope::"{at}""#));
    }
    if let Some(home) = home {
        conditions.push(format!(r#"Scope::"{at}" in Scope::"{home}""#));
    }
    if let Some(from) = given.from {
        conditions.push(format!("context.now >= {}", from.as_millis()));
    }
    if let Some(until) = given.until {
        conditions.push(format!("context.now < {}", until.as_millis()));
    }
    if conditions.is_empty() {
        conditions.push("true".to_owned());
    }
    Some(format!(
        "permit (principal == Account::\"{to}\", action in [{}], resource {resource} Scope::\"{at}\") when {{ {} }};\n",
        listed(held),
        conditions.join(" && ")
    ))
}

fn listed(names: &[&str]) -> String {
    let names = names.iter().map(|name| format!(r#"Action::"{name}""#));
    names.collect::<Vec<_>>().join(", ")
}
