//! Consumers that meet every event at least once, and have their effect once.

use core::time::Duration;

use skeleton_idempotency::Inbox;
use skeleton_idempotency::InboxError;
use skeleton_idempotency::Scope;
use skeleton_idempotency::Seen;
use skeleton_idempotency::testing::FaultStore;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::FixedClock;

use crate::helpers::acme;
use crate::helpers::invocation;
use crate::helpers::now;
use crate::optimistic::Conflict;
use crate::optimistic::Optimistic;
use crate::optimistic::Tx;

const DAY: Duration = Duration::from_secs(24 * 3_600);

type Store = FaultStore<Optimistic>;
type Failure = InboxError<skeleton_idempotency::testing::FaultError<Conflict>, &'static str>;

fn event() -> EventId {
    EventId::from_bytes(invocation().to_bytes()).unwrap()
}

fn inbox(store: &Store, consumer: Step, clock: &FixedClock) -> Inbox<Store> {
    Inbox::new(store.clone(), consumer, clock.clone())
}

async fn project(inbox: &Inbox<Store>, tenant: TenantId) -> Result<Seen, Failure> {
    let seen = inbox.once(tenant, event(), |mut tx: Scope<'_, '_, Tx>| {
        tx.view.log.push("projected");
        Box::pin(async { Ok::<(), &'static str>(()) })
    });
    seen.await
}

fn log(store: &Store) -> usize {
    store.inner().0.lock().unwrap().log.len()
}

#[tokio::test]
async fn an_event_that_comes_again_has_its_effect_once() {
    let (store, clock) = (
        FaultStore::new(Optimistic::default()),
        FixedClock::at(now()),
    );
    let balances = inbox(&store, step!("balances"), &clock);
    assert_eq!(project(&balances, acme()).await.unwrap(), Seen::Now);
    for _ in 0..3 {
        assert_eq!(project(&balances, acme()).await.unwrap(), Seen::Before);
    }
    assert_eq!(log(&store), 1);
    // Another consumer and another tenant see it for themselves.
    let mails = inbox(&store, step!("mails"), &clock);
    assert_eq!(project(&mails, acme()).await.unwrap(), Seen::Now);
    let globex = "01KE6P4YM0FSPTFB776BVFNQX7".parse().unwrap();
    assert_eq!(project(&balances, globex).await.unwrap(), Seen::Now);
    assert_eq!(log(&store), 3);
}

#[tokio::test]
async fn attack_21_an_event_that_comes_again_after_a_month_is_seen_once_or_too_old() {
    let (store, clock) = (
        FaultStore::new(Optimistic::default()),
        FixedClock::at(now()),
    );
    let balances = inbox(&store, step!("balances"), &clock);
    assert_eq!(project(&balances, acme()).await.unwrap(), Seen::Now);
    clock.set(invocation().created_at().saturating_add(7 * DAY));
    assert_eq!(project(&balances, acme()).await.unwrap(), Seen::Before);
    clock.advance(Duration::from_millis(1));
    assert!(matches!(
        project(&balances, acme()).await,
        Err(InboxError::TooOld)
    ));
    clock.advance(30 * DAY);
    assert!(matches!(
        project(&balances, acme()).await,
        Err(InboxError::TooOld)
    ));
    assert_eq!(log(&store), 1);
    // Nor is one from the future.
    clock.set(
        invocation()
            .created_at()
            .saturating_sub(Duration::from_secs(301)),
    );
    assert!(matches!(
        project(&balances, acme()).await,
        Err(InboxError::TooOld)
    ));
}

#[tokio::test]
async fn work_that_refuses_leaves_the_event_unseen() {
    let (store, clock) = (
        FaultStore::new(Optimistic::default()),
        FixedClock::at(now()),
    );
    let balances = inbox(&store, step!("balances"), &clock);
    let refused = balances.once(acme(), event(), |mut tx: Scope<'_, '_, Tx>| {
        tx.view.log.push("half");
        Box::pin(async { Err("no") })
    });
    assert!(matches!(refused.await, Err(InboxError::Work("no"))));
    assert_eq!(log(&store), 0);
    assert_eq!(project(&balances, acme()).await.unwrap(), Seen::Now);
}

#[tokio::test]
async fn of_two_instances_at_once_one_sees_it() {
    let (store, clock) = (
        FaultStore::new(Optimistic::default()),
        FixedClock::at(now()),
    );
    let balances = inbox(&store, step!("balances"), &clock);
    let faster = &balances;
    let slow = balances.once(acme(), event(), |mut tx: Scope<'_, '_, Tx>| {
        Box::pin(async move {
            assert_eq!(project(faster, acme()).await.unwrap(), Seen::Now);
            tx.view.log.push("never");
            Ok::<(), &'static str>(())
        })
    });
    assert_eq!(slow.await.unwrap(), Seen::Before);
    assert_eq!(log(&store), 1);
}

#[tokio::test]
async fn law_01_whatever_fails_the_effect_happens_once() {
    for seed in 0..200 {
        let (store, clock) = (
            FaultStore::new(Optimistic::default()),
            FixedClock::at(now()),
        );
        store.faults().be_transient();
        store.faults().fail_at_random(seed, 300);
        let balances = inbox(&store, step!("balances"), &clock);
        let mut seen = 0;
        for _ in 0..4 {
            seen += usize::from(project(&balances, acme()).await.is_ok());
        }
        assert!(
            log(&store) <= 1 && (seen == 0 || log(&store) == 1),
            "seed {seed}"
        );
        store.faults().heal();
        assert!(project(&balances, acme()).await.is_ok());
        assert_eq!(log(&store), 1, "seed {seed}");
    }
}

#[tokio::test]
async fn a_commit_whose_acknowledgement_was_lost_was_seen() {
    let (store, clock) = (
        FaultStore::new(Optimistic::default()),
        FixedClock::at(now()),
    );
    let balances = inbox(&store, step!("balances"), &clock);
    store.faults().fail_next(StoreCall::Commit, Moment::After);
    assert!(project(&balances, acme()).await.is_ok());
    assert_eq!(
        (log(&store), project(&balances, acme()).await.unwrap()),
        (1, Seen::Before)
    );
}
