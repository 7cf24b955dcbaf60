//! What comes back is what was kept.

use crate::answer::Answer;
use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::answers_of_every_form;
use crate::conformance::invocations::answers_of_every_size;
use crate::conformance::subject::LONG;
use crate::conformance::subject::Subject;
use crate::conformance::violation::ensure;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::Released;

/// P2, P10: bodies of no bytes, of the most that is kept, and of sizes between come back as they were.
pub async fn answers_of_every_size_come_back(factory: &dyn AnyFactory) -> Result<(), Violation> {
    come_back(factory, answers_of_every_size()).await
}

/// P2, P10: statuses, fields that repeat, trailers, and answers whose body was not kept come back as they were, in order.
pub async fn answers_of_every_form_come_back(factory: &dyn AnyFactory) -> Result<(), Violation> {
    come_back(factory, answers_of_every_form()).await
}

async fn come_back(factory: &dyn AnyFactory, answers: Vec<Answer>) -> Result<(), Violation> {
    let mut subject = Subject::fresh(factory).await;
    let mut kept = Vec::new();
    for (number, answer) in (1..).zip(answers) {
        let one = subject.invocation(number, Mode::AtMostOnce);
        let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
        if number % 2 == 0 {
            let end = Conclusion::InDoubt { retry_after: LONG };
            let _doubt = subject.complete(one.key(), &grant.fence(), &end).await?;
            let found = Found::Done(answer.clone());
            let _found = subject.reconcile(one.key(), 1, &found).await?;
        } else {
            subject.stores(one.key(), &grant.fence(), &answer).await?;
        }
        kept.push((one, answer));
    }
    for is_reopened in [false, true] {
        for (one, answer) in &kept {
            let key = one.key();
            let Claim::Done(replayed) = subject.claim(&one.attempt(2), LONG).await? else {
                return Err(Violation::new(format!("{answer:?} is not replayed")));
            };
            equal("a claim", &replayed, answer)?;
            // What an attempt is shown that comes too late.
            let stale = one.attempt(9);
            let fence = crate::ask::Grant::by_store(&stale, 1).fence();
            let end = Conclusion::Done(crate::conformance::invocations::answer(0));
            let shown = [
                match subject.beat(key, &fence, LONG).await? {
                    Beat::Lost { answer } => answer,
                    _ => None,
                },
                match subject.complete(key, &fence, &end).await? {
                    Completed::Fenced { answer } => answer,
                    _ => None,
                },
                match subject.release(key, &fence).await? {
                    Released::Fenced { answer } => answer,
                    _ => None,
                },
            ];
            for (verb, shown) in ["a heartbeat", "an end", "a release"]
                .into_iter()
                .zip(shown)
            {
                let shown = shown
                    .ok_or_else(|| Violation::new(format!("{verb} too late is shown nothing")))?;
                equal(verb, &shown, answer)?;
            }
        }
        if !is_reopened {
            subject = subject.reopened().await;
            if !subject.time.capabilities.is_durable() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The same answer, and the same bytes of it.
fn equal(verb: &str, got: &Answer, kept: &Answer) -> Result<(), Violation> {
    ensure!(
        got == kept && got.to_bytes() == kept.to_bytes(),
        "{verb} is given {got:?} with fields {:?} and trailers {:?}; kept was {kept:?} with {:?} and {:?}",
        got.fields().collect::<Vec<_>>(),
        got.trailers().collect::<Vec<_>>(),
        kept.fields().collect::<Vec<_>>(),
        kept.trailers().collect::<Vec<_>>()
    );
    Ok(())
}
