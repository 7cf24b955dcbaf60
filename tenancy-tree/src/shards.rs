//! An immutable map in parts: a change copies one part, so that adding the hundred-thousandth tenant is as cheap as
//! it should be.

use core::hash::Hash;
use std::collections::HashMap;
use std::sync::Arc;

use skeleton_invocation_context::TenantId;

const SHARDS: usize = 64;

/// A map that is replaced as a whole. A clone copies no entry.
#[derive(Clone)]
pub(crate) struct Shards<K, V> {
    shards: Vec<Arc<HashMap<K, V>>>,
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        let shard = || Arc::new(HashMap::new());
        Self {
            shards: core::iter::repeat_with(shard).take(SHARDS).collect(),
        }
    }
}

impl<K: Eq + Hash + ShardKey + Clone, V: Clone> Shards<K, V> {
    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: core::borrow::Borrow<Q>,
        Q: Eq + Hash + ShardKey + ?Sized,
    {
        self.shards.get(key.shard())?.get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        if let Some(shard) = self.shards.get_mut(key.shard()) {
            Arc::make_mut(shard).insert(key, value);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len()).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }
}

/// Which shard a key belongs to: cheap, since the map behind it hashes the key once more. Keys that crowd one shard
/// cost copies, never look-ups.
pub(crate) trait ShardKey {
    fn shard(&self) -> usize;
}

impl ShardKey for TenantId {
    fn shard(&self) -> usize {
        // The last bits of an id are random.
        usize::from(self.to_bytes()[15]) % SHARDS
    }
}

impl ShardKey for str {
    fn shard(&self) -> usize {
        // Hosts differ in their first bytes, and end alike.
        let mixed = self.bytes().take(16);
        let mixed = mixed.fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        usize::from(mixed) % SHARDS
    }
}

impl ShardKey for Box<str> {
    fn shard(&self) -> usize {
        (**self).shard()
    }
}
