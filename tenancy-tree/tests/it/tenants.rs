//! Onboarding, and the directory that answers for it.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::OnboardError;
use skeleton_tenancy_tree::Refusal;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantGate;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantSlug;
use skeleton_tenancy_tree::TenantStatus;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;

use crate::helpers::bank;
use crate::helpers::happened;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenant;
use crate::helpers::tenants;

fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

#[tokio::test]
async fn a_new_tenant_is_reached_at_once() {
    let tenants = bank().await;
    let directory = tenants.directory();
    let acme = tenants.onboard(new_tenant("acme")).await.unwrap();
    assert_eq!(acme.entry_point().to_string(), "https://acme.bank.example");
    assert_eq!(
        (acme.status(), acme.kind()),
        (TenantStatus::Active, &TenantKind::EXTERNAL)
    );
    assert_eq!(acme.root(), ContainerId::root_of(acme.id()));
    assert_eq!(acme.version(), TenantVersion::new(2));
    assert!(!acme.is_test());
    let Resolved::Tenant(found) = directory.by_host(&host("acme.bank.example")) else {
        panic!("a directory that was handed out before must see it");
    };
    assert_eq!(*found, acme);
    assert_eq!(*directory.by_id(acme.id()).unwrap(), acme);
}

#[tokio::test]
async fn the_root_domain_is_the_apex_and_what_is_not_known_is_unknown() {
    let tenants = bank().await;
    tenants.onboard(new_tenant("acme")).await.unwrap();
    let directory = tenants.directory();
    assert_eq!(directory.by_host(&host("bank.example")), Resolved::Apex);
    for unknown in [
        "globex.bank.example",
        "a.acme.bank.example",
        "acme",
        "acme.bank.example.evil.io",
        "127.0.0.1",
    ] {
        assert_eq!(
            directory.by_host(&host(unknown)),
            Resolved::Unknown,
            "{unknown}"
        );
    }
    assert_eq!(directory.by_id(tenant(9)), None);
}

#[tokio::test]
async fn a_slug_and_an_id_are_taken_once() {
    let tenants = bank().await;
    let acme = tenants
        .onboard(new_tenant("acme").with_id(tenant(4)))
        .await
        .unwrap();
    assert_eq!(acme.id(), tenant(4));
    let twin = tenants.onboard(new_tenant("acme")).await;
    assert!(matches!(twin, Err(OnboardError::SlugTaken)));
    let second = tenants
        .onboard(new_tenant("globex").with_id(tenant(4)))
        .await;
    assert!(matches!(second, Err(OnboardError::IdTaken)));
    assert_eq!(tenants.directory().len(), 1);
    let unknown = tenants.directory().by_host(&host("globex.bank.example"));
    assert_eq!(unknown, Resolved::Unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_08_of_a_hundred_onboardings_of_one_slug_one_wins() {
    let tenants = bank().await;
    let race = |tenants: skeleton_tenancy_tree::Tenants| async move {
        tenants.onboard(new_tenant("acme")).await
    };
    let racers: Vec<_> = (0..100)
        .map(|_| tokio::spawn(race(tenants.clone())))
        .collect();
    let mut winners = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            Ok(tenant) => winners.push(tenant.id()),
            Err(error) => assert!(matches!(error, OnboardError::SlugTaken)),
        }
    }
    assert_eq!((winners.len(), tenants.directory().len()), (1, 1));
    assert!(tenants.directory().by_id(winners[0]).is_some());
}

#[tokio::test]
async fn tenants_come_back_when_their_store_is_opened_again() {
    let store = MemoryTenants::new();
    let first = tenants(store.clone(), 1).await;
    let acme = first.onboard(new_tenant("acme").into_test()).await.unwrap();
    let second = tenants(store, 2).await;
    assert_eq!(*second.directory().by_id(acme.id()).unwrap(), acme);
    assert!(acme.is_test());
    let twin = second.onboard(new_tenant("acme")).await;
    assert!(matches!(twin, Err(OnboardError::SlugTaken)));
}

#[tokio::test]
async fn law_11_a_host_has_one_tenant_at_most() {
    let tenants = bank().await;
    for number in 0..50 {
        tenants
            .onboard(new_tenant(&format!("tenant-{number}")))
            .await
            .unwrap();
    }
    let directory = tenants.directory();
    for number in 0..50 {
        let slug = format!("tenant-{number}");
        let Resolved::Tenant(found) = directory.by_host(&host(&format!("{slug}.bank.example")))
        else {
            panic!("{slug} was onboarded");
        };
        assert_eq!(found.slug().as_str(), slug);
    }
    assert_eq!(directory.len(), 50);
}

#[tokio::test]
async fn a_tenant_that_is_being_made_is_not_ready() {
    let store = MemoryTenants::new();
    let slug: TenantSlug = "acme".parse().unwrap();
    let entry_point = EntryPoint::of(&slug, &RootDomain::parse("bank.example").unwrap());
    let event = TenantEvent::Onboarded {
        tenant: tenant(1),
        slug,
        kind: TenantKind::EXTERNAL,
        is_test: false,
        entry_point,
        residency: None,
    };
    store
        .append(inside(tenant(1)), TenantVersion::ZERO, &[happened(event)])
        .await
        .unwrap();
    let directory = tenants(store, 1).await.directory();
    assert_eq!(
        directory.by_id(tenant(1)).unwrap().status(),
        TenantStatus::Onboarding
    );
    let gate = TenantGate::new(directory);
    assert_eq!(
        gate.admit(Some("acme.bank.example"), None),
        Err(Refusal::NotReady)
    );
}

#[tokio::test]
async fn an_event_before_the_onboarding_makes_no_tenant() {
    let store = MemoryTenants::new();
    let event = TenantEvent::Activated { tenant: tenant(1) };
    store
        .append(inside(tenant(1)), TenantVersion::ZERO, &[happened(event)])
        .await
        .unwrap();
    assert!(tenants(store, 1).await.directory().is_empty());
}
