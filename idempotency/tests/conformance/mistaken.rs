//! A store that does what it should, but for one mistake.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use skeleton_idempotency::Ask;
use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Found;
use skeleton_idempotency::Held;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::NoEffect;
use skeleton_idempotency::Owner;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Record;
use skeleton_idempotency::Released;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::Store;
use skeleton_idempotency::Swept;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;
use skeleton_idempotency::conformance::Capabilities;
use skeleton_idempotency::conformance::Factory;
use skeleton_idempotency::conformance::MovableClock;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::Timestamp;
use tokio::sync::Notify;

use crate::mistakes::Mistake;

/// Makes stores with a mistake, or with none.
pub(crate) struct With(pub(crate) Mistake);

impl Factory for With {
    type Store = Mistaken;

    async fn fresh(&self, clock: &MovableClock) -> Mistaken {
        Mistaken {
            records: Arc::default(),
            changed: Arc::default(),
            clock: clock.clone(),
            mistake: self.0,
        }
    }

    async fn reopen(&self, store: Mistaken, _: &MovableClock) -> Mistaken {
        let mut records = store.records.lock().unwrap();
        match self.0 {
            Mistake::ForgetsDoubtsWhenRestarted => {
                records.retain(|_, record| !matches!(record.state, State::Unknown { .. }));
            }
            Mistake::ForgetsEpochsWhenRestarted => {
                for record in records.values_mut() {
                    record.epoch = 1;
                }
            }
            _ => {}
        }
        drop(records);
        store
    }

    fn capabilities(&self) -> Capabilities {
        // Whoever sleeps on here sleeps for ever: the suite need not wait long to say so.
        let patience = if self.0 == Mistake::None { 30_000 } else { 300 };
        Capabilities::new().with_patience(Duration::from_millis(patience))
    }
}

pub(crate) type Records = HashMap<[u8; 32], Record>;

#[derive(Clone, Debug)]
pub(crate) struct Mistaken {
    records: Arc<Mutex<Records>>,
    changed: Arc<Notify>,
    clock: MovableClock,
    mistake: Mistake,
}

impl Mistaken {
    fn apply(&self, key: &IdempotencyKey, verb: &Verb<'_>) -> Reply {
        let mut records = self.records.lock().unwrap();
        let address = self.address(key);
        let kept = records.remove(&address);
        let now = self.time_of(verb);
        let (before, verb) = self.mistake.before((kept.clone(), verb), now);
        let (after, reply) = apply(before, &verb, now);
        let (after, reply) = self.mistake.after((kept, &verb), (after, reply));
        records.extend(after.map(|record| (address, record)));
        drop(records);
        let is_silent = match verb {
            Verb::Release(..) => self.mistake == Mistake::WakesNobodyOnRelease,
            Verb::Complete(_, _, Conclusion::Done(_)) => {
                self.mistake == Mistake::WakesNobodyOnAnswers
            }
            Verb::Complete(..) => self.mistake == Mistake::WakesNobodyOnDoubt,
            _ => false,
        };
        if !is_silent {
            self.changed.notify_waiters();
        }
        reply
    }

    fn address(&self, key: &IdempotencyKey) -> [u8; 32] {
        if self.mistake == Mistake::ForgetsTheTenant {
            return [u8::try_from(key.made_at().as_millis() % 251).unwrap(); 32];
        }
        *key.address()
    }

    fn time_of(&self, verb: &Verb<'_>) -> Timestamp {
        match verb {
            Verb::Claim(ask, _) if self.mistake == Mistake::BelievesCallersClocks => {
                ask.owner().created_at()
            }
            _ => self.clock.now(),
        }
    }

    fn runs(&self, key: &IdempotencyKey, seen: u64) -> bool {
        let records = self.records.lock().unwrap();
        let record = records.get(&self.address(key));
        let runs =
            |record: &Record| record.epoch == seen && matches!(record.state, State::Running { .. });
        record.is_some_and(runs)
    }

    /// What a store does that needs two trips for a verb: whoever drops its future sees what is between them.
    async fn in_two(&self, key: &IdempotencyKey, half: impl FnOnce(&mut Record)) {
        let before = {
            let mut records = self.records.lock().unwrap();
            let Some(record) = records.get_mut(&self.address(key)) else {
                return;
            };
            let before = record.clone();
            half(record);
            before
        };
        tokio::task::yield_now().await;
        self.records
            .lock()
            .unwrap()
            .insert(self.address(key), before);
    }
}

