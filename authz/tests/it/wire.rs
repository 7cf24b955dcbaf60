//! What is written as JSON, byte by byte: a stream that was written must stay readable.

use proptest::arbitrary::any;
use proptest::option;
use proptest::prelude::Just;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::AccessEvent;
use skeleton_authz::CarriedDecision;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::PolicyName;
use skeleton_authz::Reach;
use skeleton_authz::Remedy;
use skeleton_authz::Subject;
use skeleton_authz::Versions;
use skeleton_authz::Window;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;

use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::secs;
use crate::helpers::tenant;

const GIVEN: &str = r#"{"type":"grant-given","data":{"grant":{"id":"00000000000000000000000001","to":{"account":"21850M2GA1850M2GA1850M2GA1"},"role":"account-manager","at":"00000000000000000000000002","reach":"below-only","window":{"from":"2026-11-23T10:15:00.000Z","until":null},"source":"direct"}}}"#;
const TAKEN: &str = r#"{"type":"grant-taken","data":{"grant":"00000000000000000000000001"}}"#;

fn given() -> AccessEvent {
    let window = Window::new(Some(NOW), None).unwrap();
    let grant = grant(0, 1, Manager, container(EU))
        .with_reach(Reach::BelowOnly)
        .with_window(window);
    AccessEvent::GrantGiven { grant }
}

/// The written event with one place of it replaced.
fn edited(pointer: &str, value: Value) -> Result<AccessEvent, serde_json::Error> {
    let mut json: Value = serde_json::from_str(GIVEN).unwrap();
    *json.pointer_mut(pointer).unwrap() = value;
    serde_json::from_value(json)
}

#[test]
fn events_are_written_as_they_always_were() {
    let taken = AccessEvent::GrantTaken { grant: grant_id(0) };
    for (event, text) in [(given(), GIVEN), (taken, TAKEN)] {
        assert_eq!(serde_json::to_string(&event).unwrap(), text);
        assert_eq!(serde_json::from_str::<AccessEvent>(text).unwrap(), event);
        let json: Value = serde_json::from_str(text).unwrap();
        assert_eq!(json["type"], event.name());
    }
}

#[test]
fn each_reach_has_its_word() {
    let words = [
        (Reach::SelfAndBelow, "self-and-below"),
        (Reach::BelowOnly, "below-only"),
        (Reach::SelfOnly, "self-only"),
    ];
    for (reach, word) in words {
        assert_eq!(serde_json::to_value(reach).unwrap(), json!(word));
        assert_eq!(serde_json::from_value::<Reach>(json!(word)).unwrap(), reach);
    }
}

