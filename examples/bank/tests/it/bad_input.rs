//! Bad input gets a problem document with the right status, and nothing is appended.

use bank::tour::client::Answered;
use bank::tour::client::Call;
use serde_json::Value;
use serde_json::json;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::new_account;
use crate::helpers::new_customer;
use crate::helpers::open;
use crate::helpers::query;

fn is_problem(answer: &Answered, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["status"], status, "{}", answer.text);
    assert_eq!(answer.body["code"], code, "{}", answer.text);
    assert_eq!(
        answer.content_type.as_deref(),
        Some("application/problem+json")
    );
    let suffix = format!("#{code}");
    assert!(
        answer.body["type"]
            .as_str()
            .is_some_and(|uri| uri.contains(&suffix)),
        "{}",
        answer.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_cannot_be_read_is_400_and_appends_nothing() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let before = town.events(town.world.acme.tenant).await;
    let good = open(new_account(), new_customer(), town.world.acme.france);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{} {}",
        "\u{feff}{}",
        "{\"bank-account\":1}",
        "{\"bank-account\":\"01M83YEMJF3HCVMBEYGD2RQZPG\",\"container\":\"8ZZZZZZZZZZZZZZZZZZZZZZZZZ\",\
         \"owner\":\"01M83YEMJF3HCVMBEYGD2RQZPG\",\"currency\":\"EUR\"}",
    ] {
        is_problem(
            &ada.send(&good.with_body(body)).await.unwrap(),
            400,
            "malformed",
        );
    }
    let mut extra: Value = serde_json::from_slice(good.body()).unwrap();
    extra["role"] = json!("tenant-admin");
    is_problem(
        &ada.send(&good.with_payload(&extra)).await.unwrap(),
        400,
        "malformed",
    );
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_operation_is_404() {
    let town = Town::new().await;
    let ada = town.ada().await;
    for call in [
        command("close-everything", &json!({})),
        query("open-account", &json!({})),
        Call::new("nowhere", "open-account", &json!({})),
    ] {
        is_problem(&ada.send(&call).await.unwrap(), 404, "not-found");
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_or_wrong_token_is_401() {
    let town = Town::new().await;
    let (ada, door) = (town.ada().await, town.at("acme"));
    let call = balance(new_account());
    is_problem(&door.send(&call).await.unwrap(), 401, "unauthenticated");
    for token in [
        "x",
        "a.b.c",
        &format!("{}x", ada.token().unwrap()),
        &"a".repeat(9_000),
    ] {
        is_problem(
            &door.with_token(token).send(&call).await.unwrap(),
            401,
            "unauthenticated",
        );
    }
    // A header that holds no token at all is a malformed request (RFC 6750, 3.1).
    is_problem(
        &door.with_token("").send(&call).await.unwrap(),
        400,
        "malformed",
    );
    // A bad token is refused where none is needed, too.
    let log_in = command(
        "log-in",
        &json!({ "identifier": "a@b.example", "password": "x" }),
    );
    is_problem(
        &door.with_token("x").send(&log_in).await.unwrap(),
        401,
        "unauthenticated",
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_name_are_one_answer() {
    let town = Town::new().await;
    let door = town.at("acme");
    let ask = |identifier: &str, password: &str| {
        command(
            "log-in",
            &json!({ "identifier": identifier, "password": password }),
        )
    };
    let wrong = door
        .send(&ask(&town.world.ada.email, "not her password"))
        .await
        .unwrap();
    let unknown = door
        .send(&ask("nobody@acme.example", "not her password"))
        .await
        .unwrap();
    let foreign = door
        .send(&ask(&town.world.cy.email, &town.world.cy.password))
        .await
        .unwrap();
    assert_eq!(wrong.status, 401, "{}", wrong.text);
    assert_eq!(
        crate::helpers::masked(&wrong),
        crate::helpers::masked(&unknown)
    );
    assert_eq!(
        crate::helpers::masked(&wrong),
        crate::helpers::masked(&foreign)
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_cap_is_413_and_appends_nothing() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let before = town.events(town.world.acme.tenant).await;
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(1024 * 1024));
    for call in [deposit(new_account(), 1), balance(new_account())] {
        is_problem(
            &ada.send(&call.with_body(&huge)).await.unwrap(),
            413,
            "too-large",
        );
    }
    let log_in = command("log-in", &json!({})).with_body(&huge);
    is_problem(
        &town.at("acme").send(&log_in).await.unwrap(),
        413,
        "too-large",
    );
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_a_key_or_with_an_old_one_is_refused() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let call = deposit(account, 1);
    is_problem(
        &ada.send(&call.without_invocation()).await.unwrap(),
        400,
        "malformed",
    );
    let old = "01J00000000000000000000001".parse().unwrap();
    is_problem(
        &ada.send(&call.named(old)).await.unwrap(),
        412,
        "idempotency-key-expired",
    );
    let future = "7ZZZZZZZZZ0000000000000001".parse().unwrap();
    is_problem(
        &ada.send(&call.named(future)).await.unwrap(),
        412,
        "idempotency-key-expired",
    );
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_host_is_404_before_any_credential_is_looked_at() {
    let town = Town::new().await;
    let ada = town.ada().await;
    for slug in ["initech", "www", "acme.acme"] {
        is_problem(
            &ada.elsewhere(slug)
                .send(&balance(new_account()))
                .await
                .unwrap(),
            404,
            "not-found",
        );
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_domain_rejects_with_200_and_a_code() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (customer, account) = town.account(&ada).await;
    let rejected = |answer: &Answered, code: &str| {
        assert_eq!(
            (answer.status, &answer.body["outcome"]),
            (200, &json!("rejected")),
            "{}",
            answer.text
        );
        assert_eq!(answer.body["code"], code);
    };
    rejected(
        &ada.send(&deposit(account, 0)).await.unwrap(),
        "amount-not-positive",
    );
    rejected(
        &ada.send(&deposit(account, -1)).await.unwrap(),
        "amount-not-positive",
    );
    ada.send(&deposit(account, i64::MAX)).await.unwrap();
    rejected(
        &ada.send(&deposit(account, 1)).await.unwrap(),
        "balance-too-large",
    );
    let again = open(account, customer, town.world.acme.france);
    rejected(&ada.send(&again).await.unwrap(), "account-exists");
    // A rejection is an answer like any other: a retry gets it again.
    let call = deposit(account, 0);
    let first = ada.send(&call).await.unwrap();
    let second = ada.send(&call).await.unwrap();
    assert_eq!((first.text, second.replayed), (second.text, true));
    town.stop().await;
}