impl Store for Mistaken {
    type Error = Infallible;

    async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, Infallible> {
        let (key, verb) = (ask.key(), Verb::Claim(ask, Hold::Lease(lease)));
        if self.mistake == Mistake::ReadsThenWrites {
            let before = self.records.lock().unwrap().get(key.address()).cloned();
            tokio::task::yield_now().await;
            let (after, reply) = apply(before, &verb, self.clock.now());
            self.records
                .lock()
                .unwrap()
                .extend(after.map(|record| (*key.address(), record)));
            return Ok(claimed(reply));
        }
        let reply = self.apply(key, &verb);
        match (&reply, self.mistake) {
            (Reply::Claim(Claim::Granted(grant)), Mistake::ClaimsInTwo) if grant.epoch() == 1 => {
                let nobody = Owner::from_bytes([9; 16]).unwrap();
                self.in_two(key, |record| record.owner = nobody).await;
            }
            (Reply::Claim(Claim::Granted(grant)), Mistake::TakesOverInTwo)
                if grant.epoch() == 2 =>
            {
                self.in_two(key, |record| record.epoch = 3).await;
            }
            _ => {}
        }
        Ok(claimed(reply))
    }

    async fn heartbeat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, Infallible> {
        let reply = self.apply(key, &Verb::Beat(key, *fence, lease));
        if self.mistake == Mistake::BeatsInTwo {
            let over = Held::Until(Timestamp::MIN);
            self.in_two(key, |record| record.state = State::Running { held: over })
                .await;
        }
        match reply {
            Reply::Beat(beat) => Ok(beat),
            other => panic!("{other:?}"),
        }
    }

    async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, Infallible> {
        let reply = self.apply(key, &Verb::Complete(key, *fence, end));
        if let (Mistake::AnswersInTwo, Conclusion::Done(answer)) = (self.mistake, end) {
            let answer = answer.clone().without_body();
            self.in_two(key, |record| record.state = State::Done { answer })
                .await;
        }
        match reply {
            Reply::Completed(completed) => Ok(completed),
            other => panic!("{other:?}"),
        }
    }

    async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        proof: NoEffect,
    ) -> Result<Released, Infallible> {
        let reply = self.apply(key, &Verb::Release(key, *fence, proof));
        if self.mistake == Mistake::ReleasesInTwo {
            self.in_two(key, |record| record.epoch = 0).await;
        }
        match reply {
            Reply::Released(released) => Ok(released),
            other => panic!("{other:?}"),
        }
    }

    async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, Infallible> {
        let reply = self.apply(key, &Verb::Reconcile(key, epoch, found));
        if self.mistake == Mistake::ReconcilesInTwo {
            self.in_two(key, |record| record.state = State::Released)
                .await;
        }
        match reply {
            Reply::Reconciled(reconciled) => Ok(reconciled),
            other => panic!("{other:?}"),
        }
    }

    async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        if self.mistake == Mistake::WaitsForTheNextChange {
            self.changed.notified().await;
        }
        if self.mistake == Mistake::SleepsOn {
            std::future::pending::<()>().await;
        }
        loop {
            if self.mistake == Mistake::SubscribesTooLate && self.runs(key, seen) {
                tokio::task::yield_now().await;
                return self.changed.notified().await;
            }
            let changed = self.changed.notified();
            if !self.runs(key, seen) {
                return;
            }
            changed.await;
        }
    }

    async fn sweep(&self, limit: u32) -> Result<Swept, Infallible> {
        if self.mistake == Mistake::SweepsInTwo {
            let records = std::mem::take(&mut *self.records.lock().unwrap());
            tokio::task::yield_now().await;
            *self.records.lock().unwrap() = records;
        }
        let mut records = self.records.lock().unwrap();
        let swept = self.mistake.sweep(&mut records, limit, self.clock.now());
        drop(records);
        self.changed.notify_waiters();
        Ok(swept)
    }
}

fn claimed(reply: Reply) -> Claim {
    match reply {
        Reply::Claim(claim) => claim,
        other => panic!("{other:?}"),
    }
}
