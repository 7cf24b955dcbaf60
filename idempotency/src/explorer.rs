//! Walks through every history of a small world, for the tests of the two machines.

use core::fmt::Debug;
use core::hash::Hash;
use std::collections::HashSet;
use std::rc::Rc;

/// A promise that does not hold.
pub(crate) type Broken = &'static str;

/// A moment, with the one before it and the step in between.
type Reached<M, S> = (Rc<M>, Option<(usize, S)>);

/// How many moments there are, or the steps that lead to one in which a promise is broken: as few as possible.
pub(crate) fn explore<M, S>(
    first: M,
    steps: impl Fn(&M) -> Vec<S>,
    after: impl Fn(&M, S) -> Result<M, Broken>,
) -> Result<usize, (Broken, Vec<S>)>
where
    M: Eq + Hash,
    S: Copy + Debug,
{
    let first = Rc::new(first);
    let mut seen = HashSet::from([Rc::clone(&first)]);
    let mut order: Vec<Reached<M, S>> = vec![(first, None)];
    let mut nth = 0;
    while let Some((moment, _)) = order.get(nth).cloned() {
        for step in steps(&moment) {
            match after(&moment, step) {
                Ok(next) => {
                    let next = Rc::new(next);
                    if seen.insert(Rc::clone(&next)) {
                        order.push((next, Some((nth, step))));
                    }
                }
                Err(broken) => return Err((broken, path_to(&order, nth, step))),
            }
        }
        nth += 1;
    }
    Ok(order.len())
}

fn path_to<M, S: Copy>(order: &[Reached<M, S>], nth: usize, last: S) -> Vec<S> {
    let mut steps = vec![last];
    let mut at = order[nth].1;
    while let Some((before, step)) = at {
        steps.push(step);
        at = order[before].1;
    }
    steps.reverse();
    steps
}
