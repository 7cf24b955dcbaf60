//! Tenants whose entry points are made by somebody else, who may fail.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::EntryPointProvisioner;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::ProvisionError;
use skeleton_tenancy_tree::Refusal;
use skeleton_tenancy_tree::Tenant;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantGate;
use skeleton_tenancy_tree::TenantStatus;
use skeleton_tenancy_tree::Tenants;
use tokio::sync::Semaphore;

use super::Brittle;
use crate::helpers::bank;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenants;

/// Fails as often as it is told, and notes for whom it was called.
#[derive(Clone, Default)]
pub(crate) struct Dns {
    failures: Arc<AtomicU32>,
    called_for: Arc<Mutex<Vec<String>>>,
}

impl Dns {
    pub(crate) fn failing(times: u32) -> Self {
        let dns = Self::default();
        dns.failures.store(times, Ordering::SeqCst);
        dns
    }

    fn called_for(&self) -> Vec<String> {
        self.called_for.lock().unwrap().clone()
    }
}

impl EntryPointProvisioner for Dns {
    async fn provision(&self, t: InTenant<'_>, tenant: &Tenant) -> Result<(), ProvisionError> {
        assert_eq!(t.tenant(), tenant.id());
        assert_eq!(tenant.status(), TenantStatus::Onboarding);
        let host = tenant.entry_point().host().to_owned();
        self.called_for.lock().unwrap().push(host);
        let fewer = |left: u32| left.checked_sub(1);
        let failing = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
        match failing {
            Ok(_) => Err(ProvisionError::new("the zone is locked")),
            Err(_) => Ok(()),
        }
    }
}

fn enter(house: &Tenants, host: &str) -> Result<TenantId, Refusal> {
    let gate = TenantGate::new(house.directory());
    let resolved = gate.admit(Some(host), None)?;
    Ok(resolved.tenant().id())
}

#[tokio::test]
async fn a_tenant_is_onboarding_until_its_entry_point_is_made() {
    let dns = Dns::failing(2);
    let house = bank().await.with_provisioner(dns.clone()).unwrap();
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    assert_eq!(acme.status(), TenantStatus::Onboarding);
    assert_eq!(enter(&house, "acme.bank.example"), Err(Refusal::NotReady));
    assert_eq!(house.activate_pending().await, 0);
    assert_eq!(enter(&house, "acme.bank.example"), Err(Refusal::NotReady));
    assert_eq!(house.activate_pending().await, 1);
    assert_eq!(enter(&house, "acme.bank.example"), Ok(acme.id()));
    assert_eq!(house.activate_pending().await, 0);
    assert_eq!(dns.called_for(), ["acme.bank.example"; 3]);
}

#[tokio::test]
async fn a_tenant_whose_entry_point_is_made_at_once_is_active_when_onboarding_returns() {
    let (store, dns) = (Brittle::default(), Dns::default());
    let house = tenants(store.clone(), 1).await;
    let house = house.with_provisioner(dns.clone()).unwrap();
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    assert_eq!(acme.status(), TenantStatus::Active);
    assert_eq!(acme.version().get(), 2);
    assert_eq!(dns.called_for().len(), 1);
    let log = store.log(acme.id()).await;
    let names: Vec<_> = log.iter().map(|recorded| recorded.event().name()).collect();
    assert_eq!(names, ["tenant-onboarded", "tenant-activated"]);
}

#[tokio::test]
async fn one_tenant_that_fails_holds_up_no_other() {
    let dns = Dns::failing(1);
    let house = bank().await.with_provisioner(dns).unwrap();
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    let globex = house.onboard(new_tenant("globex")).await.unwrap();
    assert_eq!(acme.status(), TenantStatus::Onboarding);
    assert_eq!(enter(&house, "globex.bank.example"), Ok(globex.id()));
}

