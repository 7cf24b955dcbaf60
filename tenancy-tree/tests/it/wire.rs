//! Events as they are kept and sent.

use core::cell::Cell;
use core::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::Error as ValueError;
use serde::de::value::SeqDeserializer;
use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::CidrList;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::IpRestriction;
use skeleton_tenancy_tree::ResidencyLabel;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantSlug;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeVersion;

use crate::helpers::container;
use crate::helpers::created;
use crate::helpers::inside;
use crate::helpers::tenant;

const TENANT: &str = "01040G2081040G2081040G2081";

fn onboarded(residency: Option<&str>) -> TenantEvent {
    let slug: TenantSlug = "acme".parse().unwrap();
    TenantEvent::Onboarded {
        tenant: tenant(1),
        entry_point: EntryPoint::of(&slug, &RootDomain::parse("bank.example").unwrap()),
        slug,
        kind: TenantKind::EXTERNAL,
        is_test: true,
        residency: residency.map(|label| ResidencyLabel::parse(label).unwrap()),
    }
}

fn tenant_events() -> Vec<(TenantEvent, Value)> {
    let tenant = tenant(1);
    let set = |restriction| TenantEvent::IpRestrictionSet {
        tenant,
        restriction,
    };
    let office = CidrList::parse(["2001:db8::1/32", "10.1.2.3/8"]).unwrap();
    let bare = |name: &str| json!({ "type": name, "data": { "tenant": TENANT } });
    vec![
        (
            onboarded(None),
            json!({ "type": "tenant-onboarded", "data": {
                "tenant": TENANT, "slug": "acme", "kind": "external", "is-test": true,
                "entry-point": "acme.bank.example",
            } }),
        ),
        (
            onboarded(Some("eu")),
            json!({ "type": "tenant-onboarded", "data": {
                "tenant": TENANT, "slug": "acme", "kind": "external", "is-test": true,
                "entry-point": "acme.bank.example", "residency": "eu",
            } }),
        ),
        (TenantEvent::Activated { tenant }, bare("tenant-activated")),
        (TenantEvent::Suspended { tenant }, bare("tenant-suspended")),
        (TenantEvent::Resumed { tenant }, bare("tenant-resumed")),
        (TenantEvent::Closing { tenant }, bare("tenant-closing")),
        (TenantEvent::Closed { tenant }, bare("tenant-closed")),
        (
            set(IpRestriction::Unrestricted),
            json!({ "type": "ip-restriction-set", "data": {
                "tenant": TENANT, "restriction": "unrestricted",
            } }),
        ),
        (
            set(IpRestriction::Only(office)),
            json!({ "type": "ip-restriction-set", "data": {
                "tenant": TENANT, "restriction": { "only": ["10.0.0.0/8", "2001:db8::/32"] },
            } }),
        ),
    ]
}

fn tree_events() -> Vec<(TreeEvent, Value)> {
    let (root, own, other) = (ContainerId::root_of(tenant(1)), container(1), container(2));
    let account = AccountId::from_bytes([7; 16]).unwrap();
    let (own_text, other_text) = ("00000000000000000000000002", "00000000000000000000000003");
    let account_text = "070W3GE1R70W3GE1R70W3GE1R7";
    vec![
        (
            created(own, root, "EU \"é\" \u{1f3e6}"),
            json!({ "type": "container-created", "data": {
                "container": own_text, "parent": TENANT, "name": "EU \"é\" \u{1f3e6}",
            } }),
        ),
        (
            TreeEvent::Renamed {
                container: own,
                name: "France".to_owned(),
            },
            json!({ "type": "container-renamed", "data": {
                "container": own_text, "name": "France",
            } }),
        ),
        (
            TreeEvent::Moved {
                container: own,
                from: root,
                to: other,
            },
            json!({ "type": "container-moved", "data": {
                "container": own_text, "from": TENANT, "to": other_text,
            } }),
        ),
        (
            TreeEvent::Archived { container: own },
            json!({ "type": "container-archived", "data": { "container": own_text } }),
        ),
        (
            TreeEvent::Restored { container: own },
            json!({ "type": "container-restored", "data": { "container": own_text } }),
        ),
        (
            TreeEvent::AccountPlaced {
                account,
                container: own,
            },
            json!({ "type": "account-placed", "data": {
                "account": account_text, "container": own_text,
            } }),
        ),
        (
            TreeEvent::AccountRemoved {
                account,
                container: own,
            },
            json!({ "type": "account-removed", "data": {
                "account": account_text, "container": own_text,
            } }),
        ),
    ]
}

