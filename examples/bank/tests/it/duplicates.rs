//! Ten thousand duplicates of one key, over real connections.

use std::sync::Arc;

use bank::ports::event_store::EventStore;
use skeleton_tenancy_tree::InTenant;
use tokio::sync::Barrier;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::deposit;
use crate::helpers::settled;
use crate::wire::Heard;
use crate::wire::Line;

const CONNECTIONS: usize = 200;
const EACH: usize = 50;

#[tokio::test(flavor = "multi_thread")]
async fn attack_13_ten_thousand_duplicates_over_http_have_one_effect_and_one_answer() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let before = town.events(town.world.acme.tenant).await;
    let call = deposit(account, 100);
    let all_here = Arc::new(Barrier::new(CONNECTIONS));
    let mut callers = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut line = Line::open(&town, &ada).await;
        let (call, all_here) = (call.clone(), Arc::clone(&all_here));
        callers.push(tokio::spawn(async move {
            let mut heard = Vec::with_capacity(EACH);
            // A burst: the first request of every connection comes at once.
            all_here.wait().await;
            for _ in 0..EACH {
                heard.push(line.send(&call).await);
            }
            heard
        }));
    }
    let mut heard = Vec::with_capacity(CONNECTIONS * EACH);
    for caller in callers {
        heard.extend(caller.await.unwrap());
    }
    assert_eq!(heard.len(), 10_000);

    let (done, others): (Vec<_>, Vec<_>) = heard.iter().partition(|heard| heard.status == 200);
    let first = done.first().expect("nobody was answered").as_first();
    assert!(done.iter().all(|heard| heard.as_first() == first));
    let fresh = done.iter().filter(|heard| !heard.is_replay()).count();
    assert!(fresh <= 1, "{fresh} ran");
    for heard in others {
        is_documented(heard);
    }

    let late = settled(&ada, &call).await;
    // One acceptance and one deposit.
    assert_eq!(town.events(town.world.acme.tenant).await, before + 2);
    let t = InTenant::background(town.world.acme.tenant, "test");
    let log = &town.bank.services().log;
    let added = log.log(t, before, 10).await.unwrap();
    let kinds: Vec<_> = added.iter().map(|event| event.kind()).collect();
    assert_eq!(kinds, ["command-accepted", "money-deposited"]);
    assert_eq!(added[0].event.key, added[1].event.key);
    assert!(late.replayed && late.text.as_bytes() == first.body);
    let read = ada.send(&balance(account).after(before + 2)).await.unwrap();
    assert_eq!(read.body["result"]["available"]["minor"], 100);
    town.stop().await;
}

/// Under way, too much at once, or accepted and not done yet: each says when to come again.
fn is_documented(heard: &Heard) {
    let code = heard.code();
    let is_told = match heard.status {
        202 => true,
        409 => code.as_deref() == Some("invocation-in-progress"),
        503 => code.as_deref() == Some("unavailable"),
        _ => false,
    };
    assert!(is_told, "{heard:?}");
    let seconds = heard.field("retry-after").map(str::parse::<u64>);
    assert!(matches!(seconds, Some(Ok(1..))), "{heard:?}");
}
