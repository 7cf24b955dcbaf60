//! Duplicates within one process share one flight: one of them asks the store, the others wait for what it learns.

use core::sync::atomic::AtomicBool;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;

use tokio::sync::Notify;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::attempt::Refusal;

type Address = [u8; 32];

/// What the one that flew learned.
#[derive(Clone, Debug)]
pub(super) enum Learned {
    /// This is the answer of the key.
    Answer(Answer),
    /// There is none, and asking again would tell the same.
    Refused(Refusal),
    /// Nothing that holds for others: ask for yourself.
    Nothing,
}

/// The flights of an engine.
#[derive(Debug)]
pub(super) struct Flights {
    open: Mutex<HashMap<Address, Arc<Flight>>>,
    waiting: AtomicUsize,
    per_key: usize,
    in_all: usize,
}

#[derive(Debug)]
struct Flight {
    ask: Arc<Ask>,
    is_granted: AtomicBool,
    waiting: AtomicUsize,
    learned: OnceLock<Learned>,
    landed: Notify,
}

/// What becomes of an attempt in this process.
pub(super) enum Joined<'f> {
    /// It asks the store, for whoever comes after it too.
    Lead(Lead<'f>),
    /// It waits.
    Follow(Follow<'f>),
    /// It asks the store for itself: another payload is being tried, and may not be the one that counts.
    Alone,
    /// Another payload runs.
    Reused,
    /// Too many wait already.
    Full,
}

/// The one that flies. Dropped without a word, the others fly themselves.
pub(super) struct Lead<'f> {
    flights: &'f Flights,
    flight: Arc<Flight>,
}

/// One that waits.
pub(super) struct Follow<'f> {
    flights: &'f Flights,
    flight: Arc<Flight>,
}

impl Flights {
    pub(super) fn new(per_key: usize, in_all: usize) -> Self {
        Self {
            open: Mutex::default(),
            waiting: AtomicUsize::new(0),
            per_key,
            in_all,
        }
    }

    pub(super) fn join(&self, ask: &Arc<Ask>) -> Joined<'_> {
        let mut open = self.open();
        let Some(flight) = open.get(ask.key().address()).cloned() else {
            let flight = Arc::new(Flight {
                ask: Arc::clone(ask),
                is_granted: AtomicBool::new(false),
                waiting: AtomicUsize::new(0),
                learned: OnceLock::new(),
                landed: Notify::new(),
            });
            open.insert(*ask.key().address(), Arc::clone(&flight));
            let flights = self;
            return Joined::Lead(Lead { flights, flight });
        };
        let is_same = flight.ask.fingerprint() == ask.fingerprint()
            && flight.ask.key().operation() == ask.key().operation();
        if !is_same {
            return if flight.is_granted.load(Ordering::Acquire) {
                Joined::Reused
            } else {
                Joined::Alone
            };
        }
        // Under the lock nobody else counts.
        let is_full = flight.waiting.load(Ordering::Relaxed) >= self.per_key
            || self.waiting.load(Ordering::Relaxed) >= self.in_all;
        if is_full {
            return Joined::Full;
        }
        flight.waiting.fetch_add(1, Ordering::Relaxed);
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let flights = self;
        Joined::Follow(Follow { flights, flight })
    }

    /// A map is whole between any two statements here, so a panic elsewhere does not spoil it.
    fn open(&self) -> MutexGuard<'_, HashMap<Address, Arc<Flight>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lead<'_> {
    /// It holds the key: whoever comes with another payload is told so at once.
    pub(super) fn granted(&self) {
        self.flight.is_granted.store(true, Ordering::Release);
    }

    /// It has landed.
    pub(super) fn landed(self, learned: Learned) {
        // Only here and in `drop`, of which one comes first.
        let _first = self.flight.learned.set(learned);
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let address = self.flight.ask.key().address();
        self.flights.open().remove(address);
        let _unless_landed = self.flight.learned.set(Learned::Nothing);
        self.flight.landed.notify_waiters();
    }
}

impl Follow<'_> {
    pub(super) async fn learned(&self) -> Learned {
        loop {
            let landed = self.flight.landed.notified();
            if let Some(learned) = self.flight.learned.get() {
                return learned.clone();
            }
            landed.await;
        }
    }
}

impl Drop for Follow<'_> {
    fn drop(&mut self) {
        self.flight.waiting.fetch_sub(1, Ordering::Relaxed);
        self.flights.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
