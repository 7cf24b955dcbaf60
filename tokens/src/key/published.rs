//! A map that is read without waiting and changed one shard at a time.

use core::hash::BuildHasher;
use core::hash::Hash;
use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::Arc;

use arc_swap::ArcSwap;

/// Readers load a snapshot and never wait. A change copies one of the shards, so its cost hardly grows
/// with the number of rings.
pub(super) struct Published<K, V> {
    shards: Box<[ArcSwap<HashMap<K, V>>]>,
    hasher: RandomState,
}

impl<K: Clone + Eq + Hash, V: Clone> Published<K, V> {
    pub(super) fn new() -> Self {
        let shards = (0..SHARDS).map(|_| ArcSwap::default()).collect();
        Self {
            shards,
            hasher: RandomState::new(),
        }
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.shard(key)?.load().get(key).cloned()
    }

    pub(super) fn insert(&self, key: &K, value: &V) {
        let Some(shard) = self.shard(key) else { return };
        shard.rcu(|before| {
            let mut after = HashMap::clone(before);
            after.insert(key.clone(), value.clone());
            Arc::new(after)
        });
    }

    fn shard(&self, key: &K) -> Option<&ArcSwap<HashMap<K, V>>> {
        let [.., last] = self.hasher.hash_one(key).to_be_bytes();
        self.shards.get(usize::from(last))
    }
}

/// One for each value of the byte that chooses.
const SHARDS: usize = 256;