#[tokio::test]
async fn a_success_that_was_not_recorded_is_repeated() {
    let (store, dns) = (Brittle::default(), Dns::failing(1));
    let house = tenants(store.clone(), 1).await;
    let house = house.with_provisioner(dns.clone()).unwrap();
    house.onboard(new_tenant("acme")).await.unwrap();
    store.take_down();
    assert_eq!(house.activate_pending().await, 0);
    assert_eq!(enter(&house, "acme.bank.example"), Err(Refusal::NotReady));
    store.bring_up();
    assert_eq!(house.activate_pending().await, 1);
    assert_eq!(dns.called_for().len(), 3);
}

#[tokio::test]
async fn what_one_process_did_not_finish_another_one_does() {
    let store = MemoryTenants::new();
    let one = tenants(store.clone(), 1).await;
    let one = one.with_provisioner(Dns::failing(9)).unwrap();
    let acme = one.onboard(new_tenant("acme")).await.unwrap();
    let other = tenants(store, 2).await;
    let other = other.with_provisioner(Dns::default()).unwrap();
    assert_eq!(other.activate_pending().await, 1);
    assert_eq!(one.catch_up_all().await.unwrap(), 1);
    assert_eq!(enter(&one, "acme.bank.example"), Ok(acme.id()));
    assert_eq!(one.activate_pending().await, 0);
}

#[tokio::test]
async fn two_processes_that_finish_at_once_record_it_once() {
    let store = Brittle::default();
    let dns = Dns::failing(1);
    let one = tenants(store.clone(), 1).await;
    let one = one.with_provisioner(dns.clone()).unwrap();
    let acme = one.onboard(new_tenant("acme")).await.unwrap();
    let other = tenants(store.clone(), 2).await;
    let other = other.with_provisioner(dns).unwrap();
    let (ours, theirs) = tokio::join!(one.activate_pending(), other.activate_pending());
    assert_eq!(ours + theirs, 1);
    assert_eq!(store.log(acme.id()).await.len(), 2);
}

#[tokio::test]
async fn a_provisioner_is_named_before_the_first_clone() {
    let house = bank().await;
    let clone = house.clone();
    let house = house.with_provisioner(Dns::failing(1)).unwrap_err();
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    assert_eq!(acme.status(), TenantStatus::Active);
    assert!(clone.directory().by_id(acme.id()).is_some());
}

#[tokio::test]
async fn a_directory_that_was_handed_out_is_no_clone() {
    let house = bank().await;
    let directory = house.directory();
    let house = house.with_provisioner(Dns::failing(1)).unwrap();
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    let found = directory.by_id(acme.id()).unwrap();
    assert_eq!(found.status(), TenantStatus::Onboarding);
}

/// Makes an entry point only when it is let.
struct Slow {
    begun: Arc<Semaphore>,
    let_go: Arc<Semaphore>,
}

impl EntryPointProvisioner for Slow {
    async fn provision(&self, _: InTenant<'_>, _: &Tenant) -> Result<(), ProvisionError> {
        self.begun.add_permits(1);
        self.let_go.acquire().await.unwrap().forget();
        Ok(())
    }
}

#[tokio::test]
async fn a_tenant_whose_end_began_meanwhile_is_not_activated() {
    let store = Brittle::default();
    let (begun, let_go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let slow = Slow {
        begun: Arc::clone(&begun),
        let_go: Arc::clone(&let_go),
    };
    let house = tenants(store.clone(), 1)
        .await
        .with_provisioner(slow)
        .unwrap();
    let onboarding = tokio::spawn({
        let house = house.clone();
        async move { house.onboard(new_tenant("acme")).await.unwrap() }
    });
    begun.acquire().await.unwrap().forget();
    let id = house.directory().all()[0].id();
    house
        .execute(inside(id), &TenantCommand::BeginClosing)
        .await
        .unwrap();
    let_go.add_permits(1);
    let acme = onboarding.await.unwrap();
    assert!(matches!(acme.status(), TenantStatus::Closing { .. }));
    let log = store.log(id).await;
    assert!(
        !log.iter()
            .any(|recorded| matches!(recorded.event(), TenantEvent::Activated { .. }))
    );
}

#[test]
fn a_failure_keeps_what_was_answered_out_of_its_text() {
    let error = ProvisionError::new("the zone is locked");
    assert_eq!(error.to_string(), "the entry point could not be made");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the zone is locked");
}
