//! What each branch of a tenant used, cost or earned.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::Rollup;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::growing::folded;
use crate::helpers::container;
use crate::helpers::created;
use crate::helpers::moving;
use crate::helpers::tenant;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

/// Container 1 with 2 and 3 in it, and 4 beside them.
fn planted() -> Tree {
    folded(&[
        created(container(1), root(), "a"),
        created(container(2), container(1), "b"),
        created(container(3), container(1), "c"),
        created(container(4), root(), "d"),
    ])
}

#[test]
fn a_total_is_the_subtrees_and_own_is_the_containers() {
    let tree = TreeSnapshot::of(&planted());
    let bill = Rollup::build(
        &tree,
        [
            (container(1), 5_i64),
            (container(2), 700),
            (container(3), -50),
            (container(2), -1),
            (root(), 10_000),
        ],
    );
    let bill = bill.unwrap();
    let of = |id| {
        let node = tree.node(id).unwrap();
        (bill.own(node).unwrap(), bill.total(node).unwrap())
    };
    assert_eq!(of(root()), (10_000, 10_654));
    assert_eq!(of(container(1)), (5, 654));
    assert_eq!(of(container(2)), (699, 699));
    assert_eq!(of(container(3)), (-50, -50));
    assert_eq!(of(container(4)), (0, 0));
    assert_eq!(bill.unknown(), []);
}

#[test]
fn nothing_contributed_is_nothing_and_not_unknown() {
    let tree = TreeSnapshot::of(&planted());
    let bill = Rollup::<i128>::build(&tree, []).unwrap();
    assert_eq!(
        (bill.total(tree.root()), bill.own(tree.root())),
        (Some(0), Some(0))
    );
}

#[test]
fn contributions_of_unknown_containers_are_in_no_sum_and_returned_as_they_came() {
    let tree = TreeSnapshot::of(&planted());
    let foreign = ContainerId::root_of(tenant(2));
    let unknown = [(container(99), 3_i64), (foreign, -4), (container(99), 3)];
    let contributions = unknown.into_iter().chain([(container(4), 7)]);
    let bill = Rollup::build(&tree, contributions).unwrap();
    assert_eq!(bill.total(tree.root()), Some(7));
    assert_eq!(bill.unknown(), unknown);
}

/// A bill names the version it was rolled up by, so a later reorganisation changes no bill that was printed.
#[test]
fn a_bill_answers_for_its_own_version_only() {
    let mut tree = planted();
    let before = TreeSnapshot::of(&tree);
    let bill = Rollup::build(&before, [(container(2), 10_i64)]).unwrap();
    let moved = tree.decide(&moving(container(2), container(4)), &Limits::default());
    assert_eq!(tree.apply(&moved.unwrap()), Applied::Done);
    let after = TreeSnapshot::of(&tree);
    assert_eq!(
        (bill.tenant(), bill.version()),
        (tenant(1), before.version())
    );
    assert_eq!(bill.total(before.node(container(1)).unwrap()), Some(10));
    assert_eq!(bill.total(after.node(container(1)).unwrap()), None);
    assert_eq!(bill.own(after.root()), None);
}

#[test]
fn attack_11_contributions_past_the_measure_are_an_error_and_no_sum() {
    let tree = TreeSnapshot::of(&planted());
    let (a, b) = (container(2), container(4));
    let past = [
        vec![(a, i64::MAX), (b, 1)],
        vec![(b, 1), (a, i64::MAX)],
        vec![(a, i64::MAX), (a, i64::MAX), (a, i64::MAX)],
        vec![(a, i64::MIN)],
        vec![(a, i64::MIN), (b, i64::MAX)],
        vec![(a, -i64::MAX), (b, -1)],
        // What belongs to no container counts, too.
        vec![(container(99), i64::MAX), (a, 1)],
        // It is the magnitudes that must fit, so that no order of contributions matters.
        vec![(a, i64::MAX), (b, -1)],
    ];
    for contributions in past {
        let error = Rollup::build(&tree, contributions.clone()).unwrap_err();
        let said = "the contributions do not fit their measure";
        assert_eq!(error.to_string(), said, "{contributions:?}");
    }
    let wide = [(a, i128::MAX), (b, 1)];
    assert!(Rollup::build(&tree, wide).is_err());
    assert!(Rollup::build(&tree, [(a, i128::MIN)]).is_err());
}

#[test]
fn attack_11_the_largest_that_fits_is_summed_exactly() {
    let tree = TreeSnapshot::of(&planted());
    let half = i64::MAX / 2;
    let most = [(container(2), half), (container(4), half + 1)];
    let bill = Rollup::build(&tree, most).unwrap();
    assert_eq!(bill.total(tree.root()), Some(i64::MAX));
    let least = most.map(|(at, amount)| (at, -amount));
    let bill = Rollup::build(&tree, least).unwrap();
    assert_eq!(bill.total(tree.root()), Some(-i64::MAX));
    let mixed = [(container(2), half + 1), (container(3), -half)];
    let bill = Rollup::build(&tree, mixed).unwrap();
    assert_eq!(bill.total(tree.node(container(1)).unwrap()), Some(1));
    let wide = [
        (container(2), i128::from(i64::MAX)),
        (container(4), i128::from(i64::MAX)),
    ];
    let bill = Rollup::build(&tree, wide).unwrap();
    assert_eq!(bill.total(tree.root()), Some(2 * i128::from(i64::MAX)));
}
