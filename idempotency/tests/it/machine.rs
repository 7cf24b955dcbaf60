//! What a store means: `apply`, row by row, and over histories.

mod claims;
mod ends;
mod histories;
mod log_held;

use core::time::Duration;

use skeleton_idempotency::Ask;
use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Fingerprint;
use skeleton_idempotency::Found;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Owner;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Record;
use skeleton_idempotency::Released;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;
use skeleton_idempotency::sweep;
use skeleton_idempotency::testing::no_effect;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::operation;

use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::now;

/// How long claims hold here.
const LEASE: Duration = Duration::from_secs(30);
/// How long after `now` records are kept.
const KEPT: Duration = Duration::from_secs(3_600);

/// The record under one key, and the time.
#[derive(Clone, Debug)]
struct Cell {
    record: Option<Record>,
    now: Timestamp,
}

impl Cell {
    fn empty() -> Self {
        let (record, now) = (None, now());
        Self { record, now }
    }

    /// One that this attempt claimed just now.
    fn claimed_by(ask: &Ask) -> Self {
        let mut cell = Self::empty();
        assert!(matches!(cell.claim(ask), Claim::Granted(_)));
        cell
    }

    fn wait(&mut self, by: Duration) {
        self.now = self.now.saturating_add(by);
    }

    fn verb(&mut self, verb: &Verb<'_>) -> Reply {
        let (record, reply) = apply(self.record.take(), verb, self.now);
        self.record = record;
        reply
    }

    fn claim(&mut self, ask: &Ask) -> Claim {
        self.claim_for(ask, Hold::Lease(LEASE))
    }

    fn claim_for(&mut self, ask: &Ask, hold: Hold) -> Claim {
        match self.verb(&Verb::Claim(ask, hold)) {
            Reply::Claim(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    /// Claims, and says under which epoch.
    fn granted(&mut self, ask: &Ask) -> u64 {
        match self.claim(ask) {
            Claim::Granted(grant) => grant.epoch(),
            other => panic!("{other:?}"),
        }
    }

    fn beat(&mut self, fence: Fence) -> Beat {
        match self.verb(&Verb::Beat(ask(1, "1").key(), fence, LEASE)) {
            Reply::Beat(beat) => beat,
            other => panic!("{other:?}"),
        }
    }

    fn complete(&mut self, fence: Fence, body: &str) -> Completed {
        self.conclude(fence, &Conclusion::Done(answer(body)))
    }

    fn doubt(&mut self, fence: Fence, retry_after: Duration) -> Completed {
        self.conclude(fence, &Conclusion::InDoubt { retry_after })
    }

    fn conclude(&mut self, fence: Fence, end: &Conclusion) -> Completed {
        match self.verb(&Verb::Complete(ask(1, "1").key(), fence, end)) {
            Reply::Completed(completed) => completed,
            other => panic!("{other:?}"),
        }
    }

    fn finish(&mut self, ask: &Ask, body: &str) -> Completed {
        match self.verb(&Verb::Finish(ask, &answer(body))) {
            Reply::Completed(completed) => completed,
            other => panic!("{other:?}"),
        }
    }

    fn release(&mut self, fence: Fence) -> Released {
        match self.verb(&Verb::Release(ask(1, "1").key(), fence, no_effect())) {
            Reply::Released(released) => released,
            other => panic!("{other:?}"),
        }
    }

    fn reconcile(&mut self, epoch: u64, found: &Found) -> Reconciled {
        match self.verb(&Verb::Reconcile(ask(1, "1").key(), epoch, found)) {
            Reply::Reconciled(reconciled) => reconciled,
            other => panic!("{other:?}"),
        }
    }

    fn sweep(&mut self) {
        self.record = self
            .record
            .take()
            .and_then(|record| sweep(record, self.now));
    }

    fn state(&self) -> &State {
        &self.record.as_ref().unwrap().state
    }
}

/// The attempt of that number, which is later than those of lower ones, in the mode that resumes.
fn ask(number: u8, payload: &str) -> Ask {
    ask_in(Mode::Resumable, number, payload)
}

fn ask_in(mode: Mode, number: u8, payload: &str) -> Ask {
    ask_for(&operation!("transfer-money"), mode, number, payload)
}

fn ask_for(operation: &Operation, mode: Mode, number: u8, payload: &str) -> Ask {
    let key = IdempotencyKey::of(&alice_calls().build(), operation).unwrap();
    let mut fingerprint = [0; 17];
    fingerprint[..payload.len()].copy_from_slice(payload.as_bytes());
    let owner = Owner::from_bytes([number; 16]).unwrap();
    let fingerprint = Fingerprint::from_bytes(fingerprint);
    Ask::new(key, fingerprint, mode, owner, now().saturating_add(KEPT))
}

/// The fence of an attempt's grant.
fn fence(ask: &Ask, epoch: u64) -> Fence {
    Fence::Attempt {
        epoch,
        owner: ask.owner(),
        fingerprint: *ask.fingerprint(),
    }
}
