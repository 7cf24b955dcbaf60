//! What attacks on the tenants once found, each mended and held here.

use core::time::Duration;
use std::num::NonZeroU32;
use std::sync::Arc;

use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::CidrList;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::EntryPointProvisioner;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Lockout;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::ProvisionError;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::Tenant;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantGate;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use skeleton_tenancy_tree::Tenants;
use tokio::sync::Semaphore;

use crate::helpers::clock;
use crate::helpers::happened;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenant;
use crate::helpers::tenants;
use crate::life::birth_of;
use crate::life::only;
use crate::life::restrict;
use crate::life::way_of;

async fn log(store: &MemoryTenants, number: u8, events: Vec<TenantEvent>) {
    let events: Vec<_> = events.into_iter().map(happened).collect();
    let t = inside(tenant(number));
    store.append(t, TenantVersion::ZERO, &events).await.unwrap();
}

fn at(house: &Tenants, slug: &str) -> Resolved {
    let host = Host::parse(&format!("{slug}.bank.example")).unwrap();
    house.directory().by_host(&host)
}

/// Tenant::fold: "an event that does not fit changes nothing but the version".
#[tokio::test]
async fn an_event_that_does_not_fit_changes_only_the_version() {
    let one = tenant(1);
    let cases = [
        ("closing", TenantEvent::Resumed { tenant: one }),
        ("closing", TenantEvent::Activated { tenant: one }),
        ("suspended", TenantEvent::Activated { tenant: one }),
        ("active", TenantEvent::Closed { tenant: one }),
        ("onboarding", TenantEvent::Suspended { tenant: one }),
    ];
    for (status, event) in cases {
        let store = MemoryTenants::new();
        let name = event.name();
        log(
            &store,
            1,
            [way_of(one, "acme", status), vec![event]].concat(),
        )
        .await;
        let after = tenants(store, 1).await.directory().by_id(one).unwrap();
        assert_eq!(after.status().to_string(), status, "{name}");
    }
}

/// The stream of one tenant makes no other one.
#[tokio::test]
async fn attack_02_a_birth_in_the_stream_of_another_tenant_makes_nobody() {
    let store = MemoryTenants::new();
    log(&store, 1, way_of(tenant(2), "acme", "active")).await;
    let house = tenants(store, 1).await;
    let gate = TenantGate::new(house.directory());
    let entered = gate.admit_id(tenant(1));
    assert_ne!(entered.map(|found| found.tenant().id()), Ok(tenant(2)));
    assert_eq!(at(&house, "acme"), Resolved::Unknown);
}

/// Two writings of one octet are refused or accepted alike; `inet_aton` reads 010 as 8.
#[test]
fn an_octet_with_leading_zeros_is_none() {
    assert!(CidrList::parse(["010.0.0.1"]).is_err());
    assert!(CidrList::parse(["010.0.0.0/8"]).is_err());
    assert!(CidrList::parse(["::010.0.0.1/128"]).is_err());
}

/// Host::parse: "labels of letters, digits and inner hyphens"; "an address in brackets".
#[test]
fn a_host_is_as_documented() {
    for text in ["a_b.example", "_dmarc.example", "[]", "[.]", "[1]", "[:::]"] {
        assert!(Host::parse(text).is_err(), "{text}");
    }
}

/// "Parse, then trust": an entry point from a log is a host name.
#[test]
fn an_entry_point_from_a_log_is_a_host() {
    for text in ["", "a b", "EVIL.example"] {
        let read = serde_json::from_value::<EntryPoint>(serde_json::json!(text));
        assert!(read.is_err(), "{text}");
    }
}

/// Nobody is onboarded where no request can come.
#[tokio::test]
async fn a_root_domain_leaves_room_for_a_slug() {
    let label = "a".repeat(63);
    let root = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    assert!(RootDomain::parse(&root).is_err());
}

/// A command finds what another process onboarded, as `propose` does, and does not call an unloaded tenant unknown.
#[tokio::test]
async fn execute_finds_what_another_process_onboarded() {
    let store = MemoryTenants::new();
    let (one, other) = (tenants(store.clone(), 1).await, tenants(store, 2).await);
    let acme = one.onboard(new_tenant("acme")).await.unwrap();
    let t = inside(acme.id());
    other.execute(t, &TenantCommand::Suspend).await.unwrap();
}

/// One repetition, one answer.
#[tokio::test]
async fn a_repeated_onboarding_is_answered_alike_everywhere() {
    let store = MemoryTenants::new();
    let (one, other) = (tenants(store.clone(), 1).await, tenants(store, 2).await);
    let new = new_tenant("acme").with_id(tenant(4));
    one.onboard(new.clone()).await.unwrap();
    let here = one.onboard(new.clone()).await.unwrap_err();
    let there = other.onboard(new).await.unwrap_err();
    assert_eq!(here.to_string(), there.to_string());
}

/// A process without a provisioner leaves alone what one with a provisioner began.
#[tokio::test]
async fn a_process_without_a_provisioner_activates_nobody_elses_tenants() {
    let store = MemoryTenants::new();
    log(&store, 1, vec![birth_of(tenant(1), "acme")]).await;
    assert_eq!(tenants(store, 1).await.activate_pending().await, 0);
}

/// Reads of tenant 1 fail, its appends never end, and every append takes a moment.
#[derive(Clone, Default)]
struct Odd {
    tenants: MemoryTenants,
    is_damaged: bool,
    hangs: bool,
    delay: Option<Duration>,
}

