//! Sorted, disjoint intervals of positions, both ends included.

/// Intervals that neither overlap nor touch, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Intervals(Vec<(u32, u32)>);

impl Intervals {
    /// The union of intervals in any order; those that end before they begin hold nothing.
    pub(super) fn of(intervals: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let mut sorted: Vec<_> = intervals.into_iter().collect();
        sorted.retain(|(first, last)| first <= last);
        sorted.sort_unstable();
        let mut union: Vec<(u32, u32)> = Vec::with_capacity(sorted.len());
        for (first, last) in sorted {
            match union.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => union.push((first, last)),
            }
        }
        Self(union)
    }

    /// What is in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some((first, last)), Some((begin, end))) = (ours.peek(), theirs.peek()) {
            let common = (*first.max(begin), *last.min(end));
            if common.0 <= common.1 {
                both.push(common);
            }
            if last < end {
                ours.next();
            } else {
                theirs.next();
            }
        }
        Self(both)
    }

    /// What is in this one only.
    pub(super) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::with_capacity(self.0.len());
        let mut gaps = other.0.iter().peekable();
        for (first, last) in &self.0 {
            let mut from = Some(*first);
            while gaps.next_if(|(_, end)| end < first).is_some() {}
            let inside = gaps.clone().take_while(|(begin, _)| begin <= last);
            for (begin, end) in inside {
                if let Some(from) = from.filter(|from| from < begin) {
                    left.push((from, begin - 1));
                }
                from = end.checked_add(1).filter(|next| next <= last);
            }
            left.extend(from.map(|from| (from, *last)));
        }
        Self(left)
    }

    pub(super) fn contains(&self, pre: u32) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= pre);
        let before = after.checked_sub(1).and_then(|at| self.0.get(at));
        before.is_some_and(|(_, last)| pre <= *last)
    }

    /// Whether every position from `first` to `last` is in it.
    pub(super) fn covers(&self, first: u32, last: u32) -> bool {
        let after = self.0.partition_point(|(begin, _)| *begin <= first);
        let before = after.checked_sub(1).and_then(|at| self.0.get(at));
        first > last || before.is_some_and(|(_, end)| last <= *end)
    }

    pub(super) fn as_slice(&self) -> &[(u32, u32)] {
        &self.0
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many positions are in it.
    pub(super) fn count(&self) -> usize {
        let each = self
            .0
            .iter()
            .map(|(first, last)| (last - first) as usize + 1);
        each.sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Intervals;

    /// Every position from 0 to 9, in or out.
    fn bits(intervals: &Intervals) -> Vec<bool> {
        (0..10).map(|pre| intervals.contains(pre)).collect()
    }

    fn of(mask: u32) -> Intervals {
        Intervals::of(
            (0..10)
                .filter(|pre| mask & (1 << pre) != 0)
                .map(|pre| (pre, pre)),
        )
    }

    #[test]
    fn the_algebra_is_that_of_sets() {
        for one in (0..1024_u32).step_by(7) {
            for other in (0..1024_u32).step_by(11) {
                let (a, b) = (of(one), of(other));
                assert_eq!(a.and(&b), of(one & other));
                assert_eq!(a.without(&b), of(one & !other));
                assert_eq!(a.count(), one.count_ones() as usize);
                assert_eq!(bits(&a), bits(&of(one)));
                for (first, last) in [(0, 9), (2, 5), (3, 3), (5, 4)] {
                    let all = (first..=last).all(|pre| a.contains(pre));
                    assert_eq!(a.covers(first, last), all);
                }
            }
        }
    }

    #[test]
    fn intervals_that_touch_or_overlap_are_one() {
        let union = Intervals::of([(5, 7), (0, 1), (2, 3), (9, 8), (6, 8)]);
        assert_eq!(union.as_slice(), [(0, 3), (5, 8)]);
    }
}
