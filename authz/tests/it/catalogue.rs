//! What `permissions!` makes.

use skeleton_authz::DenyReason;
use skeleton_authz::Mask;
use skeleton_authz::MaxAge;
use skeleton_authz::Permission;
use skeleton_authz::PermissionId;
use skeleton_authz::PolicyName;
use skeleton_authz::Resource;
use skeleton_authz::ResumeError;
use skeleton_authz::skeleton;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::NameError;
use skeleton_invocation_context::RoleName;

use crate::bank::AccountReading;
use crate::bank::Auditor;
use crate::bank::Bank;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::bank::customer;
use crate::helpers::FRANCE;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::ctx;
use crate::helpers::grant;
use crate::helpers::impersonating;
use crate::helpers::root;
use crate::helpers::secs;

/// The bank as another version of it said it: other attributes, another bit.
mod older {
    skeleton_authz::permissions! {
        pub(crate) catalogue Bank "bank" version 2;
        resource account "account" {
            33 => Open "open" [read];
            34 => TransferOwnership "transfer-ownership" [read];
            40 => Read "read" [read];
        }
    }
}

/// Bit, name, attributes, as one line.
fn line(permission: &skeleton_authz::Definition) -> String {
    let attributes = permission.attributes();
    let mut words = Vec::new();
    let marks = [
        ("read", attributes.is_read()),
        ("sensitive", attributes.is_sensitive()),
        ("on_archived", attributes.is_on_archived()),
    ];
    words.extend(
        marks
            .into_iter()
            .filter(|(_, is_set)| *is_set)
            .map(|(word, _)| word.to_owned()),
    );
    words.extend(
        attributes
            .required_assurance()
            .map(|least| format!("{least:?}").to_lowercase()),
    );
    words.extend(
        attributes
            .required_age()
            .map(|most| format!("max_age={}", most.as_secs())),
    );
    let (bit, name) = (permission.id().bit(), permission.name());
    format!("{bit} {name} {}", words.join(" "))
        .trim_end()
        .to_owned()
}

#[test]
fn the_skeletons_bits_never_change_hands() {
    let skeletons = [
        "0 container:read read on_archived",
        "1 container:create",
        "2 container:rename",
        "3 container:move",
        "4 container:archive",
        "5 container:restore on_archived",
        "6 role:define sensitive",
        "7 role:retire sensitive",
        "8 grant:read read on_archived",
        "9 grant:assign sensitive",
        "10 grant:revoke sensitive on_archived",
        "11 grant:assign-beyond sensitive",
        "12 guardrail:set sensitive",
        "13 guardrail:lift sensitive",
        "14 group-mapping:edit sensitive",
        "15 decision:explain read on_archived",
        "16 member:impersonate sensitive",
    ];
    let catalogue = Bank::catalogue();
    let held: Vec<String> = catalogue
        .permissions()
        .take(skeletons.len())
        .map(line)
        .collect();
    assert_eq!(held, skeletons);
}

#[test]
fn a_products_permissions_have_the_bits_names_and_attributes_that_were_declared() {
    let catalogue = Bank::catalogue();
    let own = catalogue
        .permissions()
        .filter(|permission| permission.id() >= PermissionId::FIRST_OF_PRODUCTS);
    let expected = [
        "32 account:read read on_archived",
        "33 account:open",
        "34 account:transfer-ownership sensitive aal2 max_age=300",
        "35 account:audit read sensitive",
        "36 account:statement read aal2",
        "63 account:close max_age=60",
        "64 customer:read read",
        "1023 customer:erase aal3",
    ];
    assert_eq!(own.map(line).collect::<Vec<_>>(), expected);
}

#[test]
fn a_permission_is_found_by_its_type_its_bit_and_its_name() {
    let catalogue = Bank::catalogue();
    let erase = catalogue.permission(customer::Erase::ID).unwrap();
    assert_eq!(*erase, customer::Erase::DEFINITION);
    assert_eq!(catalogue.permission_named("customer:erase"), Some(erase));
    assert_eq!((erase.resource(), erase.action()), ("customer", "erase"));
    assert_eq!(
        (customer::Erase::NAME, customer::Erase::ID.bit()),
        ("customer:erase", 1023)
    );
    assert_eq!(<customer::Erase as Permission>::On::NAME, "customer");
    assert_eq!(
        customer::Erase::ATTRIBUTES.required_assurance(),
        Some(Assurance::Aal3)
    );
    assert_eq!(account::Close::ATTRIBUTES.required_age(), Some(secs(60)));
    assert_eq!(catalogue.permission(PermissionId::new(900).unwrap()), None);
    assert_eq!(catalogue.permission_named("customer:Erase"), None);
    assert_eq!(PermissionId::new(1024), None);
}