impl TenantStore for Odd {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        if self.hangs && t.tenant() == tenant(1) {
            core::future::pending::<()>().await;
        }
        if let Some(delay) = self.delay {
            tokio::time::sleep(delay).await;
        }
        self.tenants.append(t, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        if self.is_damaged && t.tenant() == tenant(1) {
            return Err(StoreError::unavailable("the row is damaged"));
        }
        self.tenants.read(t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.tenants.heads(after).await
    }
}

/// As Forest::catch_up_all: "the other tails are read all the same". Today globex is not even in the directory.
#[tokio::test]
async fn a_stream_that_cannot_be_read_holds_up_no_other() {
    let tenants_ = MemoryTenants::new();
    log(&tenants_, 1, way_of(tenant(1), "acme", "active")).await;
    log(&tenants_, 2, way_of(tenant(2), "globex", "active")).await;
    let store = Odd {
        tenants: tenants_,
        is_damaged: true,
        ..Odd::default()
    };
    let root = RootDomain::parse("bank.example").unwrap();
    let house = Tenants::unloaded(store, root, clock(), SeededIds::new(1));
    assert!(house.catch_up_all().await.is_err());
    assert!(house.directory().by_id(tenant(2)).is_some());
}

/// One append that hangs stops neither other tenants nor the follower.
#[tokio::test(start_paused = true)]
async fn an_append_that_hangs_holds_up_no_other_tenant() {
    let store = Odd {
        hangs: true,
        ..Odd::default()
    };
    let house = tenants(store, 1).await;
    let stuck = tokio::spawn({
        let house = house.clone();
        async move {
            house
                .onboard(new_tenant("acme").with_id(tenant(1)))
                .await
                .is_ok()
        }
    });
    tokio::task::yield_now().await;
    let second = Duration::from_secs(1);
    assert!(
        tokio::time::timeout(second, house.catch_up_all())
            .await
            .is_ok()
    );
    let globex = house.onboard(new_tenant("globex"));
    assert!(tokio::time::timeout(second, globex).await.is_ok());
    stuck.abort();
}

/// As writers of one forest: commands of one process wait for one another. Today 3 of 100 are done.
#[tokio::test(start_paused = true)]
async fn commands_of_one_process_never_outrun_one_another() {
    let store = Odd {
        delay: Some(Duration::from_millis(2)),
        ..Odd::default()
    };
    let house = tenants(store, 1).await;
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    let id = acme.id();
    let racers: Vec<_> = (0..100)
        .map(|number| {
            let house = house.clone();
            let command = restrict(
                only(&format!("10.0.{number}.0/24")),
                None,
                Lockout::Confirmed,
            );
            tokio::spawn(async move { house.execute(inside(id), &command).await.is_ok() })
        })
        .collect();
    let mut done = 0;
    for racer in racers {
        done += u32::from(racer.await.unwrap());
    }
    assert_eq!(done, 100);
}

#[derive(Clone)]
struct Slow {
    begun: Arc<Semaphore>,
}

impl EntryPointProvisioner for Slow {
    async fn provision(&self, _: InTenant<'_>, tenant: &Tenant) -> Result<(), ProvisionError> {
        self.begun.add_permits(1);
        if tenant.slug().as_str() == "slow" {
            core::future::pending::<()>().await;
        }
        Ok(())
    }
}

/// A suspension elsewhere is seen though an entry point takes long to make.
#[tokio::test(start_paused = true)]
async fn a_follower_sees_a_suspension_while_an_entry_point_is_being_made() {
    let store = MemoryTenants::new();
    log(&store, 1, vec![birth_of(tenant(1), "slow")]).await;
    let one = tenants(store.clone(), 1).await;
    let begun = Arc::new(Semaphore::new(0));
    let slow = Slow {
        begun: Arc::clone(&begun),
    };
    let other = tenants(store, 2).await.with_provisioner(slow).unwrap();
    let seen = other.directory();
    let acme = one.onboard(new_tenant("acme")).await.unwrap();
    let finishing = tokio::spawn(other.clone().finish_onboardings(Duration::from_secs(1)));
    let following = tokio::spawn(other.follow(Duration::from_secs(1)));
    begun.acquire().await.unwrap().forget();
    let t = inside(acme.id());
    one.execute(t, &TenantCommand::Suspend).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(
        seen.by_id(acme.id()).unwrap().status().to_string(),
        "suspended"
    );
    following.abort();
    finishing.abort();
}

/// One entry point is made by one call at a time.
#[tokio::test]
async fn an_entry_point_is_not_made_twice_at_once() {
    let begun = Arc::new(Semaphore::new(0));
    let slow = Slow {
        begun: Arc::clone(&begun),
    };
    let house = tenants(MemoryTenants::new(), 1)
        .await
        .with_provisioner(slow)
        .unwrap();
    let both = [house.clone(), house.clone()];
    let onboarding = tokio::spawn({
        let [house, _] = both.clone();
        async move { house.onboard(new_tenant("slow")).await.is_ok() }
    });
    begun.acquire().await.unwrap().forget();
    let pending = tokio::spawn({
        let [_, house] = both;
        async move { house.activate_pending().await }
    });
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(begun.available_permits(), 0);
    onboarding.abort();
    pending.abort();
}
