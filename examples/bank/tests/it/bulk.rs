//! Many commands in one request: each has an outcome of its own, and none has an effect twice.

use std::collections::HashMap;
use std::collections::HashSet;
use std::time::Duration;

use bank::tour::client::Answered;
use bank::tour::client::Call;
use bank::tour::client::Client;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::GrantId;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::new_account;
use crate::helpers::new_customer;
use crate::helpers::open;
use crate::helpers::query;

pub(crate) fn new_id() -> ExternalInvocationId {
    ExternalInvocationId::generate(&RandomIds, SystemClock.now())
}

pub(crate) async fn send(client: &Client, items: &[Call]) -> Answered {
    client.send(&Call::bulk(items)).await.unwrap()
}

/// The answers to the items, of which none is missing and none is out of order.
pub(crate) fn told(answer: &Answered, items: &[Call]) -> Vec<Value> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let told = answer.body["items"].as_array().unwrap().clone();
    let ids = |told: &Value| told["id"].clone();
    let named = |call: &Call| json!(call.invocation());
    assert_eq!(
        told.iter().map(ids).collect::<Vec<_>>(),
        items.iter().map(named).collect::<Vec<_>>()
    );
    told
}

async fn held(town: &Town, ada: &Client, account: bank::ids::BankAccountId) -> Value {
    let head = town.events(town.world.acme.tenant).await;
    let read = ada.send(&balance(account).after(head)).await.unwrap();
    read.body["result"]["available"]["minor"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_item_has_an_outcome_of_its_own() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (customer, account) = town.account(&ada).await;
    let texan = open(new_account(), new_customer(), town.world.acme.texas);
    let whose = json!({ "customer": customer });
    let which = json!({ "bank-account": account });
    let who = json!({ "identifier": "x", "password": "y" });
    let long_ago = SystemClock
        .now()
        .saturating_sub(Duration::from_secs(2 * 24 * 3_600));
    let late = deposit(account, 1).named(ExternalInvocationId::generate(&RandomIds, long_ago));
    let cases = [
        (deposit(account, 100), 200, "done"),
        (deposit(account, 0), 200, "amount-not-positive"),
        (command("close-everything", &json!({})), 404, "not-found"),
        (command("Not A Name", &json!({})), 404, "not-found"),
        (command("log-in", &who), 404, "not-found"),
        (
            query("retrieve-available-balance", &which),
            404,
            "not-found",
        ),
        (command("forget-customer", &whose), 403, "permission-denied"),
        (texan, 404, "not-found"),
        (command("deposit", &which), 400, "malformed"),
        (late, 412, "idempotency-key-expired"),
        (deposit(account, 20), 200, "done"),
    ];
    let items: Vec<_> = cases.iter().map(|(call, ..)| call.clone()).collect();
    let answer = send(&ada, &items).await;
    assert_eq!(answer.content_type.as_deref(), Some("application/json"));
    let mut names = HashSet::new();
    for (item, (call, status, said)) in told(&answer, &items).iter().zip(&cases) {
        let body = &item["body"];
        let code = body["code"].as_str().or(body["outcome"].as_str());
        assert_eq!(
            (&item["status"], code),
            (&json!(status), Some(*said)),
            "{call:?}: {item}"
        );
        assert_eq!(item.get("replayed"), None);
        // Every item is an invocation of its own.
        let name = body["invocation-id"].as_str().or(body["instance"].as_str());
        assert!(names.insert(name.unwrap().to_owned()), "{item}");
    }
    assert_eq!(held(&town, &ada, account).await, 120);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_sent_again_replays_what_was_done_and_runs_what_was_not() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (customer, account) = town.account(&ada).await;
    let acme = town.world.acme;
    let texan = open(new_account(), customer, acme.texas);
    let mut items = vec![deposit(account, 1), deposit(account, 0), texan];
    let first = told(&send(&ada, &items).await, &items);
    assert_eq!(first[2]["status"], 404);

    // She is given what she lacked: that item was never tried.
    let chief = town
        .newcomer(
            "chief",
            &[
                ("tenant-admin", acme.global),
                ("account-manager", acme.global),
            ],
        )
        .await;
    let chief = town.logged_in(&chief).await;
    let grant = GrantId::generate(&RandomIds, SystemClock.now());
    let give = command(
        "assign-role",
        &json!({ "grant": grant, "account": town.world.ada.account, "role": "account-manager", "container": acme.us }),
    );
    let given = chief.send(&give).await.unwrap();
    assert_eq!(given.body["outcome"], "done", "{}", given.text);

    items.push(deposit(account, 30));
    let before = town.events(acme.tenant).await;
    let second = told(&send(&ada, &items).await, &items);
    for (again, once) in second.iter().zip(&first).take(2) {
        assert_eq!(again["replayed"], true);
        assert_eq!(
            (&again["status"], &again["body"]),
            (&once["status"], &once["body"])
        );
    }
    for item in &second[2..] {
        assert_eq!(
            (&item["body"]["outcome"], item.get("replayed")),
            (&json!("done"), None)
        );
    }
    // Two commands entered the log, and each had one outcome.
    assert_eq!(town.events(acme.tenant).await, before + 4);
    let third = told(&send(&ada, &items).await, &items);
    assert!(third.iter().all(|item| item["replayed"] == true));
    assert_eq!(town.events(acme.tenant).await, before + 4);
    assert_eq!(held(&town, &ada, account).await, 31);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_19_of_equal_ids_with_other_payloads_the_first_counts_and_a_hundred_and_one_are_refused()
 {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let one = deposit(account, 1);
    let other = deposit(account, 2).named(one.invocation().unwrap());
    let elsewhere = command("forget-customer", &json!({ "customer": new_customer() }));
    let items = [one.clone(), other, one.clone(), elsewhere.named(new_id())];
    let told = told(&send(&ada, &items).await, &items);
    assert_eq!(told[0]["body"]["outcome"], "done");
    assert_eq!(told[1]["status"], 422);
    assert_eq!(told[1]["body"]["code"], "idempotency-key-reused");
    assert_eq!(
        (&told[2]["replayed"], &told[2]["body"]),
        (&json!(true), &told[0]["body"])
    );

    let before = town.events(town.world.acme.tenant).await;
    let many: Vec<_> = (0..101).map(|_| deposit(account, 1)).collect();
    let answer = send(&ada, &many).await;
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (413, &json!("too-large"))
    );
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    // One less is let in, as a whole.
    let answer = send(&ada, &many[1..]).await;
    let all = self::told(&answer, &many[1..]);
    assert!(
        all.iter()
            .all(|item| item["status"] == 200 || item["status"] == 202)
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_has_one_entry_per_item_and_none_for_the_whole() {
    let town = Town::new().await;
    let (ada, bo) = (town.ada().await, town.logged_in(&town.world.bo).await);
    let (customer, account) = town.account(&ada).await;
    let items = [
        deposit(account, 1),
        command("close-everything", &json!({})),
        command("forget-customer", &json!({ "customer": customer })),
    ];
    told(&send(&ada, &items).await, &items);
    let replayed = [items[0].clone()];
    told(&send(&ada, &replayed).await, &replayed);
    let entries = entries(&bo).await;
    let of = |call: &Call| -> Vec<_> {
        let id = json!(call.invocation());
        let its = entries.iter().filter(|entry| entry["external-id"] == id);
        its.map(|entry| {
            let verdict = entry["decision"]["verdict"].clone();
            (entry["operation"].clone(), entry["result"].clone(), verdict)
        })
        .collect()
    };
    let refused = |status: u16| json!({ "type": "refused", "status": status });
    assert_eq!(
        of(&items[0]),
        [
            (
                json!("deposit"),
                json!({ "type": "accepted" }),
                json!("allow")
            ),
            (json!("deposit"), json!({ "type": "done" }), json!("allow")),
            (
                json!("deposit"),
                json!({ "type": "replayed", "status": 200 }),
                json!("allow")
            ),
        ]
    );
    assert_eq!(
        of(&items[1]),
        [(json!("close-everything"), refused(404), Value::Null)]
    );
    assert_eq!(
        of(&items[2]),
        [(json!("forget-customer"), refused(403), json!("role-lacks"))]
    );
    let whole = entries
        .iter()
        .filter(|entry| entry["operation"] == "commands");
    assert_eq!(whole.count(), 0);
    // What was refused as a whole is recorded as a whole.
    send(&ada.with_token("a.b.c"), &items).await;
    let entries = self::entries(&bo).await;
    let mut whole = entries
        .iter()
        .filter(|entry| entry["operation"] == "commands");
    assert_eq!(whole.next().unwrap()["result"], refused(401));
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_items_are_decided_by_one_version_of_the_rules() {
    let town = Town::new().await;
    let (ada, bo) = (town.ada().await, town.logged_in(&town.world.bo).await);
    let (customer, _) = town.account(&ada).await;
    let ines = town.logged_in(&town.world.ines).await;
    let root = town.world.acme.global;
    // What she may not: then deciding is all there is to do.
    let batch = || -> Vec<Call> {
        let forget = || command("forget-customer", &json!({ "customer": customer }));
        (0..40).map(|_| forget()).collect()
    };
    let mut batches = vec![batch()];
    told(&send(&ada, &batches[0]).await, &batches[0]);
    let changing = tokio::spawn(async move {
        for turn in 0..40 {
            let role = format!("x-role-{turn}");
            let define = json!({ "role": role, "home": root, "holds": {} });
            let made = ines.send(&command("define-role", &define)).await.unwrap();
            assert_eq!(made.status, 200, "{}", made.text);
        }
    });
    while !changing.is_finished() {
        let items = batch();
        let answer = send(&ada, &items).await;
        // Rules that change faster than they can be read let nothing through.
        assert!(matches!(answer.status, 200 | 503), "{}", answer.text);
        batches.push(items);
    }
    changing.await.unwrap();
    batches.push(batch());
    let last = batches.last().unwrap();
    told(&send(&ada, last).await, last);
    let mut versions = HashMap::new();
    for entry in entries(&bo).await {
        if entry["operation"] == "forget-customer" {
            let id = entry["external-id"].as_str().unwrap().to_owned();
            versions.insert(id, entry["decision"]["versions"].clone());
        }
    }
    let mut seen = HashSet::new();
    for items in &batches {
        let names = items
            .iter()
            .map(|call| call.invocation().unwrap().to_string());
        let decided: Vec<_> = names.filter_map(|name| versions.get(&name)).collect();
        let first = decided.first();
        assert!(
            decided.iter().all(|versions| Some(versions) == first),
            "{decided:?}"
        );
        seen.extend(first.map(ToString::to_string));
    }
    // They did change meanwhile.
    assert!(seen.len() > 1, "{seen:?}");
    town.stop().await;
}

async fn entries(bo: &Client) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = query("list-audit-entries", &json!({ "after": after }));
        let page = bo.send(&page).await.unwrap();
        assert_eq!(page.status, 200, "{}", page.text);
        all.extend(page.body["result"]["entries"].as_array().unwrap().clone());
        after = page.body["result"]["next"].clone();
        if after.is_null() {
            return all;
        }
    }
}
