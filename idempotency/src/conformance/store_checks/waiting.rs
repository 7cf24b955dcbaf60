//! Those who wait are woken.

use core::future::Future;
use core::future::poll_fn;
use core::pin::pin;
use core::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::ask::Fence;
use crate::ask::Mode;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::Invocation;
use crate::conformance::invocations::answer;
use crate::conformance::subject::LONG;
use crate::conformance::subject::SHORT;
use crate::conformance::subject::Subject;
use crate::conformance::timekeeper::Timekeeper;
use crate::store::Store;
use crate::verbs::Conclusion;

/// How often somebody starts to wait in the very moment in which a run ends.
const ROUNDS: u32 = 100;

/// Whoever waits for a run is woken when its answer is there.
pub async fn an_answer_wakes_who_waits(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
    let waiters = wait(&subject, &one).await?;
    subject
        .stores(one.key(), &grant.fence(), &answer(1))
        .await?;
    woken("an answer", waiters).await
}

/// Whoever waits for a run is woken when it is given back.
pub async fn a_release_wakes_who_waits(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
    let waiters = wait(&subject, &one).await?;
    let _freed = subject.release(one.key(), &grant.fence()).await?;
    woken("a release", waiters).await
}

/// Whoever waits for a run is woken when nobody knows what became of it, and when somebody else goes on with it.
pub async fn a_doubt_and_a_takeover_wake_who_waits(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let doubtful = subject.invocation(1, Mode::AtMostOnce);
    let grant = subject.granted(&doubtful.attempt(1), LONG, 1).await?;
    let waiters = wait(&subject, &doubtful).await?;
    let end = Conclusion::InDoubt {
        retry_after: Duration::ZERO,
    };
    let _doubt = subject
        .complete(doubtful.key(), &grant.fence(), &end)
        .await?;
    woken("a doubt", waiters).await?;
    let resumed = subject.invocation(2, Mode::Resumable);
    let _late = subject.granted(&resumed.attempt(1), SHORT, 1).await?;
    let waiters = wait(&subject, &resumed).await?;
    subject.time.pass(SHORT).await;
    let _next = subject.granted(&resumed.attempt(2), LONG, 2).await?;
    woken("a takeover", waiters).await
}

/// Whoever waits for a run that is over does not wait: it is done, given back, in doubt, taken over, or was never there.
pub async fn nobody_waits_for_what_is_over(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let number = |number| subject.invocation(number, Mode::Resumable);
    let (done, freed, taken, never) = (number(1), number(2), number(3), number(4));
    let doubtful = subject.invocation(5, Mode::AtMostOnce);
    let _done = subject.done(&done, &answer(1)).await?;
    let _freed = subject.given_back(&freed).await?;
    let _taken = subject.taken_over(&taken).await?;
    let _doubt = subject.doubted(&doubtful).await?;
    let over = [
        ("is done", done),
        ("was given back", freed),
        ("was taken over", taken),
        ("was never there", never),
        ("is in doubt", doubtful),
    ];
    for (how, one) in over {
        let changed = subject.store().changed(one.key(), 1);
        let what = format!("waiting for a run that {how}");
        subject.time.within(what, changed).await?;
    }
    Ok(())
}

/// No wake-up is lost on whoever starts to wait in the very moment in which the run ends.
pub async fn no_wake_up_is_lost(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for number in 1..=ROUNDS {
        let one = subject.invocation(number, Mode::Resumable);
        let grant = subject.granted(&one.attempt(1), LONG, 1).await?;
        let (store, time) = (subject.store().clone(), subject.time.clone());
        let waiter = tokio::spawn(waits(store, time, one.clone(), None));
        ends(&subject, &one, (grant.fence(), number)).await?;
        told("an end", waiter.await)?;
    }
    Ok(())
}

async fn ends(
    subject: &Subject<'_>,
    one: &Invocation,
    (fence, number): (Fence, u32),
) -> Result<(), Violation> {
    for _ in 0..number % 4 {
        tokio::task::yield_now().await;
    }
    subject.stores(one.key(), &fence, &answer(number)).await
}

type Waiter = JoinHandle<Result<(), Violation>>;

/// Some who wait for the first run, and have begun to.
async fn wait(subject: &Subject<'_>, one: &Invocation) -> Result<Vec<Waiter>, Violation> {
    let mut waiters = Vec::new();
    for _ in 0..3 {
        let (begun, has_begun) = oneshot::channel();
        let (store, time) = (subject.store().clone(), subject.time.clone());
        waiters.push(tokio::spawn(waits(store, time, one.clone(), Some(begun))));
        let begun = subject
            .time
            .within("waiting for its beginning", has_begun)
            .await?;
        begun.map_err(|_| Violation::new("waiting panicked"))?;
    }
    Ok(waiters)
}

/// Waits until the first run is over, though it is woken for nothing, and tells when it has begun to.
async fn waits<S: Store>(
    store: S,
    time: Timekeeper,
    one: Invocation,
    mut begun: Option<oneshot::Sender<()>>,
) -> Result<(), Violation> {
    let changed = store.changed(one.key(), 1);
    let mut changed = pin!(changed);
    let told = poll_fn(|cx| {
        let polled = changed.as_mut().poll(cx);
        if let Some(begun) = begun.take() {
            // Whoever waits for it is gone if the check has failed.
            let _ = begun.send(());
        }
        polled
    });
    time.within("waiting for a run that has ended", told).await
}

async fn woken(by: &str, waiters: Vec<Waiter>) -> Result<(), Violation> {
    for waiter in waiters {
        told(by, waiter.await)?;
    }
    Ok(())
}

fn told(
    by: &str,
    waited: Result<Result<(), Violation>, tokio::task::JoinError>,
) -> Result<(), Violation> {
    let waited = waited.map_err(|error| Violation::new(format!("{by}: {error}")))?;
    waited.map_err(|violation| violation.when(by))
}
