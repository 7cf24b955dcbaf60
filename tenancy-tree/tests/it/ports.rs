//! What the stores in memory promise to whoever appends and reads.

use std::num::NonZeroU32;

use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantSlug;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use crate::helpers::inside;
use crate::helpers::recorded;
use crate::helpers::tenant;

fn pages(max: u32) -> NonZeroU32 {
    NonZeroU32::new(max).unwrap()
}

/// Both events of a tenant that was onboarded under `slug`.
fn onboarded(number: u8, slug: &str) -> [TenantEvent; 2] {
    let slug: TenantSlug = slug.parse().unwrap();
    let root = RootDomain::parse("bank.example").unwrap();
    [
        TenantEvent::Onboarded {
            tenant: tenant(number),
            entry_point: EntryPoint::of(&slug, &root),
            slug,
            kind: TenantKind::INTERNAL,
            is_test: false,
        },
        TenantEvent::Activated {
            tenant: tenant(number),
        },
    ]
}

#[tokio::test]
async fn a_stale_append_of_tree_events_writes_nothing() {
    let store = MemoryTrees::new();
    let t = inside(tenant(1));
    let first = [recorded(1, tenant(1)), recorded(2, tenant(1))];
    let version = store.append(t, TreeVersion::ZERO, &first).await.unwrap();
    assert_eq!(version, TreeVersion::new(2));
    for expected in [0, 1, 3, u64::MAX] {
        let stale = store
            .append(t, TreeVersion::new(expected), &[recorded(3, tenant(1))])
            .await;
        assert!(
            matches!(stale, Err(AppendError::Stale { actual: 2 })),
            "{expected}"
        );
    }
    assert_eq!(
        store.read(t, TreeVersion::ZERO, pages(9)).await.unwrap(),
        first
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_racers_at_one_version_one_wins() {
    let store = MemoryTrees::new();
    let race = |store: MemoryTrees, number: u64| async move {
        let event = [recorded(number, tenant(1))];
        store
            .append(inside(tenant(1)), TreeVersion::ZERO, &event)
            .await
    };
    let racers: Vec<_> = (0..100)
        .map(|number| tokio::spawn(race(store.clone(), number)))
        .collect();
    let mut winners = Vec::new();
    for (number, racer) in (0..).zip(racers) {
        match racer.await.unwrap() {
            Ok(_) => winners.push(recorded(number, tenant(1))),
            Err(error) => assert!(matches!(error, AppendError::Stale { actual: 1 })),
        }
    }
    let log = store
        .read(inside(tenant(1)), TreeVersion::ZERO, pages(200))
        .await
        .unwrap();
    assert_eq!((winners.len(), &log), (1, &winners));
}

#[tokio::test]
async fn pages_concatenate_to_the_log() {
    let store = MemoryTrees::new();
    let t = inside(tenant(1));
    let log: Vec<_> = (0..23).map(|number| recorded(number, tenant(1))).collect();
    store.append(t, TreeVersion::ZERO, &log).await.unwrap();
    for max in [1, 2, 5, 23, 24, u32::MAX] {
        let mut read = Vec::new();
        loop {
            let after = TreeVersion::new(read.len() as u64);
            let page = store.read(t, after, pages(max)).await.unwrap();
            if page.is_empty() {
                break;
            }
            assert!(page.len() <= max as usize);
            read.extend(page);
        }
        assert_eq!(read, log, "{max}");
    }
    let past = store
        .read(t, TreeVersion::new(u64::MAX), pages(1))
        .await
        .unwrap();
    assert!(past.is_empty());
}

#[tokio::test]
async fn equal_ids_in_two_tenants_never_meet() {
    let store = MemoryTrees::new();
    let (one, other) = ([recorded(1, tenant(1))], [recorded(1, tenant(2))]);
    store
        .append(inside(tenant(1)), TreeVersion::ZERO, &one)
        .await
        .unwrap();
    assert!(
        store
            .read(inside(tenant(2)), TreeVersion::ZERO, pages(9))
            .await
            .unwrap()
            .is_empty()
    );
    store
        .append(inside(tenant(2)), TreeVersion::ZERO, &other)
        .await
        .unwrap();
    assert_eq!(
        store
            .read(inside(tenant(1)), TreeVersion::ZERO, pages(9))
            .await
            .unwrap(),
        one
    );
    assert_eq!(
        store
            .read(inside(tenant(2)), TreeVersion::ZERO, pages(9))
            .await
            .unwrap(),
        other
    );
}

#[tokio::test]
async fn a_stale_append_of_tenant_events_writes_nothing() {
    let store = MemoryTenants::new();
    let events = onboarded(1, "acme");
    let version = store
        .append(tenant(1), TenantVersion::ZERO, &events)
        .await
        .unwrap();
    assert_eq!(version, TenantVersion::new(2));
    assert!(
        store
            .append(tenant(1), TenantVersion::ZERO, &onboarded(1, "globex"))
            .await
            .is_err()
    );
    assert!(
        store
            .append(tenant(2), TenantVersion::new(1), &onboarded(2, "globex"))
            .await
            .is_err()
    );
    let all: Vec<_> = events.into_iter().map(|event| (tenant(1), event)).collect();
    assert_eq!(store.read_all().await.unwrap(), all);
}

#[tokio::test]
async fn the_events_of_every_tenant_are_read_each_in_order() {
    let store = MemoryTenants::new();
    for (number, slug) in [(1, "acme"), (2, "globex")] {
        let events = onboarded(number, slug);
        store
            .append(tenant(number), TenantVersion::ZERO, &events)
            .await
            .unwrap();
    }
    let all = store.read_all().await.unwrap();
    for (number, slug) in [(1, "acme"), (2, "globex")] {
        let own = all.iter().filter(|(id, _)| *id == tenant(number));
        let own: Vec<_> = own.map(|(_, event)| event.clone()).collect();
        assert_eq!(own, onboarded(number, slug));
    }
    assert_eq!(all.len(), 4);
}