#[test]
fn an_event_that_says_more_or_less_than_it_may_is_no_event() {
    assert!(edited("/type", json!("grant-given")).is_ok());
    let wrong = [
        ("/type", json!("grant-lent")),
        ("/data/grant/id", json!("00000000000000000000000000")),
        ("/data/grant/id", json!("81ZZZZZZZZZZZZZZZZZZZZZZZZ")),
        (
            "/data/grant/to",
            json!({ "group": "21850M2GA1850M2GA1850M2GA1" }),
        ),
        ("/data/grant/role", json!("Account Manager")),
        ("/data/grant/reach", json!("everywhere")),
        ("/data/grant/source", json!("gift")),
        (
            "/data/grant/window",
            json!({ "from": null, "until": null, "zone": "UTC" }),
        ),
        ("/data/grant/window", json!({ "from": NOW, "until": NOW })),
    ];
    for (pointer, value) in wrong {
        assert!(edited(pointer, value.clone()).is_err(), "{pointer} {value}");
    }
    for pointer in ["", "/data", "/data/grant"] {
        let mut json: Value = serde_json::from_str(GIVEN).unwrap();
        let object = json.pointer_mut(pointer).and_then(Value::as_object_mut);
        object.unwrap().insert("note".to_owned(), json!("?"));
        assert!(
            serde_json::from_value::<AccessEvent>(json).is_err(),
            "{pointer:?}"
        );
    }
    for name in ["id", "to", "role", "at", "reach", "window", "source"] {
        let mut json: Value = serde_json::from_str(GIVEN).unwrap();
        let object = json
            .pointer_mut("/data/grant")
            .and_then(Value::as_object_mut);
        object.unwrap().remove(name);
        assert!(
            serde_json::from_value::<AccessEvent>(json).is_err(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_carried_decision_is_written_whole() {
    let world = World::bank().await;
    world.give(grant(0, 1, Manager, container(EU))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let carried = snapshot
        .require(account::Open, container(FRANCE))
        .unwrap()
        .carry();
    let json = serde_json::to_value(&carried).unwrap();
    let expected = json!({
        "permission": "account:open",
        "scope": container(FRANCE).to_string(),
        "tenant": tenant(1).to_string(),
        "account": account_id(1).to_string(),
        "originating": caller(1).trace().originating().to_string(),
        "impersonator": null,
        "at": "2026-11-23T10:15:00.000Z",
        "versions": { "catalogue": 3, "tree": 5, "roles": 0, "grants": 1 },
    });
    assert_eq!(json, expected);
    assert_eq!(
        serde_json::from_value::<CarriedDecision>(json.clone()).unwrap(),
        carried
    );
    let mut wider = json;
    wider["scopes"] = json!([]);
    assert!(serde_json::from_value::<CarriedDecision>(wider).is_err());
    let strange = json!({ "catalogue": 1, "tree": 1, "grants": 1, "roles": 1, "groups": 1 });
    assert!(serde_json::from_value::<Versions>(strange).is_err());
}

#[test]
fn remedies_are_written_with_their_type() {
    let remedies = [
        Remedy::Role {
            role: Manager.name(),
            at: container(FRANCE),
        },
        Remedy::StepUp {
            assurance: Some(Assurance::Aal2),
            max_age: Some(300),
        },
        Remedy::Wait {
            from: NOW.saturating_add(secs(1)),
        },
    ];
    let expected = json!([
        { "type": "role", "role": "account-manager", "at": container(FRANCE).to_string() },
        { "type": "step-up", "assurance": "aal2", "max-age": 300 },
        { "type": "wait", "from": "2026-11-23T10:15:01.000Z" },
    ]);
    assert_eq!(serde_json::to_value(remedies).unwrap(), expected);
}

#[test]
fn names_are_plain() {
    let name = PolicyName::parse("account-reading").unwrap();
    assert_eq!(
        serde_json::to_value(name).unwrap(),
        json!("account-reading")
    );
}

proptest! {
    #[test]
    fn every_grant_reads_back_as_it_was_written(
        ids in any::<[u128; 3]>(),
        role in "(x-)?[a-z]([a-z0-9-]{0,20}[a-z0-9])?",
        reach in prop_oneof![Just(Reach::SelfAndBelow), Just(Reach::BelowOnly), Just(Reach::SelfOnly)],
        from in option::of(0_u64..=253_402_300_799_999),
        length in option::of(1_u64..1_000_000),
    ) {
        let [id, to, at] = ids.map(|id| id.max(1).to_be_bytes());
        let from = from.map(Timestamp::from_millis);
        let start = from.map_or(0, Timestamp::as_millis);
        let until = length.map(|length| Timestamp::from_millis(start + length));
        let window = Window::new(from, until).unwrap_or_default();
        let to = Subject::Account(AccountId::from_bytes(to).unwrap());
        let (id, at) = (GrantId::from_bytes(id).unwrap(), ContainerId::from_bytes(at).unwrap());
        let grant = Grant::new(id, to, RoleName::parse(&role).unwrap(), at)
            .with_reach(reach)
            .with_window(window);
        let text = serde_json::to_string(&AccessEvent::GrantGiven { grant: grant.clone() }).unwrap();
        let read: AccessEvent = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read, AccessEvent::GrantGiven { grant });
    }
}
