//! One operation, three doors: a request, an item of a bulk request, a message. One engine stands behind all of them.

use bank::adapters::in_process::InProcessMessages;
use bank::ports::messages::Delivery;
use bank::ports::messages::Message;
use bank::ports::messages::MessageReply;
use bank::ports::messages::Messages;
use bank::tour::client::Call;
use bank::tour::client::Client;
use http::HeaderMap;
use http::HeaderValue;
use http::header;
use serde_json::Value;
use serde_json::json;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::new_account;
use crate::helpers::new_customer;
use crate::helpers::query;
use crate::helpers::settled;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Request,
    Item,
    Message,
}

const DOORS: [Door; 3] = [Door::Request, Door::Item, Door::Message];

#[derive(Clone, Debug, PartialEq)]
struct Told {
    status: u64,
    is_replay: bool,
    body: Value,
}

async fn deliver(messages: &InProcessMessages, message: Message) -> MessageReply {
    messages.send(message).unwrap().await.unwrap()
}

async fn through(door: Door, messages: &InProcessMessages, client: &Client, call: &Call) -> Told {
    match door {
        Door::Request => {
            let answer = client.send(call).await.unwrap();
            Told {
                status: answer.status.into(),
                is_replay: answer.replayed,
                body: answer.body,
            }
        }
        Door::Item => {
            let answer = client.send(&Call::bulk([call])).await.unwrap();
            let item = answer.at("/items/0");
            Told {
                status: item["status"].as_u64().unwrap(),
                is_replay: item["replayed"] == true,
                body: item["body"].clone(),
            }
        }
        Door::Message => {
            let reply = deliver(messages, client.message(call).unwrap()).await;
            Told {
                status: reply.status.into(),
                is_replay: reply.is_replay,
                body: serde_json::from_slice(&reply.body).unwrap(),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_invocation_through_all_doors_has_one_effect_and_one_answer() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let messages = &town.bank.services().messages;
    for first in DOORS {
        let before = town.events(town.world.acme.tenant).await;
        let call = deposit(account, 1);
        let once = through(first, messages, &ada, &call).await;
        assert_eq!(
            (once.status, once.is_replay),
            (200, false),
            "{first:?}: {once:?}"
        );
        assert_eq!(once.body["outcome"], "done");
        for door in DOORS {
            let again = through(door, messages, &ada, &call).await;
            let expected = Told {
                is_replay: true,
                ..once.clone()
            };
            assert_eq!(again, expected, "{first:?}, then {door:?}");
            // Another payload under its name is refused at every door.
            let other = deposit(account, 2).named(call.invocation().unwrap());
            let other = through(door, messages, &ada, &other).await;
            assert_eq!(
                (other.status, &other.body["code"]),
                (422, &json!("idempotency-key-reused"))
            );
        }
        assert_eq!(town.events(town.world.acme.tenant).await, before + 2);
    }
    let head = town.events(town.world.acme.tenant).await;
    let read = ada.send(&balance(account).after(head)).await.unwrap();
    assert_eq!(read.body["result"]["available"]["minor"], 3);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_invocation_through_all_doors_at_once_has_one_effect() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let call = deposit(account, 1);
    let mut tasks = Vec::new();
    for turn in 0..45 {
        let (ada, call) = (ada.clone(), call.clone());
        let messages = town.bank.services().messages.clone();
        let door = DOORS[turn % DOORS.len()];
        tasks.push(tokio::spawn(async move {
            through(door, &messages, &ada, &call).await
        }));
    }
    let late = settled(&ada, &call).await;
    let mut fresh = 0;
    for task in tasks {
        let told = task.await.unwrap();
        assert!(matches!(told.status, 200 | 202 | 409), "{told:?}");
        if told.status == 200 {
            assert_eq!(told.body, late.body);
            fresh += usize::from(!told.is_replay);
        }
    }
    assert!(fresh + usize::from(!late.replayed) <= 1, "{fresh} ran");
    assert_eq!(town.events(town.world.acme.tenant).await, before + 2);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_takes_the_same_steps_as_a_request() {
    let town = Town::new().await;
    let (ada, cy) = (town.ada().await, town.logged_in(&town.world.cy).await);
    let bo = town.logged_in(&town.world.bo).await;
    let (customer, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let one = deposit(account, 1);
    let forget = command("forget-customer", &json!({ "customer": customer }));
    let unknown = command("close-everything", &json!({}));
    let cases = [
        (town.at("acme"), one.clone(), 401, "unauthenticated"),
        (ada.with_token("a.b.c"), one.clone(), 401, "unauthenticated"),
        (cy.elsewhere("acme"), one.clone(), 401, "unauthenticated"),
        (ada.elsewhere("initech"), one.clone(), 404, "not-found"),
        (ada.clone(), one.without_invocation(), 400, "malformed"),
        (ada.clone(), one.with_body("{"), 400, "malformed"),
        (
            ada.clone(),
            one.with_body(&" ".repeat(1024 * 1024 + 1)),
            413,
            "too-large",
        ),
        (ada.clone(), deposit(new_account(), 1), 404, "not-found"),
        (ada.clone(), forget, 403, "permission-denied"),
        (ada.clone(), unknown, 404, "not-found"),
    ];
    let messages = &town.bank.services().messages;
    let mut refused = 0;
    for (client, call, status, code) in &cases {
        let reply = deliver(messages, client.message(call).unwrap()).await;
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(
            (reply.status, &body["code"]),
            (*status, &json!(code)),
            "{body}"
        );
        refused += 1;
    }
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    // Each left an entry, but for the one that was at no tenant's door.
    let listed = bo
        .send(&query("list-audit-entries", &json!({})))
        .await
        .unwrap();
    let entries = listed.body["result"]["entries"].as_array().unwrap();
    let is_refused = |entry: &&Value| entry["result"]["type"] == "refused";
    assert_eq!(entries.iter().filter(is_refused).count(), refused - 1);
    // Twice the same field is no message.
    let another = [
        "acme.localhost",
        "Bearer a.b.c",
        "01M83YEMHRMW96SB74TMCXA9MN",
    ];
    let fields = ["host", "authorization", "x-invocation-id"];
    for (name, value) in fields.into_iter().zip(another) {
        let mut doubled = ada.message(&one).unwrap();
        doubled
            .headers
            .append(name, HeaderValue::from_static(value));
        assert_eq!(deliver(messages, doubled).await.status, 400, "{name}");
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_restricts_addresses_is_reached_by_no_message() {
    let town = Town::new().await;
    let hal = town.logged_in(&town.world.hal).await;
    let cy = town.logged_in(&town.world.cy).await;
    let here = json!({ "to": { "only": ["127.0.0.0/8"] } });
    let restricted = hal
        .send(&command("restrict-ip-range", &here))
        .await
        .unwrap();
    assert_eq!(restricted.body["outcome"], "done", "{}", restricted.text);
    let register = command(
        "register-customer",
        &json!({ "customer": new_customer(), "container": town.world.globex.wholesale, "name": "P",
            "email": "p@example.org", "country": "FR" }),
    );
    let messages = &town.bank.services().messages;
    let reply = deliver(messages, cy.message(&register).unwrap()).await;
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(
        (reply.status, &body["code"]),
        (403, &json!("address-refused"))
    );
    // From there she is let in.
    let answer = cy.send(&register).await.unwrap();
    assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    town.stop().await;
}

#[tokio::test]
async fn a_message_that_was_taken_and_not_answered_is_delivered_again() {
    let messages = InProcessMessages::default();
    let mut headers = HeaderMap::new();
    headers.insert(
        header::AUTHORIZATION,
        HeaderValue::from_static("Bearer secret"),
    );
    let message = Message {
        operation: "deposit".to_owned(),
        headers,
        payload: "{}".into(),
    };
    assert!(!format!("{message:?}").contains("secret"));
    let reply = messages.send(message).unwrap();
    drop(messages.take().await);
    let taken = messages.take().await;
    assert_eq!(taken.message().operation, "deposit");
    let answer = MessageReply {
        status: 200,
        is_replay: false,
        body: "{}".into(),
    };
    taken.answer(answer.clone());
    assert_eq!(reply.await, Some(answer));
    let nothing_left = tokio::time::timeout(core::time::Duration::ZERO, messages.take()).await;
    assert!(nothing_left.is_err());
}
