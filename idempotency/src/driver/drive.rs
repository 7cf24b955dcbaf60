//! One attempt from its claim to its record.

use core::future::Future;
use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::Timestamp;
use tokio::time::timeout;

use super::flight::Lead;
use super::flight::Learned;
use super::lead::Told;
use super::stopwatch::Stopwatch;
use super::store_call;
use super::store_call::signal;
use super::waits::Happened;
use super::waits::Timer;
use super::waits::Waits;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Grant;
use crate::ask::Mode;
use crate::attempt::Action;
use crate::attempt::Attempt;
use crate::attempt::Event;
use crate::attempt::Refusal;
use crate::attempt::Resolution;
use crate::attempt::Terms;
use crate::attempt::step;
use crate::engine::Parts;
use crate::execution::Execution;
use crate::observe::Signal;
use crate::outcome::End;
use crate::refused::Refused;
use crate::store::Store;
use crate::verbs::Beat;
use crate::verbs::Completed;
use crate::verbs::Released;

/// Drives an attempt. `work` runs if the key is granted. Those who wait are told first, then the caller: it may read slowly.
pub(super) async fn drive<S, W, F, R, T, G>(
    parts: &Parts<S>,
    (once, patience): (&Execution, Duration),
    mut lead: Option<Lead<'_>>,
    work: W,
    tell: T,
) where
    S: Store,
    W: FnOnce(Execution) -> F,
    F: Future<Output = (End, R)>,
    T: FnOnce(Told<R>) -> G,
    G: Future<Output = ()>,
{
    let watch = Stopwatch::started_at(parts.clock.now());
    let mut attempt = Attempt::new(Arc::clone(once.shared_ask()), terms(parts, once, patience));
    let mut holding = Holding::nothing(parts, once);
    let (mut work, mut live) = (Some(work), None);
    let (mut tell, mut kept) = (Some(tell), None);
    let sleep = pin!(None);
    let mut waits = Waits {
        asked: pin!(None),
        handler: pin!(None),
        over: pin!(parts.shared.tracker.over()),
        timer: Timer::new(watch, sleep),
        is_draining: false,
    };
    let mut event = Event::Begin;
    loop {
        observe(parts, &attempt, &event);
        for action in step(&mut attempt, event, watch.now()).into_iter().flatten() {
            match action {
                Action::Run(grant) => {
                    holding.granted(&grant, watch.now());
                    lead.as_ref().inspect(|lead| lead.granted());
                    let once = once.granted(attempt.ask(), grant);
                    let work = work.take();
                    waits
                        .handler
                        .set(work.map(|work| async move { work(once).await }));
                }
                Action::Cancel => waits.handler.set(None),
                Action::Reply(resolution) => {
                    if let Some(lead) = lead.take() {
                        lead.landed(learned(&resolution, kept.take(), holding.is_held));
                    }
                    if let Some(tell) = tell.take() {
                        let told = tell(told(parts, resolution, live.take()));
                        // Whoever reads slowly keeps her place no longer than a handler would.
                        let _unread = timeout(parts.window.max_run(), told).await;
                    }
                }
                question => {
                    let ask = Arc::clone(attempt.ask());
                    let asked = store_call::ask(parts, once.policy(), ask, question);
                    waits.asked.set(Some(asked));
                }
            }
        }
        if attempt.is_over() {
            holding.is_held = false;
            return;
        }
        event = match waits.next(attempt.wakes_at()).await {
            Happened::Event(event) => event,
            Happened::Ended(end, left) => {
                live = left;
                kept = holding.ended(&end, watch.now());
                Event::Ended(end)
            }
        };
    }
}

fn terms<S>(parts: &Parts<S>, once: &Execution, patience: Duration) -> Terms {
    Terms {
        lease: once.policy().lease(),
        max_run: parts.window.max_run(),
        patience,
        persistence: parts.limits.persistence(),
        reconciles: once.policy().reconcile().is_some(),
    }
}

fn told<S, R>(parts: &Parts<S>, resolution: Resolution, live: Option<R>) -> Told<R> {
    match (resolution, live) {
        (Resolution::First, Some(live)) => Told::First(live),
        // A handler that left nothing did not end: the machine refuses then.
        (Resolution::First, None) => Told::Refused(Refused::Unavailable),
        (Resolution::Replay(answer), _) => Told::Replay(answer),
        (Resolution::Refused(refusal), _) => {
            Told::Refused(Refused::of(refusal, parts.shared.usual.get()))
        }
    }
}

/// What holds for whoever waits too.
fn learned(resolution: &Resolution, kept: Option<Answer>, has_run: bool) -> Learned {
    match (resolution, kept) {
        (Resolution::Replay(answer), _) => Learned::Answer(answer.clone()),
        (Resolution::First, Some(answer)) => Learned::Answer(answer),
        // Others may have more patience, and what broke here may go well there.
        (Resolution::First | Resolution::Refused(Refusal::InProgress { .. }), _) => {
            Learned::Nothing
        }
        (Resolution::Refused(_), _) if has_run => Learned::Nothing,
        (Resolution::Refused(refusal), _) => Learned::Refused(*refusal),
    }
}

/// What an operator is told of it.
fn observe<S>(parts: &Parts<S>, attempt: &Attempt, event: &Event) {
    let told = match event {
        Event::Beaten(Beat::Lost { .. })
        | Event::Settled(Completed::Fenced { .. })
        | Event::Released(Released::Fenced { .. }) => Signal::Fenced,
        Event::Settled(Completed::InDoubt) if attempt.ask().mode() == Mode::AtMostOnce => {
            Signal::Unknown
        }
        _ => return,
    };
    signal(parts, attempt.ask(), told);
}

/// Says so if an attempt is dropped while it holds its key.
struct Holding<'p, S> {
    parts: &'p Parts<S>,
    ask: Arc<Ask>,
    since: Timestamp,
    is_held: bool,
}

impl<'p, S> Holding<'p, S> {
    fn nothing(parts: &'p Parts<S>, once: &Execution) -> Self {
        Self {
            parts,
            ask: Arc::clone(once.shared_ask()),
            since: Timestamp::MIN,
            is_held: false,
        }
    }

    fn granted(&mut self, grant: &Grant, now: Timestamp) {
        #[cfg(feature = "tracing")]
        crate::traced::granted(grant.epoch());
        #[cfg(not(feature = "tracing"))]
        let _ = grant;
        self.since = now;
        self.is_held = true;
    }

    /// Counts the run, and gives its answer if that is one for others too.
    fn ended(&self, end: &End, now: Timestamp) -> Option<Answer> {
        let run = now.saturating_since(self.since);
        self.parts.shared.usual.note(run);
        signal(self.parts, &self.ask, Signal::Ran(run));
        match end {
            End::Answer(answer) => Some(answer.clone()),
            _ => None,
        }
    }
}

impl<S> Drop for Holding<'_, S> {
    fn drop(&mut self) {
        if self.is_held {
            signal(self.parts, &self.ask, Signal::DroppedGrant);
        }
    }
}
