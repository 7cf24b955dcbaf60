//! What the layers add to a request.

use std::time::Duration;
use std::time::Instant;

use criterion::Bencher;
use criterion::Criterion;
use tokio::task::unconstrained;

use crate::doors::AT_ONCE;
use crate::doors::Door;
use crate::doors::WAITING;
use crate::doors::request;
use crate::world::Invocations;
use crate::world::runtime;

/// How many requests are made ahead of each other: more would not stay in the cache.
const BATCH: u64 = 32;
/// How many keys a store holds before the next one takes its place: memory is not what is measured here.
const PER_STORE: u64 = 16_384;
/// How many answers are given again, round and round.
const KEPT: u64 = 1_024;

type Open = fn() -> Door;

const DOORS: [(&str, Open); 4] = [
    ("bare", Door::bare),
    ("ours", Door::ours),
    ("axum-idempotent", Door::peer),
    ("axum-idempotent-hashing", Door::peer_hashing),
];

/// Every invocation is new.
pub(crate) fn firsts(c: &mut Criterion) {
    for (name, path) in [("idem-first", AT_ONCE), ("idem-first-waits", WAITING)] {
        let mut group = c.benchmark_group(name);
        for (row, door) in DOORS {
            group.bench_function(row, |b| first(b, path, door));
        }
        group.finish();
    }
}

fn first(b: &mut Bencher<'_>, path: &str, open: Open) {
    let (runtime, invocations) = (runtime(), Invocations::now());
    let (mut door, mut next) = (open(), 0);
    b.iter_custom(|times| {
        in_batches(times, |batch| {
            if door.runs() >= PER_STORE {
                door = open();
            }
            let numbers = next..next + batch;
            next += batch;
            let (ran, begin) = (door.runs(), numbers.clone());
            let requests = numbers.map(|number| request(path, &invocations, number));
            let requests = requests.collect();
            let spent = timed(|| runtime.block_on(unconstrained(door.serve(requests))));
            assert_eq!(door.runs() - ran, begin.end - begin.start);
            spent
        })
    });
}

/// Every invocation was answered before.
pub(crate) fn replays(c: &mut Criterion) {
    let mut group = c.benchmark_group("idem-replay");
    for (row, door) in DOORS {
        group.bench_function(row, |b| replay(b, &door()));
    }
    group.finish();
}

fn replay(b: &mut Bencher<'_>, door: &Door) {
    let (runtime, invocations) = (runtime(), Invocations::now());
    let made = |numbers: std::ops::Range<u64>| -> Vec<_> {
        let request = |number| request(AT_ONCE, &invocations, number % KEPT);
        numbers.map(request).collect()
    };
    runtime.block_on(unconstrained(door.serve(made(0..KEPT))));
    assert_eq!(door.runs(), KEPT);
    let mut next = 0;
    b.iter_custom(|times| {
        in_batches(times, |batch| {
            let requests = made(next..next + batch);
            next += batch;
            timed(|| runtime.block_on(unconstrained(door.serve(requests))))
        })
    });
}

fn in_batches(times: u64, mut of: impl FnMut(u64) -> Duration) -> Duration {
    let (mut left, mut spent) = (times, Duration::ZERO);
    while left > 0 {
        let batch = left.min(BATCH);
        spent += of(batch);
        left -= batch;
    }
    spent
}

fn timed(code: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    code();
    begin.elapsed()
}
