//! One tenant never sees another, and nobody sees more than a grant shows.

use serde_json::json;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::files_with;
use crate::helpers::masked;
use crate::helpers::new_account;
use crate::helpers::new_customer;
use crate::helpers::open;
use crate::helpers::query;

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_id_is_answered_as_an_unknown_one_to_the_byte() {
    let town = Town::new().await;
    let (ada, cy) = (town.ada().await, town.logged_in(&town.world.cy).await);
    let (customer, account) = town.account(&ada).await;
    let pairs = [
        (balance(account), balance(new_account())),
        (deposit(account, 1), deposit(new_account(), 1)),
        (
            command("forget-customer", &json!({ "customer": customer })),
            command("forget-customer", &json!({ "customer": new_customer() })),
        ),
        (
            query("retrieve-customer", &json!({ "customer": customer })),
            query("retrieve-customer", &json!({ "customer": new_customer() })),
        ),
        (
            open(new_account(), customer, town.world.acme.france),
            open(
                new_account(),
                customer,
                "01M83YEMJF3HCVMBEYGD2RQZPG".parse().unwrap(),
            ),
        ),
    ];
    for (foreign, unknown) in pairs {
        let (foreign, unknown) = (
            cy.send(&foreign).await.unwrap(),
            cy.send(&unknown).await.unwrap(),
        );
        assert_eq!((foreign.status, masked(&foreign)), (404, masked(&unknown)));
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_tenant_is_nothing_at_the_door_of_another() {
    let town = Town::new().await;
    for (person, elsewhere) in [(&town.world.ada, "globex"), (&town.world.cy, "acme")] {
        let astray = town.logged_in(person).await.elsewhere(elsewhere);
        let answer = astray.send(&balance(new_account())).await.unwrap();
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (401, &json!("unauthenticated"))
        );
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_no_grant_reaches_is_not_found() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let customer = new_customer();
    let hidden = ada
        .send(&open(new_account(), customer, town.world.acme.texas))
        .await
        .unwrap();
    let nowhere = "01M83YEMJF3HCVMBEYGD2RQZPG".parse().unwrap();
    let unknown = ada
        .send(&open(new_account(), customer, nowhere))
        .await
        .unwrap();
    assert_eq!((hidden.status, masked(&hidden)), (404, masked(&unknown)));
    // Above her grant she may know that the container is there, but not act in it.
    let above = ada
        .send(&open(new_account(), customer, town.world.acme.global))
        .await
        .unwrap();
    assert_eq!(
        (above.status, &above.body["code"]),
        (403, &json!("permission-denied"))
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_or_answer_of_one_tenant_names_anything_of_another() {
    let town = Town::new().await;
    let (ada, cy) = (town.ada().await, town.logged_in(&town.world.cy).await);
    let (_, account) = town.account(&ada).await;
    cy.send(&balance(account)).await.unwrap();
    let globex = town.world.globex.tenant.to_string();
    for marker in [
        account.to_string(),
        town.world.acme.tenant.to_string(),
        town.world.ada.account.to_string(),
    ] {
        let holding = files_with(town.dir(), marker.as_bytes());
        assert!(
            holding.iter().all(|file| !file.starts_with(&globex)),
            "{marker} is in {holding:?}"
        );
    }
    // The search finds what is there.
    let acme = town.world.acme.tenant.to_string();
    assert!(
        files_with(town.dir(), account.to_string().as_bytes())
            .iter()
            .any(|file| file.starts_with(&acme))
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_shows_an_auditor_all_and_everybody_else_her_own() {
    let town = Town::new().await;
    let (ada, bo) = (town.ada().await, town.logged_in(&town.world.bo).await);
    let dana = town.logged_in(&town.world.dana).await;
    let (customer, _) = town.account(&ada).await;
    let denied = ada
        .send(&command(
            "forget-customer",
            &json!({ "customer": customer }),
        ))
        .await
        .unwrap();
    assert_eq!(denied.status, 403);
    let list = query("list-audit-entries", &json!({}));
    let all = bo.send(&list).await.unwrap();
    let entries = all.body["result"]["entries"].as_array().unwrap();
    let refused: Vec<_> = entries
        .iter()
        .filter(|entry| entry["result"]["type"] == "refused")
        .collect();
    assert_eq!(refused.len(), 1, "{}", all.text);
    assert_eq!(refused[0]["decision"]["permission"], "customer:forget");
    assert_eq!(refused[0]["decision"]["verdict"], "role-lacks");
    assert_eq!(refused[0]["effective"], json!(town.world.ada.account));
    let hers = dana.send(&list).await.unwrap();
    let hers = hers.body["result"]["entries"].as_array().unwrap();
    assert!(
        !hers.is_empty()
            && hers
                .iter()
                .all(|entry| entry["effective"] == json!(town.world.dana.account))
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_before_anybody_is_known_is_recorded_too() {
    let town = Town::new().await;
    let (door, bo) = (town.at("acme"), town.logged_in(&town.world.bo).await);
    door.send(&balance(new_account())).await.unwrap();
    door.with_token("a.b.c")
        .send(&command("nothing-such", &json!({})))
        .await
        .unwrap();
    let all = bo
        .send(&query("list-audit-entries", &json!({})))
        .await
        .unwrap();
    let entries = all.body["result"]["entries"].as_array().unwrap();
    let unknown = entries.iter().filter(|entry| entry["effective"].is_null());
    let statuses: Vec<_> = unknown
        .map(|entry| entry["result"]["status"].clone())
        .collect();
    assert_eq!(statuses, [json!(401), json!(401)], "{}", all.text);
    town.stop().await;
}
