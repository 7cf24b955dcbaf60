//! What a commit keeps, and what a rollback does not.

use crate::ask::Hold;
use crate::conformance::TxFactory;
use crate::conformance::Violation;
use crate::conformance::interrupted::MOST_POLLS;
use crate::conformance::interrupted::polled;
use crate::conformance::invocations::answer;
use crate::conformance::invocations::answers_of_every_form;
use crate::conformance::invocations::answers_of_every_size;
use crate::conformance::subject::granted;
use crate::conformance::tx_subject::TxSubject;
use crate::conformance::violation::ensure;
use crate::conformance::violation::same;
use crate::verbs::Claim;
use crate::verbs::Completed;

/// P1: a commit keeps claim, effect and answer, and every repetition is given that answer.
pub async fn a_commit_keeps_claim_effect_and_answer<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let one = subject.invocation(1);
    subject.done(&one.attempt(1), 1).await?;
    subject.happened("the effect of a commit", &[1]).await?;
    for attempt in [1, 2] {
        let done = Claim::Done(answer(1));
        subject
            .told("a repetition", &one.attempt(attempt), &done)
            .await?;
    }
    let other = subject.invocation(2);
    subject.is_new("another key", &other.attempt(1)).await
}

/// P1: a rollback leaves nothing, neither effect nor claim nor answer, however far the transaction was.
pub async fn a_rollback_leaves_nothing<F: TxFactory>(factory: &F) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let (one, flow) = (subject.invocation(1), subject.invocation(2));
    let ask = one.attempt(1);
    drop(subject.tried(&ask, 1).await?);
    subject
        .is_new("a claim after a rollback", &one.attempt(2))
        .await?;
    let mut tx = subject.tried(&ask, 1).await?;
    let finished = subject.finish_in(&mut tx, &ask, &answer(1)).await?;
    same("an answer", &finished, &Completed::Stored)?;
    drop(tx);
    subject
        .is_new("a claim after a rollback of its answer", &one.attempt(2))
        .await?;
    let mut tx = subject.begin().await?;
    let begun = flow.attempt(1);
    let claim = subject.claim_in(&mut tx, &begun, Hold::Log).await?;
    let _grant = granted("a claim for the log", claim, &begun, 1)?;
    subject.effect(&mut tx, 2).await?;
    drop(tx);
    subject
        .is_new("a claim after a rollback of a workflow", &flow.attempt(2))
        .await?;
    subject.happened("the effects of rollbacks", &[]).await
}

/// A claim that holds until its commit writes nothing before its answer: a commit without one leaves the effect alone.
pub async fn a_claim_without_an_answer_leaves_no_record<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let one = subject.invocation(1);
    let tx = subject.tried(&one.attempt(1), 1).await?;
    subject.commit(tx).await?;
    subject.happened("the effect", &[1]).await?;
    subject
        .is_new("a claim after a commit without an answer", &one.attempt(2))
        .await
}

/// A look at what a claim would be answered makes none.
pub async fn a_peek_makes_no_claim<F: TxFactory>(factory: &F) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let one = subject.invocation(1);
    for attempt in [1, 2, 3] {
        subject.is_new("a look", &one.attempt(attempt)).await?;
    }
    subject.done(&one.attempt(9), 1).await
}

/// P2, P10: answers of every size and form come back as they were, from a transaction and from a workflow.
pub async fn answers_come_back_from_transactions<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let mut subject = TxSubject::fresh(factory).await;
    let answers = [answers_of_every_size(), answers_of_every_form()].concat();
    for (number, kept) in (1..).zip(answers) {
        let one = subject.invocation(number);
        let ask = one.attempt(1);
        let (tx, ended) = if number % 2 == 0 {
            subject.accepted(&ask, number).await?;
            let mut tx = subject.begin().await?;
            let completed = subject.complete_in(&mut tx, one.key(), &kept).await?;
            (tx, completed)
        } else {
            let mut tx = subject.tried(&ask, number).await?;
            let finished = subject.finish_in(&mut tx, &ask, &kept).await?;
            (tx, finished)
        };
        same("an answer", &ended, &Completed::Stored)?;
        subject.commit(tx).await?;
        if number % 4 == 0 {
            subject = subject.reopened().await;
        }
        let claim = subject.peek(&one.attempt(2)).await?;
        let is_kept = matches!(&claim, Claim::Done(got) if got.to_bytes() == kept.to_bytes());
        ensure!(is_kept, "a repetition of {kept:?} is answered {claim:?}");
    }
    Ok(())
}

/// A transaction that is dropped at any await has left all of it, or nothing.
pub async fn a_dropped_transaction_is_whole_or_nothing<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let mut happened = Vec::new();
    for polls in 0..MOST_POLLS {
        let one = subject.invocation(polls + 1);
        let done = subject.transaction(one.attempt(1), polls);
        let is_ended = polled(Box::pin(done), polls).await.is_some();
        // It settles what was under way: this one does it, or is told that it was done.
        let answered = subject.met(one.attempt(2), polls).await?;
        ensure!(
            answered.is_some_and(|answered| *answered.answer() == answer(polls)),
            "after a transaction that was dropped at poll {polls}, the next one is not answered"
        );
        happened.push(polls);
        subject
            .happened("the effect of a transaction that was dropped", &happened)
            .await?;
        if is_ended {
            break;
        }
    }
    Ok(())
}

/// A restart forgets nothing that was committed. Only of a durable store.
pub async fn commits_outlive_a_restart<F: TxFactory>(factory: &F) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    if !subject.time.capabilities.is_durable() {
        return Ok(());
    }
    let (one, flow, never) = (
        subject.invocation(1),
        subject.invocation(2),
        subject.invocation(3),
    );
    subject.done(&one.attempt(1), 1).await?;
    subject.accepted(&flow.attempt(1), 2).await?;
    drop(subject.tried(&never.attempt(1), 3).await?);
    let subject = subject.reopened().await;
    subject.happened("the effects", &[1, 2]).await?;
    subject
        .told("a repetition", &one.attempt(2), &Claim::Done(answer(1)))
        .await?;
    let held = Claim::Running {
        epoch: 1,
        lease: None,
    };
    subject
        .told("a repetition of a workflow", &flow.attempt(2), &held)
        .await?;
    subject
        .is_new("a claim after a rollback", &never.attempt(2))
        .await
}
