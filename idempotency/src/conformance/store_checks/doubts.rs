//! How a doubt is settled.

use core::time::Duration;

use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::answer;
use crate::conformance::subject::LONG;
use crate::conformance::subject::SHORT;
use crate::conformance::subject::Subject;
use crate::conformance::violation::same;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::Reconciled;

/// T19: what was found to be done is replayed from then on, and does not change.
pub async fn t19_what_was_found_done_is_replayed(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::AtMostOnce);
    let _grant = subject.granted(&one.attempt(1), SHORT, 1).await?;
    subject.time.pass(SHORT).await;
    let (first, second) = (Found::Done(answer(1)), Found::Done(answer(2)));
    let reconciled = subject.reconcile(one.key(), 2, &second).await?;
    same(
        "what was found of another epoch",
        &reconciled,
        &Reconciled::NotInDoubt,
    )?;
    // The lease is over, and nobody has looked since.
    let reconciled = subject.reconcile(one.key(), 1, &first).await?;
    same("what was found", &reconciled, &Reconciled::Settled)?;
    let reconciled = subject.reconcile(one.key(), 1, &second).await?;
    same("what was found later", &reconciled, &Reconciled::NotInDoubt)?;
    subject
        .told("a repetition", &one.attempt(2), &Claim::Done(answer(1)))
        .await
}

/// T19: that nothing happened is believed only after the longest run, and then a newer attempt runs; the one that was in
/// doubt does not, and ends nothing.
pub async fn t19_what_never_happened_may_run(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::AtMostOnce);
    let grant = subject.granted(&one.attempt(1), SHORT, 1).await?;
    subject.time.pass(SHORT).await;
    let early = Found::Nothing { after: LONG };
    let reconciled = subject.reconcile(one.key(), 1, &early).await?;
    same(
        "that nothing happened yet",
        &reconciled,
        &Reconciled::TooEarly,
    )?;
    subject
        .doubts("a claim before the longest run is over", &one.attempt(2), 1)
        .await?;
    let after = if subject.time.is_exact() { LONG } else { SHORT };
    subject.time.pass(after).await;
    let reconciled = subject
        .reconcile(one.key(), 1, &Found::Nothing { after })
        .await?;
    same("that nothing happened", &reconciled, &Reconciled::Settled)?;
    let last = one.owner(1);
    subject
        .told(
            "the doubtful attempt",
            &one.attempt(1),
            &Claim::Fenced { last },
        )
        .await?;
    let end = Conclusion::Done(answer(1));
    let completed = subject.complete(one.key(), &grant.fence(), &end).await?;
    let fenced = Completed::Fenced { answer: None };
    same("the doubtful attempt's answer", &completed, &fenced)?;
    let _next = subject.granted(&one.attempt(2), LONG, 2).await?;
    Ok(())
}

/// T19: nothing is settled of what is under way, given back, or done.
pub async fn t19_only_a_doubt_is_settled(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let mode = Mode::AtMostOnce;
    let (running, released, done) = (
        subject.invocation(1, mode),
        subject.invocation(2, mode),
        subject.invocation(3, mode),
    );
    let grant = subject.granted(&running.attempt(1), LONG, 1).await?;
    let _freed = subject.given_back(&released).await?;
    let _done = subject.done(&done, &answer(3)).await?;
    let nothing = Found::Nothing {
        after: Duration::ZERO,
    };
    for one in [&running, &released, &done] {
        for found in [&Found::Done(answer(9)), &nothing] {
            let reconciled = subject.reconcile(one.key(), 1, found).await?;
            same(
                "what was found without a doubt",
                &reconciled,
                &Reconciled::NotInDoubt,
            )?;
        }
    }
    subject
        .stores(running.key(), &grant.fence(), &answer(1))
        .await?;
    let _next = subject.granted(&released.attempt(2), LONG, 2).await?;
    subject
        .told("a repetition", &done.attempt(2), &Claim::Done(answer(3)))
        .await
}
