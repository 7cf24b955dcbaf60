//! What other processes do to tenants, and a directory that has not been loaded.

use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Directory;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::Lockout;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::Refusal;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantGate;
use skeleton_tenancy_tree::TenantStatus;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::Tenants;

use super::Brittle;
use super::append;
use super::onboarding::Dns;
use super::only;
use super::restrict;
use crate::helpers::NOW;
use crate::helpers::bank;
use crate::helpers::clock;
use crate::helpers::happened;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenant;
use crate::helpers::tenants;

const OFTEN: Duration = Duration::from_millis(1);

fn unloaded(store: impl TenantStore) -> Tenants {
    let root = RootDomain::parse("bank.example").unwrap();
    Tenants::unloaded(store, root, clock(), SeededIds::new(3))
}

fn found(directory: &Directory, host: &str) -> Resolved {
    directory.by_host(&Host::parse(host).unwrap())
}

/// Waits until a follower has come that far; a test that waits for ever fails by its time limit.
async fn until(is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(OFTEN).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting)
        .await
        .expect("the follower never came that far");
}

#[tokio::test]
async fn a_directory_that_was_never_loaded_knows_nobody_and_says_so() {
    let store = Brittle::default();
    let first = tenants(store.clone(), 1).await;
    let acme = first.onboard(new_tenant("acme")).await.unwrap();
    store.take_down();
    let house = unloaded(store.clone());
    let (directory, gate) = (house.directory(), TenantGate::new(house.directory()));
    let hosts = [
        "acme.bank.example",
        "bank.example",
        "nobody.bank.example",
        "127.0.0.1",
    ];
    for _ in 0..2 {
        assert!(!directory.is_loaded());
        for host in hosts {
            assert_eq!(found(&directory, host), Resolved::NotLoaded);
            assert_eq!(gate.admit(Some(host), None), Err(Refusal::NotReady));
        }
        assert_eq!(gate.admit_id(acme.id()), Err(Refusal::NotReady));
        assert!(house.catch_up_all().await.is_err());
    }
    store.bring_up();
    assert_eq!(house.catch_up_all().await.unwrap(), 1);
    assert!(directory.is_loaded());
    assert_eq!(found(&directory, hosts[0]), Resolved::Tenant(acme.into()));
    assert_eq!(found(&directory, hosts[1]), Resolved::Apex);
    assert_eq!(found(&directory, hosts[2]), Resolved::Unknown);
    assert_eq!(gate.admit_id(tenant(9)), Err(Refusal::Unknown));
}

#[tokio::test]
async fn an_empty_house_is_loaded_all_the_same() {
    let house = unloaded(MemoryTenants::new());
    assert_eq!(house.catch_up_all().await.unwrap(), 0);
    let gate = TenantGate::new(house.directory());
    let acme = gate.admit(Some("acme.bank.example"), None);
    assert_eq!(acme, Err(Refusal::Unknown));
}

#[tokio::test]
async fn a_directory_that_was_loaded_once_stays_so_while_the_store_is_down() {
    let store = Brittle::default();
    let house = tenants(store.clone(), 1).await;
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    store.take_down();
    assert!(house.catch_up_all().await.is_err());
    let resolved = found(&house.directory(), "acme.bank.example");
    assert_eq!(resolved, Resolved::Tenant(acme.into()));
}

#[tokio::test]
async fn tenants_are_not_opened_on_a_store_that_is_down() {
    let store = Brittle::default();
    store.take_down();
    let root = RootDomain::parse("bank.example").unwrap();
    let opened = Tenants::open(store, root, clock(), SeededIds::new(1)).await;
    assert_eq!(opened.unwrap_err().to_string(), "the store is unavailable");
}