/// The document is read, and nothing that differs from it in one member.
fn is_read_exactly<E>(event: &E, document: &Value)
where
    E: DeserializeOwned + PartialEq + fmt::Debug,
{
    let read = |document: &Value| serde_json::from_str::<E>(&document.to_string());
    assert_eq!(&read(document).unwrap(), event);
    let mut beside = document.clone();
    beside["version"] = json!(1);
    assert!(read(&beside).is_err(), "{beside}");
    let mut more = document.clone();
    more["data"]["colour"] = json!("red");
    assert!(read(&more).is_err(), "{more}");
    let members = document["data"].as_object().unwrap();
    for name in members.keys().filter(|name| *name != "residency") {
        let mut fewer = document.clone();
        fewer["data"].as_object_mut().unwrap().remove(name);
        assert!(read(&fewer).is_err(), "{fewer}");
        let mut other = document.clone();
        other["data"][name] = json!(7);
        assert!(read(&other).is_err(), "{other}");
    }
    for name in ["", "container", "tenant-renamed", "Container-Created"] {
        let mut unknown = document.clone();
        unknown["type"] = json!(name);
        assert!(read(&unknown).is_err(), "{unknown}");
    }
}

#[test]
fn every_event_of_a_tenant_has_its_document() {
    for (event, document) in tenant_events() {
        assert_eq!(serde_json::to_value(&event).unwrap(), document);
        assert_eq!(document["type"], event.name());
        is_read_exactly(&event, &document);
    }
}

#[test]
fn every_event_of_a_tree_has_its_document() {
    for (event, document) in tree_events() {
        assert_eq!(serde_json::to_value(&event).unwrap(), document);
        assert_eq!(document["type"], event.name());
        assert_eq!(event.container(), container(1));
        is_read_exactly(&event, &document);
    }
}

#[test]
fn only_a_birth_gives_an_entry_point() {
    for (event, _) in tenant_events() {
        let given = event.entry_point().map(EntryPoint::host);
        let is_birth = matches!(event, TenantEvent::Onboarded { .. });
        assert_eq!(given, is_birth.then_some("acme.bank.example"));
    }
}

#[test]
fn an_id_on_the_wire_is_26_characters_and_not_nil() {
    for id in ["", "0", "00000000000000000000000000", &"Z".repeat(26)] {
        let document = json!({ "type": "tenant-activated", "data": { "tenant": id } });
        assert!(serde_json::from_value::<TenantEvent>(document).is_err());
    }
}

#[test]
fn a_restriction_is_read_in_its_two_forms_only() {
    let read = |document: Value| serde_json::from_value::<IpRestriction>(document).ok();
    assert_eq!(
        read(json!("unrestricted")),
        Some(IpRestriction::Unrestricted)
    );
    let host_bits = read(json!({ "only": ["10.9.9.9/8", "10.0.0.0/8"] }));
    let canonical = CidrList::parse(["10.0.0.0/8"]).unwrap();
    assert_eq!(host_bits, Some(IpRestriction::Only(canonical)));
    for document in [
        json!(null),
        json!("only"),
        json!("Unrestricted"),
        json!([]),
        json!({}),
        json!({ "only": [] }),
        json!({ "only": null }),
        json!({ "only": "10.0.0.0/8" }),
        json!({ "only": ["10.0.0.0/8", "10.0.0.0/33"] }),
        json!({ "only": ["10.0.0.0/8", 7] }),
        json!({ "only": ["::ffff:10.0.0.0/104"] }),
        json!({ "only": ["10.0.0.0/8"], "but": [] }),
        json!({ "unrestricted": ["10.0.0.0/8"] }),
    ] {
        assert_eq!(read(document.clone()), None, "{document}");
    }
}

