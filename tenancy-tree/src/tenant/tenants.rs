//! All tenants: brings them into being, changes them, and follows what others change.

mod follow;
mod new;

use core::fmt;
use core::num::NonZeroU32;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::PoisonError;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;
use tokio::sync::Mutex;

pub use self::new::NewTenant;
use super::Directory;
use super::EntryPoint;
use super::EntryPointProvisioner;
use super::OnboardError;
use super::RootDomain;
use super::Tenant;
use super::TenantCommand;
use super::TenantDirectory;
use super::TenantError;
use super::TenantEvent;
use super::TenantVersion;
use super::provision::ErasedProvisioner;
use crate::in_tenant::InTenant;
use crate::recorded::Cause;
use crate::recorded::Proposal;
use crate::recorded::Recorded;
use crate::store::AppendError;
use crate::store::DynTenantStore;
use crate::store::StoreError;
use crate::store::TenantStore;

/// How often a change is decided anew after somebody else was faster.
const TRIES: u32 = 3;
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_023);
/// On whose account a tenant comes into being when nobody of it can have asked.
const REASON: &str = "onboarding";

/// All tenants. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Tenants(Arc<Shared>);

struct Shared {
    store: Box<dyn DynTenantStore>,
    directory: Directory,
    provisioner: Option<Box<dyn ErasedProvisioner>>,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdGenerator>,
    /// Whoever changes a tenant holds its lock, so that a store that hangs for one tenant hangs for no other.
    changing: Locks,
    /// The tenants whose entry points are being made here and now.
    provisioning: std::sync::Mutex<HashSet<TenantId>>,
}

/// One lock per tenant, made when it is first needed.
#[derive(Default)]
struct Locks(std::sync::Mutex<HashMap<TenantId, Arc<Mutex<()>>>>);

impl Locks {
    fn of(&self, tenant: TenantId) -> Arc<Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(locks.entry(tenant).or_default())
    }
}

impl Tenants {
    /// The tenants that `store` knows, below `root`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be had.
    pub async fn open(
        store: impl TenantStore,
        root: RootDomain,
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
    ) -> Result<Self, StoreError> {
        let tenants = Self::unloaded(store, root, clock, ids);
        tenants.catch_up_all().await?;
        Ok(tenants)
    }

