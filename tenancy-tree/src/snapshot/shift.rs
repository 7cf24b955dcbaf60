//! A layout from the one before and one event: what stays where it was is copied, not laid out again.

use super::layout::Layout;
use super::row::Row;
use super::row::Span;
use crate::tree::Nodes;
use crate::tree::place;

/// Where positions go when one run of them changes places with the run beside it.
#[derive(Clone, Copy)]
struct Shift {
    /// The first run: `first..second`.
    first: u32,
    /// The second run: `second..end`.
    second: u32,
    end: u32,
}

impl Shift {
    const fn to(self, pre: u32) -> u32 {
        if pre < self.first || pre >= self.end {
            pre
        } else if pre < self.second {
            pre + (self.end - self.second)
        } else {
            pre - (self.second - self.first)
        }
    }
}

impl Layout {
    /// The layout after the container `ordinal` was put below another parent. Nothing if that changes what is archived:
    /// then all is laid out again.
    pub(super) fn with_moved(&self, nodes: &Nodes, ordinal: u32) -> Option<Self> {
        let at = self.span(ordinal)?.pre();
        let moving = *self.row(at)?;
        let above = self.span(nodes.parent(ordinal)?)?.pre();
        let target = *self.row(above)?;
        let left = *self.row(moving.parent())?;
        if target.is_archived() != left.is_archived() {
            return None;
        }
        if above == moving.parent() {
            return Some(self.clone());
        }
        let size = moving.end() - at;
        let before = self.place_among(above, target, ordinal);
        let shift = if before > at {
            Shift {
                first: at,
                second: at + size,
                end: before,
            }
        } else {
            Shift {
                first: before,
                second: at,
                end: at + size,
            }
        };
        let mut made = self.swapped(shift);
        let now = shift.to(at);
        for pre in now..now + size {
            let row = *made.row(pre)?;
            let depth = (row.depth() - moving.depth()).saturating_add(target.depth() + 1);
            let parent = if pre == now {
                shift.to(above)
            } else {
                row.parent()
            };
            let span = Span::new(pre, row.end(), depth, row.is_archived());
            made.set(pre, Row::new(row.ordinal, parent, span));
        }
        // Ancestors end earlier where the container was, and later where it is; those of both places end as before.
        for ancestor in self.upward(moving.parent()) {
            made.widen(shift.to(ancestor), size.wrapping_neg())?;
        }
        for ancestor in self.upward(above) {
            made.widen(shift.to(ancestor), size)?;
        }
        Some(made)
    }

    /// The layout after the youngest container was created.
    pub(super) fn with_created(&self, nodes: &Nodes) -> Option<Self> {
        let ordinal = nodes.len().checked_sub(1)?;
        let above = self.span(nodes.parent(ordinal)?)?.pre();
        let target = *self.row(above)?;
        let at = target.end();
        let (before, after) = self.rows().split_at_checked(place(at))?;
        let mut rows = Vec::with_capacity(self.rows().len() + 1);
        rows.extend_from_slice(before);
        let span = Span::new(at, at + 1, target.depth() + 1, target.is_archived());
        rows.push(Row::new(ordinal, above, span));
        let later = |pre: u32| if pre >= at { pre + 1 } else { pre };
        let moved = (at..).zip(after);
        rows.extend(
            moved.map(|(pre, row)| {
                Row::new(row.ordinal, later(row.parent()), row.span(pre).later(1))
            }),
        );
        let mut spans = Vec::with_capacity(rows.len());
        spans.extend(
            self.spans()
                .iter()
                .map(|span| span.later(u32::from(span.pre() >= at))),
        );
        spans.push(span);
        let archives = self.archives().iter().map(|pre| later(*pre)).collect();
        let mut made = Self::from_parts(rows, spans, archives);
        for ancestor in self.upward(above) {
            made.widen(ancestor, 1)?;
        }
        Some(made)
    }

    /// The position before which a container comes to stand among the children of a parent: siblings stand in the order
    /// of their creation.
    fn place_among(&self, above: u32, target: Row, ordinal: u32) -> u32 {
        let mut child = above + 1;
        while child < target.end() {
            match self.row(child) {
                Some(row) if row.ordinal < ordinal => child = row.end(),
                _ => break,
            }
        }
        child
    }

    /// Two runs of rows change places. What spans both still has its old end.
    fn swapped(&self, shift: Shift) -> Self {
        let mut rows = Vec::with_capacity(self.rows().len());
        let mut spans = self.spans().to_vec();
        let runs = [
            (0, shift.first),
            (shift.second, shift.end),
            (shift.first, shift.second),
            (shift.end, u32::MAX),
        ];
        for (from, to) in runs {
            let run = self
                .rows()
                .get(place(from)..place(to).min(self.rows().len()));
            let by = shift.to(from).wrapping_sub(from);
            rows.extend((from..).zip(run.unwrap_or_default()).map(|(pre, row)| {
                let span = row.span(pre).later(by);
                Row::new(row.ordinal, shift.to(row.parent()), span)
            }));
        }
        let changed = rows
            .get(place(shift.first)..place(shift.end))
            .unwrap_or_default();
        for (pre, row) in (shift.first..).zip(changed) {
            if let Some(span) = spans.get_mut(place(row.ordinal)) {
                *span = row.span(pre);
            }
        }
        let mut archives: Vec<u32> = self.archives().iter().map(|pre| shift.to(*pre)).collect();
        archives.sort_unstable();
        Self::from_parts(rows, spans, archives)
    }

    /// The subtree at a position has so many containers more.
    fn widen(&mut self, pre: u32, by: u32) -> Option<()> {
        let row = *self.row(pre)?;
        let span = row.span(pre).widened(by);
        self.set(pre, Row::new(row.ordinal, row.parent(), span));
        Some(())
    }

    /// A position and those above it, the root last.
    fn upward(&self, pre: u32) -> impl Iterator<Item = u32> {
        core::iter::successors(Some(pre), |at| {
            let parent = self.row(*at)?.parent();
            (*at != 0).then_some(parent)
        })
    }
}
