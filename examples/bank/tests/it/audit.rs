//! The audit over HTTP: what is in an entry, who is shown which, and what nobody can count.

use bank::audit::AuditEntry;
use bank::audit::AuditResult;
use bank::audit::InvocationEntry;
use bank::ports::event_store::EventStore;
use bank::seed::Person;
use bank::tour::client::Answered;
use bank::tour::client::Client;
use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::InTenant;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::deposit;
use crate::helpers::new_account;
use crate::helpers::query;

async fn listed(client: &Client, payload: &Value) -> Answered {
    let answer = client.send(&query("list-audit-entries", payload)).await;
    answer.unwrap()
}

/// A page from the beginning, or from a mark on.
async fn page(client: &Client, after: Option<&str>) -> (Vec<Value>, Option<String>) {
    let answer = listed(client, &json!({ "after": after })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let result = &answer.body["result"];
    let entries = result["entries"].as_array().unwrap().clone();
    (entries, result["next"].as_str().map(str::to_owned))
}

/// Notes so many things that somebody of acme asked for, as its doors would.
async fn busy(town: &Town, person: &Person, count: usize) {
    let tenant = town.world.acme.tenant;
    let ctx = testing::context().user(person.account, tenant).build();
    let now = SystemClock.now();
    let result = AuditResult::Answered { status: 200 };
    let entry = InvocationEntry::of(&ctx, Some("noted"), None, now, result);
    let services = town.bank.services();
    let log = services.log.tenant(tenant).unwrap();
    for _ in 1..count {
        log.note(AuditEntry::Invocation(entry.clone())).unwrap();
    }
    let t = InTenant::background(tenant, "test");
    let last = AuditEntry::Invocation(entry);
    services.log.audit(t, last).await.unwrap();
}

fn noted(entries: &[Value]) -> usize {
    let noted = entries.iter().filter(|entry| entry["operation"] == "noted");
    noted.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_read_the_audit_cannot_tell_how_much_others_did() {
    let town = Town::new().await;
    let (dana, world) = (town.logged_in(&town.world.dana).await, &town.world);
    let (hers, next) = page(&dana, None).await;
    assert_eq!((hers.len(), next), (1, None));
    busy(&town, &world.ada, 1_000).await;
    // More than two pages of others' lie between, and hers come at once: her log-in and her first look.
    let (hers, next) = page(&dana, None).await;
    assert_eq!((hers.len(), next), (2, None));
    busy(&town, &world.dana, 600).await;
    let (first, next) = page(&dana, None).await;
    assert_eq!(first.len(), 500);
    let mark = next.expect("there is more");
    // A mark says nothing: as long for the first place as for the last, and no number.
    assert!(
        mark.len() == 32 && mark.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{mark}"
    );
    let (rest, next) = page(&dana, Some(&mark)).await;
    assert_eq!((noted(&first) + noted(&rest), next), (600, None));
    let is_hers = |entry: &Value| entry["effective"] == json!(world.dana.account);
    assert!(first.iter().chain(&rest).all(is_hers));
    for unknown in ["", "0", "500", "00000000000000000000000000000000"] {
        let answer = listed(&dana, &json!({ "after": unknown })).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditors_pages_put_together_are_everything_once() {
    let town = Town::new().await;
    let bo = town.logged_in(&town.world.bo).await;
    busy(&town, &town.world.ada, 1_000).await;
    let (mut all, mut after) = page(&bo, None).await;
    let mut pages = 1;
    while let Some(mark) = after {
        let (more, next) = page(&bo, Some(&mark)).await;
        all.extend(more);
        (after, pages) = (next, pages + 1);
    }
    assert_eq!((noted(&all), pages), (1_000, 3));
    // His log-in, and each of his looks that was over before.
    assert_eq!(all.len(), 1_000 + pages);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_of_one_branch_sees_that_branch() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let eva = town.newcomer("eva", &[("auditor", acme.eu)]).await;
    let tex = town.newcomer("tex", &[("account-manager", acme.us)]).await;
    let (ada, tex) = (town.ada().await, town.logged_in(&tex).await);
    let (customer, account) = town.account(&ada).await;
    ada.send(&deposit(account, 1)).await.unwrap();
    let elsewhere = crate::helpers::open(new_account(), customer, acme.texas);
    let opened = tex.send(&elsewhere).await.unwrap();
    assert_eq!(opened.body["outcome"], "done", "{}", opened.text);
    let eva = town.logged_in(&eva).await;
    let (seen, _) = page(&eva, None).await;
    let scopes: Vec<_> = seen
        .iter()
        .map(|entry| &entry["decision"]["scope"])
        .collect();
    // Three commands of ada's, each at its door and at its end, and her own log-in.
    let (france, own) = (json!(acme.france), Value::Null);
    let mut expected = vec![&france; 6];
    expected.push(&own);
    assert_eq!(scopes, expected, "{seen:?}");
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_names_the_rules_and_whether_the_decision_was_resumed() {
    let town = Town::new().await;
    let (ada, bo) = (town.ada().await, town.logged_in(&town.world.bo).await);
    let (_, account) = town.account(&ada).await;
    for minor in [1, 0] {
        ada.send(&deposit(account, minor)).await.unwrap();
    }
    let (entries, _) = page(&bo, None).await;
    let deposits: Vec<_> = entries
        .iter()
        .filter(|entry| entry["operation"] == "deposit")
        .collect();
    let [accepted, done, _, rejected] = deposits[..] else {
        panic!("{deposits:?}");
    };
    assert_eq!(accepted["result"], json!({ "type": "accepted" }));
    assert_eq!(done["result"], json!({ "type": "done" }));
    let code = "amount-not-positive";
    assert_eq!(
        rejected["result"],
        json!({ "type": "rejected", "code": code })
    );
    let told = |entry: &Value| {
        let decision = &entry["decision"];
        (decision["is-resumed"].clone(), decision["grant"].is_null())
    };
    assert_eq!(
        [told(accepted), told(done)],
        [(json!(false), false), (json!(true), true)]
    );
    // The rules of the door, whatever they are by the time it is done.
    let versions = &accepted["decision"]["versions"];
    assert_eq!(versions, &done["decision"]["versions"]);
    let view = town
        .bank
        .services()
        .access
        .published(town.world.acme.tenant);
    let grants = view.unwrap().version().grants();
    assert_eq!(versions["grants"], json!(grants), "{versions}");
    // ada's own, for which the bank's process answers.
    assert_eq!(done["effective"], json!(town.world.ada.account));
    assert_ne!(done["accountable"], done["effective"]);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_claims_to_speak_grpc_is_refused_and_recorded_as_refused() {
    let town = Town::new().await;
    let (ada, bo) = (town.ada().await, town.logged_in(&town.world.bo).await);
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let astray = ada.elsewhere("initech");
    let claims = ["application/grpc", "application/grpc+json"];
    for (client, call, status) in [
        (&ada, balance(account), 400),
        (&ada, deposit(account, 1), 400),
        (&ada, balance(new_account()), 400),
        (&ada.with_token("a.b.c"), balance(account), 400),
        (&astray, balance(account), 404),
    ] {
        for claim in claims {
            let answer = client.send(&call.claiming(claim)).await.unwrap();
            assert_eq!(answer.status, status, "{}", answer.text);
            let media_type = answer.content_type.as_deref();
            assert_eq!(media_type, Some("application/problem+json"));
        }
    }
    assert_eq!(town.events(town.world.acme.tenant).await, before);
    let (entries, _) = page(&bo, None).await;
    let lies = entries.iter().filter(|entry| entry["effective"].is_null());
    let recorded: Vec<_> = lies
        .map(|entry| (entry["operation"].clone(), entry["result"].clone()))
        .collect();
    let refused = json!({ "type": "refused", "status": 400 });
    let operations = ["retrieve-available-balance", "deposit"];
    let [balance, deposit] = operations.map(|name| (json!(name), refused.clone()));
    let mut expected = vec![balance; 8];
    expected[2] = deposit.clone();
    expected[3] = deposit;
    assert_eq!(recorded, expected);
    town.stop().await;
}
