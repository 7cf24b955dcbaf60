//! Moves, and their dry runs.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::sample::Index;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::TreeEvent;

use crate::answers::Answers;
use crate::growing::Grown;
use crate::growing::IDS;
use crate::growing::commands;
use crate::growing::event;
use crate::growing::grown;
use crate::growing::id;
use crate::growing::limits;
use crate::helpers::moving;
use crate::naive::Refused;

/// Some of the moves that the tree accepts.
fn accepted(grown: &Grown, picks: &[Index]) -> Vec<(ContainerId, ContainerId)> {
    let pairs = (0..IDS).flat_map(|own| (0..IDS).map(move |to| (id(own), id(to))));
    let all: Vec<_> = pairs
        .filter(|(own, to)| grown.tree.decide(&moving(*own, *to), &limits()).is_ok())
        .collect();
    let picks = picks.iter().filter(|_| !all.is_empty());
    picks.map(|pick| *pick.get(&all)).collect()
}

proptest! {
    #[test]
    fn law_05_move_and_move_back_restores_every_answer(
        commands in commands(),
        picks in vec(any::<Index>(), 3),
    ) {
        let grown = grown(&commands);
        let before = Answers::of(&grown.snapshot());
        for (container, to) in accepted(&grown, &picks) {
            let mut there = grown.clone();
            let from = grown.naive.parent(container).unwrap();
            there.grow(&moving(container, to));
            prop_assert_eq!(Answers::of(&there.snapshot()) == before, from == to);
            there.grow(&moving(container, from));
            prop_assert_eq!(there.tree.version(), grown.tree.version().after(2));
            prop_assert_eq!(&Answers::of(&there.snapshot()), &before);
        }
    }

    #[test]
    fn law_06_a_dry_run_is_refused_exactly_as_the_move(commands in commands()) {
        let grown = grown(&commands);
        let snapshot = grown.snapshot();
        for (own, to) in (0..IDS).flat_map(|own| (0..IDS).map(move |to| (id(own), id(to)))) {
            let plan = snapshot.plan_move(own, to);
            let decided = grown.tree.decide(&moving(own, to), &limits());
            prop_assert_eq!(
                plan.map(|_| ()).map_err(Refused::from),
                decided.map(|_| ()).map_err(Refused::from),
            );
        }
    }

    #[test]
    fn law_06_a_dry_run_is_the_difference_before_and_after(
        commands in commands(),
        picks in vec(any::<Index>(), 6),
    ) {
        let grown = grown(&commands);
        let snapshot = grown.snapshot();
        for (container, to) in accepted(&grown, &picks) {
            let plan = snapshot.plan_move(container, to).unwrap();
            let event = grown.tree.decide(&plan.command(), &limits()).unwrap();
            let (before, mut after) = (&grown.naive, grown.naive.clone());
            prop_assert_eq!(after.apply(&event), Applied::Done);
            let (above, above_then) = (before.upward(container), after.upward(container));
            let but = |some: &[ContainerId], others: &[ContainerId]| -> Vec<_> {
                some.iter().copied().filter(|id| !others.contains(id)).collect()
            };
            prop_assert_eq!((plan.container(), plan.to()), (container, to));
            prop_assert_eq!(plan.version(), snapshot.version());
            prop_assert_eq!(plan.moved() as usize, before.subtree(container).len());
            prop_assert_eq!(usize::from(plan.depth()), above_then.len() - 1);
            prop_assert_eq!(plan.left(), but(&above, &above_then));
            prop_assert_eq!(plan.entered(), but(&above_then, &above));
            let from = before.parent(container).unwrap();
            prop_assert_eq!(event, TreeEvent::Moved { container, from, to });
        }
    }

    /// Even by an event that does not fit: the version is all that counts.
    #[test]
    fn law_06_a_plan_is_stale_once_anything_happened(
        commands in commands(),
        picks in vec(any::<Index>(), 3),
        event in event(),
    ) {
        let grown = grown(&commands);
        let snapshot = grown.snapshot();
        for (container, to) in accepted(&grown, &picks) {
            let plan = snapshot.plan_move(container, to).unwrap();
            let mut later = grown.tree.clone();
            let _counted = later.apply(&event);
            let stale = later.decide(&plan.command(), &limits()).map_err(Refused::from);
            prop_assert_eq!(stale, Err(Refused::Stale(later.version().get())));
        }
    }
}
