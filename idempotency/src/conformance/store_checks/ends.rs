//! How a run ends, and who may end it: the rows of beats, answers, doubts and releases.

use core::time::Duration;

use crate::ask::Fence;
use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
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
use crate::verbs::Reconciled;
use crate::verbs::Released;

/// T9: a heartbeat extends the lease from now on, and never cuts it short.
pub async fn t09_a_heartbeat_extends_the_lease(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let grant = subject.granted(&one.attempt(1), SHORT, 1).await?;
    for lease in [LONG, SHORT] {
        let beat = subject.beat(one.key(), &grant.fence(), lease).await?;
        let Beat::Held { until } = beat else {
            return Err(Violation::new(format!("a heartbeat is answered {beat:?}")));
        };
        ensure!(
            !subject.time.is_exact() || until == subject.time.now().saturating_add(LONG),
            "after a heartbeat of {lease:?} the lease ends at {until:?}"
        );
    }
    subject.time.pass(SHORT).await;
    subject
        .waits("a claim after a heartbeat", &one.attempt(2), 1)
        .await
}

/// T9: an attempt that was late, and whose place nobody took, goes on.
pub async fn t09_a_late_heartbeat_holds_what_nobody_took(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let grant = subject.granted(&one.attempt(1), SHORT, 1).await?;
    subject.time.pass(SHORT).await;
    let beat = subject.beat(one.key(), &grant.fence(), LONG).await?;
    ensure!(
        matches!(beat, Beat::Held { .. }),
        "a late heartbeat is answered {beat:?}"
    );
    subject
        .waits("a claim after a late heartbeat", &one.attempt(2), 1)
        .await
}

/// T10: the answer of the grant is kept, though it comes after the lease, and whoever asks is given it.
pub async fn t10_an_answer_is_kept(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, lease) in [(1, LONG), (2, SHORT)] {
        let one = subject.invocation(number, Mode::Resumable);
        let grant = subject.granted(&one.attempt(1), lease, 1).await?;
        subject.time.pass(SHORT).await;
        // Once more, as if the acknowledgement had been lost.
        for _ in 0..2 {
            subject
                .stores(one.key(), &grant.fence(), &answer(number))
                .await?;
        }
        for attempt in [1, 2] {
            let done = Claim::Done(answer(number));
            subject
                .told("a repetition", &one.attempt(attempt), &done)
                .await?;
        }
    }
    Ok(())
}

/// T10, R2: whoever ran into the doubt knows best: its answer ends it, and its heartbeats cancel nothing.
pub async fn t10_a_late_owner_ends_the_doubt(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for number in [1, 2] {
        let one = subject.invocation(number, Mode::AtMostOnce);
        let grant = subject.granted(&one.attempt(1), SHORT, 1).await?;
        subject.time.pass(SHORT).await;
        if number == 1 {
            subject
                .doubts("a claim after the lease", &one.attempt(2), 1)
                .await?;
        } else {
            let _swept = subject.sweep(100).await?;
        }
        let beat = subject.beat(one.key(), &grant.fence(), LONG).await?;
        same("a late owner's heartbeat", &beat, &Beat::Doubted)?;
        subject
            .stores(one.key(), &grant.fence(), &answer(number))
            .await?;
        let done = Claim::Done(answer(number));
        subject
            .told("a repetition after the doubt", &one.attempt(2), &done)
            .await?;
    }
    Ok(())
}

/// T11: what a handler leaves in doubt stays so in `AtMostOnce`, at once and whatever it says of later.
pub async fn t11_a_doubt_at_most_once_stays(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::AtMostOnce);
    let grant = subject.doubted(&one).await?;
    for attempt in [2, 1] {
        subject
            .doubts("a claim after a doubt", &one.attempt(attempt), 1)
            .await?;
    }
    let again = Conclusion::InDoubt { retry_after: LONG };
    let completed = subject.complete(one.key(), &grant.fence(), &again).await?;
    same("a doubt once more", &completed, &Completed::InDoubt)?;
    let released = subject.release(one.key(), &grant.fence()).await?;
    same(
        "a release in doubt",
        &released,
        &Released::Fenced { answer: None },
    )?;
    subject
        .doubts("a claim after all that", &one.attempt(3), 1)
        .await
}

/// T12: what a handler leaves in doubt in `Resumable` is free for the next attempt after as long as it says, and never
/// later than without it.
pub async fn t12_a_doubt_resumable_cuts_the_lease_short(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
    for (retry_after, is_over) in [(LONG * 2, false), (SHORT, true)] {
        let end = Conclusion::InDoubt { retry_after };
        let completed = subject.complete(one.key(), &grant.fence(), &end).await?;
        same("a doubt", &completed, &Completed::InDoubt)?;
        if subject.time.is_exact() {
            let lease = Some(LONG.min(retry_after));
            let told = Claim::Running { epoch: 1, lease };
            subject
                .told("a claim within the delay", &one.attempt(2), &told)
                .await?;
        }
        subject.time.pass(SHORT).await;
        if is_over {
            let _next = subject.granted(&one.attempt(2), LONG, 2).await?;
        }
    }
    Ok(())
}

