//! What every store means by its verbs: one pure function, in which each rule can be read on its own.

mod guards;
#[cfg(test)]
mod model;

use skeleton_invocation_context::Timestamp;

pub(crate) use self::guards::Guard;
pub(crate) use self::guards::Guards;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Grant;
use crate::ask::Hold;
use crate::ask::Mode;
use crate::record::Held;
use crate::record::Record;
use crate::record::State;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::Reconciled;
use crate::verbs::Released;
use crate::verbs::Reply;
use crate::verbs::Verb;

/// What a store means: the record after a verb, and the reply. Stores are tested against it.
///
/// A record past its retention counts as absent. If it was not purged yet, the claim that takes its place continues
/// its epochs.
#[must_use]
pub fn apply(record: Option<Record>, verb: &Verb<'_>, now: Timestamp) -> (Option<Record>, Reply) {
    apply_under(Guards::ALL, record, verb, now)
}

/// What time does to a record by itself: a lease that is over leaves a doubt, and what is past its retention goes.
#[must_use]
pub fn sweep(record: Record, now: Timestamp) -> Option<Record> {
    sweep_under(Guards::ALL, record, now)
}

/// [`apply`] without some of its guards: for the test that shows what each is for.
fn apply_under(
    guards: Guards,
    record: Option<Record>,
    verb: &Verb<'_>,
    now: Timestamp,
) -> (Option<Record>, Reply) {
    let (live, past) = match record {
        Some(record) if !record.is_past(now) => (Some(record), None),
        past => (None, past),
    };
    let (after, reply) = match verb {
        Verb::Claim(ask, _) if guards.has(Guard::Retention) && is_too_late(&live, ask, now) => {
            (live, Reply::Claim(Claim::Expired))
        }
        Verb::Claim(ask, Hold::Commit) => {
            let epoch = past.as_ref().map_or(0, |record| record.epoch);
            let (_, claim) = claim(guards, live.clone(), (ask, Hold::Commit), epoch, now);
            (live, Reply::Claim(claim))
        }
        Verb::Finish(ask, answer) => {
            let epoch = past.as_ref().map_or(0, |record| record.epoch);
            let (record, completed) = finish(guards, live, (ask, answer), epoch, now);
            (record, Reply::Completed(completed))
        }
        Verb::Claim(ask, hold) => {
            let epoch = past.as_ref().map_or(0, |record| record.epoch);
            let (record, claim) = claim(guards, live, (ask, *hold), epoch, now);
            (Some(record), Reply::Claim(claim))
        }
        Verb::Beat(_, fence, lease) => {
            let held_until = now.saturating_add(*lease);
            let (record, beat) = beat(guards, live, fence, held_until);
            (record, Reply::Beat(beat))
        }
        Verb::Complete(_, fence, conclusion) => {
            let (record, completed) = complete(guards, live, fence, conclusion, now);
            (record, Reply::Completed(completed))
        }
        Verb::Release(_, fence, _) => {
            let (record, released) = release(guards, live, fence);
            (record, Reply::Released(released))
        }
        Verb::Reconcile(_, epoch, found) => {
            let (record, reconciled) = reconcile(guards, live, *epoch, found, now);
            (record, Reply::Reconciled(reconciled))
        }
    };
    (after.or(past), reply)
}

fn sweep_under(guards: Guards, record: Record, now: Timestamp) -> Option<Record> {
    let record = doubted(guards, record, now);
    let is_over = record.is_past(now) || !guards.has(Guard::PurgeWaits);
    (!is_over).then_some(record)
}

/// Whether an attempt would outlive its record; not one that runs already, and only asks whether it does.
fn is_too_late(live: &Option<Record>, ask: &Ask, now: Timestamp) -> bool {
    let runs = |record: &Record| {
        record.owner == ask.owner() && matches!(record.state, State::Running { .. })
    };
    ask.expires_at() <= now && !live.as_ref().is_some_and(runs)
}

