//! Properties against the naive model, numbered in the order of the list that they are from.

mod foreign;
mod limits;
mod moves;
mod published;
mod replay;
mod rollup;
mod walks;

use std::collections::BTreeMap;
use std::mem::discriminant;

use proptest::strategy::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::growing::commands;
use crate::growing::grown;
use crate::naive::Refused;

/// The laws say nothing of what random commands never do: they must meet every refusal, and do everything often.
#[test]
fn random_commands_do_everything_and_are_refused_for_every_reason() {
    let mut runner = TestRunner::deterministic();
    let (mut done, mut refused) = (BTreeMap::new(), Vec::<(Refused, u32)>::new());
    for _ in 0..300 {
        let commands = commands().new_tree(&mut runner).unwrap().current();
        let grown = grown(&commands);
        for event in grown.log {
            *done.entry(event.name()).or_insert(0) += 1;
        }
        for why in grown.refusals {
            let kind = discriminant(&why);
            match refused
                .iter_mut()
                .find(|(held, _)| discriminant(held) == kind)
            {
                Some((_, times)) => *times += 1,
                None => refused.push((why, 1)),
            }
        }
    }
    assert_eq!(done.len(), 7, "{done:?}");
    assert!(done.values().all(|times| *times >= 40), "{done:?}");
    // All but `Unavailable`, which no tree answers.
    assert_eq!(refused.len(), 17, "{refused:?}");
    assert!(refused.iter().all(|(_, times)| *times >= 30), "{refused:?}");
}
