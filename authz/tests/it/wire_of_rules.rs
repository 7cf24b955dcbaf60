//! What streams of rules say as JSON, byte by byte: what was written must stay readable.

use serde_json::Value;
use serde_json::json;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::Forbidden;
use skeleton_authz::Guardrail;
use skeleton_authz::Impersonation;
use skeleton_authz::PolicyName;
use skeleton_authz::Reach;
use skeleton_authz::Remedy;
use skeleton_authz::RoleSpec;
use skeleton_authz::TenantRole;
use skeleton_authz::Window;

use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::governed;
use crate::authors::guardrail_id;
use crate::authors::name;
use crate::authors::spec;
use crate::bank::Manager;
use crate::helpers::EU;
use crate::helpers::NOW;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;

/// One event of each kind, each written in full.
const GOLDEN: &str = include_str!("../golden/access_events.json");

/// A role that takes two policies and one permission beside them, as a command saves it.
async fn saved() -> TenantRole {
    let world = governed().await;
    let command = skeleton_authz::AccessCommand::DefineRole {
        name: name("x-teller"),
        home: container(EU),
        holds: spec(&["governing", "account-reading"], &["account:read"]),
    };
    ask(&world, STEWARD, &command).await.unwrap();
    let view = world.views.load(inside(1)).await.unwrap();
    view.role(&name("x-teller")).unwrap().clone()
}

async fn events() -> Vec<AccessEvent> {
    let window = Window::new(Some(NOW), None).unwrap();
    let given = grant(0, 1, Manager, container(EU))
        .with_reach(Reach::BelowOnly)
        .with_window(window);
    let named = vec!["account:open".to_owned(), "account:close".to_owned()];
    let some = Guardrail::new(
        guardrail_id(1),
        container(EU),
        Forbidden::Permissions(named),
    );
    let all = Guardrail::new(guardrail_id(2), root(1), Forbidden::AllButRead);
    vec![
        AccessEvent::RoleDefined {
            role: saved().await,
        },
        AccessEvent::RoleChanged {
            role: saved().await,
        },
        AccessEvent::RoleRetired {
            role: name("x-teller"),
        },
        AccessEvent::GuardrailSet { guardrail: some },
        AccessEvent::GuardrailSet { guardrail: all },
        AccessEvent::GuardrailLifted {
            guardrail: guardrail_id(1),
        },
        AccessEvent::ImpersonationSet {
            admits: Impersonation::AllButSensitive,
        },
        AccessEvent::GrantGiven { grant: given },
        AccessEvent::GrantTaken { grant: grant_id(0) },
    ]
}

#[tokio::test]
async fn every_event_is_written_as_the_committed_file_says() {
    let events = events().await;
    let written = serde_json::to_string_pretty(&events).unwrap() + "\n";
    assert_eq!(written, GOLDEN);
    let read: Vec<AccessEvent> = serde_json::from_str(GOLDEN).unwrap();
    assert_eq!(read, events);
    let json: Vec<Value> = serde_json::from_str(GOLDEN).unwrap();
    for (event, json) in events.iter().zip(&json) {
        assert_eq!(json["type"], event.name());
    }
}

#[tokio::test]
async fn every_event_belongs_to_one_of_the_two_streams() {
    assert_eq!(
        AccessStream::ALL.map(AccessStream::name),
        ["roles", "grants"]
    );
    for event in events().await {
        let expected = if event.name().starts_with("grant-") {
            "grants"
        } else {
            "roles"
        };
        assert_eq!(event.stream().name(), expected, "{}", event.name());
    }
}

/// Every place of a document at which an object stands.
fn objects(json: &Value, at: &str, found: &mut Vec<String>) {
    if let Value::Object(members) = json {
        found.push(at.to_owned());
        for (name, value) in members {
            objects(value, &format!("{at}/{name}"), found);
        }
    }
}

#[tokio::test]
async fn an_event_that_says_more_than_it_may_is_no_event() {
    let json: Vec<Value> = serde_json::from_str(GOLDEN).unwrap();
    for event in json {
        let mut places = Vec::new();
        objects(&event, "", &mut places);
        // The policies of a role are its own words; all else is ours.
        for place in places.iter().filter(|place| !place.ends_with("/policies")) {
            let mut wider = event.clone();
            let object = wider.pointer_mut(place).and_then(Value::as_object_mut);
            object.unwrap().insert("note".to_owned(), json!("?"));
            assert!(
                serde_json::from_value::<AccessEvent>(wider).is_err(),
                "{place:?} of {event}"
            );
        }
    }
}