#[test]
fn a_list_of_300_ranges_is_refused_without_reading_on() {
    let read = Cell::new(0_usize);
    let ranges = (0..300).map(|number| {
        read.set(read.get() + 1);
        format!("10.{}.{}.0/24", number / 256, number % 256)
    });
    let refused = CidrList::deserialize(SeqDeserializer::<_, ValueError>::new(ranges));
    let why = refused.unwrap_err().to_string();
    assert_eq!(why, "a list has at most 256 ranges");
    assert_eq!(read.get(), 257);
}

#[test]
fn the_longest_list_is_read() {
    let ranges: Vec<_> = (0..256)
        .map(|number| format!("10.0.{number}.0/24"))
        .collect();
    let list: CidrList = serde_json::from_value(json!(ranges)).unwrap();
    assert_eq!(list.len(), 256);
    let longer = [ranges, vec!["::/0".to_owned()]].concat();
    assert!(serde_json::from_value::<CidrList>(json!(longer)).is_err());
}

#[test]
fn a_cause_says_who_or_why() {
    let job = Cause::of(inside(tenant(1)));
    assert_eq!(
        serde_json::to_value(&job).unwrap(),
        json!({ "background": "test" })
    );
    assert!(job.context().is_none());
    let ctx = testing::context().user_in(tenant(1)).build_authenticated();
    let call = Cause::of(InTenant::of(&ctx));
    let context = EventContext::of(&ctx);
    assert_eq!(call.context(), Some(&context));
    let document = json!({ "invocation": serde_json::to_value(&context).unwrap() });
    assert_eq!(serde_json::to_value(&call).unwrap(), document);
    for cause in [job, call] {
        let text = serde_json::to_string(&cause).unwrap();
        assert_eq!(serde_json::from_str::<Cause>(&text).unwrap(), cause);
    }
}

#[test]
fn a_version_of_a_tree_is_a_number() {
    assert_eq!(serde_json::to_value(TreeVersion::new(7)).unwrap(), json!(7));
    let read = serde_json::from_value::<TreeVersion>(json!(7));
    assert_eq!(read.unwrap(), TreeVersion::new(7));
    assert!(serde_json::from_value::<TreeVersion>(json!(-1)).is_err());
}

#[test]
fn attack_08_a_slug_from_outside_is_not_a_reserved_one() {
    let read = |text: &str| serde_json::from_value::<TenantSlug>(json!(text));
    assert_eq!(read("acme").unwrap().as_str(), "acme");
    for text in ["admin", "www", "Admin", "xn--a", "ab", "", "acme."] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn a_slug_of_a_log_may_have_been_reserved_since() {
    let (_, mut document) = tenant_events().remove(0);
    let mut read = |text: &str| {
        document["data"]["slug"] = json!(text);
        serde_json::from_value::<TenantEvent>(document.clone())
    };
    let TenantEvent::Onboarded { slug, .. } = read("admin").unwrap() else {
        panic!("it was an onboarding");
    };
    assert_eq!(slug.as_str(), "admin");
    for text in ["Admin", "xn--a", "ab", "", "acme."] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn a_label_of_the_product_is_read_as_it_is_parsed() {
    for text in ["Not a kind", "", "-a", "a-", &"a".repeat(33)] {
        assert!(serde_json::from_value::<TenantKind>(json!(text)).is_err());
        assert!(serde_json::from_value::<ResidencyLabel>(json!(text)).is_err());
    }
    let kind: TenantKind = serde_json::from_value(json!("partner")).unwrap();
    assert_eq!(kind, TenantKind::parse("partner").unwrap());
}
