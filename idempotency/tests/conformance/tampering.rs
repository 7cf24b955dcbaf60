//! What each mistake makes of records, verbs and replies.

use std::time::Duration;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Fingerprint;
use skeleton_idempotency::Grant;
use skeleton_idempotency::Held;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Owner;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Record;
use skeleton_idempotency::Released;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::Swept;
use skeleton_idempotency::Verb;
use skeleton_idempotency::sweep;
use skeleton_invocation_context::Timestamp;

use crate::mistaken::Records;
use crate::mistakes::Mistake;

impl Mistake {
    /// What the mistake makes of a record before a verb, and of the verb.
    #[expect(clippy::too_many_lines, reason = "an arm for each mistake")]
    pub(crate) fn before<'v>(
        self,
        (mut record, verb): (Option<Record>, &Verb<'v>),
        now: Timestamp,
    ) -> (Option<Record>, Verb<'v>) {
        let Some(kept) = &mut record else {
            return (record, verb.clone());
        };
        let is_over =
            matches!(kept.state, State::Running { held: Held::Until(until) } if until <= now);
        match (self, verb) {
            (Self::ForgetsThePayload, Verb::Claim(ask, _)) => kept.fingerprint = *ask.fingerprint(),
            (Self::ForgetsThePayloadOnHeartbeats, Verb::Claim(ask, _))
                if kept.fingerprint == Fingerprint::from_bytes([0; 17]) =>
            {
                kept.fingerprint = *ask.fingerprint();
            }
            (Self::ForgetsTheOperation, Verb::Claim(ask, _)) => {
                kept.operation = ask.key().operation().clone();
            }
            (Self::GrantsOverLiveLeases, Verb::Claim(ask, _)) if kept.owner != ask.owner() => {
                if let State::Running { held } = &mut kept.state {
                    *held = Held::Until(now);
                    kept.mode = Mode::Resumable;
                }
            }
            (Self::EndsLeasesTooLate, Verb::Claim(..)) => {
                if let State::Running {
                    held: Held::Until(until),
                } = &mut kept.state
                {
                    *until = until.saturating_add(Duration::from_millis(1));
                }
            }
            (Self::TakesTheOwnOwnerForAStranger, Verb::Claim(ask, _))
                if kept.owner == ask.owner() && matches!(kept.state, State::Running { .. }) =>
            {
                kept.owner = Owner::from_bytes([1; 16]).unwrap();
            }
            (Self::NeverTakesOver, Verb::Claim(ask, _)) if kept.owner != ask.owner() && is_over => {
                kept.mode = Mode::AtMostOnce;
            }
            (Self::TakesOverAtMostOnce, Verb::Claim(..)) => kept.mode = Mode::Resumable,
            (Self::GrantsLateCopies, Verb::Claim(..)) if kept.state == State::Released => {
                kept.owner =
                    Owner::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).unwrap();
            }
            (Self::OverwritesAnswers, Verb::Complete(_, _, Conclusion::Done(_)))
                if matches!(kept.state, State::Done { .. }) =>
            {
                let held = Held::Until(now);
                kept.state = State::Running { held };
            }
            (Self::ReopensReleases, Verb::Complete(..)) if kept.state == State::Released => {
                let held = Held::Until(now);
                kept.state = State::Running { held };
            }
            (Self::ShortensLeases, Verb::Beat(..)) if !is_over => {
                if let State::Running { held } = &mut kept.state {
                    *held = Held::Until(now);
                }
            }
            (Self::ForgetsEpochsPastRetention, Verb::Claim(..)) if kept.expires_at <= now => {
                kept.epoch = 0;
            }
            (Self::ReconcilesAnyEpoch, Verb::Reconcile(_, epoch, _)) => kept.epoch = *epoch,
            (Self::ReconcilesWhatRuns, Verb::Reconcile(..))
                if matches!(kept.state, State::Running { .. }) =>
            {
                kept.state = State::Unknown { since: now };
            }
            (Self::CountsWhatIsPast, _) if kept.expires_at <= now => {
                kept.expires_at = Timestamp::MAX;
            }
            _ => {}
        }
        let epoch_and_owner = |fence: &Fence| match fence {
            Fence::Attempt { fingerprint, .. } => Fence::Attempt {
                epoch: kept.epoch,
                owner: kept.owner,
                fingerprint: *fingerprint,
            },
            other => *other,
        };
        let verb = match (self, verb) {
            (Self::ForgetsTheFenceOnHeartbeats, Verb::Beat(key, fence, lease)) => {
                Verb::Beat(key, epoch_and_owner(fence), *lease)
            }
            (Self::ForgetsTheFenceOnAnswers, Verb::Complete(key, fence, end)) => {
                Verb::Complete(key, epoch_and_owner(fence), end)
            }
            (Self::ForgetsTheFenceOnReleases, Verb::Release(key, fence, proof)) => {
                Verb::Release(key, epoch_and_owner(fence), *proof)
            }
            (_, verb) => verb.clone(),
        };
        (record, verb)
    }

    /// What the mistake makes of the record after a verb, and of the reply.
    #[expect(clippy::too_many_lines, reason = "an arm for each mistake")]
    pub(crate) fn after(
        self,
        (before, verb): (Option<Record>, &Verb<'_>),
        (mut after, reply): (Option<Record>, Reply),
    ) -> (Option<Record>, Reply) {
        let was =
            |state: fn(&State) -> bool| before.as_ref().is_some_and(|record| state(&record.state));
        let was_unknown = was(|state| matches!(state, State::Unknown { .. }));
        let was_released = was(|state| *state == State::Released);
        match (self, verb, &reply) {
            (
                Self::CountsEpochsFromZero,
                Verb::Claim(ask, _),
                Reply::Claim(Claim::Granted(grant)),
            ) => {
                let epoch = grant.epoch() - 1;
                let grant = Grant::by_store(ask, epoch);
                if let Some(record) = &mut after {
                    record.epoch = epoch;
                }
                return (after, Reply::Claim(Claim::Granted(grant)));
            }
            (Self::ForgetsThePayloadOnHeartbeats, Verb::Beat(..), _) => {
                if let Some(record) = &mut after {
                    record.fingerprint = Fingerprint::from_bytes([0; 17]);
                }
            }
            (Self::ForgetsEpochsOnRelease, Verb::Release(..), Reply::Released(Released::Free)) => {
                if let Some(record) = &mut after {
                    record.epoch = 0;
                }
            }
            (Self::ForgetsReleases, Verb::Release(..), Reply::Released(Released::Free))
                if was_released =>
            {
                return (after, Reply::Released(Released::Gone));
            }
            (
                Self::ComparesWhatWasReleased,
                Verb::Claim(ask, _),
                Reply::Claim(Claim::Granted(_)),
            ) if was_released
                && before
                    .as_ref()
                    .is_some_and(|record| record.fingerprint != *ask.fingerprint()) =>
            {
                return (before, Reply::Claim(Claim::Mismatch));
            }
            (Self::RefusesLateOwners, Verb::Complete(..), _) if was_unknown => {
                return (before, Reply::Completed(Completed::Fenced { answer: None }));
            }
            (Self::RefusesLateAnswers, Verb::Complete(..), Reply::Completed(Completed::Stored))
                if was(|state| matches!(state, State::Done { .. })) =>
            {
                return (before, Reply::Completed(Completed::AlreadyDone));
            }
            (Self::LosesLateHeartbeats, Verb::Beat(..), Reply::Beat(Beat::Held { until }))
                if was(|state| {
                    matches!(
                        state,
                        State::Running {
                            held: Held::Until(_)
                        }
                    )
                }) && until.as_millis() % 60_000 == 1 =>
            {
                return (before, Reply::Beat(Beat::Lost { answer: None }));
            }
            (Self::ReleasesDoubts, Verb::Complete(..), Reply::Completed(Completed::InDoubt)) => {
                if let Some(record) = &mut after {
                    record.state = State::Released;
                }
            }
            (
                Self::LeavesLeasesAsTheyAre,
                Verb::Complete(..),
                Reply::Completed(Completed::InDoubt),
            ) => {
                return (before, reply);
            }
            (
                Self::BelievesNothingTooEarly,
                Verb::Reconcile(..),
                Reply::Reconciled(Reconciled::TooEarly),
            ) => {
                if let Some(record) = &mut after {
                    record.state = State::Released;
                }
                return (after, Reply::Reconciled(Reconciled::Settled));
            }
            (Self::GrantsPastRetention, Verb::Claim(ask, _), Reply::Claim(Claim::Expired)) => {
                let grant = Grant::by_store(ask, 1);
                return (after, Reply::Claim(Claim::Granted(grant)));
            }
            (
                Self::MakesRecordsOfNothing,
                Verb::Complete(..),
                Reply::Completed(Completed::Gone),
            ) => {
                return (after, Reply::Completed(Completed::Stored));
            }
            (
                Self::ShowsAnswersToOtherPayloads,
                Verb::Release(..),
                Reply::Released(Released::Fenced { answer: None }),
            ) => {
                if let Some(State::Done { answer }) = after.as_ref().map(|record| &record.state) {
                    let answer = Some(answer.clone());
                    return (after, Reply::Released(Released::Fenced { answer }));
                }
            }
            _ => {}
        }
        if let Some(Record {
            state: State::Done { answer },
            ..
        }) = &mut after
        {
            *answer = self.kept(answer);
        }
        (after, reply)
    }

    /// What the mistake keeps of an answer.
    fn kept(self, answer: &Answer) -> Answer {
        let mut kept = Answer::new(answer.status()).unwrap();
        let is_once = self == Self::KeepsRepeatedFieldsOnce;
        let mut seen = Vec::new();
        for (name, value) in answer.fields() {
            if !is_once || !seen.contains(&name) {
                kept = kept.with_field(name, value).unwrap();
                seen.push(name);
            }
        }
        let most = if self == Self::CutsBodies {
            65_535
        } else {
            usize::MAX
        };
        let body = answer.body().iter().copied().take(most).collect::<Vec<_>>();
        kept = kept.with_body(body).unwrap();
        if answer.is_tombstone() && self != Self::TakesTombstonesForEmptyBodies {
            kept = kept.without_body();
        }
        for (name, value) in answer.trailers() {
            if self != Self::DropsTrailers {
                kept = kept.with_trailer(name, value).unwrap();
            }
        }
        kept
    }

    pub(crate) fn sweep(self, records: &mut Records, limit: u32, now: Timestamp) -> Swept {
        let mut swept = Swept::default();
        let limit = if self == Self::SweepsWithoutLimit {
            u32::MAX
        } else {
            limit
        };
        records.retain(|_, record| {
            let is_done = |record: &Record| matches!(record.state, State::Done { .. });
            if swept.purged + swept.doubted >= u64::from(limit) {
                return true;
            }
            let was_unknown = matches!(record.state, State::Unknown { .. });
            let after = match self {
                Self::PurgesTooEarly if is_done(record) => None,
                Self::PurgesLiveLeases if record.expires_at <= now => None,
                Self::PurgesNothing => sweep(record.clone(), now).or(Some(record.clone())),
                _ => sweep(record.clone(), now),
            };
            let Some(after) = after else {
                swept.purged += 1;
                swept.forgotten += u64::from(was_unknown);
                return false;
            };
            if !was_unknown && matches!(after.state, State::Unknown { .. }) {
                if self == Self::FindsNoDoubts {
                    return true;
                }
                swept.doubted += 1;
            }
            *record = after;
            true
        });
        swept
    }
}
