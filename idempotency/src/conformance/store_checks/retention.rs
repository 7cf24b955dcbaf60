//! What time does to records.

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
use crate::store::Swept;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Released;

/// More than there are.
const ALL: u32 = 1_000;

/// An invocation in each of the states in which nobody runs.
struct States {
    done: Invocation,
    released: Invocation,
    unknown: Invocation,
}

/// T20, P12: a sweep spares what must not be forgotten yet: live leases, also past retention, and whatever is in its
/// window.
pub async fn t20_a_sweep_spares_what_is_alive(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let states = in_every_state(&subject, |one| one).await?;
    let soon = subject.time.soon();
    let running = subject.invocation(4, Mode::AtMostOnce).expiring_at(soon);
    let grant = subject.granted(&running.attempt(1), LONG * 3, 1).await?;
    let lapsed = subject.invocation(5, Mode::Resumable);
    let _late = subject.granted(&lapsed.attempt(1), SHORT, 1).await?;
    subject.time.pass_until(soon).await;
    for _ in 0..2 {
        let swept = subject.sweep(ALL).await?;
        same("a sweep with nothing to do", &swept, &Swept::default())?;
    }
    subject
        .told(
            "a repetition",
            &states.done.attempt(2),
            &Claim::Done(answer(1)),
        )
        .await?;
    subject
        .doubts("a claim in doubt", &states.unknown.attempt(2), 1)
        .await?;
    let _next = subject
        .granted(&states.released.attempt(2), LONG, 2)
        .await?;
    let _next = subject.granted(&lapsed.attempt(2), LONG, 2).await?;
    runs_still(&subject, &running, &grant).await
}

/// A run past retention is held by its lease: it beats, and its answer is kept.
async fn runs_still(
    subject: &Subject<'_>,
    running: &Invocation,
    grant: &Grant,
) -> Result<(), Violation> {
    let later = running.expiring_at(subject.time.now().saturating_add(LONG * 60));
    subject
        .waits(
            "a claim past the retention of a live run",
            &later.attempt(2),
            1,
        )
        .await?;
    let beat = subject.beat(running.key(), &grant.fence(), LONG).await?;
    ensure!(
        matches!(beat, Beat::Held { .. }),
        "the heartbeat of a live run past its retention is answered {beat:?}"
    );
    subject
        .stores(running.key(), &grant.fence(), &answer(4))
        .await
}

/// T20: a sweep purges what is past its retention, whatever its state, and the key may then be used as if it was new.
pub async fn t20_a_sweep_purges_what_is_past(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let soon = subject.time.soon();
    let states = in_every_state(&subject, |one| one.expiring_at(soon)).await?;
    let lapsed = subject.invocation(4, Mode::Resumable).expiring_at(soon);
    let grant = subject.granted(&lapsed.attempt(1), SHORT, 1).await?;
    subject.time.pass_until(soon).await;
    let swept = subject.sweep(ALL).await?;
    if !subject.time.capabilities.purges_itself() {
        let all = Swept {
            purged: 4,
            doubted: 0,
            forgotten: 1,
        };
        same("a sweep past retention", &swept, &all)?;
        let swept = subject.sweep(ALL).await?;
        same("a second sweep", &swept, &Swept::default())?;
    }
    gone(&subject, &lapsed, &grant).await?;
    let again = subject.time.now().saturating_add(LONG * 60);
    for one in [states.done, states.released, states.unknown, lapsed] {
        let later = one.expiring_at(again).with_payload(3);
        let _new = subject.granted(&later.attempt(2), LONG, 1).await?;
    }
    Ok(())
}

/// T20, P12: what is past its retention counts as absent, though no sweep was there yet.
pub async fn t20_what_is_past_counts_as_absent(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let soon = subject.time.soon();
    let states = in_every_state(&subject, |one| one.expiring_at(soon)).await?;
    let lapsed = subject.invocation(4, Mode::AtMostOnce).expiring_at(soon);
    let grant = subject.granted(&lapsed.attempt(1), SHORT, 1).await?;
    subject.time.pass_until(soon).await;
    gone(&subject, &lapsed, &grant).await?;
    let again = subject.time.now().saturating_add(LONG * 60);
    for one in [states.done, states.released, states.unknown, lapsed] {
        let later = one.expiring_at(again).with_payload(3);
        let claim = subject.claim(&later.attempt(2), LONG).await?;
        ensure!(
            matches!(&claim, Claim::Granted(grant) if grant.owner() == later.owner(2)),
            "a claim of a key past its retention is answered {claim:?}"
        );
    }
    Ok(())
}

