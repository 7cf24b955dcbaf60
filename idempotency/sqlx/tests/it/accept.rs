//! `Execution::accept` on a database: the transaction of the store is the transaction of the work.

use skeleton_idempotency::AcceptError;
use skeleton_idempotency::Accepted;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteStore;

use crate::helpers::File;
use crate::helpers::HELD;
use crate::helpers::answer;
use crate::helpers::effect;
use crate::helpers::execution;
use crate::helpers::transfer;

async fn accept(
    bank: &SqliteStore,
    once: Execution,
    what: &str,
) -> Result<Accepted, AcceptError<SqliteError, String>> {
    once.accept(bank, |mut tx| {
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

fn attempt(payload: &str) -> Execution {
    execution(1, &transfer(), payload)
}

#[tokio::test]
async fn work_begins_once_and_its_repetitions_wait_then_read_the_answer() {
    let file = File::new().await;
    let bank = file.store().await;
    let (once, retry) = (attempt("1"), attempt("1"));
    let key = once.key().clone();
    assert!(matches!(
        accept(&bank, once, "moved").await,
        Ok(Accepted::Fresh)
    ));
    assert!(matches!(
        accept(&bank, retry, "again").await,
        Ok(Accepted::Duplicate(HELD))
    ));
    assert!(matches!(
        accept(&bank, attempt("2"), "other").await,
        Ok(Accepted::Duplicate(Claim::Mismatch))
    ));

    let mut tx = bank.begin().await.unwrap();
    let stored = bank.complete_in(&mut tx, &key, &answer("done")).await;
    assert_eq!(stored.unwrap(), Completed::Stored);
    bank.commit(tx).await.unwrap();
    let Ok(Accepted::Duplicate(Claim::Done(replay))) = accept(&bank, attempt("1"), "again").await
    else {
        panic!("it is done")
    };
    assert_eq!(replay, answer("done"));
    assert_eq!(file.effects().await, ["moved"]);
}

#[tokio::test]
async fn work_that_refuses_leaves_no_claim_and_no_effect() {
    let file = File::new().await;
    let bank = file.store().await;
    let refused = accept(&bank, attempt("1"), "refused").await;
    assert!(matches!(refused, Err(AcceptError::Work(why)) if why == "refused"));
    assert_eq!(file.effects().await.len(), 0);
    // The refusal used nothing up: the retry may even say something else.
    assert!(matches!(
        accept(&bank, attempt("2"), "moved").await,
        Ok(Accepted::Fresh)
    ));
}

#[tokio::test]
async fn a_store_that_fails_begins_nothing() {
    let file = File::new().await;
    let bank = file.store().await;
    bank.close().await;
    assert!(matches!(
        accept(&bank, attempt("1"), "moved").await,
        Err(AcceptError::Store(_))
    ));
    assert_eq!(file.effects().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_13_of_a_hundred_executions_one_begins() {
    let file = File::new().await;
    let bank = file.store().await;
    let racers: Vec<_> = (0..100)
        .map(|racer| {
            let bank = bank.clone();
            tokio::spawn(async move { accept(&bank, attempt("1"), &racer.to_string()).await })
        })
        .collect();
    let mut begun = 0;
    for racer in racers {
        match racer.await.unwrap().unwrap() {
            Accepted::Fresh => begun += 1,
            Accepted::Duplicate(claim) => assert_eq!(claim, HELD),
        }
    }
    assert_eq!((begun, file.effects().await.len()), (1, 1));
}
