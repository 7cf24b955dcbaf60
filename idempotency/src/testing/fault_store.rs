//! A store around another one, which fails when it is told to.

use core::future::Future;
use core::time::Duration;

use super::faults::Faults;
use super::faults::Moment;
use super::faults::StoreCall;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Hold;
use crate::key::IdempotencyKey;
use crate::store::CommitError;
use crate::store::Store;
use crate::store::Swept;
use crate::store::Transactions;
use crate::store::TxStore;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;
use crate::verbs::Reconciled;
use crate::verbs::Released;

/// A [`Store`], and a [`TxStore`] if the inner one is one, whose calls are counted, and fail before or after they are done
/// as its [`Faults`] say. Clones are one store with one plan; [`FaultStore::apart`] is one store with a plan of its own.
#[derive(Clone, Debug)]
pub struct FaultStore<S> {
    inner: S,
    faults: Faults,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError<E> {
    /// It was told to.
    #[error("the store was told to fail {moment:?} {call:?}")]
    Told {
        /// At which call.
        call: StoreCall,
        /// Before or after it was done.
        moment: Moment,
    },
    /// The inner store failed by itself.
    #[error(transparent)]
    Inner(E),
}

impl<S> FaultStore<S> {
    /// A store around `inner` that does not fail yet.
    #[must_use]
    pub fn new(inner: S) -> Self {
        let faults = Faults::default();
        Self { inner, faults }
    }

    /// The same store as another process sees it, which fails by a plan of its own.
    #[must_use]
    pub fn apart(&self) -> Self
    where
        S: Clone,
    {
        Self::new(self.inner.clone())
    }

    /// What goes wrong.
    #[must_use]
    pub const fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The store inside.
    #[must_use]
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    async fn through<T, E>(
        &self,
        call: StoreCall,
        verb: impl Future<Output = Result<T, E>> + Send,
    ) -> Result<T, FaultError<E>> {
        let fate = self.faults.fate(call);
        let told = |moment| Err(FaultError::Told { call, moment });
        self.faults.held(call, Moment::Before).await;
        if fate.fails == Some(Moment::Before) {
            return told(Moment::Before);
        }
        let reply = verb.await;
        self.faults.held(call, Moment::After).await;
        if !fate.late_by.is_zero() {
            tokio::time::sleep(fate.late_by).await;
        }
        if fate.fails == Some(Moment::After) {
            return told(Moment::After);
        }
        reply.map_err(FaultError::Inner)
    }
}

impl<S: Store> Store for FaultStore<S> {
    type Error = FaultError<S::Error>;

    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, Self::Error> {
        self.through(StoreCall::Claim, self.inner.claim(ask, lease))
            .await
    }

    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, Self::Error> {
        let beat = self.inner.heartbeat(key, fence, lease);
        self.through(StoreCall::Heartbeat, beat).await
    }

    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, Self::Error> {
        let complete = self.inner.complete(key, fence, end);
        self.through(StoreCall::Complete, complete).await
    }

    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, Self::Error> {
        let release = self.inner.release(key, fence, proof);
        self.through(StoreCall::Release, release).await
    }

    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, Self::Error> {
        let reconcile = self.inner.reconcile(key, epoch, found);
        self.through(StoreCall::Reconcile, reconcile).await
    }

    async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        self.inner.changed(key, seen).await;
    }

    async fn sweep(&self, limit: u32) -> Result<Swept, Self::Error> {
        self.through(StoreCall::Sweep, self.inner.sweep(limit))
            .await
    }

    fn keeps_claims(&self) -> bool {
        self.inner.keeps_claims()
    }
}

impl<S: TxStore<Tx>, Tx: Send> TxStore<Tx> for FaultStore<S> {
    type Error = FaultError<S::Error>;

    async fn claim_in(&self, tx: &mut Tx, ask: &Ask, hold: Hold) -> Result<Claim, Self::Error> {
        self.through(StoreCall::ClaimIn, self.inner.claim_in(tx, ask, hold))
            .await
    }

    async fn finish_in(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, Self::Error> {
        self.through(StoreCall::FinishIn, self.inner.finish_in(tx, ask, answer))
            .await
    }

    async fn complete_in(
        &self,
        tx: &mut Tx,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, Self::Error> {
        let complete = self.inner.complete_in(tx, key, answer);
        self.through(StoreCall::CompleteIn, complete).await
    }
}

impl<S: Transactions<Tx>, Tx: Send> Transactions<Tx> for FaultStore<S> {
    async fn begin(&self) -> Result<Tx, Self::Error> {
        self.through(StoreCall::Begin, self.inner.begin()).await
    }

    async fn commit(&self, tx: Tx) -> Result<(), CommitError<Self::Error>> {
        let commit = self.through(StoreCall::Commit, self.inner.commit(tx)).await;
        commit.map_err(|error| match error {
            FaultError::Told { call, moment } => {
                CommitError::Store(FaultError::Told { call, moment })
            }
            FaultError::Inner(CommitError::Lost(claim)) => CommitError::Lost(claim),
            FaultError::Inner(CommitError::Store(error)) => {
                CommitError::Store(FaultError::Inner(error))
            }
        })
    }

    fn is_transient(&self, error: &Self::Error) -> bool {
        match error {
            FaultError::Told { .. } => self.faults.is_transient(),
            FaultError::Inner(error) => self.inner.is_transient(error),
        }
    }

    async fn peek(&self, ask: &Ask) -> Result<Claim, Self::Error> {
        self.through(StoreCall::Peek, self.inner.peek(ask)).await
    }
}
