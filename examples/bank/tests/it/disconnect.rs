//! Clients that hang up, and a bank that stops while they wait.

use std::collections::HashMap;
use std::time::Duration;

use bank::adapters::in_process::InProcessBus;
use bank::adapters::sqlite::SqliteLog;
use bank::ports::envelope::Envelope;
use bank::ports::event_store::EventStore;
use bank::tour::client::Call;
use bank::tour::client::Client;
use bank::wiring::Bank;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::crash::is_whole;
use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::deposit;
use crate::helpers::settled;
use crate::wire::Line;
use crate::wire::bytes_of;
use crate::wire::connect;

const CLIENTS: u64 = 300;

/// A number from a number, in which nothing of it can be seen (splitmix64).
fn draw(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn below(seed: u64, end: usize) -> usize {
    usize::try_from(draw(seed) % u64::try_from(end).unwrap()).unwrap()
}

/// Sends, and hangs up somewhere: in the request, after it, or in the answer.
async fn leave(mut stream: TcpStream, request: Vec<u8>, seed: u64) {
    match seed % 3 {
        0 => {
            let sent = &request[..below(seed, request.len())];
            stream.write_all(sent).await.unwrap();
        }
        1 => stream.write_all(&request).await.unwrap(),
        _ => {
            stream.write_all(&request).await.unwrap();
            let mut read = vec![0; 1 + below(seed, 250)];
            stream.read_exact(&mut read).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_hang_up_anywhere_have_one_effect_each_and_lose_no_answer() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let calls: Vec<_> = (0..CLIENTS).map(|_| deposit(account, 1)).collect();
    let mut leaving = Vec::new();
    for (seed, call) in (0..).zip(&calls) {
        let (stream, request) = (connect(&town).await, bytes_of(&ada, call, ""));
        leaving.push(tokio::spawn(leave(stream, request, seed)));
    }
    for left in leaving {
        left.await.unwrap();
    }
    let mut retries = Vec::new();
    for call in calls.clone() {
        let ada = ada.clone();
        retries.push(tokio::spawn(async move { retried(&ada, &call).await }));
    }
    for retry in retries {
        retry.await.unwrap();
    }
    let log = read(&town.bank.services().log, town.world.acme.tenant).await;
    let ends = Ends::of(&log);
    for call in &calls {
        let ended = (ends.accepted(call), ends.ended(call));
        assert_eq!(ended, (1, 1), "{:?}", call.invocation());
    }
    let head = town.events(town.world.acme.tenant).await;
    let read = ada.send(&balance(account).after(head)).await.unwrap();
    assert_eq!(read.body["result"]["available"]["minor"], CLIENTS);
    let waiting = town.bank.services().replies.waiting();
    assert_eq!(waiting, 0, "a door still waits");
    town.stop().await;
}

/// The one outcome, and the same again.
async fn retried(ada: &Client, call: &Call) {
    let answer = settled(ada, call).await;
    assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    let again = settled(ada, call).await;
    assert!(
        again.replayed && again.text == answer.text,
        "{}",
        again.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_stops_ends_what_it_has_begun() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let tenant = town.world.acme.tenant;
    let before = town.events(tenant).await;
    let mut waiting = Vec::new();
    for _ in 0..40 {
        let mut line = Line::open(&town, &ada).await;
        // Connections that were never served would end with the listener.
        let greeting = line.send(&balance(account).after(before)).await;
        assert_eq!(greeting.status, 200, "{greeting:?}");
        let call = deposit(account, 1);
        waiting.push(tokio::spawn(async move {
            let heard = line.try_to_send(&call).await;
            (call, heard)
        }));
        // Beside each who waits there is one who does not.
        let mut gone = connect(&town).await;
        let request = bytes_of(&ada, &deposit(account, 1), "");
        gone.write_all(&request).await.unwrap();
    }
    while town.events(tenant).await == before {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let replies = town.bank.services().replies.clone();
    let (dir, drained) = town.stop_and_drain().await;
    assert_eq!(
        (drained.left, replies.waiting()),
        (0, 0),
        "a door still waits"
    );

    let log = SqliteLog::in_dir(dir.path(), InProcessBus::default());
    log.open(tenant).await.unwrap();
    let ends = Ends::of(&read(&log, tenant).await);
    log.close().await;
    for waited in waiting {
        let (call, heard) = waited.await.unwrap();
        let ended = (ends.accepted(&call), ends.ended(&call));
        match heard.as_ref().map(|heard| heard.status) {
            Ok(200) => assert_eq!(ended, (1, 1), "{heard:?}"),
            // It took too long to be told about; the next start ends it.
            Ok(202) => assert_eq!(ended.0, 1, "{heard:?}"),
            // It came too late, or its connection was at rest when the bank stopped: it did not happen.
            Ok(503) | Err(_) => assert_eq!(ended, (0, 0), "{heard:?}"),
            Ok(_) => panic!("{heard:?}"),
        }
    }
    let bank = Bank::start(dir.path()).await.unwrap();
    is_whole(&bank, tenant).await;
    bank.stop().await;
    dir.remove(Duration::from_secs(5)).await.unwrap();
}

async fn read(log: &SqliteLog, tenant: TenantId) -> Vec<Envelope> {
    let t = InTenant::background(tenant, "test");
    log.log(t, 0, 100_000).await.unwrap()
}

/// How often each invocation was accepted, and how often it had an outcome.
struct Ends(HashMap<ExternalInvocationId, (usize, usize)>);

impl Ends {
    fn of(log: &[Envelope]) -> Self {
        let mut ends: HashMap<_, (usize, usize)> = HashMap::new();
        for event in log.iter().filter(|event| event.event.key.is_some()) {
            let context = event.event.context.as_ref().unwrap();
            let count = ends
                .entry(context.trace().external().invocation())
                .or_default();
            if event.kind() == "command-accepted" {
                count.0 += 1;
            } else {
                count.1 += 1;
            }
        }
        Self(ends)
    }

    fn accepted(&self, call: &Call) -> usize {
        self.count(call).0
    }

    fn ended(&self, call: &Call) -> usize {
        self.count(call).1
    }

    fn count(&self, call: &Call) -> (usize, usize) {
        let name = call.invocation().unwrap();
        self.0.get(&name).copied().unwrap_or_default()
    }
}
