//! Properties of many answers at once, against the naive model: batches, lists, everything at a container, and
//! narrowed snapshots.

use std::collections::BTreeSet;

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::test_runner::TestCaseError;
use skeleton_authz::Permission;
use skeleton_authz::PermissionId;
use skeleton_authz::PermissionSet;
use skeleton_authz::Reach;
use skeleton_authz::ScopeFilter;
use skeleton_authz::Snapshot;
use skeleton_authz::Verdict;
use skeleton_invocation_context::ContainerId;

use crate::bank::Bank;
use crate::drawing::cases;
use crate::drawing::crowded_cases;
use crate::drawing::fit;
use crate::drawing::narrowings;
use crate::naive::Caller;
use crate::naive::Model;
use crate::worlds::answers;
use crate::worlds::asks;
use crate::worlds::attenuation;
use crate::worlds::expected;
use crate::worlds::id_of;
use crate::worlds::taken;

/// Every permission of the catalogue at every container of every tenant.
fn everything(model: &Model) -> Vec<(PermissionId, &'static str, usize)> {
    let catalogue = Bank::catalogue();
    let all = catalogue.permissions();
    all.flat_map(|held| (0..model.places.len()).map(move |place| (held.id(), held.name(), place)))
        .collect()
}

fn verdict(model: &Model, caller: &Caller, name: &str, place: usize) -> Verdict {
    if model.allows(caller, name, place) {
        Verdict::Allow
    } else if model.steps_up(caller, name, place) {
        Verdict::StepUp
    } else {
        Verdict::Deny
    }
}

fn batches_as_the_model(
    model: &Model,
    caller: &Caller,
    snapshot: &Snapshot,
) -> Result<(), TestCaseError> {
    let asked = everything(model);
    let asks: Vec<(PermissionId, ContainerId)> = asked
        .iter()
        .map(|(id, _, place)| (*id, id_of(model, *place)))
        .collect();
    // What was in it goes.
    let mut told = vec![Verdict::Allow; 3];
    snapshot.batch(&asks, &mut told);
    let expected: Vec<_> = asked
        .iter()
        .map(|(_, name, place)| verdict(model, caller, name, *place))
        .collect();
    prop_assert_eq!(told, expected);
    Ok(())
}

fn effective_as_the_model(
    model: &Model,
    caller: &Caller,
    snapshot: &Snapshot,
) -> Result<(), TestCaseError> {
    let asked = everything(model);
    for place in 0..model.places.len() {
        let effective = snapshot.effective(id_of(model, place));
        let all = |wanted| {
            let here = asked.iter().filter(|(_, _, at)| *at == place);
            let here = here.filter(|(_, name, _)| verdict(model, caller, name, place) == wanted);
            here.map(|(id, _, _)| *id).collect::<PermissionSet>()
        };
        prop_assert_eq!(effective.allowed, all(Verdict::Allow));
        prop_assert_eq!(effective.step_up, all(Verdict::StepUp));
    }
    Ok(())
}

/// The places that a list's topics stand for, each only once.
fn spread(model: &Model, filter: &ScopeFilter<'_>, snapshot: &Snapshot) -> Vec<usize> {
    let mut all = Vec::new();
    for (node, reach) in filter.roots() {
        let id = snapshot.tree().id(node).unwrap();
        let places = 0..model.places.len();
        let at = places.clone().find(|place| id_of(model, *place) == id);
        let at = at.unwrap();
        match reach {
            Reach::SelfAndBelow => {
                all.extend(places.filter(|place| model.upward(*place).contains(&at)));
            }
            Reach::SelfOnly => all.push(at),
            Reach::BelowOnly => panic!("never"),
        }
    }
    all
}

fn lists_as_the_model(
    model: &Model,
    caller: &Caller,
    snapshot: &Snapshot,
) -> Result<(), TestCaseError> {
    let own = (0..model.places.len()).filter(|place| model.places[*place].tenant == caller.tenant);
    let own: Vec<usize> = own.collect();
    for ask in asks() {
        let filter = (ask.visible)(snapshot).unwrap();
        let allowed: Vec<usize> = own
            .iter()
            .copied()
            .filter(|place| model.allows(caller, ask.name, *place))
            .collect();
        for place in &own {
            let node = snapshot.tree().node(id_of(model, *place)).unwrap();
            prop_assert_eq!(
                filter.contains(node),
                allowed.contains(place),
                "{}",
                ask.name
            );
            prop_assert_eq!(filter.contains(node), (ask.allows)(snapshot, node));
        }
        prop_assert_eq!(filter.len(), allowed.len());
        prop_assert_eq!(filter.is_nothing(), allowed.is_empty());
        prop_assert_eq!(filter.is_empty(), allowed.is_empty());
        prop_assert_eq!(filter.is_everything(), allowed.len() == own.len());
        let positions: Vec<u32> = filter.nodes().map(|node| node.pre()).collect();
        prop_assert!(positions.is_sorted_by(|one, next| one < next));
        let named: BTreeSet<_> = filter
            .nodes()
            .map(|node| snapshot.tree().id(node).unwrap())
            .collect();
        let ids: BTreeSet<_> = allowed.iter().map(|place| id_of(model, *place)).collect();
        prop_assert_eq!(named, ids);
        let mut places = spread(model, &filter, snapshot);
        places.sort_unstable();
        prop_assert_eq!(places, allowed, "{}", ask.name);
        prop_assert_eq!(filter.roots().len(), fewest(model, caller, ask.name, &own));
    }
    Ok(())
}

