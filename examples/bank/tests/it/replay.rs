//! Retries: one effect, one answer, whatever arrives when.

use std::time::Duration;

use futures_like::join_all;
use serde_json::json;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::deposit;
use crate::helpers::position;
use crate::helpers::settled;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_duplicates_at_once_have_one_effect_and_one_answer() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let call = deposit(account, 100);
    let answers = join_all((0..100).map(|_| {
        let (ada, call) = (ada.clone(), call.clone());
        async move { ada.send(&call).await.unwrap() }
    }))
    .await;
    let done: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    let fresh = done.iter().filter(|answer| !answer.replayed).count();
    assert!(fresh <= 1, "{fresh} ran");
    for answer in &answers {
        assert!(matches!(answer.status, 200 | 202 | 409), "{}", answer.text);
    }
    assert!(
        done.iter().all(|answer| answer.text == done[0].text),
        "not one answer"
    );
    // One acceptance and one deposit.
    assert_eq!(town.events(town.world.acme.tenant).await, before + 2);
    let late = ada.send(&call).await.unwrap();
    assert_eq!(
        (late.status, late.replayed, &late.text),
        (200, true, &done[0].text)
    );
    let read = ada
        .send(&balance(account).after(position(&late)))
        .await
        .unwrap();
    assert_eq!(
        read.body["result"]["available"],
        json!({ "minor": 100, "currency": "EUR" })
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_bodies_under_one_key_at_once_exactly_one_counts() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let one = deposit(account, 1);
    let other = one.with_payload(
        &json!({ "bank-account": account, "amount": { "minor": 2, "currency": "EUR" } }),
    );
    let answers = join_all((0..20).map(|turn| {
        let (ada, call) = (
            ada.clone(),
            if turn % 2 == 0 {
                one.clone()
            } else {
                other.clone()
            },
        );
        async move { (turn % 2, ada.send(&call).await.unwrap()) }
    }))
    .await;
    let reused = |side| {
        answers
            .iter()
            .any(|(of, answer)| *of == side && answer.status == 422)
    };
    assert!(
        reused(0) != reused(1),
        "exactly one of the bodies was refused"
    );
    let winner = i64::from(reused(0)) + 1;
    let head = town.events(town.world.acme.tenant).await;
    let read = ada.send(&balance(account).after(head)).await.unwrap();
    assert_eq!(read.body["result"]["available"]["minor"], winner);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_of_two_people_are_two_invocations() {
    let town = Town::new().await;
    let (ada, cy) = (town.ada().await, town.logged_in(&town.world.cy).await);
    let (_, account) = town.account(&ada).await;
    let call = deposit(account, 5);
    assert_eq!(ada.send(&call).await.unwrap().status, 200);
    // The same key, body and operation by somebody else: she learns nothing of the first answer.
    assert_eq!(cy.send(&call).await.unwrap().status, 404);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_leaves_early_finds_the_answer_later() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    for _ in 0..20 {
        let call = deposit(account, 1);
        // Dropped while it is under way: before it is accepted, or before it is answered.
        let _left = tokio::time::timeout(Duration::from_millis(3), ada.send(&call)).await;
        let answer = settled(&ada, &call).await;
        assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    }
    let head = town.events(town.world.acme.tenant).await;
    let read = ada.send(&balance(account).after(head)).await.unwrap();
    assert_eq!(read.body["result"]["available"]["minor"], 20);
    assert_eq!(
        town.bank.services().replies.waiting(),
        0,
        "a door still waits"
    );
    town.stop().await;
}

/// Runs futures at once; their results in order.
mod futures_like {
    pub(super) async fn join_all<F>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let tasks: Vec<_> = futures.into_iter().map(tokio::spawn).collect();
        let mut results = Vec::with_capacity(tasks.len());
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    }
}
