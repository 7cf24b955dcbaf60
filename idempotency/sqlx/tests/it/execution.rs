//! `Execution::transaction`: claim, effect and answer in one commit.

use skeleton_idempotency::Answer;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Refused;
use skeleton_idempotency::Source;
use skeleton_idempotency::State;
use skeleton_idempotency::TransactionError;
use skeleton_idempotency::Transactions;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_idempotency_sqlx::SqliteTx;

use crate::doubtful::Commit;
use crate::doubtful::Doubtful;
use crate::helpers::File;
use crate::helpers::HELD;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::begin;
use crate::helpers::effect;
use crate::helpers::execution;
use crate::helpers::transfer;

type Ended = Result<Answered, TransactionError<SqliteError, String>>;

/// Does the work that `what` names, and answers with that name.
async fn transact<S>(store: &S, once: Execution, what: &str) -> Ended
where
    S: Transactions<SqliteTx, Error = SqliteError>,
{
    once.transaction(store, |mut tx| {
        Box::pin(async move {
            effect(&mut tx, what).await;
            if what == "refused" {
                Err(what.to_owned())
            } else {
                Ok(answer(what))
            }
        })
    })
    .await
}

fn once(payload: &str) -> Execution {
    execution(1, &transfer(), payload)
}

fn told(ended: Ended) -> (Source, Answer) {
    let answered = ended.unwrap();
    (answered.source(), answered.into_answer())
}

#[tokio::test]
async fn effect_and_answer_are_committed_together_and_repetitions_read_them() {
    let file = File::new().await;
    let store = file.store().await;
    let first = attempt(1, "1");
    let ended = transact(&store, once("1"), "moved").await;
    assert_eq!(told(ended), (Source::Recorded, answer("moved")));
    let kept = file.find(&first).await.unwrap();
    assert_eq!(
        kept.state,
        State::Done {
            answer: answer("moved")
        }
    );
    for store in [store, file.store().await] {
        let ended = transact(&store, once("1"), "again").await;
        assert_eq!(told(ended), (Source::Replay, answer("moved")));
    }
    assert_eq!(file.effects().await, ["moved"]);
}

#[tokio::test]
async fn work_that_refuses_leaves_nothing_and_its_key_is_free() {
    let file = File::new().await;
    let store = file.store().await;
    let refused = transact(&store, once("1"), "refused").await;
    assert!(matches!(refused, Err(TransactionError::Work(why)) if why == "refused"));
    assert_eq!(
        (
            file.find(&attempt(1, "1")).await,
            file.effects().await.len()
        ),
        (None, 0)
    );
    // Nothing was used up: the retry may even say something else.
    let ended = transact(&store, once("2"), "moved").await;
    assert_eq!(told(ended), (Source::Recorded, answer("moved")));
    assert_eq!(file.effects().await, ["moved"]);
}

#[tokio::test]
async fn attack_03_another_payload_is_refused_and_shown_nothing() {
    let file = File::new().await;
    let store = file.store().await;
    let ended = transact(&store, once("1"), "secret").await;
    assert_eq!(told(ended), (Source::Recorded, answer("secret")));
    let reused = transact(&store, once("2"), "other").await;
    assert!(
        matches!(reused, Err(TransactionError::Refused(Refused::Reused))),
        "{reused:?}"
    );
    assert_eq!(file.effects().await, ["secret"]);
}

#[tokio::test]
async fn what_the_log_holds_is_in_progress_for_a_transaction() {
    let file = File::new().await;
    let store = file.store().await;
    assert!(matches!(
        file.claim(&attempt(1, "1")).await,
        Claim::Granted(_)
    ));
    let ended = transact(&store, once("1"), "moved").await;
    assert!(
        matches!(
            ended,
            Err(TransactionError::Refused(Refused::InProgress { .. }))
        ),
        "{ended:?}"
    );
    assert_eq!(file.claim(&attempt(1, "1")).await, HELD);
    assert_eq!(file.effects().await.len(), 0);
}

#[tokio::test]
async fn an_attempt_past_retention_is_refused_before_its_work() {
    let file = File::new().await;
    let store = file.store().await;
    file.clock.set(attempt(1, "1").expires_at());
    let late = transact(&store, once("1"), "moved").await;
    assert!(
        matches!(
            late,
            Err(TransactionError::Refused(Refused::Expired { .. }))
        ),
        "{late:?}"
    );
    assert_eq!(file.effects().await.len(), 0);
}

/// A transaction that is slower than its record is kept must not commit: a second one would not see it.
#[tokio::test]
async fn work_that_outlives_its_retention_is_rolled_back() {
    let file = File::new().await;
    let store = file.store().await;
    let (clock, expires_at) = (&file.clock, attempt(1, "1").expires_at());
    let late: Ended = once("1")
        .transaction(
            &store,
            |mut tx: skeleton_idempotency::Scope<'_, '_, SqliteTx>| {
                Box::pin(async move {
                    effect(&mut tx, "late").await;
                    clock.set(expires_at);
                    Ok(answer("late"))
                })
            },
        )
        .await;
    assert!(
        matches!(
            late,
            Err(TransactionError::Refused(Refused::Expired { .. }))
        ),
        "{late:?}"
    );
    assert_eq!(
        (
            file.find(&attempt(1, "1")).await,
            file.effects().await.len()
        ),
        (None, 0)
    );
}

