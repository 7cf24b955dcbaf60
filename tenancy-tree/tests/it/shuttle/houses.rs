//! Races on tenants.

use shuttle::future::spawn;
use shuttle::future::yield_now;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::OnboardError;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantError;
use skeleton_tenancy_tree::TenantStatus;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::Tenants;

use super::Yielding;
use super::in_every_order;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenants;

type Store = Yielding<MemoryTenants>;

#[test]
fn attack_08_of_two_onboardings_of_one_slug_one_wins() {
    in_every_order(1_000, || async {
        let store = Store::default();
        let (one, other) = (
            tenants(store.clone(), 1).await,
            tenants(store.clone(), 2).await,
        );
        // Two in one process, and one in another.
        let racers = [one.clone(), one.clone(), other.clone()].map(|house| {
            spawn(async move {
                house
                    .onboard(new_tenant("acme"))
                    .await
                    .map(|acme| acme.id())
            })
        });
        let mut winners = Vec::new();
        for racer in racers {
            match racer.await.unwrap() {
                Ok(id) => winners.push(id),
                Err(error) => assert!(matches!(error, OnboardError::SlugTaken), "{error:?}"),
            }
        }
        assert_eq!(winners.len(), 1);
        assert_eq!(store.store.heads(None).await.unwrap().len(), 1);
        for house in [one, other] {
            house.catch_up_all().await.unwrap();
            let host = Host::parse("acme.bank.example").unwrap();
            let Resolved::Tenant(acme) = house.directory().by_host(&host) else {
                panic!("acme was onboarded");
            };
            assert_eq!((acme.id(), house.directory().len()), (winners[0], 1));
        }
    });
}

#[test]
fn of_two_that_suspend_one_does_and_a_reader_never_sees_it_undone() {
    in_every_order(600, || async {
        let store = Store::default();
        let one = tenants(store.clone(), 1).await;
        let acme = one.onboard(new_tenant("acme")).await.unwrap();
        let other = tenants(store.clone(), 2).await;
        let id = acme.id();
        let suspend = |house: Tenants| async move {
            house.execute(inside(id), &TenantCommand::Suspend).await
        };
        let racers = [one.clone(), one.clone(), other.clone()].map(|house| spawn(suspend(house)));
        let mut before = acme.version();
        for _ in 0..6 {
            let seen = one.directory().by_id(id).unwrap();
            assert!(before <= seen.version());
            before = seen.version();
            yield_now().await;
        }
        let mut done = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(after) => {
                    assert!(matches!(after.status(), TenantStatus::Suspended { .. }));
                    done += 1;
                }
                Err(error) => assert!(matches!(error, TenantError::NotNow { .. }), "{error:?}"),
            }
        }
        assert_eq!(done, 1);
        for house in [one, other] {
            house.catch_up_all().await.unwrap();
            let end = house.directory().by_id(id).unwrap();
            assert_eq!(end.version().get(), 3);
        }
    });
}

#[test]
fn changes_and_catching_up_at_once_lose_nothing_and_repeat_nothing() {
    in_every_order(600, || async {
        let store = Store::default();
        let (one, other) = (
            tenants(store.clone(), 1).await,
            tenants(store.clone(), 2).await,
        );
        let following = spawn({
            let house = other.clone();
            async move {
                for _ in 0..4 {
                    house.catch_up_all().await.unwrap();
                }
            }
        });
        let ours = spawn({
            let house = other.clone();
            async move { house.onboard(new_tenant("globex")).await.unwrap() }
        });
        let acme = one.onboard(new_tenant("acme")).await.unwrap();
        let t = inside(acme.id());
        one.execute(t, &TenantCommand::Suspend).await.unwrap();
        one.execute(t, &TenantCommand::Resume).await.unwrap();
        let globex = ours.await.unwrap();
        following.await.unwrap();
        for house in [&one, &other] {
            house.catch_up_all().await.unwrap();
            assert_eq!(house.directory().len(), 2);
            assert_eq!(
                house
                    .directory()
                    .by_id(globex.id())
                    .unwrap()
                    .version()
                    .get(),
                2
            );
        }
        let ends = [one, other].map(|house| house.directory().by_id(acme.id()).unwrap());
        assert_eq!(ends[0], ends[1]);
        assert_eq!(
            (ends[0].version().get(), ends[0].status()),
            (4, TenantStatus::Active)
        );
    });
}
