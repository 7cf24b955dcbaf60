//! Readers, alone and beside a tenant that changes without pause.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use criterion::Bencher;
use criterion::Criterion;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeVersion;

use crate::moves::Moves;
use crate::world::Dice;
use crate::world::World;
use crate::world::append;
use crate::world::forest;
use crate::world::inside;
use crate::world::runtime;
use crate::world::tenant;

/// Ids to ask about.
struct Questions(Vec<(ContainerId, ContainerId)>);

impl Questions {
    fn about(ids: &[ContainerId]) -> Self {
        let mut dice = Dice::new(8);
        let pair = |_| (dice.pick(ids), dice.pick(ids));
        Self((0..1_024).map(pair).collect())
    }

    /// Asks so often; how long it took.
    fn ask(&self, times: u64, answer: impl Fn(ContainerId, ContainerId) -> bool) -> Duration {
        let begin = Instant::now();
        for (_, (above, below)) in (0..times).zip(self.0.iter().cycle()) {
            black_box(answer(*above, *below));
        }
        begin.elapsed()
    }
}

fn covers(tree: &TreeSnapshot, above: ContainerId, below: ContainerId) -> bool {
    let nodes = tree.node(above).zip(tree.node(below));
    nodes.is_some_and(|(above, below)| above.covers(below))
}

/// What a service does per question: the tree as it is published, two look-ups, one answer.
fn published(forest: &Forest, tenant: TenantId, pair: (ContainerId, ContainerId)) -> bool {
    let answer = forest.read(tenant, |tree| covers(tree, pair.0, pair.1));
    answer.unwrap()
}

/// Two threads ask at once, each so often; the slower one's time.
fn on_two_cores(b: &mut Bencher<'_>, ask: impl Fn(u64) -> Duration + Sync) {
    b.iter_custom(|times| {
        let begin = Barrier::new(2);
        let run = || {
            begin.wait();
            ask(times)
        };
        thread::scope(|scope| {
            let other = scope.spawn(run);
            run().max(other.join().unwrap())
        })
    });
}

pub(crate) fn readers(c: &mut Criterion) {
    let world = World::of(10_000);
    let runtime = runtime();
    let store = world.store(&runtime);
    // The same containers in a second tenant, which has another root.
    let events = world.events_in(tenant(2));
    append(
        &runtime,
        &store,
        inside(tenant(2)),
        TreeVersion::ZERO,
        &events,
    );
    let forest = forest(store);
    for number in [1, 2] {
        let loaded = runtime.block_on(forest.snapshot(inside(tenant(number))));
        assert_eq!(loaded.unwrap().len(), world.ids.len());
    }
    let questions = Questions::about(&world.ids[1..]);
    let read = |number: u8| {
        let (forest, questions) = (&forest, &questions);
        move |times| {
            questions.ask(times, |above, below| {
                published(forest, tenant(number), (above, below))
            })
        }
    };
    let held = forest.published(tenant(1)).unwrap();
    let read_held = |times| questions.ask(times, |above, below| covers(&held, above, below));

    let mut group = c.benchmark_group("tree-readers");
    group.bench_function("held", |b| b.iter_custom(read_held));
    group.bench_function("two-cores-held", |b| on_two_cores(b, read_held));
    group.bench_function("two-cores", |b| on_two_cores(b, read(1)));
    group.bench_function("idle", |b| b.iter_custom(read(1)));
    while_it_moves(&forest, world, || {
        group.bench_function("busy", |b| b.iter_custom(read(1)));
        group.bench_function("busy-beside", |b| b.iter_custom(read(2)));
        group.bench_function("busy-held", |b| b.iter_custom(read_held));
    });
    group.finish();
}

/// Runs `code` while another thread moves containers of tenant 1 without pause.
fn while_it_moves(forest: &Forest, world: &World, code: impl FnOnce()) {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = runtime();
            let mut moves = Moves::of(world);
            while !is_over.load(Ordering::Relaxed) {
                let moved = forest.execute(inside(tenant(1)), moves.next());
                runtime.block_on(moved).unwrap();
            }
        });
        code();
        is_over.store(true, Ordering::Relaxed);
    });
}
