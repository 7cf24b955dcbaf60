//! A consumer: the record that an event was seen is committed with the event's effect.

use std::time::Duration;

use skeleton_idempotency::Inbox;
use skeleton_idempotency::InboxError;
use skeleton_idempotency::Seen;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_idempotency_sqlx::SqliteTx;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::step;

use crate::doubtful::Commit;
use crate::doubtful::Doubtful;
use crate::helpers::File;
use crate::helpers::MADE;
use crate::helpers::effect;
use crate::helpers::id;
use crate::helpers::tenant;

type Ended = Result<Seen, InboxError<SqliteError, String>>;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn inbox(file: &File, store: SqliteStore, consumer: Step) -> Inbox<SqliteStore> {
    Inbox::new(store, consumer, file.clock.clone())
}

fn event(number: u64) -> EventId {
    EventId::from_bytes(id(number)).unwrap()
}

async fn deliver<S>(inbox: &Inbox<S>, event: EventId, what: &str) -> Ended
where
    S: skeleton_idempotency::Transactions<SqliteTx, Error = SqliteError>,
{
    inbox
        .once(tenant(), event, |mut tx| {
            Box::pin(async move {
                effect(&mut tx, what).await;
                if what == "refused" {
                    Err(what.to_owned())
                } else {
                    Ok(())
                }
            })
        })
        .await
}

#[tokio::test]
async fn an_event_has_its_effect_once_over_many_deliveries_and_after_a_restart() {
    let file = File::new().await;
    let balances = inbox(&file, file.store().await, step!("balances"));
    assert_eq!(deliver(&balances, event(1), "1").await.unwrap(), Seen::Now);
    for _ in 0..5 {
        assert_eq!(
            deliver(&balances, event(1), "again").await.unwrap(),
            Seen::Before
        );
    }
    assert_eq!(deliver(&balances, event(2), "2").await.unwrap(), Seen::Now);
    drop(balances);
    let restarted = inbox(&file, file.store().await, step!("balances"));
    for number in [1, 2] {
        assert_eq!(
            deliver(&restarted, event(number), "again").await.unwrap(),
            Seen::Before
        );
    }
    assert_eq!(file.effects().await, ["1", "2"]);
}

#[tokio::test]
async fn another_consumer_sees_the_same_event_for_itself() {
    let file = File::new().await;
    let store = file.store().await;
    for consumer in [step!("balances"), step!("mails")] {
        let what = consumer.as_str().to_owned();
        let inbox = inbox(&file, store.clone(), consumer);
        assert_eq!(deliver(&inbox, event(1), &what).await.unwrap(), Seen::Now);
    }
    assert_eq!(file.effects().await, ["balances", "mails"]);
}

#[tokio::test]
async fn an_effect_that_is_refused_is_rolled_back_and_the_event_may_come_again() {
    let file = File::new().await;
    let balances = inbox(&file, file.store().await, step!("balances"));
    let refused = deliver(&balances, event(1), "refused").await;
    assert!(matches!(refused, Err(InboxError::Work(why)) if why == "refused"));
    assert_eq!(file.effects().await.len(), 0);
    assert_eq!(deliver(&balances, event(1), "1").await.unwrap(), Seen::Now);
    assert_eq!(file.effects().await, ["1"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deliveries_at_the_same_time_have_one_effect() {
    let file = File::new().await;
    let store = file.store().await;
    let deliveries: Vec<_> = (0..50)
        .map(|number: u32| {
            let balances = inbox(&file, store.clone(), step!("balances"));
            tokio::spawn(async move {
                deliver(&balances, event(1), &number.to_string())
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut now = 0;
    for delivery in deliveries {
        now += usize::from(delivery.await.unwrap() == Seen::Now);
    }
    assert_eq!((now, file.effects().await.len()), (1, 1));
}

#[tokio::test]
async fn an_acknowledgement_that_is_lost_on_the_way_from_the_disk_is_no_second_effect() {
    let file = File::new().await;
    let store = Doubtful::new(file.store().await, [Commit::DoneAndLost]);
    let balances = Inbox::new(store, step!("balances"), file.clock.clone());
    assert_eq!(deliver(&balances, event(1), "1").await.unwrap(), Seen::Now);
    assert_eq!(
        deliver(&balances, event(1), "again").await.unwrap(),
        Seen::Before
    );
    assert_eq!(file.effects().await, ["1"]);
}

/// Attack 21: once, for as long as that can be told, and then to the dead letters; never twice.
#[tokio::test]
async fn attack_21_an_event_that_comes_again_after_a_month_is_too_old() {
    let file = File::new().await;
    let store = file.store().await;
    let balances = inbox(&file, store.clone(), step!("balances"));
    assert_eq!(deliver(&balances, event(1), "1").await.unwrap(), Seen::Now);
    file.clock.set(MADE.saturating_add(7 * DAY));
    assert_eq!(
        deliver(&balances, event(1), "again").await.unwrap(),
        Seen::Before
    );
    for days in [8, 30] {
        file.clock.set(MADE.saturating_add(days * DAY));
        // Whether its record was purged or not.
        for _ in 0..2 {
            let late = deliver(&balances, event(1), "again").await;
            assert!(matches!(late, Err(InboxError::TooOld)), "{late:?}");
            let unseen = deliver(&balances, event(2), "late").await;
            assert!(matches!(unseen, Err(InboxError::TooOld)), "{unseen:?}");
            skeleton_idempotency::Store::sweep(&store, 10)
                .await
                .unwrap();
        }
    }
    assert_eq!(file.effects().await, ["1"]);
}
