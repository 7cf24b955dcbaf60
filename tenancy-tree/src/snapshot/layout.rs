//! Lays a tree out in pre-order, siblings in the order of their creation.

use crate::tree::Nodes;
use crate::tree::count;
use crate::tree::place;

/// The root's parent.
const NONE: u32 = u32::MAX;

/// Containers in pre-order: a position is the number of containers before it, so a subtree is one slice.
#[derive(Clone)]
pub(super) struct Layout {
    rows: Box<[Row]>,
    /// By ordinal, the position.
    positions: Box<[u32]>,
    /// The positions of archived containers below which everything is archived by them: the topmost ones.
    archives: Box<[u32]>,
}

/// One container: 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) parent: u32,
    /// The last position of the subtree.
    pub(super) last: u32,
    pub(super) ordinal: u32,
    pub(super) depth: u8,
    /// Whether this container, or one above it, is archived.
    pub(super) is_archived: bool,
}

impl Layout {
    /// The cost is linear in the number of containers.
    pub(super) fn of(nodes: &Nodes) -> Self {
        let len = place(nodes.len());
        let mut rows: Vec<Row> = Vec::with_capacity(len);
        let mut positions = vec![0; len];
        // What is still to be placed: a container, and the position of its parent. The next one is the last.
        let mut waiting: Vec<(u32, u32)> = vec![(0, NONE)];
        while let Some((ordinal, parent)) = waiting.pop() {
            let pre = count(rows.len());
            let is_below_archived = rows.get(place(parent)).is_some_and(|row| row.is_archived);
            rows.push(Row {
                parent,
                last: pre,
                ordinal,
                depth: nodes.depth(ordinal),
                is_archived: is_below_archived || nodes.is_marked(ordinal),
            });
            if let Some(position) = positions.get_mut(place(ordinal)) {
                *position = pre;
            }
            let begin = waiting.len();
            waiting.extend(nodes.children(ordinal).map(|child| (child, pre)));
            eldest_last(waiting.get_mut(begin..).unwrap_or_default());
        }
        close(&mut rows);
        let is_top = |row: &Row| {
            let above = rows.get(place(row.parent));
            row.is_archived && !above.is_some_and(|above| above.is_archived)
        };
        let tops = (0_u32..).zip(&rows).filter(|(_, row)| is_top(row));
        let archives = tops.map(|(pre, _)| pre).collect();
        Self::from_parts(rows, positions, archives)
    }

    pub(super) fn from_parts(rows: Vec<Row>, positions: Vec<u32>, archives: Vec<u32>) -> Self {
        Self {
            rows: rows.into(),
            positions: positions.into(),
            archives: archives.into(),
        }
    }

    pub(super) const fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn position(&self, ordinal: u32) -> Option<u32> {
        self.positions.get(place(ordinal)).copied()
    }

    pub(super) const fn positions(&self) -> &[u32] {
        &self.positions
    }

    pub(super) fn row(&self, pre: u32) -> Option<&Row> {
        self.rows.get(place(pre))
    }

    pub(super) fn row_mut(&mut self, pre: u32) -> Option<&mut Row> {
        self.rows.get_mut(place(pre))
    }

    pub(super) const fn archives(&self) -> &[u32] {
        &self.archives
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.rows) + size_of_val(&*self.positions)
    }
}

/// Children come in the order of the ring, in which only a move leaves another order than that of creation.
fn eldest_last(children: &mut [(u32, u32)]) {
    if children.is_sorted() {
        children.reverse();
    } else {
        children.sort_unstable_by(|one, other| other.cmp(one));
    }
}

/// Children stand behind their parents: from the back, each hands its end on.
fn close(rows: &mut [Row]) {
    for pre in (1..rows.len()).rev() {
        let Some(Row { parent, last, .. }) = rows.get(pre).copied() else {
            continue;
        };
        if let Some(above) = rows.get_mut(place(parent)) {
            above.last = above.last.max(last);
        }
    }
}
