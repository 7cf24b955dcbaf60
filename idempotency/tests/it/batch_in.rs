//! Bulk requests in one transaction: all of the items, or none.

use bytes::Bytes;
use skeleton_idempotency::Answered;
use skeleton_idempotency::BatchError;
use skeleton_idempotency::BatchInError;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Item;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Refused;
use skeleton_idempotency::Scope;
use skeleton_idempotency::Source;
use skeleton_idempotency::testing::FaultError;
use skeleton_idempotency::testing::FaultStore;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::testing::FixedClock;

use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::engine;
use crate::helpers::invocation_no;
use crate::helpers::keys;
use crate::helpers::now;
use crate::helpers::transfer;
use crate::optimistic::Conflict;
use crate::optimistic::Optimistic;
use crate::optimistic::Tx;

type Store = FaultStore<Optimistic>;
type Failure = BatchInError<FaultError<Conflict>, Problem>;

/// The item that the work refuses.
const BAD: u64 = 13;

/// The store, and what is committed in it.
fn store() -> (Store, Optimistic) {
    let committed = Optimistic::default();
    (FaultStore::new(committed.clone()), committed)
}

fn item(number: u64, payload: &str) -> Item<Access, u64> {
    Item {
        ctx: alice_calls().invocation(invocation_no(number)).build(),
        operation: transfer(),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        what: number,
    }
}

/// Logs every item that it is not to refuse.
async fn all(store: &Store, items: Vec<Item<Access, u64>>) -> Result<Vec<Answered>, Failure> {
    let engine = engine();
    let done = engine.batch_in(store, items, |mut tx: Scope<'_, '_, Tx>, number| {
        Box::pin(async move {
            if number == BAD {
                return Err(Problem::new(ProblemKind::Malformed));
            }
            tx.view.log.push("moved");
            Ok(answer(&number.to_string()))
        })
    });
    done.await
}

fn gist(answers: &[Answered]) -> Vec<(&[u8], Source)> {
    answers
        .iter()
        .map(|answered| (answered.answer().body(), answered.source()))
        .collect()
}

fn effects(committed: &Optimistic) -> usize {
    committed.0.lock().unwrap().log.len()
}

#[tokio::test]
async fn all_items_are_committed_together_and_those_done_before_are_replayed() {
    let (store, committed) = store();
    let first = all(&store, vec![item(1, "1"), item(2, "2")]).await.unwrap();
    let both = [
        (b"1".as_slice(), Source::Recorded),
        (b"2", Source::Recorded),
    ];
    assert_eq!(gist(&first), both);
    let again = all(&store, vec![item(2, "2"), item(3, "3")]).await.unwrap();
    let mixed = [(b"2".as_slice(), Source::Replay), (b"3", Source::Recorded)];
    assert_eq!(gist(&again), mixed);
    assert_eq!(effects(&committed), 3);
}

#[tokio::test]
async fn an_item_that_is_refused_leaves_nothing_of_the_others() {
    let (store, committed) = store();
    let refused = all(&store, vec![item(1, "1"), item(BAD, "2"), item(3, "3")]).await;
    assert!(
        matches!(refused, Err(BatchInError::Work { position: 1, .. })),
        "{refused:?}"
    );
    assert_eq!(effects(&committed), 0);
    // The key of the first one is as unused as before.
    assert_eq!(all(&store, vec![item(1, "9")]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_key_that_was_used_for_something_else_refuses_all() {
    let (store, committed) = store();
    all(&store, vec![item(2, "2")]).await.unwrap();
    let refused = all(&store, vec![item(1, "1"), item(2, "3")]).await;
    let Err(BatchInError::Refused { position, refused }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((position, refused), (1, Refused::Reused));
    assert_eq!(effects(&committed), 1);
}

#[tokio::test]
async fn of_two_items_with_one_key_the_second_follows_the_first() {
    let (store, committed) = store();
    let answers = all(&store, vec![item(1, "1"), item(1, "1")]).await.unwrap();
    let both = [(b"1".as_slice(), Source::Recorded), (b"1", Source::Replay)];
    assert_eq!(gist(&answers), both);
    assert_eq!(effects(&committed), 1);
}

#[tokio::test]
async fn a_store_that_fails_leaves_nothing() {
    for moment in [Moment::Before, Moment::After] {
        for call in [StoreCall::ClaimIn, StoreCall::FinishIn] {
            let (store, committed) = store();
            store.faults().fail_nth(call, 2, moment);
            let failed = all(&store, vec![item(1, "1"), item(2, "2")]).await;
            assert!(matches!(failed, Err(BatchInError::Store(_))), "{failed:?}");
            assert_eq!(effects(&committed), 0);
        }
    }
}

#[tokio::test]
async fn attack_19_a_bulk_request_of_101_items_or_more_than_a_mebibyte_is_not_tried() {
    let (store, _) = store();
    let many = (0..101).map(|number| item(number + 100, "1")).collect();
    let refused = all(&store, many).await;
    assert!(
        matches!(refused, Err(BatchInError::Batch(BatchError::TooMany))),
        "{refused:?}"
    );
    let large = format!("\"{}\"", "x".repeat(600_000));
    let refused = all(&store, vec![item(1, &large), item(2, &large)]).await;
    assert!(
        matches!(refused, Err(BatchInError::Batch(BatchError::TooLarge))),
        "{refused:?}"
    );
    assert_eq!(Problem::from(refused.unwrap_err()).status(), 413);
}

#[tokio::test]
async fn an_operation_of_another_mode_takes_no_part() {
    let clock = FixedClock::at(now());
    let store_of_claims = skeleton_idempotency::MemoryStore::new(
        skeleton_idempotency::Capacity::mib(1),
        clock.clone(),
    );
    let engine = Engine::builder(store_of_claims, keys(), clock).mode(Mode::AtMostOnce);
    let engine = engine.build().unwrap();
    let (store, _) = store();
    let refused = engine.batch_in(&store, vec![item(1, "1")], |_: Scope<'_, '_, Tx>, _| {
        Box::pin(async { panic!("it must not run") })
    });
    let refused: Result<_, Failure> = refused.await;
    let Err(BatchInError::Refused { refused, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(matches!(refused, Refused::Misconfigured(_)), "{refused:?}");
}
