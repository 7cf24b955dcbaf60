//! Two processes on one store that put two containers below each other at one instant.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;
use tokio::sync::Barrier;

use crate::answers::Answers;
use crate::answers::assert_is_tree;
use crate::growing::folded;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::log_of;
use crate::helpers::moving;
use crate::helpers::tenant;
use crate::naive::Refused;

/// A store at which all racers meet before the first of them appends, and that counts who came too late.
#[derive(Clone)]
struct Contended {
    trees: MemoryTrees,
    start: Arc<Barrier>,
    waiting: Arc<AtomicU32>,
    late: Arc<AtomicU32>,
}

impl Contended {
    fn by(racers: usize) -> Self {
        Self {
            trees: MemoryTrees::new(),
            start: Arc::new(Barrier::new(racers)),
            waiting: Arc::default(),
            late: Arc::default(),
        }
    }

    /// As many of the next appends wait for each other.
    fn line_up(&self, racers: u32) {
        self.waiting.store(racers, Ordering::SeqCst);
    }

    fn late(&self) -> u32 {
        self.late.load(Ordering::SeqCst)
    }
}

impl TreeStore for Contended {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        let one_less = |waiting: u32| waiting.checked_sub(1);
        let (set, fetch) = (Ordering::SeqCst, Ordering::SeqCst);
        if self.waiting.fetch_update(set, fetch, one_less).is_ok() {
            self.start.wait().await;
        }
        let answer = self.trees.append(t, expected, events).await;
        if matches!(answer, Err(AppendError::Stale { .. })) {
            self.late.fetch_add(1, Ordering::SeqCst);
        }
        answer
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        self.trees.read(t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.trees.heads(after).await
    }
}

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

/// Two processes, and two containers side by side.
async fn two_beside_each_other(store: &Contended) -> [Forest; 2] {
    let forests = [forest(store.clone(), 1), forest(store.clone(), 2)];
    for (number, name) in [(1, "A"), (2, "B")] {
        let command = create(container(number), root(), name);
        forests[0]
            .execute(inside(tenant(1)), command)
            .await
            .unwrap();
    }
    forests[1].snapshot(inside(tenant(1))).await.unwrap();
    forests
}

/// Lets both at it at once. Who won, and what the other one was told.
async fn race(
    store: &Contended,
    forests: &[Forest; 2],
    commands: [TreeCommand; 2],
) -> (usize, Refused) {
    store.line_up(2);
    let [one, other] = [0, 1].map(|who| {
        let (forest, command) = (forests[who].clone(), commands[who].clone());
        tokio::spawn(async move { forest.execute(inside(tenant(1)), command).await })
    });
    match (one.await.unwrap(), other.await.unwrap()) {
        (Ok(_), Err(error)) => (0, error.into()),
        (Err(error), Ok(_)) => (1, error.into()),
        both => panic!("exactly one must win: {both:?}"),
    }
}

/// Whoever won takes its container out again, and both see it: who is late is refused by what was.
async fn side_by_side(forests: &[Forest; 2], winner: usize) {
    let out = moving([container(1), container(2)][winner], root());
    forests[winner]
        .execute(inside(tenant(1)), out)
        .await
        .unwrap();
    forests[1 - winner]
        .catch_up(inside(tenant(1)))
        .await
        .unwrap();
}

/// Every move that won is in the log, and both processes show the one tree that it makes.
async fn assert_nothing_is_lost(store: &Contended, forests: &[Forest; 2], events: u64) {
    let log = log_of(&store.trees, tenant(1));
    let tree = folded(log.iter().map(Recorded::event));
    assert_eq!((tree.version().get(), tree.skipped()), (events, 0));
    let whole = TreeSnapshot::of(&tree);
    assert_is_tree(&whole);
    for forest in forests {
        let held = forest.catch_up(inside(tenant(1))).await.unwrap();
        assert_eq!(Answers::of(&held), Answers::of(&whole));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_01_of_two_moves_below_each_other_one_wins_and_one_would_close_a_cycle() {
    const TRIES: u32 = 10_000;
    let store = Contended::by(2);
    let forests = two_beside_each_other(&store).await;
    let (a, b) = (container(1), container(2));
    for _ in 0..TRIES {
        let (winner, told) = race(&store, &forests, [moving(a, b), moving(b, a)]).await;
        let via = [vec![b, a], vec![a, b]][winner].clone();
        assert_eq!(told, Refused::WouldCycle(via));
        let held = forests[1 - winner].published(tenant(1)).unwrap();
        let (one, other) = (held.node(a).unwrap(), held.node(b).unwrap());
        assert_eq!(
            (one.covers(other), other.covers(one)),
            (winner == 1, winner == 0)
        );
        side_by_side(&forests, winner).await;
    }
    assert_nothing_is_lost(&store, &forests, u64::from(2 + 2 * TRIES)).await;
    // In every try both had decided before one of them appended.
    assert_eq!(store.late(), TRIES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_01_of_two_planned_moves_below_each_other_one_wins_and_one_is_stale() {
    const TRIES: u32 = 2_000;
    let store = Contended::by(2);
    let forests = two_beside_each_other(&store).await;
    let (a, b) = (container(1), container(2));
    for _ in 0..TRIES {
        let mut plans = Vec::new();
        for (forest, (own, to)) in forests.iter().zip([(a, b), (b, a)]) {
            let tree = forest.snapshot(inside(tenant(1))).await.unwrap();
            plans.push(tree.plan_move(own, to).unwrap());
        }
        let version = plans[0].version();
        assert_eq!(plans[1].version(), version);
        let commands = [plans[0].command(), plans[1].command()];
        let (winner, told) = race(&store, &forests, commands).await;
        assert_eq!(told, Refused::Stale(version.after(1).get()));
        let late = plans[1 - winner].command();
        let again = forests[winner].execute(inside(tenant(1)), late).await;
        assert_eq!(again.map_err(Refused::from), Err(told));
        side_by_side(&forests, winner).await;
    }
    assert_nothing_is_lost(&store, &forests, u64::from(2 + 2 * TRIES)).await;
}

/// Three containers in a ring, and three processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_01_of_three_moves_around_a_ring_one_would_close_it() {
    let store = Contended::by(3);
    let forests = [1, 2, 3].map(|seed| forest(store.clone(), seed));
    let ring = [container(1), container(2), container(3)];
    for id in ring {
        let command = create(id, root(), &id.to_string());
        forests[0]
            .execute(inside(tenant(1)), command)
            .await
            .unwrap();
    }
    for _ in 0..1_000 {
        store.line_up(3);
        let moves = [0, 1, 2].map(|at| {
            let (forest, command) = (forests[at].clone(), moving(ring[at], ring[(at + 1) % 3]));
            tokio::spawn(async move { forest.execute(inside(tenant(1)), command).await })
        });
        let mut refused = Vec::new();
        for one in moves {
            refused.extend(one.await.unwrap().err().map(Refused::from));
        }
        assert!(
            matches!(&refused[..], [Refused::WouldCycle(via)] if via.len() == 3),
            "{refused:?}"
        );
        for id in ring {
            forests[0]
                .execute(inside(tenant(1)), moving(id, root()))
                .await
                .unwrap();
        }
        for forest in &forests {
            forest.catch_up(inside(tenant(1))).await.unwrap();
        }
    }
    let tree = folded(log_of(&store.trees, tenant(1)).iter().map(Recorded::event));
    assert_eq!(
        (tree.len(), tree.skipped(), tree.version().get()),
        (4, 0, 3 + 5 * 1_000)
    );
}
