//! One question to the store, or to the application, and the event that its answer is.

use core::time::Duration;
use std::sync::Arc;

use tokio::time::timeout;

use crate::ask::Ask;
use crate::attempt::Action;
use crate::attempt::Event;
use crate::engine::Parts;
use crate::observe::Signal;
use crate::observe::StoreVerb;
use crate::policy::Policy;
use crate::store::Store;
use crate::verbs::Conclusion;

/// Asks, and waits no longer than for a store that can be had.
pub(super) async fn ask<S: Store>(
    parts: &Parts<S>,
    policy: &Policy,
    ask: Arc<Ask>,
    question: Action,
) -> Event {
    match question {
        Action::Watch { epoch } => {
            parts.store.changed(ask.key(), epoch).await;
            Event::Changed
        }
        Action::LookUp { epoch } => look_up(parts, policy, &ask, epoch).await,
        question => {
            let (verb, answered) = ask_store(parts, policy, &ask, question).await;
            answered.unwrap_or_else(|| {
                signal(parts, &ask, Signal::StoreError(verb));
                Event::StoreDown
            })
        }
    }
}

async fn look_up<S>(parts: &Parts<S>, policy: &Policy, ask: &Ask, epoch: u64) -> Event {
    let Some(hook) = policy.reconcile() else {
        return Event::LookedUp(None);
    };
    let found = hook.reconcile(ask.key(), epoch);
    let found = timeout(parts.limits.persistence(), found).await;
    Event::LookedUp(found.ok().flatten())
}

/// One verb. Nothing if the store did not answer it.
async fn ask_store<S: Store>(
    parts: &Parts<S>,
    policy: &Policy,
    ask: &Ask,
    question: Action,
) -> (StoreVerb, Option<Event>) {
    let (store, limit) = (&parts.store, parts.limits.persistence());
    match question {
        Action::Beat(fence) => {
            let beat = store.heartbeat(ask.key(), &fence, policy.lease());
            let beaten = within(limit, beat, Event::Beaten).await;
            (StoreVerb::Heartbeat, beaten)
        }
        Action::Complete(fence, end) => {
            let completed = store.complete(ask.key(), &fence, &end);
            let settled = within(limit, completed, Event::Settled).await;
            if let (Some(_), Conclusion::Done(answer)) = (&settled, &end) {
                signal(parts, ask, Signal::AnswerBytes(answer.body().len()));
            }
            (StoreVerb::Complete, settled)
        }
        Action::Release(fence, proof) => {
            let released = store.release(ask.key(), &fence, proof);
            let released = within(limit, released, Event::Released).await;
            (StoreVerb::Release, released)
        }
        Action::Reconcile { epoch, found } => {
            let reconciled = store.reconcile(ask.key(), epoch, &found);
            let reconciled = within(limit, reconciled, Event::Reconciled).await;
            (StoreVerb::Reconcile, reconciled)
        }
        _ => {
            let claim = store.claim(ask, policy.lease());
            let claimed = within(limit, claim, Event::Claimed).await;
            (StoreVerb::Claim, claimed)
        }
    }
}

async fn within<T, E>(
    limit: Duration,
    verb: impl Future<Output = Result<T, E>>,
    event: impl FnOnce(T) -> Event,
) -> Option<Event> {
    match timeout(limit, verb).await {
        Ok(Ok(answer)) => Some(event(answer)),
        Ok(Err(_)) | Err(_) => None,
    }
}

pub(super) fn signal<S>(parts: &Parts<S>, ask: &Ask, signal: Signal) {
    #[cfg(feature = "tracing")]
    crate::traced::happened(ask, signal);
    parts
        .observer
        .observe(ask.key().operation(), ask.mode(), signal);
}
