//! Documents for front ends, of a tenant whose roles and guardrails say what they like: the catalogue in them stays the
//! catalogue, every permission in them is one of it, and whoever sees nothing is shown nothing.
//!
//! An input is lines of JSON: roles, what they are to hold, and events.

#![no_main]

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use skeleton_authz::AccessEvent;
use skeleton_authz::Catalogue;
use skeleton_authz::Grant;
use skeleton_authz::Lock;
use skeleton_authz::RoleSpec;
use skeleton_authz::Snapshot;
use skeleton_authz::Subject;
use skeleton_authz::TenantRole;
use skeleton_fuzz::rules;
use skeleton_fuzz::rules::Shop;
use skeleton_fuzz::rules::World;
use skeleton_invocation_context::ContainerId;

fuzz_target!(|text: &str| {
    let events: Vec<_> = text.lines().take(32).filter_map(event).collect();
    let to = Subject::Account(rules::account(0));
    let grant = Grant::new(
        rules::grant_id(0),
        to,
        rules::Admin.name(),
        rules::container(0),
    );
    let world = World::new();
    // First, so that no forged grant takes its id.
    world.append(&[AccessEvent::GrantGiven { grant }]);
    world.append(&events);
    let bits = bits(&PLAIN);
    for number in 0..2 {
        let snapshot = world.snapshot(rules::account(number));
        shows_roles_as_they_count(&snapshot, &bits);
        shows_what_is_held(&snapshot, &bits);
    }
});

/// The catalogue alone: whatever tenants say, it says the same.
static PLAIN: LazyLock<Value> = LazyLock::new(|| {
    let catalogue = Shop::catalogue();
    let document = catalogue.to_json();
    is_the_catalogue(&document, &catalogue);
    document
});

/// A line as a role, or as an event.
fn event(line: &str) -> Option<AccessEvent> {
    if let Ok(spec) = serde_json::from_str::<RoleSpec>(line) {
        let written = serde_json::to_string(&spec).expect("a document");
        let again: RoleSpec = serde_json::from_str(&written).expect("its own document");
        assert_eq!(again, spec);
    }
    if let Ok(role) = serde_json::from_str::<TenantRole>(line) {
        let written = serde_json::to_string(&role).expect("a document");
        let again: TenantRole = serde_json::from_str(&written).expect("its own document");
        assert_eq!(again, role);
        return Some(AccessEvent::RoleDefined { role });
    }
    serde_json::from_str(line).ok()
}

fn items(document: &Value) -> &[Value] {
    document.as_array().expect("a list")
}

fn text(document: &Value) -> &str {
    document.as_str().expect("a text")
}

fn members(document: &Value) -> Vec<&str> {
    let members = document.as_object().expect("an object");
    members.keys().map(String::as_str).collect()
}

/// Every permission of the catalogue, with its bit.
fn bits(catalogue: &Value) -> BTreeMap<&str, u64> {
    let resources = items(&catalogue["resources"]).iter();
    let permissions = resources.flat_map(|resource| items(&resource["permissions"]));
    let bits = permissions.map(|held| (text(&held["name"]), held["bit"].as_u64().expect("a bit")));
    bits.collect()
}

/// What is in a text, and nothing else, comes out of it.
fn is_json(document: &Value) {
    let written = document.to_string();
    let read: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(&read, document);
}

/// It refers to itself only, and says what the lock of the catalogue says.
fn is_the_catalogue(document: &Value, catalogue: &Catalogue) {
    is_json(document);
    let known = bits(document);
    let used: BTreeSet<_> = known.values().collect();
    assert_eq!(
        (used.len(), known.len()),
        (known.len(), catalogue.permissions().count())
    );
    let mut lines = Vec::new();
    for resource in items(&document["resources"]) {
        for held in items(&resource["permissions"]) {
            let (bit, name) = (known[text(&held["name"])], text(&held["name"]));
            assert_eq!(
                name,
                format!("{}:{}", text(&resource["name"]), text(&held["action"]))
            );
            let words = items(&held["attributes"]).iter();
            let words: String = words.map(|word| format!(" {}", text(word))).collect();
            lines.extend((bit >= 32).then(|| format!("permission {bit} {name}{words}")));
        }
    }
    for (kind, list) in [("policy", "policies"), ("role", "roles")] {
        for bundle in items(&document[list]) {
            for held in items(&bundle["permissions"]) {
                assert!(known.contains_key(text(held)));
                lines.push(format!("{kind} {} {}", text(&bundle["name"]), text(held)));
            }
        }
    }
    for gone in items(&document["retired"]) {
        assert!(!known.contains_key(text(&gone["name"])));
        lines.push(format!("retired {} {}", gone["bit"], text(&gone["name"])));
    }
    assert_eq!(Lock::parse(&lines.join("\n")), Ok(Lock::of(catalogue)));
}

/// The permissions of these names that there are, by bit.
fn known<'n>(names: impl Iterator<Item = &'n str>, bits: &BTreeMap<&str, u64>) -> Vec<Value> {
    let known = names.filter_map(|name| Some((bits.get(name)?, name)));
    let known: BTreeMap<_, _> = known.collect();
    known.into_values().map(Value::from).collect()
}

fn shows_roles_as_they_count(snapshot: &Snapshot, bits: &BTreeMap<&str, u64>) {
    let mut document = snapshot.catalogue_document();
    is_json(&document);
    let own = document["own-roles"].take();
    let object = document.as_object_mut().expect("an object");
    object.remove("own-roles");
    assert_eq!(document, *PLAIN);
    let seen = snapshot.view().roles();
    let seen: Vec<_> = seen.filter(|role| snapshot.sees(role.home())).collect();
    assert_eq!(items(&own).len(), seen.len());
    for (shown, role) in items(&own).iter().zip(seen) {
        assert_eq!(members(shown), ["home", "name", "permissions", "policies"]);
        assert_eq!(text(&shown["name"]), role.name().as_str());
        assert_eq!(text(&shown["home"]), role.home().to_string());
        let policies: Vec<_> = role.policies().map(|name| name.to_string()).collect();
        assert_eq!(shown["policies"], Value::from(policies));
        assert_eq!(
            items(&shown["permissions"]),
            known(role.permissions(), bits)
        );
    }
}

fn shows_what_is_held(snapshot: &Snapshot, bits: &BTreeMap<&str, u64>) {
    let scopes: Vec<ContainerId> = (0..=rules::CONTAINERS + 1).map(rules::container).collect();
    let document = snapshot.permissions_document(&scopes);
    is_json(&document);
    let is_known = |held: &Value| bits.contains_key(text(held));
    for held in document["roles"].as_object().expect("an object").values() {
        assert!(items(held).iter().all(is_known));
    }
    for guardrail in items(&document["guardrails"]) {
        assert!(items(&guardrail["forbids"]).iter().all(is_known));
    }
    let effective = document["effective"].as_object().expect("an object");
    for (scope, held) in effective {
        let at: ContainerId = scope.parse().expect("an id");
        assert!(snapshot.sees(at) && scopes.contains(&at));
        assert!(items(&held["allowed"]).iter().all(is_known));
        assert!(items(&held["step-up"]).iter().all(is_known));
    }
    for grant in items(&document["grants"]) {
        assert!(document["roles"].get(text(&grant["role"])).is_some());
        assert!(document["containers"].get(text(&grant["scope"])).is_some());
    }
    let own = snapshot.context().actor().effective_account().id();
    if snapshot.view().grants_of(own).is_empty() {
        let nothing = [&document["guardrails"], &document["grants"]];
        assert!(nothing.iter().all(|list| items(list).is_empty()) && effective.is_empty());
    }
}
