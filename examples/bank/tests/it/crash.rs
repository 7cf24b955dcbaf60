//! A process that dies at any moment: what was acknowledged is there, what was accepted is finished after restart.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use bank::ports::envelope::Envelope;
use bank::ports::event_store::EventStore;
use bank::processors;
use bank::processors::BankAccounts;
use bank::projections;
use bank::wiring::Bank;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::deposit;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_bank_finishes_after_restart_what_it_accepted() {
    for millis in [120, 250, 330, 400, 470, 540, 620, 800] {
        let temp = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_bank"))
            .env("TMPDIR", temp.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(millis)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let Some(dir) = only_entry(temp.path()) else {
            continue;
        };
        let bank = Bank::start(&dir).await.unwrap();
        for tenant in bank.services().log.open_all().await.unwrap() {
            is_whole(&bank, tenant).await;
        }
        bank.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_that_stopped_in_mid_command_finishes_it_when_it_starts_again() {
    let town = Town::new().await;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    for _ in 0..50 {
        let (ada, call) = (ada.clone(), deposit(account, 1));
        tokio::spawn(async move { ada.send(&call).await.is_ok() });
    }
    tokio::time::sleep(Duration::from_millis(40)).await;
    let tenant = town.world.acme.tenant;
    let dir = town.stop_and_keep().await;
    let bank = Bank::start(dir.path()).await.unwrap();
    is_whole(&bank, tenant).await;
    bank.stop().await;
    dir.remove(Duration::from_secs(5)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processors_of_one_log_do_everything_once() {
    let town = Town::new().await;
    let (services, tenant) = (town.bank.services().clone(), town.world.acme.tenant);
    let twins: Vec<_> = (0..3)
        .map(|_| {
            let (log, bus) = (services.log.clone(), services.bus.clone());
            let twin = BankAccounts::new(services.clone());
            tokio::spawn(processors::run(
                twin,
                log,
                bus,
                services.replies.clone(),
                tenant,
            ))
        })
        .collect();
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    for _ in 0..30 {
        let answer = ada.send(&deposit(account, 1)).await.unwrap();
        assert!(matches!(answer.status, 200 | 202), "{}", answer.text);
    }
    is_whole(&town.bank, tenant).await;
    let head = town.events(tenant).await;
    let read = ada.send(&balance(account).after(head)).await.unwrap();
    assert_eq!(read.body["result"]["available"]["minor"], 30);
    for twin in twins {
        twin.abort();
    }
    town.stop().await;
}

fn only_entry(dir: &Path) -> Option<PathBuf> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .next()
}

/// Every accepted command ends exactly once, positions have no gap, and the views are those of a replay.
pub(crate) async fn is_whole(bank: &Bank, tenant: TenantId) {
    let mut log = read(bank, tenant).await;
    for _ in 0..100 {
        if accepted(&log).all(|key| outcomes(&log, key) == 1) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        log = read(bank, tenant).await;
    }
    for key in accepted(&log) {
        assert_eq!(outcomes(&log, key), 1, "the outcomes of {key}");
    }
    let positions: Vec<_> = log.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=positions.len() as u64).collect::<Vec<_>>());
    let views = &bank.services().views;
    let head = positions.len() as u64;
    assert!(
        projections::seen(views, tenant, head, Duration::from_secs(10)).await,
        "the views are behind"
    );
    let replayed = projections::replay(bank.services(), tenant).await.unwrap();
    assert_eq!(replayed.rebuilt, replayed.live);
}

async fn read(bank: &Bank, tenant: TenantId) -> Vec<Envelope> {
    let t = InTenant::background(tenant, "test");
    bank.services().log.log(t, 0, 100_000).await.unwrap()
}

fn accepted(log: &[Envelope]) -> impl Iterator<Item = &str> {
    let commands = log
        .iter()
        .filter(|event| event.kind() == "command-accepted");
    commands.map(|event| event.event.key.as_deref().unwrap())
}

fn outcomes(log: &[Envelope], key: &str) -> usize {
    let of_key = log
        .iter()
        .filter(|event| event.event.key.as_deref() == Some(key));
    of_key
        .filter(|event| event.kind() != "command-accepted")
        .count()
}
