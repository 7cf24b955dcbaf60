//! Events as they are kept and sent.

use serde_json::json;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantSlug;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeVersion;

use crate::helpers::container;
use crate::helpers::created;
use crate::helpers::tenant;

fn onboarded() -> TenantEvent {
    let slug: TenantSlug = "acme".parse().unwrap();
    TenantEvent::Onboarded {
        tenant: tenant(1),
        entry_point: EntryPoint::of(&slug, &RootDomain::parse("bank.example").unwrap()),
        slug,
        kind: TenantKind::EXTERNAL,
        is_test: true,
        residency: None,
    }
}

#[test]
fn tenant_events_have_their_names_and_kebab_case_members() {
    let document = json!({ "type": "tenant-onboarded", "data": {
        "tenant": tenant(1).to_string(), "slug": "acme", "kind": "external", "is-test": true,
        "entry-point": "acme.bank.example",
    } });
    assert_eq!(serde_json::to_value(onboarded()).unwrap(), document);
    assert_eq!(
        serde_json::from_value::<TenantEvent>(document).unwrap(),
        onboarded()
    );
    let activated = TenantEvent::Activated { tenant: tenant(1) };
    let document =
        json!({ "type": "tenant-activated", "data": { "tenant": tenant(1).to_string() } });
    assert_eq!(serde_json::to_value(&activated).unwrap(), document);
    assert_eq!(
        (onboarded().name(), activated.name()),
        ("tenant-onboarded", "tenant-activated")
    );
}

#[test]
fn tree_events_have_their_names() {
    let event = created(container(1), ContainerId::root_of(tenant(1)), "EU");
    let document = json!({ "type": "container-created", "data": {
        "container": container(1).to_string(), "parent": tenant(1).to_string(), "name": "EU",
    } });
    assert_eq!(serde_json::to_value(&event).unwrap(), document);
    assert_eq!(
        serde_json::from_value::<TreeEvent>(document).unwrap(),
        event
    );
    assert_eq!(event.name(), "container-created");
    assert_eq!(serde_json::to_value(TreeVersion::new(7)).unwrap(), json!(7));
}

#[test]
fn an_event_with_a_member_that_nobody_knows_is_refused() {
    let documents = [
        json!({ "type": "tenant-activated", "data": { "tenant": tenant(1).to_string(), "x": 1 } }),
        json!({ "type": "tenant-renamed", "data": {} }),
        json!({ "type": "tenant-activated", "data": { "tenant": "0" } }),
    ];
    for document in documents {
        assert!(serde_json::from_value::<TenantEvent>(document).is_err());
    }
}

#[test]
fn a_slug_of_a_log_may_have_been_reserved_since() {
    assert_eq!(
        serde_json::from_value::<TenantSlug>(json!("admin"))
            .unwrap()
            .as_str(),
        "admin"
    );
    for text in ["Admin", "xn--a", "ab", ""] {
        assert!(serde_json::from_value::<TenantSlug>(json!(text)).is_err());
    }
    assert!(serde_json::from_value::<TenantKind>(json!("Not a kind")).is_err());
}
