//! Futures that are dropped before their end: a connection was cut, a caller has gone.

use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::interrupted::MOST_POLLS;
use crate::conformance::interrupted::polled;
use crate::conformance::invocations::Invocation;
use crate::conformance::invocations::answer;
use crate::conformance::subject::LONG;
use crate::conformance::subject::SHORT;
use crate::conformance::subject::Subject;
use crate::conformance::violation::ensure;
use crate::store::Store;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;

/// A claim that is dropped at any await was made or not, and its own attempt may ask again.
pub async fn a_dropped_claim_was_made_or_not(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for polls in 0..MOST_POLLS {
        let one = subject.invocation(polls + 1, Mode::AtMostOnce);
        let ask = one.attempt(1);
        let is_ended = polled(subject.store().claim(&ask, LONG), polls)
            .await
            .is_some();
        match subject.claim(&one.attempt(2), LONG).await? {
            Claim::Granted(grant) if grant.epoch() == 1 && !is_ended => {
                subject
                    .waits("the attempt whose claim was dropped", &ask, 1)
                    .await?;
            }
            Claim::Running { epoch: 1, .. } => {
                let grant = subject.granted(&ask, LONG, 1).await?;
                subject
                    .stores(one.key(), &grant.fence(), &answer(1))
                    .await?;
            }
            other => return Err(neither("claim", polls, &other)),
        }
        if is_ended {
            break;
        }
    }
    Ok(())
}

/// A takeover that is dropped at any await was made or not: no epoch is skipped, and none given twice.
pub async fn a_dropped_takeover_was_made_or_not(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for polls in 0..MOST_POLLS {
        let one = subject.invocation(polls + 1, Mode::Resumable);
        let late = subject.granted(&one.attempt(1), SHORT, 1).await?;
        subject.time.pass(SHORT).await;
        let ask = one.attempt(2);
        let is_ended = polled(subject.store().claim(&ask, LONG), polls)
            .await
            .is_some();
        let fence = match subject.claim(&one.attempt(3), LONG).await? {
            Claim::Granted(grant) if grant.epoch() == 2 && !is_ended => grant.fence(),
            Claim::Running { epoch: 2, .. } => subject.granted(&ask, LONG, 2).await?.fence(),
            other => return Err(neither("takeover", polls, &other)),
        };
        let beat = subject.beat(one.key(), &late.fence(), LONG).await?;
        ensure!(
            beat == Beat::Lost { answer: None },
            "after a dropped takeover the late attempt's heartbeat is answered {beat:?}"
        );
        subject.stores(one.key(), &fence, &answer(1)).await?;
        if is_ended {
            break;
        }
    }
    Ok(())
}

/// A heartbeat that is dropped at any await leaves the claim as it was, or extended.
pub async fn a_dropped_heartbeat_was_made_or_not(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for polls in 0..MOST_POLLS {
        let one = subject.invocation(polls + 1, Mode::Resumable);
        let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
        let (key, fence) = (one.key(), grant.fence());
        let beat = subject.store().heartbeat(key, &fence, LONG * 3);
        let is_ended = polled(beat, polls).await.is_some();
        match subject.claim(&one.attempt(2), LONG).await? {
            Claim::Running {
                epoch: 1,
                lease: Some(lease),
            } if (lease <= LONG && !is_ended) || (LONG < lease && lease <= LONG * 3) => {}
            other => return Err(neither("heartbeat", polls, &other)),
        }
        subject.stores(key, &fence, &answer(1)).await?;
        if is_ended {
            break;
        }
    }
    Ok(())
}

/// An answer whose completion is dropped at any await is kept whole, or not at all, and then its owner may bring it again.
pub async fn a_dropped_answer_is_kept_or_not(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for polls in 0..MOST_POLLS {
        let one = subject.invocation(polls + 1, Mode::Resumable);
        let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
        let (key, fence) = (one.key(), grant.fence());
        let end = Conclusion::Done(answer(polls));
        let complete = subject.store().complete(key, &fence, &end);
        let is_ended = polled(complete, polls).await.is_some();
        kept(&subject, &one, ("answer", polls, is_ended)).await?;
        subject.stores(key, &fence, &answer(polls)).await?;
        kept(&subject, &one, ("answer", polls, true)).await?;
        if is_ended {
            break;
        }
    }
    Ok(())
}

/// A release that is dropped at any await was made or not.
pub async fn a_dropped_release_was_made_or_not(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for polls in 0..MOST_POLLS {
        let one = subject.invocation(polls + 1, Mode::Resumable);
        let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
        let (key, fence) = (one.key(), grant.fence());
        let release = subject.store().release(key, &fence, NoEffect(()));
        let is_ended = polled(release, polls).await.is_some();
        match subject.claim(&one.attempt(2), LONG).await? {
            Claim::Granted(grant) if grant.epoch() == 2 => {}
            Claim::Running { epoch: 1, .. } if !is_ended => {}
            other => return Err(neither("release", polls, &other)),
        }
        if is_ended {
            break;
        }
    }
    Ok(())
}

/// What was found of a doubt, when that is dropped at any await, settles it or not.
pub async fn a_dropped_reconciliation_was_made_or_not(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for polls in 0..MOST_POLLS {
        let one = subject.invocation(polls + 1, Mode::AtMostOnce);
        let grant = subject.doubted(&one).await?;
        let found = Found::Done(answer(polls));
        let reconcile = subject.store().reconcile(one.key(), 1, &found);
        let is_ended = polled(reconcile, polls).await.is_some();
        kept(&subject, &one, ("reconciliation", polls, is_ended)).await?;
        subject
            .stores(one.key(), &grant.fence(), &answer(polls))
            .await?;
        kept(&subject, &one, ("reconciliation", polls, true)).await?;
        if is_ended {
            break;
        }
    }
    Ok(())
}

/// A sweep that is dropped at any await has done to each record what it should, or nothing, and the next one does the rest.
pub async fn a_dropped_sweep_loses_nothing(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for polls in 0..MOST_POLLS {
        let (lapsed, live) = (
            subject.invocation(2 * polls + 1, Mode::AtMostOnce),
            subject.invocation(2 * polls + 2, Mode::Resumable),
        );
        let _grant = subject.granted(&lapsed.attempt(1), SHORT, 1).await?;
        let grant = subject.granted(&live.attempt(1), LONG, 1).await?;
        subject.time.pass(SHORT).await;
        let is_ended = polled(subject.store().sweep(100), polls).await.is_some();
        let _rest = subject.sweep(100).await?;
        subject
            .doubts("a claim after a dropped sweep", &lapsed.attempt(2), 1)
            .await?;
        subject
            .waits("a claim after a dropped sweep", &live.attempt(2), 1)
            .await?;
        subject
            .stores(live.key(), &grant.fence(), &answer(1))
            .await?;
        if is_ended {
            break;
        }
    }
    Ok(())
}

/// The answer is there as a whole, or, unless it must be, what was there before.
async fn kept(
    subject: &Subject<'_>,
    one: &Invocation,
    (verb, polls, must_be): (&str, u32, bool),
) -> Result<(), Violation> {
    match subject.claim(&one.attempt(2), LONG).await? {
        Claim::Done(replayed) if replayed == answer(polls) => Ok(()),
        Claim::Running { epoch: 1, .. } | Claim::Unknown { epoch: 1, .. } if !must_be => Ok(()),
        other => Err(neither(verb, polls, &other)),
    }
}

fn neither(verb: &str, polls: u32, claim: &Claim) -> Violation {
    Violation::new(format!(
        "after a {verb} that was dropped at poll {polls} a claim is answered {claim:?}"
    ))
}
