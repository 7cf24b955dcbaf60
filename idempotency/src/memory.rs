//! A store in the memory of one process: bounded, and gone with it.

mod shard;

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::Clock;

use self::shard::Shard;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Hold;
use crate::key::IdempotencyKey;
use crate::store::Store;
use crate::store::Swept;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;
use crate::verbs::Reconciled;
use crate::verbs::Released;
use crate::verbs::Reply;
use crate::verbs::Verb;

/// Keys that share the first bits of their address share a lock.
const SHARDS: usize = 16;

/// How many bytes a store in memory may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Capacity(usize);

impl Capacity {
    /// So many bytes.
    #[must_use]
    pub const fn bytes(bytes: usize) -> Self {
        Self(bytes)
    }

    /// So many mebibytes: one holds about 5 000 keys without answers.
    #[must_use]
    pub const fn mib(mib: usize) -> Self {
        Self(mib.saturating_mul(1024 * 1024))
    }
}

/// Records in the memory of this process, for one machine and for tests. A restart forgets them: a repetition then runs
/// again.
///
/// It is bounded, and forgets no key before its time: a full store refuses new claims (503). An answer for which there is
/// no room left leaves a tombstone. Cheap to clone; clones are one store.
#[derive(Clone)]
pub struct MemoryStore(Arc<Shards>);

struct Shards {
    shards: [Shard; SHARDS],
    clock: Box<dyn Clock>,
}

/// Why the store in memory refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// It is full of keys that must not be forgotten yet.
    #[error("the store is full of keys that must not be forgotten yet")]
    Full,
}

impl MemoryStore {
    /// An empty store of at most so many bytes, shared evenly among the first bits of addresses.
    #[must_use]
    pub fn new(capacity: Capacity, clock: impl Clock + 'static) -> Self {
        let each = capacity.0 / SHARDS;
        Self(Arc::new(Shards {
            shards: core::array::from_fn(|_| Shard::new(each)),
            clock: Box::new(clock),
        }))
    }

    /// How many records it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.shards.iter().map(Shard::len).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets whatever it holds of a tenant that is no more.
    pub fn forget_tenant(&self, tenant: skeleton_invocation_context::TenantId) {
        for shard in &self.0.shards {
            shard.forget_tenant(tenant);
        }
    }

    fn shard(&self, key: &IdempotencyKey) -> &Shard {
        let [first, ..] = *key.address();
        let [shard, ..] = &self.0.shards;
        self.0
            .shards
            .get(usize::from(first) % SHARDS)
            .unwrap_or(shard)
    }

    fn apply(&self, key: &IdempotencyKey, verb: &Verb<'_>) -> Result<Reply, MemoryError> {
        self.shard(key).apply(key, verb, self.0.clock.now())
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    type Error = MemoryError;

    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, MemoryError> {
        let verb = Verb::Claim(ask, Hold::Lease(lease));
        Ok(match self.apply(ask.key(), &verb)? {
            Reply::Claim(claim) => claim,
            _ => Claim::Mismatch,
        })
    }

    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, MemoryError> {
        Ok(match self.apply(key, &Verb::Beat(key, *fence, lease))? {
            Reply::Beat(beat) => beat,
            _ => Beat::Lost { answer: None },
        })
    }

    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, MemoryError> {
        Ok(match self.apply(key, &Verb::Complete(key, *fence, end))? {
            Reply::Completed(completed) => completed,
            _ => Completed::Gone,
        })
    }

    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, MemoryError> {
        Ok(match self.apply(key, &Verb::Release(key, *fence, proof))? {
            Reply::Released(released) => released,
            _ => Released::Gone,
        })
    }

    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, MemoryError> {
        Ok(
            match self.apply(key, &Verb::Reconcile(key, epoch, found))? {
                Reply::Reconciled(reconciled) => reconciled,
                _ => Reconciled::NotInDoubt,
            },
        )
    }

    async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        self.shard(key).changed(key, seen).await;
    }

    async fn sweep(&self, limit: u32) -> Result<Swept, MemoryError> {
        let now = self.0.clock.now();
        let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut swept = Swept::default();
        for shard in &self.0.shards {
            shard.sweep(&mut left, &mut swept, now);
        }
        Ok(swept)
    }
}