#[tokio::test]
async fn catching_up_sees_what_another_process_did_and_counts_it() {
    let store = Brittle::default();
    let (one, other) = (
        tenants(store.clone(), 1).await,
        tenants(store.clone(), 2).await,
    );
    for slug in ["acme", "globex", "initech", "hooli", "umbrella"] {
        one.onboard(new_tenant(slug)).await.unwrap();
    }
    let seen = other.directory();
    assert!(seen.is_empty());
    assert_eq!(other.catch_up_all().await.unwrap(), 5);
    assert_eq!(seen.len(), 5);
    assert_eq!(other.catch_up_all().await.unwrap(), 0);
    let Resolved::Tenant(acme) = found(&seen, "acme.bank.example") else {
        panic!("acme was onboarded");
    };
    let t = inside(acme.id());
    let office = restrict(only("203.0.113.0/24"), None, Lockout::Confirmed);
    one.execute(t, &office).await.unwrap();
    for command in [
        TenantCommand::Suspend,
        TenantCommand::Resume,
        TenantCommand::Suspend,
    ] {
        one.execute(t, &command).await.unwrap();
    }
    assert_eq!(*seen.by_id(acme.id()).unwrap(), *acme);
    assert_eq!(other.catch_up_all().await.unwrap(), 1);
    let after = seen.by_id(acme.id()).unwrap();
    assert_eq!(after.status(), TenantStatus::Suspended { since: NOW });
    assert_eq!(*after.ip_restriction(), only("203.0.113.0/24"));
    assert_eq!(
        found(&seen, "acme.bank.example"),
        Resolved::Tenant(Arc::clone(&after))
    );
    assert_eq!(one.directory().by_id(acme.id()), Some(after));
}

#[tokio::test]
async fn a_stream_that_is_no_tenants_does_not_keep_the_others_from_being_read() {
    let store = Brittle::default();
    let event = TenantEvent::Activated { tenant: tenant(1) };
    append(&store, 0, &[happened(event)]).await;
    tenants(store.clone(), 1)
        .await
        .onboard(new_tenant("acme"))
        .await
        .unwrap();
    let house = tenants(store, 2).await;
    assert_eq!(house.directory().len(), 1);
    assert!(house.directory().is_loaded());
}

#[tokio::test]
async fn a_follower_sees_every_change_of_another_process() {
    let store = Brittle::default();
    let (one, other) = (
        tenants(store.clone(), 1).await,
        tenants(store.clone(), 2).await,
    );
    let seen = other.directory();
    let following = tokio::spawn(other.follow(OFTEN));
    let acme = one.onboard(new_tenant("acme")).await.unwrap();
    until(|| seen.by_id(acme.id()).is_some()).await;
    let t = inside(acme.id());
    let suspended = one.execute(t, &TenantCommand::Suspend).await.unwrap();
    until(|| seen.by_id(acme.id()) == Some(Arc::clone(&suspended))).await;
    store.take_down();
    tokio::time::sleep(OFTEN).await;
    store.bring_up();
    let office = restrict(only("203.0.113.0/24"), None, Lockout::Confirmed);
    let restricted = one.execute(t, &office).await.unwrap();
    until(|| seen.by_id(acme.id()) == Some(Arc::clone(&restricted))).await;
    following.abort();
}

#[tokio::test]
async fn a_follower_loads_what_was_not_loaded_as_soon_as_the_store_is_there() {
    let store = Brittle::default();
    store.take_down();
    let house = unloaded(store.clone());
    let directory = house.directory();
    let following = tokio::spawn(house.follow(OFTEN));
    tokio::time::sleep(OFTEN).await;
    assert_eq!(found(&directory, "acme.bank.example"), Resolved::NotLoaded);
    store.bring_up();
    until(|| directory.is_loaded()).await;
    following.abort();
}

#[tokio::test]
async fn what_was_begun_is_finished_in_the_background() {
    let house = bank().await.with_provisioner(Dns::failing(3)).unwrap();
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    assert_eq!(acme.status(), TenantStatus::Onboarding);
    let directory = house.directory();
    let following = tokio::spawn(house.finish_onboardings(OFTEN));
    let serves = |id: TenantId| directory.by_id(id).unwrap().status() == TenantStatus::Active;
    until(|| serves(acme.id())).await;
    following.abort();
}

#[tokio::test]
async fn ten_thousand_tenants_are_each_found_at_their_host() {
    let store = MemoryTenants::new();
    let house = tenants(store.clone(), 1).await;
    for number in 0..10_000 {
        let new = new_tenant(&format!("tenant-{number}"));
        house.onboard(new).await.unwrap();
    }
    let reopened = tenants(store, 2).await;
    for directory in [house.directory(), reopened.directory()] {
        assert_eq!((directory.len(), directory.all().len()), (10_000, 10_000));
        for number in 0..10_000 {
            let slug = format!("tenant-{number}");
            let Resolved::Tenant(tenant) = found(&directory, &format!("{slug}.bank.example"))
            else {
                panic!("{slug} was onboarded");
            };
            assert_eq!(tenant.slug().as_str(), slug);
            assert_eq!(directory.by_id(tenant.id()), Some(tenant));
        }
    }
}
