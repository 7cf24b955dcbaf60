//! Personal data: no file ever holds it in clear, and once forgotten nobody reads it again.

use bank::personal::Vaults;
use bank::ports::event_store::EventStore;
use bank::projections;
use serde_json::json;
use skeleton_tenancy_tree::InTenant;

use crate::helpers::CANARY_EMAIL;
use crate::helpers::CANARY_NAME;
use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::files_with;
use crate::helpers::position;
use crate::helpers::query;
use crate::helpers::register;

#[tokio::test(flavor = "multi_thread")]
async fn no_file_ever_holds_a_name_in_clear() {
    let town = Town::new().await;
    let ada = town.ada().await;
    town.account(&ada).await;
    // A name that is refused is not kept either.
    let refused = register(crate::helpers::new_customer(), town.world.acme.texas);
    assert_eq!(ada.send(&refused).await.unwrap().status, 404);
    for canary in [CANARY_NAME, CANARY_EMAIL] {
        assert_eq!(
            files_with(town.dir(), canary.as_bytes()),
            Vec::<String>::new()
        );
    }
    // The search finds what is there.
    assert_ne!(
        files_with(town.dir(), b"customer-registered"),
        Vec::<String>::new()
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_customer_is_forgotten_everywhere_and_every_figure_stays() {
    let town = Town::new().await;
    let (ada, dana) = (town.ada().await, town.logged_in(&town.world.dana).await);
    let (customer, account) = town.account(&ada).await;
    ada.send(&deposit(account, 4_000)).await.unwrap();
    let who = query("retrieve-customer", &json!({ "customer": customer }));
    let head = town.events(town.world.acme.tenant).await;
    let seen = dana.send(&who.clone().after(head)).await.unwrap();
    assert_eq!(
        seen.body["result"]["name"],
        json!({ "clear": CANARY_NAME }),
        "{}",
        seen.text
    );

    let forget = command("forget-customer", &json!({ "customer": customer }));
    let forgotten = dana.send(&forget).await.unwrap();
    assert_eq!(forgotten.body["outcome"], "done", "{}", forgotten.text);
    let after = position(&forgotten);
    let gone = dana.send(&who.after(after)).await.unwrap();
    assert_eq!(
        gone.body["result"],
        json!({ "country": "FR", "name": { "code": "pii.forgotten" } })
    );

    let services = town.bank.services();
    let replayed = projections::replay(services, town.world.acme.tenant)
        .await
        .unwrap();
    assert_eq!(replayed.rebuilt, replayed.live);
    let names = projections::names(services, town.world.acme.tenant, &replayed)
        .await
        .unwrap();
    assert_eq!(names.get(&customer), Some(&None));
    let held = ada.send(&balance(account).after(after)).await.unwrap();
    assert_eq!(held.body["result"]["available"]["minor"], 4_000);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_more_is_kept_about_a_forgotten_customer() {
    let town = Town::new().await;
    let (ada, dana) = (town.ada().await, town.logged_in(&town.world.dana).await);
    let (customer, _) = town.account(&ada).await;
    let forget = command("forget-customer", &json!({ "customer": customer }));
    let first = dana.send(&forget).await.unwrap();
    assert_eq!(first.body["outcome"], "done", "{}", first.text);
    let again = dana.send(&forget).await.unwrap();
    assert_eq!((again.text, again.replayed), (first.text, true));
    let anew = command("forget-customer", &json!({ "customer": customer }));
    assert_eq!(
        dana.send(&anew).await.unwrap().body["code"],
        "customer-forgotten"
    );

    let before = town.events(town.world.acme.tenant).await;
    let registered = ada
        .send(&register(customer, town.world.acme.france))
        .await
        .unwrap();
    assert_eq!(
        (registered.status, &registered.body["code"]),
        (400, &json!("customer-forgotten"))
    );
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_a_registration_outlives_the_customer() {
    let town = Town::new().await;
    let (ada, dana) = (town.ada().await, town.logged_in(&town.world.dana).await);
    let customer = crate::helpers::new_customer();
    let call = register(customer, town.world.acme.france);
    let first = ada.send(&call).await.unwrap();
    dana.send(&command(
        "forget-customer",
        &json!({ "customer": customer }),
    ))
    .await
    .unwrap();
    let again = ada.send(&call).await.unwrap();
    assert_eq!(
        (again.status, again.text, again.replayed),
        (200, first.text, true)
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_in_the_log_is_the_one_that_the_vault_signed() {
    let town = Town::new().await;
    let (ada, dana) = (town.ada().await, town.logged_in(&town.world.dana).await);
    let (customer, _) = town.account(&ada).await;
    dana.send(&command(
        "forget-customer",
        &json!({ "customer": customer }),
    ))
    .await
    .unwrap();
    let (services, tenant) = (town.bank.services(), town.world.acme.tenant);
    let vaults: &Vaults = &services.vaults;
    let receipts = vaults.of(tenant).unwrap().receipts().await.unwrap();
    assert_eq!(receipts.len(), 1);
    receipts[0].verify(&vaults.receipt_key(), None).unwrap();
    let t = InTenant::background(tenant, "test");
    let log = services.log.log(t, 0, 1_000).await.unwrap();
    let event = log
        .iter()
        .find(|event| event.kind() == "customer-forgotten")
        .unwrap();
    assert_eq!(event.event.data["receipt"], receipts[0].to_json());
    assert!(!event.event.data.to_string().contains(CANARY_NAME));
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reveal_is_in_the_audit() {
    let town = Town::new().await;
    let (ada, dana) = (town.ada().await, town.logged_in(&town.world.dana).await);
    let (customer, _) = town.account(&ada).await;
    let head = town.events(town.world.acme.tenant).await;
    let who = query("retrieve-customer", &json!({ "customer": customer })).after(head);
    let answer = dana.send(&who).await.unwrap();
    let bo = town.logged_in(&town.world.bo).await;
    let audit = bo
        .send(&query("list-audit-entries", &json!({})))
        .await
        .unwrap();
    let entries = audit.body["result"]["entries"].as_array().unwrap();
    let reveals: Vec<_> = entries
        .iter()
        .filter(|entry| entry["entry"] == "disclosure")
        .collect();
    assert_eq!(reveals.len(), 1, "{}", audit.text);
    assert_eq!(reveals[0]["actor"], json!(town.world.dana.account));
    assert_eq!(reveals[0]["subject"], json!(customer));
    assert_eq!(reveals[0]["invocation-id"], answer.body["invocation-id"]);
    assert!(!audit.text.contains(CANARY_NAME));
    // She may not ask: she sees nothing, and nothing is noted as seen.
    assert_eq!(ada.send(&who).await.unwrap().status, 403);
    town.stop().await;
}
