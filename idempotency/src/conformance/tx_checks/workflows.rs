//! What the log holds, what is compared, and what time does.

use core::time::Duration;

use crate::ask::Hold;
use crate::conformance::TxFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::answer;
use crate::conformance::subject::granted;
use crate::conformance::tx_subject::TxSubject;
use crate::conformance::violation::ensure;
use crate::conformance::violation::same;
use crate::verbs::Claim;
use crate::verbs::Completed;

const HOUR: Duration = Duration::from_secs(3_600);
const HELD: Claim = Claim::Running {
    epoch: 1,
    lease: None,
};

/// T6: what the log holds runs without a lease until its last commit brings the answer, and not before.
pub async fn what_the_log_holds_is_finished_by_its_last_commit<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let flow = subject.invocation(1);
    subject.accepted(&flow.attempt(1), 1).await?;
    subject
        .told("a repetition", &flow.attempt(2), &HELD)
        .await?;
    if subject.time.is_exact() {
        subject.time.pass(HOUR).await;
        subject
            .told("a repetition an hour later", &flow.attempt(2), &HELD)
            .await?;
    }
    for is_kept in [false, true] {
        let mut tx = subject.begin().await?;
        subject.effect(&mut tx, 2).await?;
        let completed = subject.complete_in(&mut tx, flow.key(), &answer(2)).await?;
        same("the answer of a workflow", &completed, &Completed::Stored)?;
        if is_kept {
            subject.commit(tx).await?;
        } else {
            drop(tx);
            subject
                .told("a repetition after a rollback", &flow.attempt(2), &HELD)
                .await?;
            subject
                .happened("the effects after a rollback", &[1])
                .await?;
        }
    }
    subject
        .happened("the effects of a workflow", &[1, 2])
        .await?;
    for attempt in [1, 2] {
        let done = Claim::Done(answer(2));
        subject
            .told("a repetition", &flow.attempt(attempt), &done)
            .await?;
    }
    let mut tx = subject.begin().await?;
    let completed = subject.complete_in(&mut tx, flow.key(), &answer(9)).await?;
    same("a second answer", &completed, &Completed::AlreadyDone)
}

/// T5, R1: the attempt that began a workflow holds it still, as the same epoch.
pub async fn t05_its_own_owner_holds_what_the_log_holds<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let flow = subject.invocation(1);
    let ask = flow.attempt(1);
    subject.accepted(&ask, 1).await?;
    let mut tx = subject.begin().await?;
    let claim = subject.claim_in(&mut tx, &ask, Hold::Log).await?;
    let _grant = granted("its own claim again", claim, &ask, 1)?;
    subject.commit(tx).await?;
    subject
        .told("another attempt's claim", &flow.attempt(2), &HELD)
        .await
}

/// The answer of a workflow that was never begun, or was rolled back, has nowhere to go.
pub async fn what_was_never_begun_is_gone<F: TxFactory>(factory: &F) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let flow = subject.invocation(1);
    let mut tx = subject.begin().await?;
    let completed = subject.complete_in(&mut tx, flow.key(), &answer(1)).await?;
    same("the answer of no workflow", &completed, &Completed::Gone)?;
    subject.commit(tx).await?;
    subject.is_new("a claim after it", &flow.attempt(1)).await
}

/// T4, P5: whoever brings another payload or names another operation is told so, while the log holds it and after.
pub async fn t04_payload_and_operation_are_compared<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let (one, flow) = (subject.invocation(1), subject.invocation(2));
    subject.done(&one.attempt(1), 1).await?;
    subject.accepted(&flow.attempt(1), 2).await?;
    for known in [one, flow] {
        for other in [known.with_payload(2), known.with_operation("close-account")] {
            for attempt in [1, 2] {
                let what = "a claim of something else";
                subject
                    .told(what, &other.attempt(attempt), &Claim::Mismatch)
                    .await?;
            }
        }
    }
    subject.happened("the effects", &[1, 2]).await
}

/// T20, P1: an attempt whose record would be past its retention leaves nothing, though it began in time: a purge may have
/// been there in between.
pub async fn an_ask_past_its_retention_leaves_nothing<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let (one, soon) = (subject.invocation(1), subject.time.soon());
    let slow = one.expiring_at(soon).attempt(1);
    let mut tx = subject.tried(&slow, 1).await?;
    subject.time.pass_until(soon).await;
    let finished = subject.finish_in(&mut tx, &slow, &answer(1)).await?;
    same(
        "the answer of a transaction that is too late",
        &finished,
        &Completed::AlreadyDone,
    )?;
    drop(tx);
    subject
        .told("a claim that is too late", &slow, &Claim::Expired)
        .await?;
    subject.happened("the effects", &[]).await?;
    subject.is_new("a claim of that key", &one.attempt(2)).await
}

/// T20: what is past its retention counts as absent: answers from the log are gone, and the key may be used anew.
pub async fn t20_what_is_past_counts_as_absent_in_transactions<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let soon = subject.time.soon();
    let (one, flow) = (subject.invocation(1), subject.invocation(2));
    subject.done(&one.expiring_at(soon).attempt(1), 1).await?;
    subject
        .accepted(&flow.expiring_at(soon).attempt(1), 2)
        .await?;
    subject.time.pass_until(soon).await;
    let mut tx = subject.begin().await?;
    let completed = subject.complete_in(&mut tx, flow.key(), &answer(9)).await?;
    same(
        "the answer of a workflow past its retention",
        &completed,
        &Completed::Gone,
    )?;
    drop(tx);
    for (number, known) in [(3, one), (4, flow)] {
        let ask = known.with_payload(3).attempt(2);
        let mut tx = subject.begin().await?;
        let claim = subject.claim_in(&mut tx, &ask, Hold::Commit).await?;
        ensure!(
            matches!(&claim, Claim::Granted(grant) if grant.owner() == ask.owner()),
            "a claim of a key past its retention is answered {claim:?}"
        );
        subject.effect(&mut tx, number).await?;
        let finished = subject.finish_in(&mut tx, &ask, &answer(number)).await?;
        same("its answer", &finished, &Completed::Stored)?;
        subject.commit(tx).await?;
        subject
            .told("its repetition", &ask, &Claim::Done(answer(number)))
            .await?;
    }
    subject.happened("the effects", &[1, 2, 3, 4]).await
}
