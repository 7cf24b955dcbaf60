use core::future::poll_fn;
use core::num::NonZeroUsize;
use core::pin::Pin;
use core::pin::pin;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::sleep;

use proptest::prelude::*;
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::HashingError;
use super::HashingPool;
use crate::hash::Argon2Cost;
use crate::hash::PasswordHash;
use crate::hash::phc::Phc;
use crate::password::Password;

#[tokio::test]
async fn attack_02_an_abandoned_hash_keeps_its_permit_until_it_ends() {
    let pool = pool(1);
    let (release, hash) = gated();
    let mut abandoned = Box::pin(pool.run(hash));
    assert!(is_waiting(&mut abandoned).await);
    drop(abandoned);

    let mut waiting = Vec::new();
    for _ in 0..4 {
        let mut entered = Box::pin(pool.run(nothing));
        assert!(is_waiting(&mut entered).await);
        waiting.push(entered);
    }
    // Had the permit come back, the first of the four would have it, and there were a place.
    assert_eq!(at_once(pool.run(nothing)).await, TURNED_AWAY);
    drop(release);
    for entered in waiting {
        assert_eq!(entered.await, Ok(()));
    }
    let stats = pool.stats();
    assert_eq!((stats.hashed, stats.shed), (5, 1));
    assert_eq!((stats.in_flight, stats.most_in_flight), (0, 1));
}

#[tokio::test]
async fn attack_02_four_wait_per_permit_and_who_hangs_up_leaves_a_place() {
    for permits in 1..=3 {
        let pool = pool(permits);
        let (mut releases, mut held, mut waiting) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..permits {
            let (release, hash) = gated();
            releases.push(release);
            let mut entered = Box::pin(pool.run(hash));
            assert!(is_waiting(&mut entered).await);
            held.push(entered);
        }
        for _ in 0..4 * permits {
            let mut entered = Box::pin(pool.run(nothing));
            assert!(is_waiting(&mut entered).await);
            waiting.push(entered);
        }
        assert_eq!(at_once(pool.run(nothing)).await, TURNED_AWAY);
        drop(waiting.pop());
        let mut late = Box::pin(pool.run(nothing));
        assert!(is_waiting(&mut late).await, "a place came free");
        waiting.push(late);
        assert_eq!(at_once(pool.run(nothing)).await, TURNED_AWAY);
        drop(releases);
        for entered in held.into_iter() {
            assert_eq!(entered.await, Ok(()));
        }
        for entered in waiting {
            assert_eq!(entered.await, Ok(()));
        }
        assert_eq!(pool.stats().shed, 2);
    }
}

#[tokio::test]
async fn attack_02_nobody_waits_behind_a_hash_that_does_not_end() {
    let pool = pool(1);
    let (release, hash) = gated();
    let mut held = Box::pin(pool.run(hash));
    assert!(is_waiting(&mut held).await);
    assert_eq!(pool.run(nothing).await, Err(HashingError::Saturated));
    drop(release);
    assert_eq!(held.await, Ok(()));
    assert_eq!(pool.run(nothing).await, Ok(()));
}

#[tokio::test]
async fn attack_01_a_full_pool_turns_known_and_unknown_accounts_away_alike() {
    let pool = pool(1);
    let password = Password::new("correct horse battery staple").unwrap();
    let known = pool.create(&password).await.unwrap();
    let unreadable = PasswordHash::from_stored("");
    let accounts = [Some(&known), None, Some(&unreadable)];
    for (stored, is_right) in accounts.into_iter().zip([true, false, false]) {
        let before = pool.stats().hashed;
        assert_eq!(pool.matches(&password, stored).await, Ok(is_right));
        assert_eq!(pool.stats().hashed, before + 1);
    }

    let (release, hash) = gated();
    let mut held = Box::pin(pool.run(hash));
    assert!(is_waiting(&mut held).await);
    let mut waiting: Vec<_> = (0..4).map(|_| Box::pin(pool.run(nothing))).collect();
    for entered in &mut waiting {
        assert!(is_waiting(entered).await);
    }
    for stored in accounts {
        let answer = at_once(pool.matches(&password, stored)).await;
        assert_eq!(answer, Some(Err(HashingError::Saturated)));
    }
    drop(release);
}

