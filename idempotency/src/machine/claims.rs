//! Who may run: claims, and transactions that commit.

use skeleton_invocation_context::Timestamp;

use super::Guard;
use super::Guards;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Grant;
use crate::ask::Hold;
use crate::ask::Mode;
use crate::record::Held;
use crate::record::Record;
use crate::record::State;
use crate::verbs::Claim;
use crate::verbs::Completed;

pub(super) fn claim(
    guards: Guards,
    record: Option<Record>,
    (ask, hold): (&Ask, Hold),
    past_epoch: u64,
    now: Timestamp,
) -> (Record, Claim) {
    let Some(record) = record else {
        return begun((ask, hold), past_epoch, now);
    };
    let record = doubted(guards, record, now);
    let is_own = record.owner == ask.owner();
    if record.state == State::Released {
        // Owners are drawn as time goes on: whoever gave it back before is not newer than whoever did last.
        let is_late = ask.owner() <= record.owner;
        if is_late && guards.has(Guard::LateCopy) {
            return fenced(record);
        }
        let epoch = if guards.has(Guard::EpochOutlivesRelease) {
            record.epoch
        } else {
            0
        };
        return begun((ask, hold), epoch, now);
    }
    let is_same = (record.operation == *ask.key().operation() || !guards.has(Guard::Operation))
        && (record.fingerprint == *ask.fingerprint() || !guards.has(Guard::Fingerprint));
    if !is_same {
        return (record, Claim::Mismatch);
    }
    let claim = match &record.state {
        State::Running { held } => {
            let is_over = matches!(held, Held::Until(until) if *until <= now);
            if is_own && guards.has(Guard::OwnOwner) {
                // The acknowledgement of its own claim was lost: it holds it still, and as long as it asks for.
                return renewed(record, (ask, hold), now);
            }
            if is_over && ask.owner() < record.owner && guards.has(Guard::LateCopy) {
                return fenced(record);
            }
            if is_over || !guards.has(Guard::LiveLease) {
                // A doubt was told apart before: what is left resumes.
                return begun((ask, hold), record.epoch, now);
            }
            let lease = match held {
                Held::Until(until) => Some(until.saturating_since(now)),
                Held::ByLog => None,
            };
            Claim::Running {
                epoch: record.epoch,
                lease,
            }
        }
        State::Done { answer } => Claim::Done(answer.clone()),
        State::Unknown { since } => Claim::Unknown {
            epoch: record.epoch,
            since: *since,
        },
        State::Released => return fenced(record),
    };
    (record, claim)
}

const fn fenced(record: Record) -> (Record, Claim) {
    let last = record.owner;
    (record, Claim::Fenced { last })
}

/// A claim and its answer in one: what a transaction leaves when it commits.
pub(super) fn finish(
    guards: Guards,
    record: Option<Record>,
    (ask, answer): (&Ask, &Answer),
    past_epoch: u64,
    now: Timestamp,
) -> (Option<Record>, Completed) {
    let is_late = ask.expires_at() <= now && guards.has(Guard::Retention);
    let before = record.clone();
    let claimed = if guards.has(Guard::CommitDecides) {
        claim(guards, record, (ask, Hold::Commit), past_epoch, now)
    } else {
        let epoch = record.map_or(past_epoch, |record| record.epoch);
        begun((ask, Hold::Commit), epoch, now)
    };
    match claimed {
        (record, Claim::Granted(_)) if !is_late => {
            let answer = answer.clone();
            let state = State::Done { answer };
            (Some(Record { state, ..record }), Completed::Stored)
        }
        _ => (before, Completed::AlreadyDone),
    }
}

/// A grant of the key, the next one after an epoch.
fn begun((ask, hold): (&Ask, Hold), epoch: u64, now: Timestamp) -> (Record, Claim) {
    let epoch = epoch.saturating_add(1);
    let record = Record {
        operation: ask.key().operation().clone(),
        fingerprint: *ask.fingerprint(),
        mode: ask.mode(),
        epoch,
        owner: ask.owner(),
        state: State::Running {
            held: held(hold, now),
        },
        expires_at: ask.expires_at(),
    };
    (record, Claim::Granted(Grant::by_store(ask, epoch)))
}

fn renewed(record: Record, (ask, hold): (&Ask, Hold), now: Timestamp) -> (Record, Claim) {
    let grant = Grant::by_store(ask, record.epoch);
    let state = match record.state {
        State::Running {
            held: Held::Until(_),
        } => State::Running {
            held: held(hold, now),
        },
        other => other,
    };
    (Record { state, ..record }, Claim::Granted(grant))
}

fn held(hold: Hold, now: Timestamp) -> Held {
    match hold {
        // What a commit holds is written by nobody before it is done.
        Hold::Log | Hold::Commit => Held::ByLog,
        Hold::Lease(lease) => Held::Until(now.saturating_add(lease)),
    }
}

/// Whoever runs under a lease that is over is gone; unless the next attempt resumes, nobody knows how far it came.
pub(super) fn doubted(guards: Guards, record: Record, now: Timestamp) -> Record {
    match record.state {
        State::Running {
            held: Held::Until(until),
        } if until <= now && record.mode != Mode::Resumable && guards.has(Guard::Doubt) => Record {
            state: State::Unknown { since: until },
            ..record
        },
        _ => record,
    }
}