#[tokio::test]
async fn an_event_that_says_less_than_it_must_is_no_event() {
    let json: Vec<Value> = serde_json::from_str(GOLDEN).unwrap();
    for event in json {
        let mut places = Vec::new();
        objects(&event, "", &mut places);
        for place in places {
            let members: Vec<String> = event
                .pointer(&place)
                .and_then(Value::as_object)
                .unwrap()
                .keys()
                .cloned()
                .collect();
            // A window without an end, and a role without a policy, are complete.
            let is_free = place.ends_with("/window") || place.ends_with("/policies");
            for member in members.iter().filter(|_| !is_free) {
                let mut fewer = event.clone();
                let object = fewer.pointer_mut(&place).and_then(Value::as_object_mut);
                object.unwrap().remove(member);
                assert!(
                    serde_json::from_value::<AccessEvent>(fewer).is_err(),
                    "{place}/{member}"
                );
            }
        }
    }
}

#[test]
fn what_a_guardrail_forbids_is_one_of_two_things() {
    let guardrail = |forbids: Value| {
        let id = guardrail_id(1).to_string();
        let at = container(EU).to_string();
        serde_json::from_value::<Guardrail>(json!({ "id": id, "at": at, "forbids": forbids }))
    };
    assert_eq!(
        guardrail(json!("all-but-read")).unwrap().forbids(),
        &Forbidden::AllButRead
    );
    let some = guardrail(json!({ "permissions": ["account:read"] })).unwrap();
    assert_eq!((some.id(), some.at()), (guardrail_id(1), container(EU)));
    let wrong = [
        json!("everything"),
        json!(["account:read"]),
        json!({ "permissions": "account:read" }),
        json!({ "permissions": [], "all-but-read": null }),
        json!({ "all-but-read": [] }),
        json!(null),
    ];
    for forbids in wrong {
        assert!(guardrail(forbids.clone()).is_err(), "{forbids}");
    }
}

#[test]
fn a_role_is_asked_for_by_policies_and_permissions() {
    let read = |json: Value| serde_json::from_value::<RoleSpec>(json);
    let whole = json!({ "policies": ["account-reading"], "permissions": ["account:open"] });
    assert_eq!(
        read(whole.clone()).unwrap(),
        spec(&["account-reading"], &["account:open"])
    );
    assert_eq!(
        serde_json::to_value(read(whole.clone()).unwrap()).unwrap(),
        whole
    );
    assert_eq!(read(json!({})).unwrap(), spec(&[], &[]));
    assert_eq!(
        read(json!({ "permissions": ["account:open"] })).unwrap(),
        spec(&[], &["account:open"])
    );
    let wrong = [
        json!({ "policies": [], "permissions": [], "roles": [] }),
        json!({ "policies": ["Account Reading"] }),
        json!({ "policies": "account-reading" }),
        json!({ "permissions": [33] }),
        json!("account-reading"),
    ];
    for json in wrong {
        assert!(read(json.clone()).is_err(), "{json}");
    }
    // What is no permission is still a text: it is refused by name when it is asked for.
    assert!(read(json!({ "permissions": ["no such thing"] })).is_ok());
    assert!(PolicyName::parse("account-reading").is_ok());
}

#[test]
fn a_saved_role_keeps_its_policies_by_name() {
    let home = container(EU).to_string();
    let json = json!({
        "name": "x-teller",
        "home": home,
        "policies": { "account-reading": ["account:read", "account:gone"] },
        "extra": ["vault:empty"],
    });
    let role: TenantRole = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(&role).unwrap(), json);
    let names: Vec<_> = role.permissions().collect();
    assert_eq!(names, ["account:read", "account:gone", "vault:empty"]);
    for (member, value) in [
        ("name", json!("X Teller")),
        ("home", json!("eu")),
        ("policies", json!([])),
    ] {
        let mut wrong = json.clone();
        wrong[member] = value;
        assert!(
            serde_json::from_value::<TenantRole>(wrong).is_err(),
            "{member}"
        );
    }
}

#[test]
fn a_full_credential_is_a_remedy_without_more_words() {
    let json = serde_json::to_value(Remedy::FullCredential).unwrap();
    assert_eq!(json, json!({ "type": "full-credential" }));
}
