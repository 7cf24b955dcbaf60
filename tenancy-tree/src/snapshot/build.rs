//! Lays a tree out in pre-order.

use core::hash::BuildHasher;
use core::hash::Hasher;
use std::hash::RandomState;

use super::index::Index;
use super::node::Row;
use super::node::TreeSnapshot;
use super::node::place;
use crate::tree::Tree;

impl TreeSnapshot {
    /// The snapshot of a tree as it is now. The cost is linear in the number of containers.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let hasher = RandomState::new();
        let (rows, names) = lay_out(tree);
        Self {
            tenant: tree.tenant(),
            version: tree.version(),
            generation: generation(tree, &hasher),
            index: Index::of(&rows, hasher),
            rows: rows.into(),
            names: names.into(),
        }
    }
}

/// A number that hardly ever agrees between two snapshots: drawn from tenant and version under a random key.
fn generation(tree: &Tree, hasher: &RandomState) -> u32 {
    let mut state = hasher.build_hasher();
    state.write(&tree.tenant().to_bytes());
    state.write_u64(tree.version().get());
    let bits = state.finish();
    (bits >> 32) as u32 ^ (bits & 0xffff_ffff) as u32
}

fn lay_out(tree: &Tree) -> (Vec<Row>, Vec<Box<str>>) {
    let mut rows: Vec<Row> = Vec::with_capacity(tree.len());
    let mut names = Vec::with_capacity(tree.len());
    // What is still to be placed: a container in the order of creation, and the position of its parent.
    let mut waiting = vec![(0_u32, 0_u32)];
    while let Some((created, parent)) = waiting.pop() {
        let Some(entry) = tree.entry(created) else {
            continue;
        };
        let pre = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        rows.push(Row {
            id: entry.id,
            parent,
            last: pre,
            depth: entry.depth,
        });
        names.push(entry.name.as_str().into());
        waiting.extend(entry.children.iter().rev().map(|child| (*child, pre)));
    }
    // Children stand behind their parents: from the back, each hands its end on.
    for pre in (1..rows.len()).rev() {
        let Some((parent, last)) = rows.get(pre).map(|row| (row.parent, row.last)) else {
            continue;
        };
        if let Some(above) = rows.get_mut(place(parent)) {
            above.last = above.last.max(last);
        }
    }
    (rows, names)
}