/// An attempt so late that its record would be past retention is refused, and leaves nothing.
pub async fn a_claim_past_its_retention_is_refused(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let past = subject.time.now().saturating_sub(LONG);
    let one = subject.invocation(1, Mode::Resumable);
    let late = one.expiring_at(past);
    for attempt in [1, 1, 2] {
        let what = "a claim that is too late";
        subject
            .told(what, &late.attempt(attempt), &Claim::Expired)
            .await?;
    }
    let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
    if subject.time.is_exact() {
        let now = late.expiring_at(subject.time.now());
        subject
            .told("a claim at the very end", &now.attempt(2), &Claim::Expired)
            .await?;
    }
    subject
        .stores(one.key(), &grant.fence(), &answer(1))
        .await?;
    subject
        .told("a late repetition", &late.attempt(2), &Claim::Expired)
        .await?;
    subject
        .told("a repetition", &one.attempt(2), &Claim::Done(answer(1)))
        .await
}

/// T8: a sweep leaves a doubt where an `AtMostOnce` lease is over, once, and nothing where a `Resumable` one is.
pub async fn t08_a_sweep_finds_the_doubts(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let (lost, resumed) = (
        subject.invocation(1, Mode::AtMostOnce),
        subject.invocation(2, Mode::Resumable),
    );
    let _lost = subject.granted(&lost.attempt(1), SHORT, 1).await?;
    let _resumed = subject.granted(&resumed.attempt(1), SHORT, 1).await?;
    subject.time.pass(SHORT).await;
    for doubted in [1, 0] {
        let swept = subject.sweep(ALL).await?;
        let expected = Swept {
            doubted,
            ..Swept::default()
        };
        same("a sweep", &swept, &expected)?;
    }
    subject
        .doubts("a claim after the sweep", &lost.attempt(2), 1)
        .await?;
    let _next = subject.granted(&resumed.attempt(2), LONG, 2).await?;
    Ok(())
}

/// A sweep does no more than it was allowed to, and sweeps enough do all.
pub async fn a_sweep_keeps_to_its_limit(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for number in 1..=10 {
        let one = subject.invocation(number, Mode::AtMostOnce);
        let _lost = subject.granted(&one.attempt(1), SHORT, 1).await?;
    }
    subject.time.pass(SHORT).await;
    let none = subject.sweep(0).await?;
    same("a sweep of nothing", &none, &Swept::default())?;
    let mut done = 0;
    while done < 10 {
        let swept = subject.sweep(3).await?;
        ensure!(
            (1..=3).contains(&(swept.doubted + swept.purged)),
            "a sweep of at most 3 of {} did {swept:?}",
            10 - done
        );
        done += swept.doubted;
    }
    let swept = subject.sweep(3).await?;
    same("a sweep after all", &swept, &Swept::default())
}

async fn in_every_state(
    subject: &Subject<'_>,
    kept: impl Fn(Invocation) -> Invocation,
) -> Result<States, Violation> {
    let number = |number| kept(subject.invocation(number, Mode::AtMostOnce));
    let (done, released, unknown) = (number(1), number(2), number(3));
    let _grant = subject.done(&done, &answer(1)).await?;
    let _grant = subject.given_back(&released).await?;
    let _grant = subject.doubted(&unknown).await?;
    Ok(States {
        done,
        released,
        unknown,
    })
}

/// Verbs of a grant whose record is past its retention.
async fn gone(subject: &Subject<'_>, one: &Invocation, grant: &Grant) -> Result<(), Violation> {
    let (key, fence) = (one.key(), grant.fence());
    let beat = subject.beat(key, &fence, LONG).await?;
    same(
        "a heartbeat past retention",
        &beat,
        &Beat::Lost { answer: None },
    )?;
    let end = Conclusion::Done(answer(1));
    let completed = subject.complete(key, &fence, &end).await?;
    same("an answer past retention", &completed, &Completed::Gone)?;
    let released = subject.release(key, &fence).await?;
    same("a release past retention", &released, &Released::Gone)?;
    subject
        .told("its claim past retention", &one.attempt(1), &Claim::Expired)
        .await
}