#[test]
fn a_catalogue_names_its_resources_policies_and_roles() {
    let catalogue = Bank::catalogue();
    assert_eq!((catalogue.name(), catalogue.version()), ("bank", 3));
    assert_eq!((Bank::NAME, Bank::VERSION), ("bank", 3));
    let own = ["account", "customer"];
    let skeletons = [
        "container",
        "role",
        "grant",
        "guardrail",
        "group-mapping",
        "decision",
        "member",
    ];
    assert_eq!(catalogue.resources(), [&skeletons[..], &own[..]].concat());
    let roles: Vec<_> = catalogue.roles().map(|role| role.name().as_str()).collect();
    assert_eq!(
        roles,
        [
            "account-manager",
            "auditor",
            "carer",
            "clerk",
            "idle",
            "steward",
            "support",
            "tenant-admin"
        ]
    );
    assert_eq!(catalogue.role(&RoleName::parse("x-clerk").unwrap()), None);
}

#[test]
fn a_catalogue_names_its_policies_and_what_they_hold() {
    let catalogue = Bank::catalogue();
    let policies: Vec<_> = catalogue
        .policies()
        .iter()
        .map(|policy| policy.name().to_string())
        .collect();
    let declared = [
        "account-reading",
        "account-servicing",
        "account-auditing",
        "customer-care",
        "supporting",
        "explaining",
        "governing",
        "overruling",
    ];
    assert_eq!(policies, declared);
    let reading = catalogue.policy(&AccountReading.name()).unwrap();
    let bits: Vec<_> = reading
        .permissions()
        .iter()
        .map(PermissionId::bit)
        .collect();
    assert_eq!(bits, [32, 36]);
    assert_eq!(
        catalogue.policy(&PolicyName::parse("account").unwrap()),
        None
    );
    assert_eq!(
        catalogue
            .role(&Manager.name())
            .map(|role| role.policies().len()),
        Some(2)
    );
}

#[test]
fn a_role_names_the_first_policy_that_gives_a_permission() {
    let catalogue = Bank::catalogue();
    let auditor = catalogue.role(&Auditor.name()).unwrap();
    let named = |id| auditor.policy_of(id).map(PolicyName::as_str);
    assert_eq!(named(account::Read::ID), Some("account-auditing"));
    assert_eq!(named(skeleton::decision::Explain::ID), Some("explaining"));
    assert_eq!(named(account::Open::ID), None);
    assert_eq!(
        catalogue.role(&Clerk.name()).unwrap().permissions().len(),
        2
    );
}

#[test]
fn a_name_of_a_policy_is_kebab_case() {
    assert_eq!(PolicyName::parse(""), Err(NameError::Length));
    assert_eq!(PolicyName::parse(&"a".repeat(49)), Err(NameError::Length));
    assert!(PolicyName::parse(&"a".repeat(48)).is_ok());
    for odd in [
        "Reading",
        "account reading",
        "account_reading",
        "-a",
        "a-",
        "é",
        "a\0",
    ] {
        assert_eq!(
            odd.parse::<PolicyName>(),
            Err(NameError::Alphabet),
            "{odd:?}"
        );
    }
}

#[tokio::test]
async fn a_permission_of_another_version_demands_what_this_catalogue_says() {
    assert_eq!(older::Bank::catalogue().version(), 2);
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, root(1))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let node = snapshot.tree().root();
    assert!(!snapshot.allows(older::account::TransferOwnership, node));
    let refusal = snapshot
        .require(older::account::TransferOwnership, root(1))
        .unwrap_err();
    assert!(matches!(refusal.deny().reason, DenyReason::StepUp { .. }));
    // Another bit is another permission, whatever its name.
    assert!(!snapshot.allows(older::account::Read, node));
    let refusal = snapshot.require(older::account::Read, root(1)).unwrap_err();
    assert_eq!(refusal.deny().reason, DenyReason::UnknownScope);
}

#[tokio::test]
async fn attack_04_a_permission_of_another_version_does_not_widen_the_mask() {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, root(1))).await;
    world.give(grant(2, 2, crate::bank::Support, root(1))).await;
    let masked = ctx(impersonating(2, 1));
    let snapshot = world.snapshot(&masked).await;
    let refusal = snapshot
        .require(older::account::Open, container(FRANCE))
        .unwrap_err();
    assert_eq!(
        refusal.deny().reason,
        DenyReason::Masked(Mask::Impersonation)
    );
    let own = world.snapshot(&caller(1)).await;
    let carried = own
        .require(account::Open, container(FRANCE))
        .unwrap()
        .carry();
    let resumed =
        world
            .authorizer
            .resume::<older::account::Open>(&masked, &carried, MaxAge::default());
    assert_eq!(resumed.unwrap_err(), ResumeError::Masked);
}
