//! Logs, replayed: on other replicas, merged from writers that did not know of each other, in other orders.

use std::collections::BTreeMap;

use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Reach;
use skeleton_tenancy_tree::Skipped;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::answers::Answers;
use crate::answers::assert_is_tree;
use crate::growing::commands;
use crate::growing::folded;
use crate::growing::grown;
use crate::growing::limits;
use crate::growing::moves;
use crate::growing::on_time;
use crate::helpers::tenant;
use crate::naive::Naive;

/// What a container is, whatever its number: parent, name, whether it is archived, its members.
type State = (Option<ContainerId>, String, bool, Vec<AccountId>);

fn states(tree: &TreeSnapshot) -> BTreeMap<ContainerId, State> {
    let all = tree.subtree(tree.root());
    let state = all.map(|node| {
        let parent = tree.parent(node).and_then(|above| tree.id(above));
        let members = tree.members(node, Reach::SelfOnly);
        let members = members.map(|(account, _)| account).collect();
        let state = (
            parent,
            tree.name(node).to_owned(),
            node.is_archived(),
            members,
        );
        (tree.id(node).unwrap(), state)
    });
    state.collect()
}

/// Replays a log on two replicas beside the model; what did not fit.
fn replayed<'e>(log: impl IntoIterator<Item = &'e TreeEvent>) -> (Tree, Vec<Skipped>) {
    let (mut one, mut other) = (Tree::rooted(tenant(1)), Tree::rooted(tenant(1)));
    let (mut naive, mut skipped) = (Naive::rooted(tenant(1)), Vec::new());
    for event in log {
        let applied = one.apply(event);
        assert_eq!(
            (applied, applied),
            (other.apply(event), naive.apply(event)),
            "{event:?}"
        );
        if let Applied::Skipped(why) = applied {
            skipped.push(why);
        }
    }
    let snapshot = TreeSnapshot::of(&one);
    assert_eq!(one, other);
    assert_eq!(
        (one.skipped(), one.version().get()),
        (naive.skipped(), naive.version())
    );
    assert_eq!(one.skipped(), skipped.len() as u64);
    assert_eq!(Answers::of(&snapshot), Answers::expected(&naive));
    assert_is_tree(&snapshot);
    (one, skipped)
}

/// Any order of a log; where nothing is to be an orphan, creations come first, as they came.
fn shuffled(log: Vec<TreeEvent>, keys: &[u8], creations_first: bool) -> Vec<TreeEvent> {
    let mut keyed: Vec<_> = keys.iter().cycle().zip(log).collect();
    keyed.sort_by_key(|(key, event)| {
        let comes_first = creations_first && matches!(event, TreeEvent::Created { .. });
        (!comes_first).then_some(**key)
    });
    keyed.into_iter().map(|(_, event)| event).collect()
}

/// Another order of a log, in which the events of each container stay as they were: as long as one fits that may come
/// next, one that fits does.
fn allowed(log: &[TreeEvent], picks: &[Index]) -> Vec<TreeEvent> {
    let mut naive = Naive::rooted(tenant(1));
    let (mut left, mut order) = (log.to_vec(), Vec::new());
    let mut picks = picks.iter().cycle();
    while !left.is_empty() {
        let is_next = |at: usize| {
            let own = left[at].container();
            left[..at].iter().all(|event| event.container() != own)
        };
        let next: Vec<_> = (0..left.len()).filter(|at| is_next(*at)).collect();
        let fits = |at: &&usize| naive.clone().apply(&left[**at]) == Applied::Done;
        let fitting: Vec<_> = next.iter().filter(fits).copied().collect();
        let from = if fitting.is_empty() { next } else { fitting };
        let event = left.remove(*picks.next().unwrap().get(&from));
        let _counted = naive.apply(&event);
        order.push(event);
    }
    order
}

fn picks() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 1..40)
}

/// Who of three writers acts, and whether it reads on first.
fn writers() -> impl Strategy<Value = Vec<(usize, bool)>> {
    vec((0_usize..3, weighted(0.1)), 100)
}

