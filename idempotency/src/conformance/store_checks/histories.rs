//! Any history of verbs, compared step by step with what a store means.

use core::time::Duration;
use std::collections::HashMap;

use skeleton_invocation_context::Timestamp;

use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Hold;
use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::Invocation;
use crate::conformance::invocations::answer;
use crate::conformance::random::Xorshift;
use crate::conformance::subject::LONG;
use crate::conformance::subject::SHORT;
use crate::conformance::subject::Subject;
use crate::conformance::violation::same;
use crate::key::IdempotencyKey;
use crate::machine::apply;
use crate::machine::sweep;
use crate::record::Record;
use crate::record::State;
use crate::store::Swept;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;
use crate::verbs::Reply;
use crate::verbs::Verb;

const HISTORIES: u64 = 48;
const STEPS: u32 = 80;
/// So many invocations take part in a history.
const KEYS: u32 = 3;

/// Any history of all verbs is answered as [`apply`] and [`sweep`] say. The seed of a history that is not, and its steps,
/// are told.
pub async fn any_history_is_answered_as_apply_says(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    for seed in 0..HISTORIES {
        let mut history = History::begin(factory, seed).await;
        for step in 0..STEPS {
            history = Box::pin(history.step())
                .await
                .map_err(|(violation, told)| {
                    violation.when(format!("seed {seed}, step {step}, after {told:?}"))
                })?;
        }
    }
    Ok(())
}

/// A store and its model, under way together.
struct History<'f> {
    subject: Subject<'f>,
    records: HashMap<[u8; 32], Record>,
    invocations: Vec<Invocation>,
    fences: Vec<(IdempotencyKey, Fence)>,
    /// How many attempts there were.
    attempts: u32,
    random: Xorshift,
    told: Vec<String>,
}

impl<'f> History<'f> {
    async fn begin(factory: &'f dyn AnyFactory, seed: u64) -> Self {
        let subject = Subject::fresh(factory).await;
        let mut invocations = Vec::new();
        for (number, mode) in (1..=KEYS).zip([Mode::Resumable, Mode::AtMostOnce, Mode::Resumable]) {
            let one = subject.invocation(number, mode);
            let is_expiring = subject.time.is_exact() && !subject.time.capabilities.purges_itself();
            let kept = if is_expiring {
                one.expiring_at(later(&subject, 10))
            } else {
                one.clone()
            };
            let longer = if is_expiring {
                one.expiring_at(later(&subject, 30))
            } else {
                one
            };
            // Most attempts are repetitions.
            invocations.extend([
                kept.clone(),
                kept.clone(),
                kept.clone(),
                kept.with_payload(2),
                kept.with_operation("close-account"),
                longer,
            ]);
        }
        Self {
            subject,
            records: HashMap::new(),
            invocations,
            fences: Vec::new(),
            attempts: 2,
            random: Xorshift::new(seed),
            told: Vec::new(),
        }
    }

    /// One step of both, or what differs and what was done before.
    async fn step(mut self) -> Result<Self, (Violation, Vec<String>)> {
        let drawn = self.random.below(100);
        let stepped = match drawn {
            0..=39 => self.claim().await,
            40..=49 => self.beat().await,
            50..=64 => self.complete().await,
            65..=74 => self.release().await,
            75..=81 => self.reconcile().await,
            82..=86 => self.sweep().await,
            87..=89 => {
                self.told.push("a restart".to_owned());
                self.subject = self.subject.reopened().await;
                Ok(())
            }
            _ => {
                self.pass().await;
                Ok(())
            }
        };
        match stepped {
            Ok(()) => Ok(self),
            Err(violation) => Err((violation, self.told)),
        }
    }

    async fn claim(&mut self) -> Result<(), Violation> {
        // A new attempt, or one of the last ones again.
        let is_new = self.random.below(3) == 0;
        self.attempts += u32::from(is_new);
        let number = self.attempts - self.random.below(3).min(self.attempts - 1);
        let Some(one) = self.random.pick(&self.invocations) else {
            return Ok(());
        };
        let (ask, lease) = (one.attempt(number), self.lease());
        let expected = self.expect(ask.key(), &Verb::Claim(&ask, Hold::Lease(lease)));
        self.tell(format_args!("{} claims for {lease:?}", told(&ask, number)));
        let claim = self.subject.claim(&ask, lease).await?;
        if let Claim::Granted(grant) = &claim {
            self.fences.push((ask.key().clone(), grant.fence()));
        }
        self.compare("the claim", Reply::Claim(claim), expected)?;
        self.lapse(lease).await;
        Ok(())
    }

    async fn beat(&mut self) -> Result<(), Violation> {
        let Some((key, fence)) = self.fence() else {
            return Ok(());
        };
        let lease = self.lease();
        let expected = self.expect(&key, &Verb::Beat(&key, fence, lease));
        self.tell(format_args!("{key:.4} beats for {lease:?} by {fence:?}"));
        let beat = self.subject.beat(&key, &fence, lease).await?;
        self.compare("the heartbeat", Reply::Beat(beat), expected)?;
        self.lapse(lease).await;
        Ok(())
    }

    async fn complete(&mut self) -> Result<(), Violation> {
        let Some((key, fence)) = self.fence() else {
            return Ok(());
        };
        let end = match self.random.below(3) {
            0 => {
                let retry_after = if self.random.below(2) == 0 {
                    Duration::ZERO
                } else {
                    LONG * 99
                };
                Conclusion::InDoubt { retry_after }
            }
            _ => Conclusion::Done(answer(self.random.below(1_000))),
        };
        let expected = self.expect(&key, &Verb::Complete(&key, fence, &end));
        self.tell(format_args!("{key:.4} ends with {end:?} by {fence:?}"));
        let completed = self.subject.complete(&key, &fence, &end).await?;
        self.compare("the end", Reply::Completed(completed), expected)
    }

