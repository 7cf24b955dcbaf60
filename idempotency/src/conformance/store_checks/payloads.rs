//! What is compared: payload and operation, after every verb.

use core::time::Duration;

use crate::ask::Grant;
use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::Invocation;
use crate::conformance::invocations::answer;
use crate::conformance::subject::LONG;
use crate::conformance::subject::SHORT;
use crate::conformance::subject::Subject;
use crate::conformance::violation::ensure;
use crate::conformance::violation::same;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::Released;

/// T4, P5: whoever brings another payload is told so, whatever was done to the record before, and sees nothing of it.
pub async fn t04_the_payload_is_compared_after_every_verb(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    after_every_verb(factory, |one| one.with_payload(2)).await
}

/// T4, P5: whoever names another operation is told so, whatever was done to the record before, and sees nothing of it.
pub async fn t04_the_operation_is_compared_after_every_verb(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    after_every_verb(factory, |one| one.with_operation("close-account")).await
}

/// T16: to whoever proves a grant of another payload, no stored answer is shown.
pub async fn t16_a_fence_of_another_payload_is_shown_nothing(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    // The payload of the first attempt differs from that of the one that took its place.
    let first = subject.given_back(&one).await?;
    let other = one.with_payload(2);
    let second = subject.granted(&other.attempt(2), LONG, 2).await?;
    subject
        .stores(other.key(), &second.fence(), &answer(1))
        .await?;
    let (key, fence) = (one.key(), first.fence());
    let beat = subject.beat(key, &fence, LONG).await?;
    same("its heartbeat", &beat, &Beat::Lost { answer: None })?;
    let end = Conclusion::Done(answer(2));
    let completed = subject.complete(key, &fence, &end).await?;
    same(
        "its answer",
        &completed,
        &Completed::Fenced { answer: None },
    )?;
    let released = subject.release(key, &fence).await?;
    same("its release", &released, &Released::Fenced { answer: None })
}

async fn after_every_verb(
    factory: &dyn AnyFactory,
    other: impl Fn(&Invocation) -> Invocation,
) -> Result<(), Violation> {
    let mut subject = Subject::fresh(factory).await;
    for (number, mode) in [(1, Mode::Resumable), (2, Mode::AtMostOnce)] {
        let one = subject.invocation(number, mode);
        let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
        differs(&subject, &one, &other, "a claim").await?;
        let _again = subject.granted(&one.attempt(1), LONG, 1).await?;
        differs(&subject, &one, &other, "its own claim again").await?;
        let _beat = subject.beat(one.key(), &grant.fence(), LONG).await?;
        differs(&subject, &one, &other, "a heartbeat").await?;
        let _swept = subject.sweep(100).await?;
        differs(&subject, &one, &other, "a sweep").await?;
        subject = subject.reopened().await;
        differs(&subject, &one, &other, "a restart").await?;
        let fence = ended(&subject, &one, &other, (mode, grant)).await?.fence();
        let _beat = subject.beat(one.key(), &fence, LONG).await?;
        let _released = subject.release(one.key(), &fence).await?;
        differs(&subject, &one, &other, "verbs upon its end").await?;
    }
    Ok(())
}

/// Lets a claim lapse and brings it to its end, by whoever may.
async fn ended(
    subject: &Subject<'_>,
    one: &Invocation,
    other: &impl Fn(&Invocation) -> Invocation,
    (mode, grant): (Mode, Grant),
) -> Result<Grant, Violation> {
    let end = Conclusion::InDoubt {
        retry_after: Duration::ZERO,
    };
    let _doubt = subject.complete(one.key(), &grant.fence(), &end).await?;
    differs(subject, one, other, "a doubt").await?;
    if mode == Mode::AtMostOnce {
        let found = Found::Done(answer(1));
        let _found = subject.reconcile(one.key(), 1, &found).await?;
        differs(subject, one, other, "a reconciliation").await?;
        return Ok(grant);
    }
    let next = subject.granted(&one.attempt(2), SHORT, 2).await?;
    differs(subject, one, other, "a takeover").await?;
    subject.time.pass(SHORT).await;
    differs(subject, one, other, "the end of a lease").await?;
    subject.stores(one.key(), &next.fence(), &answer(1)).await?;
    differs(subject, one, other, "an answer").await?;
    Ok(next)
}

/// Whoever brings something else is told so, as an attempt of its own and as the one that was granted.
async fn differs(
    subject: &Subject<'_>,
    one: &Invocation,
    other: &impl Fn(&Invocation) -> Invocation,
    after: &str,
) -> Result<(), Violation> {
    for attempt in [8, 1] {
        let claim = subject.claim(&other(one).attempt(attempt), LONG).await?;
        ensure!(
            claim == Claim::Mismatch,
            "after {after}, a claim of something else is answered {claim:?}"
        );
    }
    Ok(())
}
