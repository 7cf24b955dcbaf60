//! The third peer: Rego, interpreted by regorus. The policy is fixed; tenants, roles, grants and guardrails are data.

use std::cell::RefCell;
use std::collections::BTreeMap;

use regorus::Engine;
use regorus::Value;
use serde_json::Value as Json;
use serde_json::json;
use skeleton_authz::Reach;
use skeleton_invocation_context::AccountId;

use crate::catalogue::AAL2;
use crate::catalogue::NAMES;
use crate::catalogue::ON_ARCHIVED;
use crate::catalogue::READING;
use crate::catalogue::ROLES;
use crate::world::Caller;
use crate::world::Given;
use crate::world::NOW;
use crate::world::Question;
use crate::world::Tenant;
use crate::world::World;

const POLICY: &str = include_str!("policy.rego");
/// After every instant that is drawn.
const NEVER: u64 = 1 << 50;

/// An engine changes while it evaluates.
pub(crate) struct Rego {
    engine: RefCell<Engine>,
    tenants: Vec<String>,
}

impl Rego {
    pub(crate) fn of(world: &World) -> Self {
        let mut engine = Engine::new();
        engine
            .add_policy("policy.rego".to_owned(), POLICY.to_owned())
            .unwrap();
        let data = data(world).to_string();
        engine
            .add_data(Value::from_json_str(&data).unwrap())
            .unwrap();
        Self {
            engine: RefCell::new(engine),
            tenants: world
                .tenants
                .iter()
                .map(|tenant| tenant.id.to_string())
                .collect(),
        }
    }

    pub(crate) fn allows(&self, caller: &Caller, question: Question) -> bool {
        let input = [
            ("tenant", Value::from(self.tenants[caller.tenant].as_str())),
            ("account", Value::from(caller.account.to_string())),
            ("permission", Value::from(NAMES[question.ask])),
            ("scope", Value::from(question.at.to_string())),
            ("now", Value::from(NOW.as_millis())),
            ("assurance", Value::from(u64::from(caller.assurance))),
        ];
        let input: BTreeMap<Value, Value> = input
            .into_iter()
            .map(|(name, value)| (Value::from(name), value))
            .collect();
        let mut engine = self.engine.borrow_mut();
        engine.set_input(Value::from(input));
        let answer = engine.eval_rule("data.authz.allow".to_owned()).unwrap();
        *answer.as_bool().unwrap()
    }
}

fn data(world: &World) -> Json {
    let permissions = NAMES.iter().map(|name| {
        let attributes = json!({
            "reading": READING.contains(name),
            "on_archived": ON_ARCHIVED.contains(name),
            "assurance": if AAL2.contains(name) { 2 } else { 1 },
        });
        ((*name).to_owned(), attributes)
    });
    let roles = ROLES
        .iter()
        .map(|(name, held)| ((*name).to_owned(), json!(held)));
    let tenants = world
        .tenants
        .iter()
        .map(|tenant| (tenant.id.to_string(), document(tenant)));
    json!({
        "permissions": Json::Object(permissions.collect()),
        "roles": Json::Object(roles.collect()),
        "tenants": Json::Object(tenants.collect()),
    })
}

fn document(tenant: &Tenant) -> Json {
    let paths = tenant
        .places
        .iter()
        .map(|place| (place.id.to_string(), json!(tenant.upward(place.id))));
    let archived = tenant.places.iter().filter(|place| place.is_archived);
    let archived: Vec<_> = archived.map(|place| place.id).collect();
    let roles = tenant.rules.roles.iter().map(|own| {
        let role = json!({ "home": own.home, "holds": own.holds });
        (own.name.to_owned(), role)
    });
    let mut grants: BTreeMap<AccountId, Vec<Json>> = BTreeMap::new();
    for given in &tenant.rules.grants {
        grants.entry(given.to).or_default().push(grant(given));
    }
    let grants = grants
        .into_iter()
        .map(|(to, held)| (to.to_string(), Json::Array(held)));
    let guardrails: Vec<_> = tenant
        .rules
        .fences
        .iter()
        .filter_map(|fence| Some(json!({ "at": fence.at, "forbids": fence.forbids.as_ref()? })))
        .collect();
    let reading_only = tenant
        .rules
        .fences
        .iter()
        .filter(|fence| fence.forbids.is_none());
    let reading_only: Vec<_> = reading_only.map(|fence| fence.at).collect();
    json!({
        "paths": Json::Object(paths.collect()),
        "archived": archived,
        "roles": Json::Object(roles.collect()),
        "grants": Json::Object(grants.collect()),
        "guardrails": guardrails,
        "reading_only": reading_only,
    })
}

fn grant(given: &Given) -> Json {
    let reach = match given.reach {
        Reach::SelfAndBelow => "self-and-below",
        Reach::BelowOnly => "below-only",
        Reach::SelfOnly => "self-only",
    };
    json!({
        "role": given.role,
        "at": given.at,
        "reach": reach,
        "from": given.from.map_or(0, |from| from.as_millis()),
        "until": given.until.map_or(NEVER, |until| until.as_millis()),
    })
}