    /// The same without a look at the store: every host is answered `tenant-not-ready` (503) until
    /// [`Tenants::catch_up_all`] has read all heads once, which [`Tenants::follow`] sees to. For a service that must start
    /// while its store is down.
    #[must_use]
    pub fn unloaded(
        store: impl TenantStore,
        root: RootDomain,
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            store: Box::new(store),
            directory: Directory::empty(root),
            provisioner: None,
            clock: Box::new(clock),
            ids: Box::new(ids),
            changing: Locks::default(),
            provisioning: std::sync::Mutex::default(),
        }))
    }

    /// Tenants whose entry points are made by `provisioner`. To be said before the first clone.
    ///
    /// # Errors
    ///
    /// The tenants as they were, if there is a clone already.
    pub fn with_provisioner(self, provisioner: impl EntryPointProvisioner) -> Result<Self, Self> {
        let mut shared = Arc::try_unwrap(self.0).map_err(Self)?;
        shared.provisioner = Some(Box::new(provisioner));
        Ok(Self(Arc::new(shared)))
    }

    /// Where requests find their tenant.
    #[must_use]
    pub fn directory(&self) -> Directory {
        self.0.directory.clone()
    }

    /// Makes a tenant, its entry point and its root container, whose id is the tenant's. When this returns with an
    /// active tenant, its entry point answers.
    ///
    /// Without a provisioner the tenant is active at once. With one that fails now, the tenant is returned as
    /// `Onboarding`, and [`Tenants::activate_pending`] tries again.
    ///
    /// # Errors
    ///
    /// [`OnboardError`] if the slug or the id is taken, or the store cannot be had.
    pub async fn onboard(&self, new: NewTenant) -> Result<Tenant, OnboardError> {
        let Shared {
            directory,
            clock,
            ids,
            ..
        } = &*self.0;
        if new.id().is_some_and(|id| directory.by_id(id).is_some()) {
            return Err(OnboardError::IdTaken);
        }
        let entry_point = EntryPoint::of(new.slug(), directory.root());
        if directory.has_host(entry_point.host()) {
            return Err(OnboardError::SlugTaken);
        }
        let id = new
            .id()
            .unwrap_or_else(|| TenantId::generate(&**ids, clock.now()));
        let t = InTenant::background(id, REASON);
        let mut events = vec![new.into_event(id, entry_point)];
        if self.0.provisioner.is_none() {
            events.push(TenantEvent::Activated { tenant: id });
        }
        let (at, cause) = (clock.now(), Cause::of(t));
        let record = |event| Recorded::new(event, at, cause.clone());
        let events: Vec<_> = events.into_iter().map(record).collect();
        let lock = self.0.changing.of(id);
        let changing = lock.lock().await;
        match self.append(t, TenantVersion::ZERO, &events).await {
            Ok(()) => drop(changing),
            Err(AppendError::Stale { .. }) => return Err(OnboardError::IdTaken),
            Err(AppendError::Taken) => return Err(OnboardError::SlugTaken),
            Err(AppendError::Unavailable(error)) => return Err(OnboardError::Unavailable(error)),
        }
        self.activate(id).await;
        let tenant = directory.by_id(id).map(Arc::unwrap_or_clone);
        tenant.ok_or(OnboardError::IdTaken)
    }

    /// Decides a command, appends its event, and publishes before it returns: the next request is answered by it.
    ///
    /// # Errors
    ///
    /// [`TenantError`] if the command does not fit, the tenant keeps changing, or the store cannot be had.
    pub async fn execute(
        &self,
        t: InTenant<'_>,
        command: &TenantCommand,
    ) -> Result<Arc<Tenant>, TenantError> {
        let lock = self.0.changing.of(t.tenant());
        let _one_at_a_time = lock.lock().await;
        for tried in 0..TRIES {
            let held = self.0.directory.by_id(t.tenant());
            // Somebody else was faster, or the tenant came into being elsewhere.
            if tried > 0 || held.is_none() {
                self.read_on(t).await.map_err(TenantError::Unavailable)?;
            }
            let tenant = self.0.directory.by_id(t.tenant());
            let tenant = tenant.ok_or(TenantError::Unknown)?;
            let event = tenant.decide(command)?;
            let recorded = Recorded::new(event, self.0.clock.now(), Cause::of(t));
            match self.append(t, tenant.version(), &[recorded]).await {
                Ok(()) => {
                    let changed = self.0.directory.by_id(t.tenant());
                    return changed.ok_or(TenantError::Unknown);
                }
                Err(AppendError::Unavailable(error)) => {
                    return Err(TenantError::Unavailable(error));
                }
                Err(_) => {}
            }
        }
        Err(TenantError::Stale)
    }

    /// Decides a command and appends nothing, as [`Forest::propose`](crate::Forest::propose). Call
    /// [`Tenants::catch_up`] afterwards.
    ///
    /// # Errors
    ///
    /// [`TenantError`] if the command does not fit or the store cannot be had.
    pub async fn propose(
        &self,
        t: InTenant<'_>,
        command: &TenantCommand,
    ) -> Result<Proposal<TenantVersion, TenantEvent>, TenantError> {
        let tenant = self.catch_up(t).await?;
        let event = tenant.decide(command)?;
        let event = Recorded::new(event, self.0.clock.now(), Cause::of(t));
        Ok(Proposal::new(tenant.version(), event))
    }

    fn store(&self) -> &dyn DynTenantStore {
        &*self.0.store
    }

    /// Appends, and folds what was appended. The caller holds the tenant's lock.
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<(), AppendError> {
        self.store().append(t, expected, events).await?;
        self.0
            .directory
            .change(|view| view.fold(t.tenant(), expected, events));
        Ok(())
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants")
            .field("directory", &self.0.directory)
            .finish_non_exhaustive()
    }
}
