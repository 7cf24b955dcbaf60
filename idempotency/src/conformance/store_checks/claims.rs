//! Who may run: the rows of claims.

use core::time::Duration;

use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::Invocation;
use crate::conformance::invocations::answer;
use crate::conformance::invocations::tenant;
use crate::conformance::subject::LONG;
use crate::conformance::subject::SHORT;
use crate::conformance::subject::Subject;
use crate::conformance::violation::ensure;
use crate::conformance::violation::same;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;

const MODES: [Mode; 2] = [Mode::Resumable, Mode::AtMostOnce];
const HOUR: Duration = Duration::from_secs(3_600);

/// T3: the first claim of a key is granted, as epoch 1, to the attempt that made it.
pub async fn t03_the_first_claim_is_granted(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, mode) in (1..).zip(MODES) {
        let ask = subject.invocation(number, mode).attempt(1);
        let _grant = subject.granted(&ask, LONG, 1).await?;
    }
    Ok(())
}

/// Other tenants, other events and other operations under other keys never meet.
pub async fn other_keys_are_other_records(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let at = subject.time.now();
    for number in 1..=3_u8 {
        for event in 1..=3 {
            let one = Invocation::in_tenant(tenant(number), at, event, Mode::Resumable);
            let told = answer(u32::from(number) * 10 + event);
            let _grant = subject.done(&one, &told).await?;
        }
    }
    for number in 1..=3_u8 {
        for event in 1..=3 {
            let one = Invocation::in_tenant(tenant(number), at, event, Mode::Resumable);
            let told = Claim::Done(answer(u32::from(number) * 10 + event));
            subject
                .told("a claim of its own key", &one.attempt(2), &told)
                .await?;
        }
    }
    Ok(())
}

/// T5, R1: an attempt whose acknowledgement was lost asks again, and holds what it holds: the same epoch, and a lease anew.
pub async fn t05_its_own_owner_is_granted_again(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, mode) in (1..).zip(MODES) {
        let one = subject.invocation(number, mode);
        let first = subject.granted(&one.attempt(1), LONG, 1).await?;
        let again = subject.granted(&one.attempt(1), LONG, 1).await?;
        same("its own claim again", &again, &first)?;
        subject
            .waits("another attempt's claim", &one.attempt(2), 1)
            .await?;
        subject
            .stores(one.key(), &again.fence(), &answer(1))
            .await?;
    }
    let one = subject.invocation(9, Mode::Resumable);
    let _lost = subject.granted(&one.attempt(1), SHORT, 1).await?;
    subject.time.pass(SHORT).await;
    let _again = subject.granted(&one.attempt(1), LONG, 1).await?;
    subject
        .waits("a claim after the lease was renewed", &one.attempt(2), 1)
        .await
}

/// T6: nobody else begins while a lease lasts, and is told how long that is.
pub async fn t06_a_live_lease_makes_others_wait(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, mode) in (1..).zip(MODES) {
        let one = subject.invocation(number, mode);
        let _grant = subject.granted(&one.attempt(2), LONG, 1).await?;
        // An older one and a newer one.
        for other in [1, 3] {
            let claim = subject.claim(&one.attempt(other), LONG).await?;
            let Claim::Running {
                epoch: 1,
                lease: Some(lease),
            } = claim
            else {
                return Err(Violation::new(format!(
                    "a claim of a key under a live lease is answered {claim:?}"
                )));
            };
            ensure!(
                lease <= LONG && (lease == LONG || !subject.time.is_exact()),
                "a lease of {LONG:?} that was just given is said to last {lease:?}"
            );
        }
    }
    Ok(())
}

/// T6, T7: a lease ends at its last millisecond, neither before nor after. Only by the suite's clock.
pub async fn t06_a_lease_lasts_to_the_millisecond(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    if !subject.time.is_exact() {
        return Ok(());
    }
    let one = subject.invocation(1, Mode::Resumable);
    let _grant = subject.granted(&one.attempt(1), LONG, 1).await?;
    subject.time.pass(LONG - SHORT).await;
    let last = Claim::Running {
        epoch: 1,
        lease: Some(SHORT),
    };
    let what = "a claim in the last millisecond of a lease";
    subject.told(what, &one.attempt(2), &last).await?;
    subject.time.pass(SHORT).await;
    let _next = subject.granted(&one.attempt(2), LONG, 2).await?;
    Ok(())
}

/// T7: once a `Resumable` lease is over, whoever claims goes on, as the next epoch.
pub async fn t07_a_resumable_claim_is_taken_over(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    for epoch in 1..=4 {
        let attempt = u32::try_from(epoch).unwrap_or(u32::MAX);
        let _grant = subject.granted(&one.attempt(attempt), SHORT, epoch).await?;
        subject.time.pass(SHORT).await;
    }
    let _last = subject.granted(&one.attempt(9), LONG, 5).await?;
    subject
        .waits("a claim after the last takeover", &one.attempt(10), 5)
        .await
}

/// T8, T18: once an `AtMostOnce` lease is over nobody runs, not even its own attempt: nobody knows what became of it.
pub async fn t08_a_lapsed_at_most_once_claim_is_in_doubt(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, first) in [(1, 1), (2, 2)] {
        let one = subject.invocation(number, Mode::AtMostOnce);
        let _grant = subject.granted(&one.attempt(1), SHORT, 1).await?;
        let over_at = subject.time.now();
        subject.time.pass(SHORT).await;
        subject
            .doubts("the first claim after the lease", &one.attempt(first), 1)
            .await?;
        for attempt in [2, 1, 3] {
            subject
                .doubts("a claim of a key in doubt", &one.attempt(attempt), 1)
                .await?;
        }
        if subject.time.is_exact() {
            let since = over_at.saturating_add(SHORT);
            let told = Claim::Unknown { epoch: 1, since };
            subject
                .told("a claim of a key in doubt", &one.attempt(4), &told)
                .await?;
        }
    }
    Ok(())
}

