//! How runs go on and end: beats, answers, releases, and doubts.

use skeleton_invocation_context::Timestamp;

use super::Guard;
use super::Guards;
use super::claims::doubted;
use crate::answer::Answer;
use crate::ask::Fence;
use crate::ask::Mode;
use crate::record::Held;
use crate::record::Record;
use crate::record::State;
use crate::verbs::Beat;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::Reconciled;
use crate::verbs::Released;

pub(super) fn beat(
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

pub(super) fn complete(
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

pub(super) fn release(
    guards: Guards,
    record: Option<Record>,
    fence: &Fence,
) -> (Option<Record>, Released) {
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

pub(super) fn reconcile(
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
