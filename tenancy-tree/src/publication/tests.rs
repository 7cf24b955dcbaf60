//! Every order in which loads and stores can happen, explored by loom.

use loom::sync::Arc as LoomArc;
use loom::sync::Mutex;
use loom::sync::atomic::AtomicU64;
use loom::sync::atomic::Ordering;
use loom::thread;

use super::*;

/// Stands for the real cell, which loom cannot look into: a load and a store are one step each.
struct Watched(Mutex<Option<Arc<Value>>>);

struct Value(u64);

impl Versioned for Value {
    fn version(&self) -> u64 {
        self.0
    }
}

impl Cell<Value> for Watched {
    fn empty() -> Self {
        Self(Mutex::new(None))
    }

    fn load(&self) -> Option<Arc<Value>> {
        self.0.lock().unwrap().clone()
    }

    fn read<R>(&self, read: impl FnOnce(&Value) -> R) -> Option<R> {
        self.0.lock().unwrap().as_deref().map(read)
    }

    fn store(&self, value: Arc<Value>) {
        *self.0.lock().unwrap() = Some(value);
    }
}

type Watch = Publication<Value, Watched>;

/// What two processes' worth of writers share: the log, and the lock under which one of them folds.
struct Writers {
    durable: AtomicU64,
    folding: Mutex<u64>,
    publication: Watch,
}

impl Writers {
    fn new() -> LoomArc<Self> {
        LoomArc::new(Self {
            durable: AtomicU64::new(0),
            folding: Mutex::new(0),
            publication: Watch::empty(),
        })
    }

    /// Appends, folds, publishes, in that order: as a forest does.
    fn write(&self) {
        let mut folded = self.folding.lock().unwrap();
        *folded = self.durable.fetch_add(1, Ordering::SeqCst) + 1;
        self.publication.publish(Arc::new(Value(*folded)));
    }
}

#[test]
fn readers_see_no_version_before_it_is_durable_and_none_goes_back() {
    loom::model(|| {
        let writers = Writers::new();
        let other = LoomArc::clone(&writers);
        let writing = thread::spawn(move || {
            other.write();
            other.write();
        });
        let mut before = 0;
        for _ in 0..2 {
            let seen = writers
                .publication
                .load()
                .map_or(0, |value| value.version());
            assert!(seen <= writers.durable.load(Ordering::SeqCst));
            assert!(before <= seen);
            before = seen;
        }
        writing.join().unwrap();
        assert_eq!(writers.publication.load().unwrap().version(), 2);
    });
}

#[test]
fn of_two_writers_the_later_version_stays() {
    loom::model(|| {
        let writers = Writers::new();
        let other = LoomArc::clone(&writers);
        let writing = thread::spawn(move || other.write());
        writers.write();
        writing.join().unwrap();
        assert_eq!(writers.publication.load().unwrap().version(), 2);
    });
}

#[test]
fn who_waits_for_a_version_misses_no_wake_up() {
    loom::model(|| {
        let writers = Writers::new();
        let other = LoomArc::clone(&writers);
        let writing = thread::spawn(move || {
            other.write();
            other.write();
        });
        // If a wake-up could be lost, loom would find the schedule in which this never ends.
        let seen = loom::future::block_on(writers.publication.at_least(2));
        assert_eq!(seen.version(), 2);
        writing.join().unwrap();
    });
}

#[test]
fn an_older_version_is_not_published_again() {
    let publication: Publication<Value> = Publication::empty();
    for version in [3, 2, 3] {
        publication.publish(Arc::new(Value(version)));
    }
    assert_eq!(publication.load().unwrap().version(), 3);
}