/// T14: what was given back is granted to a newer attempt, as the next epoch, and its payload and operation may be others.
pub async fn t14_what_was_given_back_may_begin_anew(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, mode) in (1..).zip(MODES) {
        let one = subject.invocation(number, mode);
        let _gone = subject.given_back(&one).await?;
        let other = one.with_payload(2).with_operation("close-account");
        let grant = subject.granted(&other.attempt(2), LONG, 2).await?;
        let what = "a claim with the payload that was given back";
        subject
            .told(what, &one.attempt(3), &Claim::Mismatch)
            .await?;
        subject
            .stores(other.key(), &grant.fence(), &answer(2))
            .await?;
        let done = Claim::Done(answer(2));
        subject
            .told(
                "a repetition of what took its place",
                &other.attempt(3),
                &done,
            )
            .await?;
    }
    Ok(())
}

/// T15, P14: an attempt that gave the key back, or was granted it before others, is a late copy: it is granted nothing, and
/// told whom it must come after. Whoever does is granted.
pub async fn t15_a_late_copy_is_fenced(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, mode) in (1..).zip(MODES) {
        let one = subject.invocation(number, mode);
        let first = subject.granted(&one.attempt(2), LONG, 1).await?;
        let _freed = subject.release(one.key(), &first.fence()).await?;
        let last = one.owner(2);
        for late in [2, 1] {
            let what = "a late copy of a claim that was given back";
            subject
                .told(what, &one.attempt(late), &Claim::Fenced { last })
                .await?;
        }
        let newer = one.attempt(1).by(one.owner(1).later_than(last));
        let _grant = subject.granted(&newer, LONG, 2).await?;
    }
    let one = subject.invocation(9, Mode::Resumable);
    let _grant = subject.granted(&one.attempt(2), SHORT, 1).await?;
    subject.time.pass(SHORT).await;
    let last = one.owner(2);
    let what = "a late copy of a claim that was taken over";
    subject
        .told(what, &one.attempt(1), &Claim::Fenced { last })
        .await?;
    let newer = one.attempt(1).by(one.owner(1).later_than(last));
    let _grant = subject.granted(&newer, LONG, 2).await?;
    Ok(())
}

/// T17, P3: what is done is done: every claim is answered with the first answer, whoever brings another end is told of it,
/// and nothing changes it.
pub async fn t17_what_is_done_does_not_change(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, mode) in (1..).zip(MODES) {
        let one = subject.invocation(number, mode);
        let grant = subject.done(&one, &answer(1)).await?;
        let (key, fence) = (one.key(), grant.fence());
        let done = Claim::Done(answer(1));
        let retry_after = Duration::ZERO;
        for end in [
            Conclusion::Done(answer(2)),
            Conclusion::InDoubt { retry_after },
        ] {
            let completed = subject.complete(key, &fence, &end).await?;
            let answer = Some(answer(1));
            same(
                "its owner's second end",
                &completed,
                &Completed::Fenced { answer },
            )?;
            subject.told("a repetition", &one.attempt(2), &done).await?;
        }
        subject.stores(key, &fence, &answer(1)).await?;
        let beat = subject.beat(key, &fence, LONG).await?;
        let answer = Some(answer(1));
        same("its owner's heartbeat", &beat, &Beat::Lost { answer })?;
        let _released = subject.release(key, &fence).await?;
        let _swept = subject.sweep(100).await?;
        for attempt in [1, 2, 3] {
            subject
                .told("a repetition", &one.attempt(attempt), &done)
                .await?;
        }
        if subject.time.is_exact() {
            subject.time.pass(HOUR).await;
            subject
                .told("a repetition an hour later", &one.attempt(4), &done)
                .await?;
        }
    }
    Ok(())
}

/// The store's clock decides: attempts whose callers' clocks are an hour off wait, take over and are replayed to as others.
pub async fn callers_clocks_make_no_difference(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let now = subject.time.now();
    let clocks = [now.saturating_add(HOUR), now.saturating_sub(HOUR)];
    for (number, (holder, other)) in [(0, 1), (1, 0), (0, 0), (1, 1)].into_iter().enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX) + 1;
        let at = |which: usize| clocks.get(which).copied().unwrap_or(now);
        let one = subject
            .invocation(number, Mode::Resumable)
            .attempted_at(at(holder));
        let two = one.attempted_at(at(other));
        let _grant = subject.granted(&one.attempt(1), LONG, 1).await?;
        subject
            .waits("a claim by another clock", &two.attempt(2), 1)
            .await?;
        let short = subject
            .invocation(10 + number, Mode::Resumable)
            .attempted_at(at(holder));
        let _grant = subject.granted(&short.attempt(1), SHORT, 1).await?;
        subject.time.pass(SHORT).await;
        let newer = short.attempted_at(at(other)).attempt(2);
        let newer = newer.clone().by(newer.owner().later_than(short.owner(1)));
        let next = subject.granted(&newer, LONG, 2).await?;
        subject
            .stores(short.key(), &next.fence(), &answer(number))
            .await?;
        let done = Claim::Done(answer(number));
        subject
            .told("a repetition by another clock", &short.attempt(3), &done)
            .await?;
    }
    Ok(())
}
