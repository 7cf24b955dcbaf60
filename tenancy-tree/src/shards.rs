//! An immutable map in parts: a change copies one part, so that adding the hundred-thousandth tenant is as cheap as
//! it should be.

use core::hash::BuildHasher;
use core::hash::Hash;
use std::collections::HashMap;
use std::hash::RandomState;
use std::sync::Arc;

const SHARDS: usize = 64;

/// A map that is replaced as a whole. A clone copies no entry.
#[derive(Clone)]
pub(crate) struct Shards<K, V> {
    shards: Vec<Arc<HashMap<K, V, RandomState>>>,
    hasher: RandomState,
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        let hasher = RandomState::new();
        let shard = || Arc::new(HashMap::with_hasher(hasher.clone()));
        Self {
            shards: core::iter::repeat_with(shard).take(SHARDS).collect(),
            hasher,
        }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Shards<K, V> {
    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: core::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.shards.get(self.shard_of(key))?.get(key)
    }

    pub(crate) fn insert(&mut self, key: K, value: V) {
        let shard = self.shard_of(&key);
        if let Some(shard) = self.shards.get_mut(shard) {
            Arc::make_mut(shard).insert(key, value);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.len()).sum()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.shards.iter().flat_map(|shard| shard.iter())
    }

    fn shard_of<Q: Hash + ?Sized>(&self, key: &Q) -> usize {
        // The maps take the lowest and the highest bits of the same hash: these are in between.
        (self.hasher.hash_one(key) >> 40) as usize % SHARDS
    }
}
