//! Follows what other processes change, and finishes what was begun.

use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::TenantId;

use super::PAGE;
use super::REASON;
use super::Tenants;
use crate::in_tenant::InTenant;
use crate::store::Head;
use crate::store::StoreError;
use crate::tenant::Tenant;
use crate::tenant::TenantCommand;
use crate::tenant::TenantDirectory;
use crate::tenant::TenantError;
use crate::tenant::TenantStatus;

/// On whose account streams are read when nobody asked.
const FOLLOW: &str = "follow";

impl Tenants {
    /// Folds what others appended to one tenant's stream, and publishes.
    ///
    /// # Errors
    ///
    /// [`TenantError`] if there is no such tenant or the store cannot be had.
    pub async fn catch_up(&self, t: InTenant<'_>) -> Result<Arc<Tenant>, TenantError> {
        let _one_at_a_time = self.0.changing.lock().await;
        self.read_on(t).await.map_err(TenantError::Unavailable)?;
        self.0
            .directory
            .by_id(t.tenant())
            .ok_or(TenantError::Unknown)
    }

    /// Folds every stream that is longer than what is held; how many there were. After the first success hosts are
    /// answered.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be had. What was read until then is kept.
    pub async fn catch_up_all(&self) -> Result<usize, StoreError> {
        let _one_at_a_time = self.0.changing.lock().await;
        let (mut after, mut caught_up) = (None, 0);
        loop {
            let heads = self.store().heads(after).await?;
            let Some(last) = heads.last() else { break };
            after = Some(last.tenant());
            for head in heads.iter().filter(|head| self.is_behind(**head)) {
                self.read_on(InTenant::background(head.tenant(), FOLLOW))
                    .await?;
                caught_up += 1;
            }
        }
        if !self.0.directory.is_loaded() {
            self.0.directory.change(|view| view.loaded());
        }
        Ok(caught_up)
    }

    /// Follows the store for ever: every so often, what other processes changed is folded, and entry points that are
    /// not made yet are tried again. Spawn it once.
    ///
    /// A round that fails is made up for by the next one. It needs a tokio runtime whose timer is enabled.
    pub async fn follow(self, every: Duration) {
        loop {
            let _made_up_for = self.catch_up_all().await;
            self.activate_pending().await;
            tokio::time::sleep(every).await;
        }
    }

    /// Makes the entry points of all tenants that are still onboarding; how many serve now that did not.
    pub async fn activate_pending(&self) -> usize {
        let mut activated = 0;
        for tenant in self.0.directory.all() {
            if tenant.status() == TenantStatus::Onboarding && self.activate(tenant.id()).await {
                activated += 1;
            }
        }
        activated
    }

    /// Makes the entry point of a tenant that is still onboarding; whether it serves now. What fails is tried again.
    pub(super) async fn activate(&self, id: TenantId) -> bool {
        let Some(tenant) = self.0.directory.by_id(id) else {
            return false;
        };
        if tenant.status() != TenantStatus::Onboarding {
            return tenant.status() == TenantStatus::Active;
        }
        let t = InTenant::background(id, REASON);
        if let Some(provisioner) = &self.0.provisioner
            && provisioner.provision(t, &tenant).await.is_err()
        {
            return false;
        }
        self.execute(t, &TenantCommand::Activate).await.is_ok()
    }

    fn is_behind(&self, head: Head) -> bool {
        self.0.directory.version(head.tenant()).get() < head.version()
    }

    /// Reads the tail of one stream. The caller holds the lock.
    async fn read_on(&self, t: InTenant<'_>) -> Result<(), StoreError> {
        let mut after = self.0.directory.version(t.tenant());
        loop {
            let page = self.store().read(t, after, PAGE).await?;
            if page.is_empty() {
                return Ok(());
            }
            self.0.directory.change(|view| view.fold(t.tenant(), &page));
            let held = self.0.directory.version(t.tenant());
            // A stream that does not begin with a birth is no tenant's: it is not read for ever.
            if held == after {
                return Ok(());
            }
            after = held;
        }
    }
}