    async fn release(&mut self) -> Result<(), Violation> {
        let Some((key, fence)) = self.fence() else {
            return Ok(());
        };
        let expected = self.expect(&key, &Verb::Release(&key, fence, NoEffect(())));
        self.tell(format_args!("{key:.4} is released by {fence:?}"));
        let released = self.subject.release(&key, &fence).await?;
        self.compare("the release", Reply::Released(released), expected)
    }

    async fn reconcile(&mut self) -> Result<(), Violation> {
        let Some(one) = self.random.pick(&self.invocations) else {
            return Ok(());
        };
        let key = one.key().clone();
        let epoch = self
            .records
            .get(key.address())
            .map_or(1, |record| record.epoch);
        let epoch = epoch.saturating_sub(u64::from(self.random.below(4) == 0));
        let found = match self.random.below(3) {
            0 => Found::Done(answer(self.random.below(1_000))),
            1 => Found::Nothing { after: LONG * 60 },
            _ => Found::Nothing {
                after: Duration::ZERO,
            },
        };
        let expected = self.expect(&key, &Verb::Reconcile(&key, epoch, &found));
        self.tell(format_args!("{key:.4} is found {found:?} of epoch {epoch}"));
        let reconciled = self.subject.reconcile(&key, epoch, &found).await?;
        self.compare("what was found", Reply::Reconciled(reconciled), expected)
    }

    async fn sweep(&mut self) -> Result<(), Violation> {
        let now = self.subject.time.now();
        let mut expected = Swept::default();
        let records = core::mem::take(&mut self.records);
        self.records = records
            .into_iter()
            .filter_map(|(address, record)| {
                let after = sweep(record.clone(), now);
                let was_unknown = is_unknown(&record);
                expected.purged += u64::from(after.is_none());
                expected.forgotten += u64::from(after.is_none() && was_unknown);
                expected.doubted +=
                    u64::from(!was_unknown && after.as_ref().is_some_and(is_unknown));
                Some((address, after?))
            })
            .collect();
        self.tell(format_args!("a sweep"));
        let swept = self.subject.sweep(u32::MAX).await?;
        same("the sweep", &swept, &expected)
    }

    async fn pass(&mut self) {
        let by = match self.random.below(4) {
            0 => SHORT,
            1 => LONG / 2,
            2 => LONG,
            _ => LONG * 7,
        };
        let by = if self.subject.time.is_exact() {
            by
        } else {
            SHORT
        };
        self.tell(format_args!("{by:?} go by"));
        self.subject.time.pass(by).await;
    }

    /// By a clock that cannot be moved, a lease is either over at once or never.
    fn lease(&mut self) -> Duration {
        let some = [SHORT, LONG / 2, LONG];
        let some = if self.subject.time.is_exact() {
            some
        } else {
            [SHORT, LONG * 60, LONG * 60]
        };
        self.random.pick(&some).copied().unwrap_or(LONG)
    }

    async fn lapse(&self, lease: Duration) {
        if lease == SHORT && !self.subject.time.is_exact() {
            self.subject.time.pass(SHORT).await;
        }
    }

    /// One of the last fences, seldom at another key.
    fn fence(&mut self) -> Option<(IdempotencyKey, Fence)> {
        let last = self.fences.len().saturating_sub(6);
        let (key, fence) = self.random.pick(self.fences.get(last..)?)?.clone();
        if self.random.below(12) == 0 {
            let other = self.random.pick(&self.invocations)?;
            return Some((other.key().clone(), fence));
        }
        let fence = if self.random.below(30) == 0 {
            Fence::Log
        } else {
            fence
        };
        Some((key, fence))
    }

    /// Applies a verb to the model.
    fn expect(&mut self, key: &IdempotencyKey, verb: &Verb<'_>) -> Reply {
        let before = self.records.remove(key.address());
        let (after, reply) = apply(before, verb, self.subject.time.now());
        self.records
            .extend(after.map(|record| (*key.address(), record)));
        reply
    }

    fn compare(&self, what: &str, got: Reply, expected: Reply) -> Result<(), Violation> {
        if self.subject.time.is_exact() {
            return same(what, &got, &expected);
        }
        same(what, &blurred(got), &blurred(expected))
    }

    fn tell(&mut self, step: core::fmt::Arguments<'_>) {
        self.told.push(step.to_string());
    }
}

fn later(subject: &Subject<'_>, minutes: u32) -> Timestamp {
    subject.time.now().saturating_add(LONG * minutes)
}

fn told(ask: &Ask, number: u32) -> String {
    let (key, payload) = (ask.key(), ask.fingerprint().as_bytes().last());
    format!(
        "{key:.4}/{}/{payload:?} by attempt {number}",
        key.operation()
    )
}

const fn is_unknown(record: &Record) -> bool {
    matches!(record.state, State::Unknown { .. })
}

/// A reply without its instants.
fn blurred(reply: Reply) -> Reply {
    match reply {
        Reply::Claim(Claim::Running { epoch, lease }) => Reply::Claim(Claim::Running {
            epoch,
            lease: lease.map(|_| Duration::ZERO),
        }),
        Reply::Claim(Claim::Unknown { epoch, .. }) => Reply::Claim(Claim::Unknown {
            epoch,
            since: Timestamp::MIN,
        }),
        Reply::Beat(Beat::Held { .. }) => Reply::Beat(Beat::Held {
            until: Timestamp::MIN,
        }),
        reply => reply,
    }
}