fn claim(
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
fn finish(
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
fn doubted(guards: Guards, record: Record, now: Timestamp) -> Record {
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

fn beat(
    guards: Guards,
    record: Option<Record>,
    fence: &Fence,
    until: Timestamp,
) -> (Option<Record>, Beat) {
    let Some(record) = record else {
        return (None, Beat::Lost { answer: None });
    };
    if !record.is_fenced_by(fence) && guards.has(Guard::FenceOnBeat) {
        let answer = shown(&record, fence);
        return (Some(record), Beat::Lost { answer });
    }
    let (state, beat) = match record.state {
        State::Running {
            held: Held::Until(held),
        } => {
            let until = until.max(held);
            let held = Held::Until(until);
            (State::Running { held }, Beat::Held { until })
        }
        State::Unknown { since } => (State::Unknown { since }, Beat::Doubted),
        other => {
            let record = Record {
                state: other,
                ..record
            };
            let answer = shown(&record, fence);
            return (Some(record), Beat::Lost { answer });
        }
    };
    (Some(Record { state, ..record }), beat)
}

fn complete(
    guards: Guards,
    record: Option<Record>,
    fence: &Fence,
    conclusion: &Conclusion,
    now: Timestamp,
) -> (Option<Record>, Completed) {
    let Some(record) = record else {
        return (None, Completed::Gone);
    };
    if *fence == Fence::Log {
        return completed_by_log(record, conclusion);
    }
    if !record.is_fenced_by(fence) && guards.has(Guard::FenceOnComplete) {
        let answer = shown(&record, fence);
        return (Some(record), Completed::Fenced { answer });
    }
    let is_open = match &record.state {
        // A late owner knows best.
        State::Unknown { .. } => guards.has(Guard::LateOwner),
        State::Done { answer: kept } if guards.has(Guard::DoneIsFinal) => {
            // Its own acknowledgement was lost; or somebody who looked ended the doubt with another answer, which stays.
            let is_own = matches!(conclusion, Conclusion::Done(answer) if answer == kept);
            let completed = if is_own {
                Completed::Stored
            } else {
                let answer = shown(&record, fence);
                Completed::Fenced { answer }
            };
            return (Some(record), completed);
        }
        State::Running { .. } | State::Done { .. } => true,
        State::Released => false,
    };
    if !is_open {
        return (Some(record), Completed::Fenced { answer: None });
    }
    let (state, completed) = match conclusion {
        Conclusion::Done(answer) => (
            State::Done {
                answer: answer.clone(),
            },
            Completed::Stored,
        ),
        Conclusion::InDoubt { retry_after } => {
            let retry_at = now.saturating_add(*retry_after);
            (in_doubt(&record, retry_at, now), Completed::InDoubt)
        }
    };
    (Some(Record { state, ..record }), completed)
}

/// The next attempt may go on, or nobody.
fn in_doubt(record: &Record, retry_at: Timestamp, now: Timestamp) -> State {
    match (&record.state, record.mode) {
        (
            State::Running {
                held: Held::Until(until),
            },
            Mode::Resumable,
        ) => State::Running {
            held: Held::Until(retry_at.min(*until)),
        },
        (State::Unknown { since }, _) => State::Unknown { since: *since },
        _ => State::Unknown { since: now },
    }
}

fn completed_by_log(record: Record, conclusion: &Conclusion) -> (Option<Record>, Completed) {
    let (state, completed) = match (record.state, conclusion) {
        (State::Running { held: Held::ByLog }, Conclusion::Done(answer)) => (
            State::Done {
                answer: answer.clone(),
            },
            Completed::Stored,
        ),
        (State::Running { held: Held::ByLog }, Conclusion::InDoubt { .. }) => {
            // The log goes on until it is done.
            let held = Held::ByLog;
            (State::Running { held }, Completed::InDoubt)
        }
        (State::Done { answer }, _) => (State::Done { answer }, Completed::AlreadyDone),
        (other, _) => (other, Completed::Fenced { answer: None }),
    };
    (Some(Record { state, ..record }), completed)
}

fn release(guards: Guards, record: Option<Record>, fence: &Fence) -> (Option<Record>, Released) {
    let Some(record) = record else {
        return (None, Released::Gone);
    };
    let is_own = record.is_fenced_by(fence) || !guards.has(Guard::FenceOnRelease);
    match record.state {
        State::Running {
            held: Held::Until(_),
        } if is_own => {
            let state = State::Released;
            (Some(Record { state, ..record }), Released::Free)
        }
        // The acknowledgement of its own release was lost.
        State::Released if is_own => (Some(record), Released::Free),
        _ => {
            let answer = shown(&record, fence);
            (Some(record), Released::Fenced { answer })
        }
    }
}

fn reconcile(
    guards: Guards,
    record: Option<Record>,
    epoch: u64,
    found: &Found,
    now: Timestamp,
) -> (Option<Record>, Reconciled) {
    let record = record.map(|record| doubted(guards, record, now));
    let Some(record) = record else {
        return (None, Reconciled::NotInDoubt);
    };
    let State::Unknown { since } = record.state else {
        return (Some(record), Reconciled::NotInDoubt);
    };
    if record.epoch != epoch {
        return (Some(record), Reconciled::NotInDoubt);
    }
    let state = match found {
        Found::Done(answer) => State::Done {
            answer: answer.clone(),
        },
        Found::Nothing { after } => {
            let is_early = now < since.saturating_add(*after);
            if is_early && guards.has(Guard::ReconcileWaits) {
                return (Some(record), Reconciled::TooEarly);
            }
            State::Released
        }
    };
    (Some(Record { state, ..record }), Reconciled::Settled)
}

/// The answer, for an attempt of the same payload.
fn shown(record: &Record, fence: &Fence) -> Option<Answer> {
    match (&record.state, fence) {
        (State::Done { answer }, Fence::Attempt { fingerprint, .. })
            if *fingerprint == record.fingerprint =>
        {
            Some(answer.clone())
        }
        _ => None,
    }
}
