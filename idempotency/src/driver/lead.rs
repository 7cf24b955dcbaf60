//! One attempt among its duplicates in this process.

use core::future::Future;
use core::future::poll_fn;
use core::pin::pin;
use std::sync::Arc;

use tokio::time::Instant;
use tokio::time::timeout_at;

use super::drive::drive;
use super::flight::Follow;
use super::flight::Joined;
use super::flight::Lead;
use super::flight::Learned;
use super::store_call::signal;
use super::waits::poll_caught;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Mode;
use crate::attempt::Refusal;
use crate::engine::Parts;
use crate::execution::Execution;
use crate::observe::AttemptResult;
use crate::observe::Signal;
use crate::outcome::End;
use crate::refused::Refused;
use crate::store::Store;

/// What the caller is told.
#[derive(Debug)]
pub(crate) enum Told<R> {
    /// The handler's own answer.
    First(R),
    /// The answer that was recorded before.
    Replay(Answer),
    /// No answer.
    Refused(Refused),
}

/// What a handler left for its caller.
pub(crate) trait Left {
    /// Whether a transactional handler found the answer that was recorded before.
    fn is_replay(&self) -> bool;
}

/// Runs one attempt, unless another one of this process runs the same: then it gets what that one learns.
pub(crate) async fn run_one<S, W, F, R, T, G>(parts: &Parts<S>, once: Execution, work: W, tell: T)
where
    S: Store,
    W: FnOnce(Execution) -> F,
    F: Future<Output = (End, R)>,
    R: Left,
    T: FnOnce(Told<R>) -> G,
    G: Future<Output = ()>,
{
    #[cfg(feature = "tracing")]
    {
        use tracing::Instrument;

        let span = crate::traced::span(once.ask());
        among_others(parts, once, work, tell).instrument(span).await;
    }
    #[cfg(not(feature = "tracing"))]
    among_others(parts, once, work, tell).await;
}

async fn among_others<S, W, F, R, T, G>(parts: &Parts<S>, once: Execution, work: W, tell: T)
where
    S: Store,
    W: FnOnce(Execution) -> F,
    F: Future<Output = (End, R)>,
    R: Left,
    T: FnOnce(Told<R>) -> G,
    G: Future<Output = ()>,
{
    let began = Instant::now();
    let patient_until = began + parts.limits.patience();
    let ask = Arc::clone(once.shared_ask());
    let tell = |told: Told<R>| {
        announce(parts, &ask, &told);
        tell(told)
    };
    let refused = |refusal| Told::Refused(Refused::of(refusal, parts.shared.usual.get()));
    let in_progress = || refused(Refusal::InProgress { lease: None });
    loop {
        let lead = match parts.shared.flights.join(&ask) {
            Joined::Lead(lead) => Some(lead),
            Joined::Alone => None,
            Joined::Reused => return tell(refused(Refusal::Reused)).await,
            Joined::Full => return tell(in_progress()).await,
            Joined::Follow(follow) => {
                let learned = followed(follow, patient_until).await;
                signal(parts, &ask, Signal::Waited(began.elapsed()));
                let told = match learned {
                    Some(Learned::Nothing) if Instant::now() < patient_until => continue,
                    Some(Learned::Nothing) | None => in_progress(),
                    Some(Learned::Answer(answer)) => Told::Replay(answer),
                    Some(Learned::Refused(refusal)) => refused(refusal),
                };
                return tell(told).await;
            }
        };
        let Some(_running) = parts.shared.tracker.enter() else {
            return tell(refused(Refusal::Unavailable)).await;
        };
        match once.mode() {
            Mode::Transactional => in_transaction(once, lead, work, tell).await,
            _ => {
                let patience = patient_until.saturating_duration_since(Instant::now());
                drive(parts, (&once, patience), lead, work, tell).await;
            }
        }
        return;
    }
}

async fn followed(follow: Follow<'_>, patient_until: Instant) -> Option<Learned> {
    timeout_at(patient_until, follow.learned()).await.ok()
}

fn announce<S, R: Left>(parts: &Parts<S>, ask: &Ask, told: &Told<R>) {
    signal(parts, ask, Signal::Answered(result_of(told)));
    match told {
        Told::Replay(answer) => {
            let age = parts.clock.now().saturating_since(ask.key().made_at());
            signal(parts, ask, Signal::RetryAge(age));
            if answer.is_tombstone() {
                signal(parts, ask, Signal::Tombstone);
            }
        }
        Told::Refused(Refused::Unknown) => signal(parts, ask, Signal::Unknown),
        Told::First(_) | Told::Refused(_) => {}
    }
}

/// The commit decides: nothing is asked of a store of the engine's.
async fn in_transaction<W, F, R, T, G>(once: Execution, lead: Option<Lead<'_>>, work: W, tell: T)
where
    W: FnOnce(Execution) -> F,
    F: Future<Output = (End, R)>,
    T: FnOnce(Told<R>) -> G,
    G: Future<Output = ()>,
{
    let (learned, told) = match unless_it_panics(async move { work(once).await }).await {
        Some((End::Answer(answer), live)) => (Learned::Answer(answer), Told::First(live)),
        Some((_, live)) => (Learned::Nothing, Told::First(live)),
        None => (Learned::Nothing, Told::Refused(Refused::Panicked)),
    };
    if let Some(lead) = lead {
        lead.landed(learned);
    }
    tell(told).await;
}

/// A panic drops the transaction, which rolls it back.
async fn unless_it_panics<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|cx| poll_caught(work.as_mut(), cx)).await
}

fn result_of<R: Left>(told: &Told<R>) -> AttemptResult {
    match told {
        Told::First(left) if left.is_replay() => AttemptResult::Replayed,
        Told::First(_) => AttemptResult::First,
        Told::Replay(_) => AttemptResult::Replayed,
        Told::Refused(refused) => refused.result(),
    }
}
