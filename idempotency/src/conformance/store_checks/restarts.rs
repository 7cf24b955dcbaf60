//! What outlives a restart.

use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::answer;
use crate::conformance::subject::LONG;
use crate::conformance::subject::SHORT;
use crate::conformance::subject::Subject;
use crate::conformance::violation::same;
use crate::verbs::Claim;
use crate::verbs::Released;

/// P4: the epoch goes on after every release and after every restart.
pub async fn the_epoch_outlives_release_and_restart(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let mut subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::AtMostOnce);
    for epoch in 1..=6_u32 {
        let ask = one.with_payload(u8::try_from(epoch).unwrap_or(u8::MAX));
        let grant = subject
            .granted(&ask.attempt(epoch), LONG, epoch.into())
            .await?;
        if epoch % 2 == 0 {
            subject = subject.reopened().await;
        }
        let released = subject.release(one.key(), &grant.fence()).await?;
        same("a release", &released, &Released::Free)?;
        if epoch % 3 == 0 {
            subject = subject.reopened().await;
        }
    }
    Ok(())
}

/// A restart forgets nothing: runs go on under their fences, answers are replayed, doubts stay, and late copies are fenced.
/// Only of a durable store.
pub async fn a_restart_forgets_nothing(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    if !subject.time.capabilities.is_durable() {
        return Ok(());
    }
    let number = |number, mode| subject.invocation(number, mode);
    let (running, lapsed) = (number(1, Mode::AtMostOnce), number(2, Mode::Resumable));
    let (done, freed) = (number(3, Mode::Resumable), number(4, Mode::Resumable));
    let doubtful = number(5, Mode::AtMostOnce);
    let grant = subject.granted(&running.attempt(1), LONG, 1).await?;
    let (late, next) = {
        let late = subject.granted(&lapsed.attempt(1), SHORT, 1).await?;
        subject.time.pass(SHORT).await;
        (late, lapsed.attempt(2))
    };
    let _done = subject.done(&done, &answer(3)).await?;
    let _freed = subject.given_back(&freed).await?;
    let doubt = subject.doubted(&doubtful).await?;
    let subject = subject.reopened().await;
    subject
        .waits("a claim of a run", &running.attempt(2), 1)
        .await?;
    subject
        .stores(running.key(), &grant.fence(), &answer(1))
        .await?;
    let _next = subject.granted(&next, LONG, 2).await?;
    let released = subject.release(lapsed.key(), &late.fence()).await?;
    same(
        "a stale release",
        &released,
        &Released::Fenced { answer: None },
    )?;
    subject
        .told("a repetition", &done.attempt(2), &Claim::Done(answer(3)))
        .await?;
    let last = freed.owner(1);
    subject
        .told("a late copy", &freed.attempt(1), &Claim::Fenced { last })
        .await?;
    let _next = subject.granted(&freed.attempt(2), LONG, 2).await?;
    subject
        .doubts("a claim in doubt", &doubtful.attempt(2), 1)
        .await?;
    subject
        .stores(doubtful.key(), &doubt.fence(), &answer(5))
        .await
}
