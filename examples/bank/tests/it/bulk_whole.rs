//! Bulk requests that are refused as a whole: nothing of them is tried.

use bank::tour::client::Call;
use serde_json::Value;
use serde_json::json;

use crate::bulk::new_id;
use crate::bulk::send;
use crate::bulk::told;
use crate::helpers::Town;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::new_account;
use crate::wire;

#[tokio::test(flavor = "multi_thread")]
async fn over_a_mebibyte_is_refused_as_a_whole() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let small = deposit(account, 1);
    let large = command("deposit", &json!({ "padding": "x".repeat(1024 * 1024) }));
    let answer = send(&ada, &[small, large]).await;
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (413, &json!("too-large"))
    );
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_on_the_whole_request_is_refused() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let whole = Call::bulk(&[deposit(account, 1)]);
    let answer = ada.send(&whole.named(new_id())).await.unwrap();
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (400, &json!("malformed"))
    );
    let key = format!("idempotency-key: {}\r\nconnection: close\r\n", new_id());
    let bytes = wire::bytes_of(&ada, &whole, &key);
    let (status, body) = wire::answer_to(&town, &bytes).await;
    assert_eq!(status, 400, "{body}");
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_a_list_of_items_is_refused_as_a_whole() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let good = Call::bulk(&[deposit(account, 1)]);
    let good: Value = serde_json::from_slice(good.body()).unwrap();
    let mut ordered = good.clone();
    ordered["order"] = json!("in-sequence");
    let mut numbered = good.clone();
    numbered["items"][0]["id"] = json!(1);
    let mut unnamed = good.clone();
    unnamed["items"][0].as_object_mut().unwrap().remove("id");
    let mut scoped = good;
    scoped["items"][0]["tenant"] = json!(town.world.globex.tenant);
    let twice = r#"{"items":[],"items":[]}"#;
    for body in [
        "",
        "[]",
        "{}",
        twice,
        &ordered.to_string(),
        &numbered.to_string(),
        &unnamed.to_string(),
        &scoped.to_string(),
    ] {
        let answer = ada.send(&Call::bulk(&[]).with_body(body)).await.unwrap();
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    }
    // A repeated member of a payload is the item's own mistake.
    let amount = r#"{"minor":1,"minor":2,"currency":"EUR"}"#;
    let twice = format!(
        r#"{{"items":[{{"id":"{}","name":"deposit","payload":{{"bank-account":"{account}","amount":{amount}}}}}]}}"#,
        new_id()
    );
    let answer = ada.send(&Call::bulk(&[]).with_body(&twice)).await.unwrap();
    assert_eq!(answer.body["items"][0]["status"], 400, "{}", answer.text);
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    // Nothing is nothing.
    let answer = send(&ada, &[]).await;
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (200, r#"{"items":[]}"#)
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_and_the_token_of_another_tenant_are_refused_as_a_whole() {
    let town = Town::new().await;
    let (ada, cy) = (town.ada().await, town.logged_in(&town.world.cy).await);
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let items = [deposit(account, 1)];
    for client in [
        town.at("acme"),
        cy.elsewhere("acme"),
        ada.with_token("a.b.c"),
    ] {
        let answer = send(&client, &items).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (401, &json!("unauthenticated"))
        );
    }
    // At her own door she finds no account of that id, as if there were none anywhere.
    let foreign = told(&send(&cy, &items).await, &items);
    let unknown = [deposit(new_account(), 1)];
    let unknown = told(&send(&cy, &unknown).await, &unknown);
    let masked = |item: &Value| {
        let mut body = item["body"].clone();
        body["instance"] = Value::Null;
        (item["status"].clone(), body)
    };
    assert_eq!(masked(&foreign[0]), masked(&unknown[0]));
    assert_eq!(foreign[0]["status"], 404);
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    town.stop().await;
}
