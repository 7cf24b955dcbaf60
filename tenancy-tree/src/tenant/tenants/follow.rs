//! Follows what other processes change, and finishes what was begun.

use core::time::Duration;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use skeleton_invocation_context::TenantId;

use super::PAGE;
use super::REASON;
use super::Tenants;
use crate::in_tenant::InTenant;
use crate::recorded::Recorded;
use crate::store::Head;
use crate::store::StoreError;
use crate::tenant::Tenant;
use crate::tenant::TenantCommand;
use crate::tenant::TenantDirectory;
use crate::tenant::TenantError;
use crate::tenant::TenantEvent;
use crate::tenant::TenantStatus;
use crate::tenant::TenantVersion;
use crate::tenant::directory::View;

/// On whose account streams are read when nobody asked.
const FOLLOW: &str = "follow";

impl Tenants {
    /// Folds what others appended to one tenant's stream, and publishes.
    ///
    /// # Errors
    ///
    /// [`TenantError`] if there is no such tenant or the store cannot be had.
    pub async fn catch_up(&self, t: InTenant<'_>) -> Result<Arc<Tenant>, TenantError> {
        let lock = self.0.changing.of(t.tenant());
        let _one_at_a_time = lock.lock().await;
        self.read_on(t).await.map_err(TenantError::Unavailable)?;
        self.0
            .directory
            .by_id(t.tenant())
            .ok_or(TenantError::Unknown)
    }

    /// Folds every stream that is longer than what is held; how many there were. After the first time that all heads
    /// were read, hosts are answered.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the heads or a stream cannot be read; the other streams are read all the same.
    pub async fn catch_up_all(&self) -> Result<usize, StoreError> {
        let (mut after, mut caught_up, mut failed) = (None, 0, None);
        loop {
            let heads = self.store().heads(after).await?;
            let Some(last) = heads.last() else { break };
            after = Some(last.tenant());
            let mut tails = Vec::new();
            for head in heads.iter().filter(|head| self.is_behind(**head)) {
                let tenant = head.tenant();
                let version = self.0.directory.version(tenant);
                match self
                    .tail(InTenant::background(tenant, FOLLOW), version)
                    .await
                {
                    Ok(tail) => tails.push((tenant, version, tail)),
                    Err(error) => failed = Some(error),
                }
            }
            if tails.is_empty() {
                continue;
            }
            caught_up += tails.len();
            // One copy of the map for a page of tenants.
            self.0.directory.change(|view| {
                for (tenant, version, tail) in &tails {
                    view.fold(*tenant, *version, tail);
                }
            });
        }
        if !self.0.directory.is_loaded() {
            self.0.directory.change(View::loaded);
        }
        failed.map_or(Ok(caught_up), Err)
    }

    /// Follows the store for ever: every so often, what other processes changed is folded. Spawn it once.
    ///
    /// A round that fails is made up for by the next one. It needs a tokio runtime whose timer is enabled.
    pub async fn follow(self, every: Duration) {
        loop {
            let _made_up_for = self.catch_up_all().await;
            tokio::time::sleep(every).await;
        }
    }

    /// Tries for ever to make the entry points that are not made yet. Spawn it once where there is a provisioner, beside
    /// [`Tenants::follow`]: an entry point that takes its time keeps nobody from seeing changes.
    ///
    /// It needs a tokio runtime whose timer is enabled.
    pub async fn finish_onboardings(self, every: Duration) {
        loop {
            self.activate_pending().await;
            tokio::time::sleep(every).await;
        }
    }

    /// Makes the entry points of all tenants that are still onboarding; how many serve now that did not. Without a
    /// provisioner nobody here can tell whether one is made, and none is touched.
    pub async fn activate_pending(&self) -> usize {
        let mut activated = 0;
        for tenant in self.0.directory.all() {
            if tenant.status() == TenantStatus::Onboarding && self.activate(tenant.id()).await {
                activated += 1;
            }
        }
        activated
    }

    /// Makes the entry point of a tenant that is still onboarding, unless that is under way here; whether it serves now
    /// by that. What fails is tried again.
    pub(super) async fn activate(&self, id: TenantId) -> bool {
        let Some(provisioner) = &self.0.provisioner else {
            return false;
        };
        let Some(_under_way) = UnderWay::begin(&self.0.provisioning, id) else {
            return false;
        };
        let tenant = self.0.directory.by_id(id);
        let Some(tenant) = tenant.filter(|held| held.status() == TenantStatus::Onboarding) else {
            return false;
        };
        let t = InTenant::background(id, REASON);
        provisioner.provision(t, &tenant).await.is_ok()
            && self.execute(t, &TenantCommand::Activate).await.is_ok()
    }

    fn is_behind(&self, head: Head) -> bool {
        self.0.directory.version(head.tenant()).get() < head.version()
    }

    /// Reads on one stream, and folds it.
    pub(super) async fn read_on(&self, t: InTenant<'_>) -> Result<(), StoreError> {
        let version = self.0.directory.version(t.tenant());
        let tail = self.tail(t, version).await?;
        if !tail.is_empty() {
            self.0
                .directory
                .change(|view| view.fold(t.tenant(), version, &tail));
        }
        Ok(())
    }

    /// The events of one stream after a version.
    async fn tail(
        &self,
        t: InTenant<'_>,
        version: TenantVersion,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        let mut tail = Vec::new();
        loop {
            let read = u64::try_from(tail.len()).unwrap_or(u64::MAX);
            let after = TenantVersion::new(version.get().saturating_add(read));
            let page = self.store().read(t, after, PAGE).await?;
            if page.is_empty() {
                return Ok(tail);
            }
            tail.extend(page);
        }
    }
}

/// An entry point that is being made: by one at a time in this process.
struct UnderWay<'a> {
    all: &'a Mutex<HashSet<TenantId>>,
    id: TenantId,
}

impl<'a> UnderWay<'a> {
    fn begin(all: &'a Mutex<HashSet<TenantId>>, id: TenantId) -> Option<Self> {
        let is_first = all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id);
        is_first.then_some(Self { all, id })
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}
