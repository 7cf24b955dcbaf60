//! Lays a tree out in pre-order, siblings in the order of their creation.

use super::row::Row;
use super::row::Span;
use crate::tree::Nodes;
use crate::tree::place;

/// Containers in pre-order: a position is the number of containers before it, so a subtree is one slice.
#[derive(Clone)]
pub(super) struct Layout {
    rows: Box<[Row]>,
    /// By ordinal, so that a look-up by id needs no row.
    spans: Box<[Span]>,
    /// The positions of archived containers below which everything is archived by them: the topmost ones.
    archives: Box<[u32]>,
}

impl Layout {
    /// The cost is linear in the number of containers. No link is followed: the levels are counted from the lowest up,
    /// and given their places from the highest down, so that the processor waits for many containers at once.
    pub(super) fn of(nodes: &Nodes) -> Self {
        let levels = by_depth(nodes);
        // How many containers each subtree has; from when on it has its place, the next free position in it.
        let mut next = vec![1_u32; levels.len()];
        for (ordinal, parent) in levels.iter().skip(1).rev() {
            let size = next.get(place(*ordinal)).copied().unwrap_or_default();
            if let Some(above) = next.get_mut(place(*parent)) {
                *above += size;
            }
        }
        let mut spans = vec![Span::default(); levels.len()];
        let mut rows = vec![Row::default(); levels.len()];
        for (ordinal, parent) in levels {
            let size = next.get(place(ordinal)).copied().unwrap_or_default();
            let is_root = ordinal == parent;
            let above = spans.get(place(parent)).copied().unwrap_or_default();
            let pre = match next.get_mut(place(parent)) {
                Some(free) if !is_root => core::mem::replace(free, *free + size),
                _ => 0,
            };
            let is_archived = above.is_archived() || nodes.is_marked(ordinal);
            let span = Span::new(pre, pre + size, nodes.depth(ordinal), is_archived);
            if let Some(own) = next.get_mut(place(ordinal)) {
                *own = pre + 1;
            }
            if let Some(own) = spans.get_mut(place(ordinal)) {
                *own = span;
            }
            if let Some(row) = rows.get_mut(place(pre)) {
                *row = Row::new(ordinal, above.pre(), span);
            }
        }
        let is_top = |(pre, row): &(u32, &Row)| {
            let above = rows.get(place(row.parent())).filter(|_| *pre != 0);
            row.is_archived() && !above.is_some_and(|above| above.is_archived())
        };
        let tops = (0_u32..).zip(&rows).filter(is_top);
        let archives = tops.map(|(pre, _)| pre).collect();
        Self::from_parts(rows, spans, archives)
    }

    pub(super) fn from_parts(rows: Vec<Row>, spans: Vec<Span>, archives: Vec<u32>) -> Self {
        Self {
            rows: rows.into(),
            spans: spans.into(),
            archives: archives.into(),
        }
    }

    pub(super) const fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn span(&self, ordinal: u32) -> Option<Span> {
        self.spans.get(place(ordinal)).copied()
    }

    pub(super) const fn spans(&self) -> &[Span] {
        &self.spans
    }

    pub(super) fn row(&self, pre: u32) -> Option<&Row> {
        self.rows.get(place(pre))
    }

    /// Puts another row in its place, and its span with it.
    pub(super) fn set(&mut self, pre: u32, row: Row) {
        if let Some(held) = self.rows.get_mut(place(pre)) {
            *held = row;
        }
        if let Some(span) = self.spans.get_mut(place(row.ordinal)) {
            *span = row.span(pre);
        }
    }

    pub(super) const fn archives(&self) -> &[u32] {
        &self.archives
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.rows) + size_of_val(&*self.spans)
    }
}

/// Every container with its parent, the root first and with itself: by depth, and on one level in the order of creation,
/// which is that of siblings.
fn by_depth(nodes: &Nodes) -> Vec<(u32, u32)> {
    let mut next = [0_usize; 257];
    for ordinal in 0..nodes.len() {
        if let Some(below) = next.get_mut(usize::from(nodes.depth(ordinal)) + 1) {
            *below += 1;
        }
    }
    let mut sum = 0;
    for level in &mut next {
        sum += *level;
        *level = sum;
    }
    let mut levels = vec![(0, 0); place(nodes.len())];
    for ordinal in 0..nodes.len() {
        if let Some(next) = next.get_mut(usize::from(nodes.depth(ordinal))) {
            if let Some(entry) = levels.get_mut(*next) {
                *entry = (ordinal, nodes.parent(ordinal).unwrap_or(ordinal));
            }
            *next += 1;
        }
    }
    levels
}
