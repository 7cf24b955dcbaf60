//! What a forest publishes after every change, shared with the version before, is what a fresh tree answers.

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::sample::Index;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::answers::Answers;
use crate::growing::folded;
use crate::growing::id;
use crate::growing::limits;
use crate::growing::on_time;
use crate::growing::up_to;
use crate::helpers::at_once;
use crate::helpers::clock;
use crate::helpers::create;
use crate::helpers::inside;
use crate::helpers::log_of;
use crate::helpers::moving;
use crate::helpers::tenant;
use crate::naive::Naive;
use crate::naive::Refused;

/// Who acts, whether it looks at the store first, and what it asks for.
fn steps() -> impl Strategy<Value = Vec<(usize, bool, TreeCommand)>> {
    let who = vec((0_usize..2, any::<bool>()), 60);
    (who, up_to(40)).prop_map(|(who, commands)| {
        let steps = who.into_iter().zip(commands);
        steps
            .map(|((who, reads_on), command)| (who, reads_on, command))
            .collect()
    })
}

fn forest(store: &MemoryTrees, seed: u64) -> Forest {
    Forest::open(store.clone(), limits(), clock(), SeededIds::new(seed))
}

/// What becomes of a command in a process that knows the tree at `seen`: if it fits there, the tree as it is now
/// decides.
fn expected(history: &[Naive], seen: usize, command: &TreeCommand) -> Result<Naive, Refused> {
    history[seen].decide(command, &limits())?;
    let mut latest = history[history.len() - 1].clone();
    let event = latest.decide(command, &limits())?;
    let _done = latest.apply(&event);
    Ok(latest)
}

/// Everything that the process that acted shows now is what a fresh tree of the same log shows.
fn assert_published(forest: &Forest, store: &MemoryTrees) {
    let published = forest.published(tenant(1)).unwrap();
    let log = log_of(store, tenant(1));
    let known = usize::try_from(published.version().get()).unwrap();
    let fresh = TreeSnapshot::of(&folded(
        log[..known].iter().map(|recorded| recorded.event()),
    ));
    assert_eq!(published.version(), fresh.version());
    assert_eq!(published.skipped(), 0);
    assert_eq!(Answers::of(&published), Answers::of(&fresh));
}

/// Where every container stands, how far it reaches, how deep it lies and below what; and that it is found there.
fn outline(tree: &TreeSnapshot) -> Vec<(ContainerId, u32, u8, bool, Option<u32>)> {
    let all = tree.subtree(tree.root());
    let outline = all.map(|node| {
        let id = tree.id(node).unwrap();
        assert_eq!(tree.node(id), Some(node));
        let above = tree.parent(node).map(Node::pre);
        (id, node.last(), node.depth(), node.is_archived(), above)
    });
    outline.collect()
}

/// A change of a tree with many containers, which are numbered as they were created.
fn change() -> impl Strategy<Value = (u8, Index, Index)> {
    (0..10_u8, any::<Index>(), any::<Index>())
}

/// What a change asks for when there are `len` containers, the root among them.
fn asked((kind, own, to): (u8, Index, Index), len: usize) -> TreeCommand {
    let [own, to] = [own, to].map(|index| id(index.index(len) as u64));
    match kind {
        0 => TreeCommand::Archive { container: own },
        1 => TreeCommand::Restore { container: own },
        2..4 => create(id(len as u64), to, &len.to_string()),
        _ => moving(own, to),
    }
}

proptest! {
    /// Large subtrees move past each other, up, down and to the side, and some are archived meanwhile.
    #[test]
    fn law_03_a_large_tree_is_laid_out_as_a_fresh_one_after_every_change(
        parents in vec(any::<Index>(), 60),
        changes in vec(change(), 60),
    ) {
        let (store, t) = (MemoryTrees::new(), inside(tenant(1)));
        let forest = Forest::open(store.clone(), Limits::default(), clock(), SeededIds::new(1));
        let mut fresh = Tree::rooted(tenant(1));
        let creations = (1_usize..).zip(parents).map(|(number, parent)| {
            let below = id(parent.index(number) as u64);
            create(id(number as u64), below, &number.to_string())
        });
        let mut commands = creations.collect::<Vec<_>>().into_iter();
        let mut changes = changes.into_iter();
        loop {
            let next = commands.next();
            let Some(command) = next.or_else(|| Some(asked(changes.next()?, fresh.len()))) else {
                break;
            };
            if at_once(forest.execute(t, command)).is_ok() {
                let log = log_of(&store, tenant(1));
                let _done = fresh.apply(log.last().unwrap().event());
            }
            let shown = at_once(forest.snapshot(t)).unwrap();
            let expected = TreeSnapshot::of(&fresh);
            prop_assert_eq!(outline(&shown), outline(&expected));
            let archives = |tree: &TreeSnapshot| tree.archives().map(Node::pre).collect::<Vec<_>>();
            prop_assert_eq!(archives(&shown), archives(&expected));
        }
    }

    /// Two processes on one store, of which each may be late: it may refuse by what it knows, and appends only what
    /// the latest tree accepts.
    #[test]
    fn law_02_two_processes_append_only_what_the_latest_tree_accepts(steps in steps()) {
        let (store, t) = (MemoryTrees::new(), inside(tenant(1)));
        let forests = [forest(&store, 1), forest(&store, 2)];
        let mut history = vec![Naive::rooted(tenant(1))];
        for (who, reads_on, command) in steps {
            let forest = &forests[who];
            if reads_on {
                at_once(forest.catch_up(t)).unwrap();
            }
            let before = at_once(forest.snapshot(t)).unwrap();
            let seen = usize::try_from(before.version().get()).unwrap();
            let command = on_time(&command, before.version().get());
            let answer = at_once(forest.execute(t, command.clone())).map_err(Refused::from);
            match expected(&history, seen, &command) {
                Ok(naive) => {
                    assert_eq!(answer.map(|version| version.get()), Ok(naive.version()));
                    history.push(naive);
                }
                Err(refused) => assert_eq!(answer.map(|version| version.get()), Err(refused)),
            }
            assert_eq!(log_of(&store, tenant(1)).len() + 1, history.len());
            assert_published(forest, &store);
        }
        for forest in &forests {
            let caught_up = at_once(forest.catch_up(t)).unwrap();
            assert_eq!(Answers::of(&caught_up), Answers::expected(history.last().unwrap()));
        }
    }

    /// One process, and a follower that reads on by pages of whatever came meanwhile.
    #[test]
    fn law_03_the_snapshot_after_every_change_answers_as_one_of_a_fresh_tree(
        steps in steps(),
    ) {
        let (store, t) = (MemoryTrees::new(), inside(tenant(1)));
        let (writer, follower) = (forest(&store, 1), forest(&store, 2));
        for (_, reads_on, command) in steps {
            let before = at_once(writer.snapshot(t)).unwrap();
            let command = on_time(&command, before.version().get());
            let shown = Answers::of(&before);
            if at_once(writer.execute(t, command)).is_err() {
                assert!(std::sync::Arc::ptr_eq(&before, &at_once(writer.snapshot(t)).unwrap()));
            }
            assert_published(&writer, &store);
            assert_eq!(Answers::of(&before), shown, "a snapshot that is held changed");
            if reads_on {
                at_once(follower.catch_up(t)).unwrap();
                assert_published(&follower, &store);
            }
        }
    }
}
