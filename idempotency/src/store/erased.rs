//! A store whose type is not known until the program runs.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use async_trait::async_trait;

use super::Store;
use super::Swept;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::key::IdempotencyKey;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;
use crate::verbs::Reconciled;
use crate::verbs::Released;

/// Any store, behind one type: for a service that picks its store by configuration. A verb costs one allocation more.
#[derive(Clone)]
pub struct DynStore(Arc<dyn Erased>);

/// What the store behind a [`DynStore`] failed with.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DynError(Box<dyn std::error::Error + Send + Sync>);

impl DynStore {
    /// The same store without its type.
    #[must_use]
    pub fn new(store: impl Store) -> Self {
        Self(Arc::new(store))
    }
}

impl fmt::Debug for DynStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynStore").finish_non_exhaustive()
    }
}

#[async_trait]
trait Erased: Send + Sync {
    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, DynError>;
    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, DynError>;
    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, DynError>;
    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, DynError>;
    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, DynError>;
    async fn changed(&self, key: &IdempotencyKey, seen: u64);
    async fn sweep(&self, limit: u32) -> Result<Swept, DynError>;
    fn keeps_claims(&self) -> bool;
}

#[async_trait]
impl<S: Store> Erased for S {
    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, DynError> {
        Store::claim(self, ask, lease).await.map_err(erased)
    }

    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, DynError> {
        Store::heartbeat(self, key, fence, lease)
            .await
            .map_err(erased)
    }

    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, DynError> {
        Store::complete(self, key, fence, end).await.map_err(erased)
    }

    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, DynError> {
        Store::release(self, key, fence, proof)
            .await
            .map_err(erased)
    }

    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, DynError> {
        Store::reconcile(self, key, epoch, found)
            .await
            .map_err(erased)
    }

    async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        Store::changed(self, key, seen).await;
    }

    async fn sweep(&self, limit: u32) -> Result<Swept, DynError> {
        Store::sweep(self, limit).await.map_err(erased)
    }

    fn keeps_claims(&self) -> bool {
        Store::keeps_claims(self)
    }
}

fn erased(error: impl std::error::Error + Send + Sync + 'static) -> DynError {
    DynError(Box::new(error))
}

impl Store for DynStore {
    type Error = DynError;

    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, DynError> {
        Erased::claim(&*self.0, ask, lease).await
    }

    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, DynError> {
        Erased::heartbeat(&*self.0, key, fence, lease).await
    }

    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, DynError> {
        Erased::complete(&*self.0, key, fence, end).await
    }

    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, DynError> {
        Erased::release(&*self.0, key, fence, proof).await
    }

    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, DynError> {
        Erased::reconcile(&*self.0, key, epoch, found).await
    }

    async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        Erased::changed(&*self.0, key, seen).await;
    }

    async fn sweep(&self, limit: u32) -> Result<Swept, DynError> {
        Erased::sweep(&*self.0, limit).await
    }

    fn keeps_claims(&self) -> bool {
        Erased::keeps_claims(&*self.0)
    }
}
