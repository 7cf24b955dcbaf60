//! A store that counts what it is asked.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use skeleton_idempotency::Ask;
use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Found;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::MemoryError;
use skeleton_idempotency::MemoryStore;
use skeleton_idempotency::NoEffect;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Released;
use skeleton_idempotency::Store;
use skeleton_idempotency::Swept;

/// The store in memory, as if it were far away: every verb and every watch is a trip.
#[derive(Clone)]
pub(crate) struct Counted {
    inner: MemoryStore,
    trips: Arc<AtomicU64>,
}

impl Counted {
    pub(crate) fn new(inner: MemoryStore) -> Self {
        let trips = Arc::new(AtomicU64::new(0));
        Self { inner, trips }
    }

    pub(crate) fn trips(&self) -> u64 {
        self.trips.load(Ordering::Relaxed)
    }

    fn inner(&self) -> &MemoryStore {
        self.trips.fetch_add(1, Ordering::Relaxed);
        &self.inner
    }
}

impl Store for Counted {
    type Error = MemoryError;

    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, MemoryError> {
        self.inner().claim(ask, lease).await
    }

    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, MemoryError> {
        self.inner().heartbeat(key, fence, lease).await
    }

    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, MemoryError> {
        self.inner().complete(key, fence, end).await
    }

    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, MemoryError> {
        self.inner().release(key, fence, proof).await
    }

    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, MemoryError> {
        self.inner().reconcile(key, epoch, found).await
    }

    async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        self.inner().changed(key, seen).await;
    }

    async fn sweep(&self, limit: u32) -> Result<Swept, MemoryError> {
        self.inner().sweep(limit).await
    }
}