#[tokio::test]
async fn a_hash_that_cannot_be_computed_is_not_a_wrong_password() {
    let pool = pool(1);
    let mut phc = Phc::decoy(cheap());
    phc.salt.clear();
    let password = Password::new("correct horse battery staple").unwrap();
    let answer = pool.check(phc, &password).await;
    assert_eq!(answer, Err(HashingError::Saturated));
}

#[tokio::test]
async fn a_hash_that_panics_gives_its_permit_back() {
    let pool = pool(1);
    let answer = pool.run(|| assert_eq!(1, 2, "on purpose")).await;
    assert_eq!(answer, Err(HashingError::Saturated));
    assert_eq!(pool.run(nothing).await, Ok(()));
    assert_eq!(pool.stats().in_flight, 0);
}

#[test]
fn any_number_of_permits_is_taken() {
    let pool = HashingPool::new(Argon2Cost::FLOOR).with_permits(NonZeroUsize::MAX);
    assert_eq!(pool.stats().hashed, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn law_06_permits_hold_though_callers_hang_up_at_random(
        permits in 1..4_usize,
        callers in proptest::collection::vec(caller(), 1..60),
    ) {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
        runtime.block_on(drive(permits, callers))?;
    }
}

#[derive(Clone, Copy, Debug)]
struct Caller {
    comes_after: Duration,
    hangs_up_after: Duration,
    hash_takes: Duration,
}

fn caller() -> impl Strategy<Value = Caller> {
    let micros = |most: u64| (0..most).prop_map(Duration::from_micros);
    (micros(3_000), micros(4_000), micros(1_000)).prop_map(
        |(comes_after, hangs_up_after, hash_takes)| Caller {
            comes_after,
            hangs_up_after,
            hash_takes,
        },
    )
}

async fn drive(permits: usize, callers: Vec<Caller>) -> Result<(), TestCaseError> {
    let pool = pool(permits);
    let seen = Arc::new(Seen::default());
    let count = callers.len();
    let calls: Vec<_> = callers
        .into_iter()
        .map(|caller| {
            let (pool, seen) = (pool.clone(), Arc::clone(&seen));
            tokio::spawn(async move {
                tokio::time::sleep(caller.comes_after).await;
                let hash = move || seen.hash(caller.hash_takes);
                timeout(caller.hangs_up_after, pool.run(hash)).await
            })
        })
        .collect();
    let (mut done, mut shed, mut gone) = (0, 0, 0);
    for call in calls {
        match call.await.unwrap() {
            Ok(Ok(())) => done += 1,
            Ok(Err(_)) => shed += 1,
            Err(_) => gone += 1,
        }
    }
    for _ in 0..10_000 {
        if pool.shared.queue.is_idle(permits) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    prop_assert!(
        pool.shared.queue.is_idle(permits),
        "a permit or a place is lost"
    );
    let (begun, most) = (
        seen.begun.load(Ordering::SeqCst),
        seen.most.load(Ordering::SeqCst),
    );
    prop_assert!(most <= permits, "{} at once", most);
    prop_assert_eq!(done + shed + gone, count);
    prop_assert!((done..=done + gone).contains(&begun), "{} begun", begun);
    let stats = pool.stats();
    prop_assert_eq!(stats.hashed, u64::try_from(begun).unwrap());
    prop_assert_eq!(stats.shed, u64::try_from(shed).unwrap());
    prop_assert_eq!(stats.in_flight, 0);
    prop_assert!((most..=permits).contains(&stats.most_in_flight));
    Ok(())
}

/// Counts beside the pool's own counters.
#[derive(Default)]
struct Seen {
    begun: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Seen {
    fn hash(&self, takes: Duration) {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        sleep(takes);
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

fn pool(permits: usize) -> HashingPool {
    HashingPool::of(cheap(), permits)
}

fn cheap() -> Argon2Cost {
    Argon2Cost::stored(64, 1, 1).unwrap()
}

/// A hash that ends when the sender is dropped.
fn gated() -> (mpsc::Sender<()>, impl FnOnce() + Send + 'static) {
    let (release, gate) = mpsc::channel::<()>();
    (release, move || assert!(gate.recv().is_err()))
}

const fn nothing() {}

/// Polls once.
async fn is_waiting<F: Future>(future: &mut Pin<Box<F>>) -> bool {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

/// What the first poll gives, if anything: without a wait.
async fn at_once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

const TURNED_AWAY: Option<Result<(), HashingError>> = Some(Err(HashingError::Saturated));
