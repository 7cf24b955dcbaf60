//! Sets of permissions over intervals of a tree, laid out flat for the one question that is asked all the time: is this
//! permission given at this position.

use crate::catalogue::PermissionId;
use crate::catalogue::PermissionSet;

/// Up to so many rows are scanned; above, merged segments are searched.
const SCANNED: usize = 8;

/// One set over one interval of positions, both ends included.
pub(super) struct Span {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) set: PermissionSet,
}

/// What rows give together.
#[derive(Debug, Default)]
pub(super) struct Spans {
    /// First and last position of each row; or of segments the first position alone, and they are sorted and disjoint.
    places: Vec<(u32, u32)>,
    /// The bits of each, `width` words a row.
    bits: Vec<u64>,
    width: usize,
    is_segmented: bool,
}

impl Spans {
    /// The intervals come from one tree, so two of them are nested or apart.
    pub(super) fn of(mut rows: Vec<Span>) -> Self {
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

    fn scanned(rows: &[Span], width: usize) -> Self {
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
    fn segmented(rows: &[Span], width: usize) -> Self {
        let mut made = Self {
            places: Vec::with_capacity(rows.len() * 2),
            bits: Vec::with_capacity(rows.len() * 2 * width),
            width,
            is_segmented: true,
        };
        let mut open: Vec<(u32, PermissionSet)> = Vec::new();
        for row in rows {
            made.close(&mut open, row.first);
            let mut union = open
                .last()
                .map_or_else(PermissionSet::empty, |(_, set)| set.clone());
            union.insert_all(&row.set);
            made.begin(row.first, &union);
            open.push((row.last, union));
        }
        made.close(&mut open, u32::MAX);
        made
    }

    /// Ends every row whose last position lies before `at`.
    fn close(&mut self, open: &mut Vec<(u32, PermissionSet)>, at: u32) {
        while let Some((last, _)) = open.pop_if(|(last, _)| *last < at) {
            let below = open.last().map(|(_, set)| set.clone());
            self.begin(last.saturating_add(1), &below.unwrap_or_default());
        }
    }

    /// From this position on it is this set.
    fn begin(&mut self, at: u32, set: &PermissionSet) {
        if self.places.last().is_some_and(|(last, _)| *last == at) {
            self.places.pop();
            self.bits.truncate(self.places.len() * self.width);
        }
        self.places.push((at, at));
        push(&mut self.bits, set.words(), self.width);
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

/// Rows over one interval become one, and a row that a wider one implies goes.
fn merged(rows: Vec<Span>) -> Vec<Span> {
    let mut kept: Vec<Span> = Vec::with_capacity(rows.len());
    // The rows around the one at hand, by their places in `kept`, the nearest last.
    let mut around: Vec<usize> = Vec::new();
    for row in rows {
        around.retain(|at| kept.get(*at).is_some_and(|wide| wide.last >= row.first));
        if let Some(same) = around.last().and_then(|at| kept.get_mut(*at))
            && (same.first, same.last) == (row.first, row.last)
        {
            same.set.insert_all(&row.set);
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