/// T13, P11: its owner gives a key back, once and again, and ends it no more.
pub async fn t13_a_release_frees_the_key(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::AtMostOnce);
    let grant = subject.given_back(&one).await?;
    let (key, fence) = (one.key(), grant.fence());
    let again = subject.release(key, &fence).await?;
    same(
        "a release whose acknowledgement was lost",
        &again,
        &Released::Free,
    )?;
    let beat = subject.beat(key, &fence, LONG).await?;
    same(
        "a heartbeat after a release",
        &beat,
        &Beat::Lost { answer: None },
    )?;
    let end = Conclusion::Done(answer(1));
    let completed = subject.complete(key, &fence, &end).await?;
    let fenced = Completed::Fenced { answer: None };
    same("an answer after a release", &completed, &fenced)?;
    let _next = subject.granted(&one.attempt(2), LONG, 2).await?;
    Ok(())
}

/// T16, P13: a heartbeat with another fence than the last grant's is lost, extends nothing, and is shown the answer.
pub async fn t16_a_stale_heartbeat_is_lost(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let late = subject.granted(&one.attempt(1), SHORT, 1).await?;
    subject.time.pass(SHORT).await;
    let next = subject.granted(&one.attempt(2), SHORT, 2).await?;
    for fence in strangers(&late.fence(), &next.fence()) {
        let beat = subject.beat(one.key(), &fence, LONG).await?;
        same("a stale heartbeat", &beat, &Beat::Lost { answer: None })?;
    }
    subject.time.pass(SHORT).await;
    let last = subject.granted(&one.attempt(3), LONG, 3).await?;
    subject.stores(one.key(), &last.fence(), &answer(1)).await?;
    let beat = subject.beat(one.key(), &late.fence(), LONG).await?;
    let answer = Some(answer(1));
    same(
        "a stale heartbeat after the end",
        &beat,
        &Beat::Lost { answer },
    )
}

/// T16, P3: an answer or a doubt with another fence than the last grant's changes nothing, and is shown the answer.
pub async fn t16_a_stale_end_is_fenced(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let (late, next) = subject.taken_over(&one).await?;
    let ends = [
        Conclusion::Done(answer(1)),
        Conclusion::InDoubt {
            retry_after: Duration::ZERO,
        },
    ];
    for fence in strangers(&late.fence(), &next.fence()) {
        for end in &ends {
            let completed = subject.complete(one.key(), &fence, end).await?;
            same(
                "a stale end",
                &completed,
                &Completed::Fenced { answer: None },
            )?;
        }
    }
    subject
        .waits("a claim after stale ends", &one.attempt(3), 2)
        .await?;
    subject.stores(one.key(), &next.fence(), &answer(2)).await?;
    for end in &ends {
        let completed = subject.complete(one.key(), &late.fence(), end).await?;
        let answer = Some(answer(2));
        same(
            "a stale end after the end",
            &completed,
            &Completed::Fenced { answer },
        )?;
    }
    subject
        .told("a repetition", &one.attempt(3), &Claim::Done(answer(2)))
        .await
}

/// T16: a release with another fence than the last grant's frees nothing, and is shown the answer.
pub async fn t16_a_stale_release_is_fenced(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let (late, next) = subject.taken_over(&one).await?;
    for fence in strangers(&late.fence(), &next.fence()) {
        let released = subject.release(one.key(), &fence).await?;
        same(
            "a stale release",
            &released,
            &Released::Fenced { answer: None },
        )?;
    }
    subject
        .waits("a claim after stale releases", &one.attempt(3), 2)
        .await?;
    subject.stores(one.key(), &next.fence(), &answer(2)).await?;
    for fence in [late.fence(), next.fence()] {
        let released = subject.release(one.key(), &fence).await?;
        let answer = Some(answer(2));
        same(
            "a release after the end",
            &released,
            &Released::Fenced { answer },
        )?;
    }
    Ok(())
}

/// Verbs about a key of which there is no record say so, and leave none.
pub async fn what_was_never_claimed_has_no_end(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let (one, other) = (
        subject.invocation(1, Mode::AtMostOnce),
        subject.invocation(2, Mode::AtMostOnce),
    );
    let fence = subject.granted(&other.attempt(1), LONG, 1).await?.fence();
    let key = one.key();
    let beat = subject.beat(key, &fence, LONG).await?;
    same("a heartbeat", &beat, &Beat::Lost { answer: None })?;
    for fence in [fence, Fence::Log] {
        let end = Conclusion::Done(answer(1));
        let completed = subject.complete(key, &fence, &end).await?;
        same("an answer", &completed, &Completed::Gone)?;
    }
    let released = subject.release(key, &fence).await?;
    same("a release", &released, &Released::Gone)?;
    let found = Found::Done(answer(1));
    let reconciled = subject.reconcile(key, 1, &found).await?;
    same("a reconciliation", &reconciled, &Reconciled::NotInDoubt)?;
    let _grant = subject.granted(&one.attempt(1), LONG, 1).await?;
    Ok(())
}

/// Every fence that is not the last grant's.
fn strangers(late: &Fence, last: &Fence) -> Vec<Fence> {
    let mut strangers = vec![Fence::Log, *late];
    if let (
        Fence::Attempt { epoch, owner, .. },
        Fence::Attempt {
            epoch: last_epoch,
            owner: last_owner,
            fingerprint,
        },
    ) = (*late, *last)
    {
        let mixed = [
            (epoch, last_owner),
            (last_epoch, owner),
            (last_epoch + 1, last_owner),
        ];
        strangers.extend(mixed.map(|(epoch, owner)| Fence::Attempt {
            epoch,
            owner,
            fingerprint,
        }));
    }
    strangers
}
