//! Finds a container's position by its id: open addressing over positions, seeded per process.

use core::hash::BuildHasher;
use std::hash::RandomState;

use skeleton_invocation_context::ContainerId;

use super::node::Row;
use super::node::place;

/// A slot that holds no position.
const FREE: u32 = u32::MAX;

/// At most half full, so a search ends soon.
pub(super) struct Index {
    slots: Box<[u32]>,
    hasher: RandomState,
}

impl Index {
    pub(super) fn of(rows: &[Row], hasher: RandomState) -> Self {
        let len = (rows.len() * 2).next_power_of_two().max(4);
        let mut index = Self {
            slots: vec![FREE; len].into(),
            hasher,
        };
        for (pre, row) in (0_u32..).zip(rows) {
            let mut slot = index.first(row.id);
            while index.slots.get(slot).is_some_and(|held| *held != FREE) {
                slot = index.next(slot);
            }
            if let Some(free) = index.slots.get_mut(slot) {
                *free = pre;
            }
        }
        index
    }

    pub(super) fn find(&self, id: ContainerId, rows: &[Row]) -> Option<u32> {
        let mut slot = self.first(id);
        loop {
            let pre = *self.slots.get(slot)?;
            if pre == FREE {
                return None;
            }
            if rows.get(place(pre))?.id == id {
                return Some(pre);
            }
            slot = self.next(slot);
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
