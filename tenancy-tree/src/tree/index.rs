//! Finds a container by its id: open addressing over ordinals, seeded per tree.

use core::hash::BuildHasher;

use foldhash::quality::RandomState;
use skeleton_invocation_context::ContainerId;

use super::nodes::place;

/// A slot that holds no ordinal.
const FREE: u32 = u32::MAX;

/// A table of ordinals, at most half full, so that a search ends soon. Ids may be made by clients, so the hash has a
/// seed of its own for every tree; what a tenant could do to it, it would do to its own tree.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    slots: Box<[u32]>,
    held: usize,
    hasher: RandomState,
}

impl Index {
    pub(super) fn new() -> Self {
        Self {
            slots: [FREE; 4].into(),
            held: 0,
            hasher: RandomState::default(),
        }
    }

    /// Adds the ordinal of an id that is not there yet. `ids` holds every id by its ordinal, this one's too.
    pub(super) fn insert(&mut self, ordinal: u32, ids: &[ContainerId]) {
        self.held += 1;
        if self.held * 2 > self.slots.len() {
            self.slots = vec![FREE; (self.held * 2).next_power_of_two()].into();
            for (ordinal, id) in (0_u32..).zip(ids) {
                self.settle(ordinal, *id);
            }
        } else if let Some(id) = ids.get(place(ordinal)) {
            self.settle(ordinal, *id);
        }
    }

    /// Makes room for so many ids at once.
    pub(super) fn reserve(&mut self, len: usize, ids: &[ContainerId]) {
        let wanted = (len * 2).next_power_of_two();
        if wanted > self.slots.len() {
            self.slots = vec![FREE; wanted].into();
            for (ordinal, id) in (0_u32..).zip(ids) {
                self.settle(ordinal, *id);
            }
        }
    }

    pub(crate) fn find(&self, id: ContainerId, ids: &[ContainerId]) -> Option<u32> {
        let mut slot = self.first(id);
        loop {
            let ordinal = *self.slots.get(slot)?;
            if ordinal == FREE {
                return None;
            }
            if *ids.get(place(ordinal))? == id {
                return Some(ordinal);
            }
            slot = self.next(slot);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.slots)
    }

    fn settle(&mut self, ordinal: u32, id: ContainerId) {
        let mut slot = self.first(id);
        while self.slots.get(slot).is_some_and(|held| *held != FREE) {
            slot = self.next(slot);
        }
        if let Some(free) = self.slots.get_mut(slot) {
            *free = ordinal;
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "the mask keeps what fits")]
    fn first(&self, id: ContainerId) -> usize {
        self.hasher.hash_one(id) as usize & (self.slots.len() - 1)
    }

    const fn next(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}
