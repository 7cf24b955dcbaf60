//! Many attempts at once.

use core::time::Duration;
use std::collections::BTreeMap;

use crate::ask::Ask;
use crate::ask::Mode;
use crate::ask::Owner;
use crate::conformance::AnyFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::Invocation;
use crate::conformance::subject::LONG;
use crate::conformance::subject::SHORT;
use crate::conformance::subject::Subject;
use crate::conformance::timekeeper::Timekeeper;
use crate::conformance::violation::ensure;
use crate::store::Store;
use crate::verbs::Claim;

const RACERS: u32 = 100;
/// How often each claims while leases lapse.
const ROUNDS: u32 = 8;

/// P1: of a hundred attempts at once at a key under a long lease one runs, and the others wait for it.
pub async fn of_a_hundred_racers_one_runs(factory: &dyn AnyFactory) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    for (number, mode) in [(1, Mode::Resumable), (2, Mode::AtMostOnce)] {
        let one = subject.invocation(number, mode);
        let grants = race(&subject, &one, (LONG, 1)).await?;
        ensure!(
            grants.len() == 1 && grants.contains_key(&1),
            "of a hundred attempts under a lease of a minute {} ran, as epochs {:?}",
            grants.len(),
            grants.keys()
        );
    }
    Ok(())
}

/// P4: of a hundred attempts at once at a key whose leases lapse, none is granted the epoch of another, and for none they
/// do anything but grow.
pub async fn racers_on_short_leases_have_epochs_of_their_own(
    factory: &dyn AnyFactory,
) -> Result<(), Violation> {
    let subject = Subject::fresh(factory).await;
    let one = subject.invocation(1, Mode::Resumable);
    let grants = race(&subject, &one, (SHORT, ROUNDS)).await?;
    let last = u64::try_from(grants.len()).unwrap_or(u64::MAX);
    ensure!(
        grants.keys().copied().eq(1..=last),
        "the epochs have gaps: {:?}",
        grants.keys()
    );
    subject.time.pass(SHORT).await;
    let newest = one.attempt(u32::MAX);
    let _grant = subject.granted(&newest, LONG, last + 1).await?;
    Ok(())
}

/// Lets a hundred attempts claim at once, and tells which epoch was granted to whom.
async fn race(
    subject: &Subject<'_>,
    one: &Invocation,
    (lease, rounds): (Duration, u32),
) -> Result<BTreeMap<u64, Owner>, Violation> {
    let racers: Vec<_> = (1..=RACERS)
        .map(|number| {
            let attempts = (0..rounds).map(|round| one.attempt(round * RACERS + number));
            let attempts: Vec<_> = attempts.collect();
            let (store, time) = (subject.store().clone(), subject.time.clone());
            tokio::spawn(claims(store, time, (attempts, lease)))
        })
        .collect();
    let mut grants = BTreeMap::new();
    for racer in racers {
        let claimed = racer.await;
        let claimed = claimed.map_err(|error| Violation::new(format!("a racer: {error}")))??;
        let grows = claimed.is_sorted_by(|(one, _), (next, _)| one < next);
        ensure!(grows, "one attempt after another is granted {claimed:?}");
        for (epoch, owner) in claimed {
            let other = grants.insert(epoch, owner);
            ensure!(
                other.is_none(),
                "epoch {epoch} is granted to {owner} and to {other:?}"
            );
        }
    }
    Ok(grants)
}

/// Claims with one attempt after another, and tells which epochs were granted.
async fn claims<S: Store>(
    store: S,
    time: Timekeeper,
    (attempts, lease): (Vec<Ask>, Duration),
) -> Result<Vec<(u64, Owner)>, Violation> {
    let mut granted = Vec::new();
    for ask in attempts {
        let claim = time.within("a claim", store.claim(&ask, lease)).await?;
        match claim.map_err(|error| Violation::new(format!("a claim failed: {error}")))? {
            Claim::Granted(grant) => {
                ensure!(
                    grant.owner() == ask.owner(),
                    "{} is granted the claim of {}",
                    grant.owner(),
                    ask.owner()
                );
                granted.push((grant.epoch(), ask.owner()));
            }
            Claim::Running { .. } | Claim::Fenced { .. } => {}
            other => return Err(Violation::new(format!("a racer is answered {other:?}"))),
        }
        if lease == SHORT {
            time.pass(SHORT).await;
            tokio::task::yield_now().await;
        }
    }
    Ok(granted)
}
