//! A store of tenants that fails where a test wants it to, and that counts how often it is asked.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::IpRestriction;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;

use crate::helpers::happened;
use crate::helpers::inside;

/// Clones share all of it. Its pages are short.
#[derive(Clone, Default)]
pub(crate) struct Brittle {
    tenants: MemoryTenants,
    is_down: Arc<AtomicBool>,
    is_silent: Arc<AtomicBool>,
    rivals: Arc<AtomicU32>,
    appends: Arc<AtomicU32>,
}

impl Brittle {
    pub(crate) fn take_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    pub(crate) fn bring_up(&self) {
        self.is_down.store(false, Ordering::SeqCst);
    }

    /// Appends are written from now on, and answered as if they were not.
    pub(crate) fn lose_answers(&self, are_lost: bool) {
        self.is_silent.store(are_lost, Ordering::SeqCst);
    }

    /// Before each of the next `times` appends, somebody else appends an event.
    pub(crate) fn be_outrun(&self, times: u32) {
        self.rivals.store(times, Ordering::SeqCst);
    }

    pub(crate) fn appends(&self) -> u32 {
        self.appends.load(Ordering::SeqCst)
    }

    pub(crate) async fn log(&self, tenant: TenantId) -> Vec<Recorded<TenantEvent>> {
        let (t, all) = (inside(tenant), NonZeroU32::MAX);
        self.tenants
            .read(t, TenantVersion::ZERO, all)
            .await
            .unwrap()
    }

    fn answer(&self) -> Result<(), StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            Err(StoreError::unavailable("the disk is gone"))
        } else {
            Ok(())
        }
    }
}

impl TenantStore for Brittle {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        self.answer()?;
        self.appends.fetch_add(1, Ordering::SeqCst);
        let fewer = |left: u32| left.checked_sub(1);
        let rival = self
            .rivals
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
        if rival.is_ok() {
            let harmless = TenantEvent::IpRestrictionSet {
                tenant: t.tenant(),
                restriction: IpRestriction::Unrestricted,
            };
            self.tenants
                .append(t, expected, &[happened(harmless)])
                .await?;
        }
        let version = self.tenants.append(t, expected, events).await?;
        if self.is_silent.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("the connection is gone").into());
        }
        Ok(version)
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        self.answer()?;
        let max = max.min(NonZeroU32::new(2).unwrap());
        self.tenants.read(t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.answer()?;
        let mut heads = self.tenants.heads(after).await?;
        heads.truncate(3);
        Ok(heads)
    }
}
