//! What every store means by its verbs: one pure function, in which each rule can be read on its own.

mod claims;
mod ends;
mod guards;
#[cfg(test)]
mod model;

use skeleton_invocation_context::Timestamp;

use self::claims::claim;
use self::claims::doubted;
use self::claims::finish;
use self::ends::beat;
use self::ends::complete;
use self::ends::reconcile;
use self::ends::release;
pub(crate) use self::guards::Guard;
pub(crate) use self::guards::Guards;
use crate::ask::Ask;
use crate::ask::Hold;
use crate::record::Record;
use crate::record::State;
use crate::verbs::Claim;
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
