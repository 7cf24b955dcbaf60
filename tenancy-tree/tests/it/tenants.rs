//! Onboarding, and the directory that answers for it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::test_runner::TestCaseError;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Directory;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::OnboardError;
use skeleton_tenancy_tree::Refusal;
use skeleton_tenancy_tree::ResidencyLabel;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::SlugError;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantGate;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantSlug;
use skeleton_tenancy_tree::TenantStatus;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use skeleton_tenancy_tree::Tenants;

use crate::helpers::bank;
use crate::helpers::happened;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenant;
use crate::helpers::tenants;
use crate::life::house_with;

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
async fn a_tenant_that_is_being_made_is_not_ready() {
    let directory = house_with("onboarding").await.directory();
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

#[tokio::test]
async fn what_a_tenant_is_born_with_stays() {
    let store = MemoryTenants::new();
    let residency = ResidencyLabel::parse("eu").unwrap();
    let new = new_tenant("acme").into_test().with_residency(residency);
    let acme = tenants(store.clone(), 1).await.onboard(new).await.unwrap();
    assert_eq!(acme.residency().unwrap().as_str(), "eu");
    let again = tenants(store, 2).await;
    assert_eq!(*again.directory().by_id(acme.id()).unwrap(), acme);
}

#[tokio::test]
async fn attack_08_a_reserved_an_encoded_and_a_closed_slug_are_refused() {
    assert_eq!(TenantSlug::parse("admin"), Err(SlugError::Reserved));
    let encoded = TenantSlug::parse("xn--80ak6aa92e");
    assert_eq!(encoded, Err(SlugError::Alphabet));
    let store = MemoryTenants::new();
    let (one, other) = (
        tenants(store.clone(), 1).await,
        tenants(store.clone(), 2).await,
    );
    let acme = one.onboard(new_tenant("acme")).await.unwrap();
    for command in [TenantCommand::BeginClosing, TenantCommand::Close] {
        one.execute(inside(acme.id()), &command).await.unwrap();
    }
    // The one process knows of the end, the second one of nothing, the third one was not there.
    for house in [one, other, tenants(store.clone(), 3).await] {
        let again = house.onboard(new_tenant("acme")).await;
        assert!(matches!(again, Err(OnboardError::SlugTaken)));
        house.catch_up_all().await.unwrap();
        assert_eq!(house.directory().len(), 1);
    }
    assert_eq!(store.heads(None).await.unwrap().len(), 1);
}

/// What came of as many onboardings at once, each process being asked in turn.
async fn race(houses: &[Tenants], slugs: &[String]) -> Vec<(String, TenantId)> {
    let ask = |house: Tenants, slug: String| async move {
        let answer = house.onboard(new_tenant(&slug)).await;
        (slug, answer.map(|tenant| tenant.id()))
    };
    let asked = slugs.iter().zip(houses.iter().cycle());
    let racers: Vec<_> = asked
        .map(|(slug, house)| tokio::spawn(ask(house.clone(), slug.clone())))
        .collect();
    let mut winners = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            (slug, Ok(id)) => winners.push((slug, id)),
            (_, Err(error)) => assert!(matches!(error, OnboardError::SlugTaken), "{error:?}"),
        }
    }
    winners
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_08_of_a_hundred_onboardings_of_one_slug_one_wins() {
    let store = MemoryTenants::new();
    let houses = [
        tenants(store.clone(), 1).await,
        tenants(store.clone(), 2).await,
    ];
    for number in 0..2 {
        let slugs = vec![format!("slug-{number}"); 100];
        let winners = race(&houses[number..], &slugs).await;
        assert_eq!(winners.len(), 1);
        for house in &houses {
            house.catch_up_all().await.unwrap();
            assert_eq!(house.directory().len(), number + 1);
            assert!(house.directory().by_id(winners[0].1).is_some());
        }
    }
    assert_eq!(store.heads(None).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn law_11_a_host_has_one_tenant_at_most_in_a_race_of_two_processes() {
    let store = MemoryTenants::new();
    let houses = [
        tenants(store.clone(), 1).await,
        tenants(store.clone(), 2).await,
    ];
    // 21 is odd, so every slug comes up in both processes.
    let slugs: Vec<_> = (0..210)
        .map(|number| format!("slug-{}", number % 21))
        .collect();
    let mut winners = race(&houses, &slugs).await;
    winners.sort();
    let names: BTreeSet<_> = slugs.iter().cloned().collect();
    assert!(winners.iter().map(|(slug, _)| slug).eq(&names));
    for house in &houses {
        house.catch_up_all().await.unwrap();
        one_tenant_per_host(&house.directory(), &winners);
    }
}

/// Each of these slugs is that tenant's, at its host and by its id, and there are no others.
fn one_tenant_per_host(directory: &Directory, expected: &[(String, TenantId)]) {
    for (slug, id) in expected {
        let at = directory.by_host(&host(&format!("{slug}.bank.example")));
        let Resolved::Tenant(tenant) = at else {
            panic!("{slug} was onboarded");
        };
        assert_eq!((tenant.slug().as_str(), tenant.id()), (&**slug, *id));
        assert_eq!(directory.by_id(*id), Some(tenant));
    }
    assert_eq!(directory.len(), expected.len());
}

#[derive(Clone, Debug)]
enum Step {
    Onboard(usize, usize),
    Close(usize, usize),
    CatchUp(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (house, slug) = (0..3_usize, 0..4_usize);
    let onboard =
        (house.clone(), slug.clone()).prop_map(|(house, slug)| Step::Onboard(house, slug));
    let close = (house.clone(), slug).prop_map(|(house, slug)| Step::Close(house, slug));
    let catch_up = house.prop_map(Step::CatchUp);
    vec(prop_oneof![3 => onboard, 1 => close, 1 => catch_up], 0..40)
}

async fn taken_once(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let store = MemoryTenants::new();
    let mut houses = Vec::new();
    for seed in 0..3 {
        houses.push(tenants(store.clone(), seed).await);
    }
    let mut owners = BTreeMap::new();
    for step in steps {
        match step {
            Step::Onboard(house, slug) => {
                let slug = format!("slug-{slug}");
                let answer = houses[house].onboard(new_tenant(&slug)).await;
                match (answer, owners.get(&slug)) {
                    (Ok(tenant), None) => drop(owners.insert(slug, tenant.id())),
                    (Err(OnboardError::SlugTaken), Some(_)) => {}
                    (answer, owner) => panic!("{slug} is {owner:?}'s: {answer:?}"),
                }
            }
            Step::Close(house, slug) => {
                let Some(owner) = owners.get(&format!("slug-{slug}")) else {
                    continue;
                };
                houses[house].catch_up_all().await.unwrap();
                for command in [TenantCommand::BeginClosing, TenantCommand::Close] {
                    // Who is closed already is not closed again.
                    drop(houses[house].execute(inside(*owner), &command).await);
                }
            }
            Step::CatchUp(house) => drop(houses[house].catch_up_all().await.unwrap()),
        }
    }
    let owners: Vec<_> = owners.into_iter().collect();
    for house in &houses {
        house.catch_up_all().await.unwrap();
        one_tenant_per_host(&house.directory(), &owners);
        for tenant in house.directory().all() {
            let host = host(tenant.entry_point().host());
            prop_assert!(tenant.entry_point().is(&host));
            let found = house.directory().by_host(&host);
            prop_assert_eq!(found, Resolved::Tenant(tenant));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn law_11_a_host_has_one_tenant_at_most_and_a_closed_one_keeps_it(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(taken_once(steps))?;
    }
}
