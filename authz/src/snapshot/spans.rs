//! Sets of permissions over intervals of a tree, laid out flat for the one question that is asked all the time: is this
//! permission given at this position.

use std::borrow::Cow;

use crate::catalogue::PermissionId;
use crate::catalogue::PermissionSet;

/// Up to so many rows are scanned; above, merged segments are searched.
const SCANNED: usize = 8;

/// One set over one interval of positions, both ends included.
pub(super) struct Span<'s> {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) set: Cow<'s, PermissionSet>,
}

/// What rows give together.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    /// First and last position of each row; or of segments the first position alone, and they are sorted and disjoint.
    places: Vec<(u32, u32)>,
    /// The bits of each, `width` words a row.
    bits: Vec<u64>,
    width: usize,
    is_segmented: bool,
}

impl Spans {
    /// The intervals come from one tree, so two of them are nested or apart.
    pub(super) fn of(mut rows: Vec<Span<'_>>) -> Self {
        let width = rows
            .iter()
            .map(|row| row.set.words().len())
            .max()
            .unwrap_or(0);
        rows.retain(|row| row.first <= row.last && !row.set.is_empty());
        // Wide ones first, so that whatever implies a row stands before it.
        rows.sort_unstable_by_key(|row| (row.first, core::cmp::Reverse(row.last)));
        let rows = merged(rows);
        if rows.len() <= SCANNED {
            return Self::scanned(&rows, width);
        }
        Self::segmented(&rows, width)
    }

    fn scanned(rows: &[Span<'_>], width: usize) -> Self {
        let mut bits = Vec::with_capacity(rows.len() * width);
        for row in rows {
            push(&mut bits, row.set.words(), width);
        }
        Self {
            places: rows.iter().map(|row| (row.first, row.last)).collect(),
            bits,
            width,
            is_segmented: false,
        }
    }

    /// A sweep over the sorted rows: what is open is a stack, each entry with the union of those below it.
    fn segmented(rows: &[Span<'_>], width: usize) -> Self {
        let mut made = Self {
            places: Vec::with_capacity(rows.len() * 2),
            bits: Vec::with_capacity(rows.len() * 2 * width),
            width,
            is_segmented: true,
        };
        let mut open = Open::default();
        for row in rows {
            made.close(&mut open, row.first);
            open.push(row.last, row.set.words(), width);
            made.begin(row.first, open.union(width));
        }
        made.close(&mut open, u32::MAX);
        made
    }

    /// Ends every row whose last position lies before `at`.
    fn close(&mut self, open: &mut Open, at: u32) {
        while let Some(last) = open.pop_before(at, self.width) {
            self.begin(last.saturating_add(1), open.union(self.width));
        }
    }

    /// From this position on it is this set.
    fn begin(&mut self, at: u32, words: &[u64]) {
        if self.places.last().is_some_and(|(last, _)| *last == at) {
            self.places.pop();
            self.bits.truncate(self.places.len() * self.width);
        }
        self.places.push((at, at));
        push(&mut self.bits, words, self.width);
    }

    /// Whether a permission is given at a position.
    #[inline]
    pub(super) fn gives(&self, permission: PermissionId, pre: u32) -> bool {
        let (word, mask) = (
            usize::from(permission.bit() / 64),
            1_u64 << (permission.bit() % 64),
        );
        if word >= self.width {
            return false;
        }
        let has = |row: usize| {
            let bits = self.bits.get(row * self.width + word);
            bits.is_some_and(|bits| bits & mask != 0)
        };
        if self.is_segmented {
            let after = self.places.partition_point(|(first, _)| *first <= pre);
            return after.checked_sub(1).is_some_and(has);
        }
        let mut rows = self.places.iter().enumerate();
        rows.any(|(row, (first, last))| pre.wrapping_sub(*first) <= last - first && has(row))
    }

    /// Everything that is given at a position.
    pub(super) fn all_at(&self, pre: u32) -> PermissionSet {
        let mut set = PermissionSet::empty();
        let mut add = |row: usize| {
            let from = row * self.width;
            let words = self.bits.get(from..from + self.width).unwrap_or_default();
            set.insert_words(words);
        };
        if self.is_segmented {
            let after = self.places.partition_point(|(first, _)| *first <= pre);
            if let Some(row) = after.checked_sub(1) {
                add(row);
            }
        } else {
            let rows = self.places.iter().enumerate();
            rows.filter(|(_, (first, last))| (*first..=*last).contains(&pre))
                .for_each(|(row, _)| add(row));
        }
        set
    }
}

/// The rows around a position, the widest first: where each ends, and the union of it and those around it.
#[derive(Default)]
struct Open {
    lasts: Vec<u32>,
    unions: Vec<u64>,
}

impl Open {
    fn push(&mut self, last: u32, words: &[u64], width: usize) {
        let from = self.unions.len();
        push(&mut self.unions, words, width);
        let (around, own) = self.unions.split_at_mut(from);
        let around = around.rchunks_exact(width.max(1)).next();
        for (held, more) in own.iter_mut().zip(around.into_iter().flatten()) {
            *held |= more;
        }
        self.lasts.push(last);
    }

    /// Takes out the narrowest, if it ends before a position.
    fn pop_before(&mut self, at: u32, width: usize) -> Option<u32> {
        let last = self.lasts.pop_if(|last| *last < at)?;
        self.unions
            .truncate(self.unions.len().saturating_sub(width));
        Some(last)
    }

    /// The union of all; no words if there are none.
    fn union(&self, width: usize) -> &[u64] {
        let from = self.unions.len().saturating_sub(width);
        self.unions.get(from..).unwrap_or_default()
    }
}

/// Rows over one interval become one, and a row that a wider one implies goes.
fn merged(rows: Vec<Span<'_>>) -> Vec<Span<'_>> {
    let mut kept: Vec<Span<'_>> = Vec::with_capacity(rows.len());
    // The rows around the one at hand, by their places in `kept`, the nearest last.
    let mut around: Vec<usize> = Vec::new();
    for row in rows {
        around.retain(|at| kept.get(*at).is_some_and(|wide| wide.last >= row.first));
        if let Some(same) = around.last().and_then(|at| kept.get_mut(*at))
            && (same.first, same.last) == (row.first, row.last)
        {
            same.set.to_mut().insert_all(&row.set);
            continue;
        }
        let implies = |at: &usize| {
            kept.get(*at)
                .is_some_and(|wide| row.set.is_subset(&wide.set))
        };
        if !around.iter().any(implies) {
            around.push(kept.len());
            kept.push(row);
        }
    }
    kept
}

fn push(bits: &mut Vec<u64>, words: &[u64], width: usize) {
    bits.extend_from_slice(words);
    bits.resize(bits.len() + width - words.len(), 0);
}
