//! One attempt from its key to its record, without a task, a router or a body around it.

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use criterion::Bencher;
use criterion::Criterion;
use skeleton_benches::allocations;
use skeleton_idempotency::Action;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Attempt;
use skeleton_idempotency::End;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Event;
use skeleton_idempotency::Execution;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::MemoryStore;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Resolution;
use skeleton_idempotency::Store as _;
use skeleton_idempotency::Terms;
use skeleton_idempotency::step;
use skeleton_invocation_context::Clock as _;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::operation;

use crate::world::Invocations;
use crate::world::PAYLOAD;
use crate::world::engine;
use crate::world::memory;
use crate::world::note;

/// How many keys live in the store already, so that its tables have their size.
const LIVE: u64 = 10_000;
/// How many contexts are made ahead.
const BATCH: u64 = 64;
/// How many keys a store holds before the next one takes its place.
const PER_STORE: u64 = 100_000;

const TERMS: Terms = Terms {
    lease: Duration::from_secs(30),
    max_run: Duration::from_secs(900),
    patience: Duration::from_secs(2),
    persistence: Duration::from_secs(5),
    reconciles: false,
};

struct Bench {
    invocations: Invocations,
    store: MemoryStore,
    engine: Engine<MemoryStore>,
    answer: Answer,
    next: u64,
}

impl Bench {
    fn new() -> Self {
        let store = memory();
        let answer = Answer::new(200).unwrap().with_body(PAYLOAD.as_bytes());
        let mut bench = Self {
            invocations: Invocations::now(),
            engine: engine(store.clone(), Mode::AtMostOnce),
            store,
            answer: answer.unwrap(),
            next: 0,
        };
        for _ in 0..LIVE {
            let ctx = bench.context();
            bench.attempt(bench.begin(&ctx).ask().clone());
        }
        bench
    }

    fn context(&mut self) -> InvocationContext {
        self.next += 1;
        self.invocations.context(self.next)
    }

    /// Key and fingerprint.
    fn begin(&self, ctx: &InvocationContext) -> Execution {
        let operation = operation!("transfer-money");
        let begun = self.engine.begin(ctx, &operation, PAYLOAD.as_bytes());
        begun.unwrap()
    }

    /// The steps, and the two questions to the store between them.
    fn attempt(&self, ask: Ask) {
        let mut attempt = Attempt::new(ask, TERMS);
        let mut event = Event::Begin;
        loop {
            let [action, ..] = step(&mut attempt, event, SystemClock.now());
            event = match action.unwrap() {
                Action::Claim => Event::Claimed(now(self.store.claim(attempt.ask(), TERMS.lease))),
                Action::Run(_grant) => Event::Ended(End::Answer(self.answer.clone())),
                Action::Complete(fence, end) => {
                    let key = attempt.ask().key();
                    Event::Settled(now(self.store.complete(key, &fence, &end)))
                }
                Action::Reply(resolution) => {
                    assert_eq!(resolution, Resolution::First);
                    return;
                }
                other => panic!("{other:?} of a first attempt"),
            };
        }
    }

    fn whole(&self, ctx: &InvocationContext) {
        self.attempt(self.begin(ctx).ask().clone());
    }

    /// Times `code` on one new invocation after the other.
    fn on_each<I, T>(
        &mut self,
        b: &mut Bencher<'_>,
        made: impl Fn(&Self, InvocationContext) -> I,
        code: impl Fn(&Self, &I) -> T,
    ) {
        b.iter_custom(|times| {
            let (mut left, mut spent) = (times, Duration::ZERO);
            while left > 0 {
                if self.next > PER_STORE {
                    *self = Self::new();
                }
                let batch = left.min(BATCH);
                let ahead: Vec<_> = (0..batch).map(|_| self.context()).collect();
                let ahead: Vec<_> = ahead.into_iter().map(|ctx| made(self, ctx)).collect();
                let begin = Instant::now();
                for item in &ahead {
                    black_box(code(self, item));
                }
                spent += begin.elapsed();
                left -= batch;
            }
            spent
        });
    }
}

pub(crate) fn attempts(c: &mut Criterion) {
    let mut bench = Bench::new();
    count(&mut bench);
    let keys = FingerprintKeys::new([7; 32]);
    let mut group = c.benchmark_group("idem-core");
    group.bench_function("whole", |b| {
        bench.on_each(b, |_, ctx| ctx, Bench::whole);
    });
    group.bench_function("begin", |b| bench.on_each(b, |_, ctx| ctx, Bench::begin));
    group.bench_function("key", |b| {
        let key = |_: &Bench, ctx: &_| IdempotencyKey::of(ctx, &operation!("transfer-money"));
        bench.on_each(b, |_, ctx| ctx, key);
    });
    group.bench_function("fingerprint", |b| {
        b.iter(|| keys.of_json(black_box(PAYLOAD.as_bytes())).unwrap());
    });
    group.bench_function("fingerprint-raw", |b| {
        b.iter(|| keys.of_bytes(black_box(PAYLOAD.as_bytes())));
    });
    group.bench_function("steps-and-store", |b| {
        let ask = |bench: &Bench, ctx| bench.begin(&ctx).ask().clone();
        bench.on_each(b, ask, |bench, ask| bench.attempt(ask.clone()));
    });
    group.finish();
}

/// The ask is shared by the execution and the attempt, which only the engine's own driver can do: the bench copies it, which
/// is one allocation that nobody else makes.
fn count(bench: &mut Bench) {
    let mut two = || [bench.context(), bench.context()].into_iter();
    let (mut contexts, mut begins) = (two(), two());
    let whole = allocations(|| bench.whole(&contexts.next().unwrap())) - 1;
    let begin = allocations(|| bench.begin(&begins.next().unwrap()));
    let keys = FingerprintKeys::new([7; 32]);
    let json = allocations(|| keys.of_json(PAYLOAD.as_bytes()).unwrap());
    println!(
        "idem-core: {whole} allocations, {begin} of them before the claim, {json} of the fingerprint"
    );
    note("idem-core-alloc", whole);
}

/// The result of a verb in memory, which never waits.
fn now<T, E: std::fmt::Debug>(verb: impl Future<Output = Result<T, E>>) -> T {
    let mut verb = std::pin::pin!(verb);
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match verb.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(reply) => reply.unwrap(),
        std::task::Poll::Pending => panic!("it waits"),
    }
}