/// What writers append that decide by what they know, to a careless store that takes all of it. They begin together.
fn merged(who: Vec<(usize, bool)>, commands: Vec<TreeCommand>) -> Vec<TreeEvent> {
    let mut writers = [(); 3].map(|()| Tree::rooted(tenant(1)));
    let mut log: Vec<TreeEvent> = Vec::new();
    for ((who, reads_on), command) in who.into_iter().zip(commands) {
        let writer = &mut writers[who];
        if reads_on || log.len() < 7 {
            let seen = usize::try_from(writer.version().get()).unwrap();
            for event in &log[seen..] {
                let _counted = writer.apply(event);
            }
        }
        let command = on_time(&command, writer.version().get());
        log.extend(writer.decide(&command, &limits()));
    }
    log
}

proptest! {
    #[test]
    fn law_03_replicas_of_one_log_are_equal(commands in commands()) {
        let grown = grown(&commands);
        let (replica, skipped) = replayed(&grown.log);
        prop_assert_eq!(&replica, &grown.tree);
        prop_assert_eq!(skipped, []);
        let (here, there) = (grown.snapshot(), TreeSnapshot::of(&replica));
        prop_assert_eq!(Answers::of(&here), Answers::of(&there));
    }

    #[test]
    fn law_02_no_interleaving_makes_a_cycle(
        who in writers(),
        commands in prop_oneof![commands(), moves()],
    ) {
        replayed(&merged(who, commands));
    }

    #[test]
    fn law_02_no_order_of_a_log_makes_a_cycle(
        commands in prop_oneof![commands(), moves()],
        keys in vec(any::<u8>(), 100),
        creations_first in any::<bool>(),
    ) {
        replayed(&shuffled(grown(&commands).log, &keys, creations_first));
    }

    /// In any order that keeps what happened to each container in its order, the tree is the same, unless an event no
    /// longer fits; then the reason is the model's.
    #[test]
    fn law_03_another_order_that_fits_ends_in_an_equal_tree(
        commands in commands(),
        picks in picks(),
    ) {
        let grown = grown(&commands);
        let (other, skipped) = replayed(&allowed(&grown.log, &picks));
        if skipped.is_empty() {
            prop_assert_eq!(states(&TreeSnapshot::of(&other)), states(&grown.snapshot()));
        }
    }

    /// Two neighbours in the log, about two containers, the other way around.
    #[test]
    fn law_03_neighbours_that_do_not_meet_may_be_swapped(commands in commands()) {
        let grown = grown(&commands);
        let whole = states(&grown.snapshot());
        for at in 1..grown.log.len() {
            let mut swapped = grown.log.clone();
            swapped.swap(at - 1, at);
            let tree = folded(&swapped);
            if tree.skipped() == 0 && swapped[at - 1].container() != swapped[at].container() {
                prop_assert_eq!(&states(&TreeSnapshot::of(&tree)), &whole);
            }
        }
    }
}

/// The laws on cycles say nothing unless logs hold some.
#[test]
fn merged_and_shuffled_logs_would_close_cycles() {
    let mut runner = TestRunner::deterministic();
    let (mut by_merging, mut by_order) = (0, 0);
    for _ in 0..300 {
        let keys = vec(any::<u8>(), 100);
        let drawn = (writers(), moves(), keys).new_tree(&mut runner);
        let (who, commands, keys) = drawn.unwrap().current();
        let closes = |log: &[TreeEvent]| replayed(log).1.contains(&Skipped::Cycle);
        let log = grown(&commands).log;
        by_order += u32::from(closes(&shuffled(log, &keys, true)));
        by_merging += u32::from(closes(&merged(who, commands)));
    }
    assert!(
        by_merging >= 30 && by_order >= 30,
        "{by_merging} {by_order}"
    );
}

/// The law on other orders says nothing unless there are some, and most of them fit.
#[test]
fn most_logs_have_another_order_that_fits() {
    let mut runner = TestRunner::deterministic();
    let mut others = 0;
    for _ in 0..200 {
        let (commands, picks) = (commands(), picks())
            .new_tree(&mut runner)
            .unwrap()
            .current();
        let log = grown(&commands).log;
        let order = allowed(&log, &picks);
        let (_, skipped) = replayed(&order);
        others += u32::from(order != log && skipped.is_empty());
    }
    assert!(others >= 150, "{others}");
}