/// How many topics are needed: a container whose whole subtree is in the list goes with what is above it if that is too.
fn fewest(model: &Model, caller: &Caller, name: &str, own: &[usize]) -> usize {
    let is_whole = |at: usize| {
        let below = own
            .iter()
            .filter(|place| model.upward(**place).contains(&at));
        below
            .into_iter()
            .all(|place| model.allows(caller, name, *place))
    };
    let is_named = |place: &&usize| {
        let above = model.places[**place].parent;
        model.allows(caller, name, **place) && !above.is_some_and(is_whole)
    };
    own.iter().filter(is_named).count()
}

fn all_of(one: &[Vec<bool>], other: &[Vec<bool>], both: fn(bool, bool) -> bool) -> Vec<Vec<bool>> {
    let rows = one.iter().zip(other);
    rows.map(|(one, other)| {
        let pairs = one.iter().zip(other);
        pairs.map(|(one, other)| both(*one, *other)).collect()
    })
    .collect()
}

proptest! {
    #[test]
    fn law_12_a_batch_is_the_map_of_its_questions((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        batches_as_the_model(&model, &caller, &snapshot)?;
    }

    #[test]
    fn law_12_what_is_effective_is_what_each_question_would_say((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        effective_as_the_model(&model, &caller, &snapshot)?;
    }

    #[test]
    fn law_12_many_grants_are_batched_and_effective_like_few((model, caller) in crowded_cases()) {
        let (_, snapshot) = taken(&model, &caller);
        batches_as_the_model(&model, &caller, &snapshot)?;
        effective_as_the_model(&model, &caller, &snapshot)?;
    }

    #[test]
    fn law_16_a_list_holds_exactly_what_is_allowed((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        lists_as_the_model(&model, &caller, &snapshot)?;
    }

    #[test]
    fn law_16_a_list_of_many_grants_holds_exactly_what_is_allowed((model, caller) in crowded_cases()) {
        let (_, snapshot) = taken(&model, &caller);
        lists_as_the_model(&model, &caller, &snapshot)?;
    }

    #[test]
    fn law_16_a_node_of_another_tree_is_in_no_list((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        let other = Caller { tenant: caller.tenant % 3 + 1, ..caller };
        let (_, foreign) = taken(&model, &other);
        let tree = foreign.tree();
        for ask in asks() {
            let filter = (ask.visible)(&snapshot).unwrap();
            for node in tree.subtree(tree.root()) {
                prop_assert!(!filter.contains(node));
                prop_assert!(!(ask.allows)(&snapshot, node));
            }
        }
    }

    #[test]
    fn law_13_a_narrowed_snapshot_answers_as_the_model(
        (model, caller) in cases(), first in narrowings(), second in narrowings(),
    ) {
        let narrowed = [first, second].map(|to| fit(&model, to)).to_vec();
        let caller = Caller { narrowed, ..caller };
        let (_, snapshot) = taken(&model, &caller);
        prop_assert_eq!(answers(&snapshot, &model), expected(&model, &caller));
        batches_as_the_model(&model, &caller, &snapshot)?;
        effective_as_the_model(&model, &caller, &snapshot)?;
        lists_as_the_model(&model, &caller, &snapshot)?;
    }

    #[test]
    fn law_13_narrowing_only_takes_away_once_and_composes_to_the_intersection(
        (model, caller) in cases(), first in narrowings(), second in narrowings(),
    ) {
        let (_, whole) = taken(&model, &caller);
        let [a, b] = [first, second].map(|to| attenuation(&model, &fit(&model, to)));
        let told = |snapshot: &Snapshot| answers(snapshot, &model);
        let (of_a, of_b) = (told(&whole.attenuate(&a)), told(&whole.attenuate(&b)));
        prop_assert_eq!(&all_of(&of_a, &told(&whole), |narrow, wide| narrow && wide), &of_a);
        prop_assert_eq!(&told(&whole.attenuate(&a).attenuate(&a)), &of_a);
        let both = all_of(&of_a, &of_b, |one, other| one && other);
        prop_assert_eq!(&told(&whole.attenuate(&a).attenuate(&b)), &both);
        prop_assert_eq!(&told(&whole.attenuate(&b).attenuate(&a)), &both);
        // The wider one stays what it was, and both are of the same rules.
        prop_assert_eq!(told(&whole), expected(&model, &caller));
        prop_assert_eq!(whole.attenuate(&a).versions(), whole.versions());
    }

    #[test]
    fn law_13_nothing_said_narrows_nothing((model, caller) in cases()) {
        let (_, whole) = taken(&model, &caller);
        let same = whole.attenuate(&skeleton_authz::Attenuation::new());
        prop_assert_eq!(answers(&same, &model), answers(&whole, &model));
    }
}

#[test]
fn a_batch_of_an_unknown_permission_is_denied() {
    let (_, snapshot) = crate::worlds::block_on(async {
        let world = crate::helpers::World::bank().await;
        let snapshot = world.snapshot(&crate::helpers::caller(1)).await;
        (world, snapshot)
    });
    let mut told = Vec::new();
    let unknown = PermissionId::new(900).unwrap();
    let known = crate::bank::account::Read::ID;
    let (here, nowhere) = (crate::helpers::root(1), crate::helpers::container(99));
    snapshot.batch(&[(unknown, here), (known, nowhere)], &mut told);
    assert_eq!(told, [Verdict::Deny, Verdict::Deny]);
    snapshot.batch(&[], &mut told);
    assert_eq!(told, []);
    assert_eq!(
        snapshot.effective(nowhere),
        skeleton_authz::Effective::default()
    );
}
