//! Races on the real forest and the real tenants, over stores that give way at every step. Shuttle picks the order;
//! the seed is fixed, so that what is found once is found again.

mod houses;
mod trees;

use core::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use shuttle::Config;
use shuttle::Runner;
use shuttle::future::block_on;
use shuttle::future::yield_now;
use shuttle::scheduler::RandomScheduler;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

/// Runs a scene in so many orders.
fn in_every_order<F: Future<Output = ()> + 'static>(orders: usize, scene: fn() -> F) {
    let mut config = Config::new();
    // Unoptimized futures are large.
    config.stack_size = 1 << 20;
    let scheduler = RandomScheduler::new_from_seed(2026, orders);
    Runner::new(scheduler, config).run(move || block_on(scene()));
}

/// A store that lets others go first, before and after everything it does. Clones share all of it.
#[derive(Clone, Default)]
struct Yielding<S> {
    store: S,
    reads: Arc<AtomicU32>,
}

impl<S> Yielding<S> {
    fn reads(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }

    fn count(&self) {
        self.reads.fetch_add(1, Ordering::SeqCst);
    }
}

impl TreeStore for Yielding<MemoryTrees> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        yield_now().await;
        let answer = self.store.append(t, expected, events).await;
        yield_now().await;
        answer
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        self.count();
        yield_now().await;
        let answer = self.store.read(t, after, max.min(SHORT)).await;
        yield_now().await;
        answer
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        yield_now().await;
        let answer = self.store.heads(after).await;
        yield_now().await;
        answer
    }
}

impl TenantStore for Yielding<MemoryTenants> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        yield_now().await;
        let answer = self.store.append(t, expected, events).await;
        yield_now().await;
        answer
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        self.count();
        yield_now().await;
        let answer = self.store.read(t, after, max.min(SHORT)).await;
        yield_now().await;
        answer
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        yield_now().await;
        let answer = self.store.heads(after).await;
        yield_now().await;
        answer
    }
}

/// Pages of a few events, so that others come in between.
const SHORT: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
