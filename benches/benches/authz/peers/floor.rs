//! The floor: no rules, no windows, no proof. Whether a container's number lies in one of the user's spans.

use std::collections::HashMap;

use skeleton_invocation_context::ContainerId;

use super::Peer;
use super::fold::Quick;
use crate::world::World;

/// So many are scanned; more are searched.
const SCANNED: usize = 8;

/// The containers are numbered so that all below one follow it: the numbers in hand.
pub(super) struct Dense {
    numbers: HashMap<ContainerId, u32, Quick>,
    /// First and last of what a grant reaches, in order and apart.
    spans: Vec<(u32, u32)>,
}

/// The same from ids.
pub(super) struct Sparse(Dense);

impl Peer for Dense {
    const NAME: &'static str = "floor-node";
    type Question = u32;

    fn of(world: &World) -> Self {
        let (first, last) = spans(world);
        let ids = world.ids.iter().copied();
        let giving = world.giving().map(|at| (first[at], last[at]));
        Self {
            numbers: ids.zip(first.iter().copied()).collect(),
            spans: merged(giving.collect()),
        }
    }

    fn question(&self, at: ContainerId) -> u32 {
        self.numbers[&at]
    }

    fn allows(&mut self, question: &u32) -> bool {
        let (spans, number) = (&self.spans, *question);
        if spans.len() <= SCANNED {
            return spans
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&number));
        }
        let at = spans.partition_point(|(first, _)| *first <= number);
        at > 0 && number <= spans[at - 1].1
    }
}

impl Peer for Sparse {
    const NAME: &'static str = "floor-id";
    type Question = ContainerId;

    fn of(world: &World) -> Self {
        Self(Dense::of(world))
    }

    fn question(&self, at: ContainerId) -> ContainerId {
        at
    }

    fn allows(&mut self, question: &ContainerId) -> bool {
        let number = self.0.numbers.get(question).copied();
        number.is_some_and(|number| self.0.allows(&number))
    }
}

/// By container, the number of itself and of the last one below it.
fn spans(world: &World) -> (Vec<u32>, Vec<u32>) {
    let len = world.ids.len();
    let mut sizes = vec![1; len];
    for number in (1..len).rev() {
        sizes[world.parents[number]] += sizes[number];
    }
    let (mut first, mut next) = (vec![0; len], vec![1; len]);
    for number in 1..len {
        let parent = world.parents[number];
        first[number] = next[parent];
        next[parent] += sizes[number];
        next[number] = first[number] + 1;
    }
    let last = first
        .iter()
        .zip(&sizes)
        .map(|(first, size)| first + size - 1);
    let last = last.collect();
    (first, last)
}

/// What lies within another one goes.
fn merged(mut spans: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    spans.sort_unstable_by_key(|(first, last)| (*first, u32::MAX - last));
    let mut end = None;
    spans.retain(|(_, last)| {
        let is_outer = end.is_none_or(|end| *last > end);
        end = end.max(Some(*last));
        is_outer
    });
    spans
}
