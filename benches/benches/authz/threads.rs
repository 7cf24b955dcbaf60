//! All cores at once on one snapshot.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use criterion::Criterion;

use crate::ours::allows;
use crate::ours::snapshot;
use crate::world::Shape;
use crate::world::World;

pub(crate) fn threads(c: &mut Criterion) {
    let world = World::of(&Shape::default());
    let (snapshot, asked) = (snapshot(&world), world.allowed());
    let ask = |times: u64| {
        let begin = Instant::now();
        for (_, at) in (0..times).zip(asked.iter().cycle()) {
            black_box(allows(&snapshot, *at));
        }
        begin.elapsed()
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut group = c.benchmark_group("authz-threads");
    group.bench_function("one", |b| b.iter_custom(ask));
    group.bench_function("all", |b| {
        b.iter_custom(|times| on_all(cores, || ask(times)))
    });
    group.finish();
}

/// So many threads ask at once; the slowest one's time.
fn on_all(cores: usize, ask: impl Fn() -> Duration + Sync) -> Duration {
    let begin = Barrier::new(cores);
    let run = || {
        begin.wait();
        ask()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(run)).collect();
        let times = threads.into_iter().map(|thread| thread.join().unwrap());
        times.max().unwrap()
    })
}
