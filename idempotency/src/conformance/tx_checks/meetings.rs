//! Transactions that meet.

use core::future::Future;
use core::future::poll_fn;
use core::pin::pin;

use tokio::sync::oneshot;

use crate::answered::Answered;
use crate::conformance::TxFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::Invocation;
use crate::conformance::invocations::answer;
use crate::conformance::tx_subject::TxSubject;
use crate::conformance::violation::ensure;
use crate::conformance::violation::same;
use crate::verbs::Claim;
use crate::verbs::Completed;

/// How often they race.
const ROUNDS: u32 = 20;

/// P1: of two transactions at once at a key one has its effect, and both are given its answer.
pub async fn two_racing_transactions_leave_one_effect<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let mut happened = Vec::new();
    for round in 1..=ROUNDS {
        let one = subject.invocation(round);
        happened = race(&subject, &one, (happened, 2)).await?;
    }
    Ok(())
}

/// P1: of twenty transactions at once at a key one has its effect.
pub async fn of_twenty_racing_transactions_one_has_its_effect<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let one = subject.invocation(1);
    race(&subject, &one, (Vec::new(), 20)).await.map(drop)
}

/// Lets some transactions race, and tells what has happened since the beginning.
async fn race<F: TxFactory>(
    subject: &TxSubject<F>,
    one: &Invocation,
    (before, racers): (Vec<u32>, u32),
) -> Result<Vec<u32>, Violation> {
    let first = u32::try_from(before.len()).unwrap_or(u32::MAX) * 100;
    let numbers = (1..=racers).map(|racer| first + racer);
    let racers: Vec<_> = numbers
        .map(|number| {
            let (subject, ask) = (subject.clone(), one.attempt(number));
            tokio::spawn(async move { Box::pin(subject.met(ask, number)).await })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        let met = racer.await;
        let met = met.map_err(|error| Violation::new(format!("a racer: {error}")))??;
        answers.extend(met.map(Answered::into_answer));
    }
    let mut effects = subject.effects().await?;
    effects.retain(|effect| !before.contains(effect));
    let [effect] = *effects else {
        return Err(Violation::new(format!(
            "of racing transactions {} had their effects",
            effects.len()
        )));
    };
    ensure!(!answers.is_empty(), "no racing transaction was answered");
    for got in answers {
        same("a racing transaction", &got, &answer(effect))?;
    }
    let claim = subject.peek(&one.attempt(1)).await?;
    same("a repetition", &claim, &Claim::Done(answer(effect)))?;
    Ok([before, vec![effect]].concat())
}

/// A transaction that meets one under way ends: it is given that one's answer, is told that it is under way, or was faster.
pub async fn a_duplicate_does_not_wait_for_ever<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let one = subject.invocation(1);
    let ask = one.attempt(1);
    let tx = subject.tried(&ask, 1).await?;
    let duplicate = begun(&subject, &one).await?;
    let is_first = subject.ended(tx, &ask, 1).await?;
    let met = duplicate.await;
    let met = met.map_err(|error| Violation::new(format!("a duplicate: {error}")))??;
    let (is_told, effect) = if is_first {
        let replay = Answered::replay(answer(1));
        (met.is_none() || met.as_ref() == Some(&replay), 1)
    } else {
        (met.as_ref() == Some(&Answered::recorded(answer(2))), 2)
    };
    ensure!(
        is_told,
        "the duplicate of a transaction that ended meanwhile is answered {met:?}"
    );
    subject
        .happened("the effect of a transaction with a duplicate", &[effect])
        .await
}

/// A transaction that meets one which is then rolled back has its own effect, or is told to come again and has it then.
pub async fn a_duplicate_takes_the_place_of_a_rollback<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let one = subject.invocation(1);
    let tx = subject.tried(&one.attempt(1), 1).await?;
    let duplicate = begun(&subject, &one).await?;
    drop(tx);
    let met = duplicate.await;
    let met = met.map_err(|error| Violation::new(format!("a duplicate: {error}")))??;
    let met = match met {
        Some(answered) => Some(answered),
        None => subject.met(one.attempt(3), 2).await?,
    };
    ensure!(
        met.as_ref()
            .is_some_and(|answered| *answered.answer() == answer(2)),
        "the duplicate of a transaction that was rolled back is answered {met:?}"
    );
    subject.happened("the effect of a duplicate", &[2]).await
}

/// A second attempt, whose transaction has begun.
async fn begun<F: TxFactory>(
    subject: &TxSubject<F>,
    one: &Invocation,
) -> Result<tokio::task::JoinHandle<Result<Option<Answered>, Violation>>, Violation> {
    let (begun, has_begun) = oneshot::channel();
    let (other, ask) = (subject.clone(), one.attempt(2));
    let duplicate = tokio::spawn(async move {
        let mut begun = Some(begun);
        let met = Box::pin(other.met(ask, 2));
        let mut met = pin!(met);
        poll_fn(|cx| {
            let polled = met.as_mut().poll(cx);
            if let Some(begun) = begun.take() {
                // Whoever waits for it is gone if the check has failed.
                let _ = begun.send(());
            }
            polled
        })
        .await
    });
    let begun = subject
        .time
        .within("the beginning of a duplicate", has_begun)
        .await?;
    begun.map_err(|_| Violation::new("a duplicate panicked"))?;
    Ok(duplicate)
}

/// T21: whoever answers what is done, or what the log holds, is told to roll back, and nothing changes.
pub async fn t21_what_is_done_is_not_answered_again<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    let subject = TxSubject::fresh(factory).await;
    let (one, flow) = (subject.invocation(1), subject.invocation(2));
    subject.done(&one.attempt(1), 1).await?;
    subject.accepted(&flow.attempt(1), 2).await?;
    for ask in [
        one.attempt(2),
        one.with_payload(2).attempt(2),
        one.attempt(1),
        flow.attempt(2),
    ] {
        let mut tx = subject.begin().await?;
        subject.effect(&mut tx, 9).await?;
        let finished = subject.finish_in(&mut tx, &ask, &answer(9)).await?;
        same("a second answer", &finished, &Completed::AlreadyDone)?;
        drop(tx);
    }
    let mut tx = subject.begin().await?;
    let completed = subject.complete_in(&mut tx, one.key(), &answer(9)).await?;
    same(
        "an answer from the log",
        &completed,
        &Completed::AlreadyDone,
    )?;
    drop(tx);
    subject.happened("the effects", &[1, 2]).await?;
    subject
        .told("a repetition", &one.attempt(3), &Claim::Done(answer(1)))
        .await
}