async fn race(store: &SqliteStore, racers: usize) -> (usize, usize) {
    let racers: Vec<_> = (0..racers)
        .map(|racer| {
            let store = store.clone();
            tokio::spawn(async move { transact(&store, once("1"), &racer.to_string()).await })
        })
        .collect();
    let (mut recorded, mut answers) = (0, Vec::new());
    for racer in racers {
        let (source, answer) = told(racer.await.unwrap());
        recorded += usize::from(source == Source::Recorded);
        answers.push(answer);
    }
    answers.dedup();
    (recorded, answers.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_13_of_a_hundred_transactions_one_has_its_effect_and_all_get_its_answer() {
    let file = File::new().await;
    assert_eq!(race(&file.store().await, 100).await, (1, 1));
    assert_eq!(file.effects().await.len(), 1);
}

/// Nobody is told that the database is locked: one of them waits for the file, the others for their turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_13_ten_thousand_transactions_of_one_key_end_without_an_error() {
    let file = File::new().await;
    assert_eq!(race(&file.store().await, 10_000).await, (1, 1));
    assert_eq!(file.effects().await.len(), 1);
}

/// Two stores are two processes, which meet at the file alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_13_racers_of_two_stores_have_one_effect() {
    let file = File::new().await;
    let (one, other) = (file.store().await, file.store().await);
    let (one, other) = tokio::join!(race(&one, 100), race(&other, 100));
    assert_eq!((one.0 + other.0, one.1, other.1), (1, 1, 1));
    assert_eq!(file.effects().await.len(), 1);
}

#[tokio::test]
async fn a_commit_whose_acknowledgement_is_lost_is_read_by_key() {
    let file = File::new().await;
    let store = Doubtful::new(file.store().await, [Commit::DoneAndLost]);
    let ended = transact(&store, once("1"), "moved").await;
    assert_eq!(told(ended), (Source::Recorded, answer("moved")));
    assert_eq!(file.effects().await, ["moved"]);
}

#[tokio::test]
async fn a_commit_that_failed_for_good_is_told_and_leaves_nothing() {
    let file = File::new().await;
    let store = Doubtful::new(file.store().await, [Commit::Failed]);
    let ended = transact(&store, once("1"), "moved").await;
    assert!(
        matches!(ended, Err(TransactionError::Store(_))),
        "{ended:?}"
    );
    assert_eq!(
        (
            file.find(&attempt(1, "1")).await,
            file.effects().await.len()
        ),
        (None, 0)
    );
    let ended = transact(&store, once("1"), "moved").await;
    assert_eq!(told(ended), (Source::Recorded, answer("moved")));
}

#[tokio::test]
async fn a_commit_that_was_busy_is_done_again_up_to_three_times() {
    for (failures, effects) in [(2, 1), (3, 0)] {
        let file = File::new().await;
        let store = Doubtful::new(file.store().await, vec![Commit::Busy; failures]);
        let ended = transact(&store, once("1"), "moved").await;
        assert_eq!(ended.is_ok(), effects == 1, "{ended:?}");
        assert_eq!(file.effects().await.len(), effects);
    }
}

/// SQLite's own word for it, and not one that a test made up.
#[tokio::test]
async fn a_file_that_another_process_writes_is_busy_and_the_transaction_is_tried_again() {
    let file = File::new().await;
    let mut other = file.connect().await;
    let tx = begin(&mut other).await;
    let impatient = file.impatient_store().await;
    let busy = impatient.begin().await.unwrap_err();
    assert!(
        busy.is_transient() && impatient.is_transient(&busy),
        "{busy:?}"
    );
    let store = Doubtful::new(impatient.clone(), []);
    let ended = transact(&store, once("1"), "moved").await;
    assert!(matches!(ended, Err(TransactionError::Store(error)) if error.is_transient()));
    assert_eq!(store.begun(), 3);
    tx.rollback().await.unwrap();
    let ended = transact(&impatient, once("1"), "moved").await;
    assert_eq!(told(ended), (Source::Recorded, answer("moved")));
}

#[tokio::test]
async fn a_store_that_fails_is_told_and_its_transaction_leaves_nothing() {
    let file = File::new().await;
    let store = file.store().await;
    store.close().await;
    let ended = transact(&store, once("1"), "moved").await;
    let Err(TransactionError::Store(error)) = ended else {
        panic!("{ended:?}")
    };
    assert!(!error.is_transient());
    assert_eq!(file.effects().await.len(), 0);
}
