//! Sums over subtrees.

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Rollup;

use crate::growing::commands;
use crate::growing::grown;
use crate::growing::ids;

/// What containers contributed, unknown ones too; sometimes so much that it does not fit.
fn contributions() -> impl Strategy<Value = Vec<(ContainerId, i64)>> {
    let amount =
        prop_oneof![30 => -1_000_i64..1_000, 2 => -(1_i64 << 61)..1 << 61, 1 => any::<i64>()];
    vec((ids(), amount), 0..30)
}

proptest! {
    #[test]
    fn law_08_a_roll_up_equals_the_sum_of_the_subtree(
        commands in commands(),
        contributions in contributions(),
    ) {
        let grown = grown(&commands);
        let snapshot = grown.snapshot();
        let magnitudes = contributions.iter().map(|(_, amount)| amount.unsigned_abs());
        let magnitude: u128 = magnitudes.map(u128::from).sum();
        let rollup = Rollup::build(&snapshot, contributions.clone());
        prop_assert_eq!(rollup.is_ok(), i64::try_from(magnitude).is_ok());
        let Ok(rollup) = rollup else { return Ok(()) };
        for id in grown.naive.ids() {
            let node = snapshot.node(id).unwrap();
            let sum_of = |is_meant: &dyn Fn(ContainerId) -> bool| -> i64 {
                let known = contributions.iter().filter(|(at, _)| grown.naive.has(*at));
                known.filter(|(at, _)| is_meant(*at)).map(|(_, amount)| amount).sum()
            };
            prop_assert_eq!(rollup.total(node), Some(sum_of(&|at| grown.naive.covers(id, at))));
            prop_assert_eq!(rollup.own(node), Some(sum_of(&|at| at == id)));
        }
        let mut unknown = contributions;
        unknown.retain(|(at, _)| !grown.naive.has(*at));
        prop_assert_eq!(rollup.unknown(), unknown);
        prop_assert_eq!(rollup.tenant(), snapshot.tenant());
        prop_assert_eq!(rollup.version(), snapshot.version());
    }

    /// The wide measure takes what the narrow one cannot, and sums the same.
    #[test]
    fn law_08_a_roll_up_of_wide_numbers_equals_that_of_narrow_ones(
        commands in commands(),
        contributions in contributions(),
    ) {
        let snapshot = grown(&commands).snapshot();
        let wide = contributions.iter().map(|(at, amount)| (*at, i128::from(*amount)));
        let wide = Rollup::build(&snapshot, wide).unwrap();
        let Ok(narrow) = Rollup::build(&snapshot, contributions) else { return Ok(()) };
        for node in snapshot.subtree(snapshot.root()) {
            prop_assert_eq!(wide.total(node), narrow.total(node).map(i128::from));
            prop_assert_eq!(wide.own(node), narrow.own(node).map(i128::from));
        }
    }
}
