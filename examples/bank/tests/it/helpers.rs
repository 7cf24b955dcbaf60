//! A fresh bank per test: own directory, own port.

use std::path::Path;
use std::time::Duration;

use bank::files::DataDir;
use bank::ids::BankAccountId;
use bank::ids::CustomerId;
use bank::projections;
use bank::seed;
use bank::seed::Person;
use bank::seed::World;
use bank::tour::client::Answered;
use bank::tour::client::Call;
use bank::tour::client::Client;
use bank::wiring::Bank;
use serde_json::Value;
use serde_json::json;
use skeleton_idempotency::Drained;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;

/// A running bank with its cast.
pub(crate) struct Town {
    pub(crate) bank: Bank,
    pub(crate) world: World,
    dir: DataDir,
}

impl Town {
    pub(crate) async fn new() -> Self {
        let dir = DataDir::fresh().unwrap();
        let bank = Bank::start(dir.path()).await.unwrap();
        let world = seed::plant(&bank).await.unwrap();
        Self { bank, world, dir }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn at(&self, slug: &str) -> Client {
        Client::at(self.bank.address(), slug)
    }

    pub(crate) async fn logged_in(&self, person: &Person) -> Client {
        let door = self.at(person.slug);
        let payload = json!({ "identifier": person.email, "password": person.password });
        let answer = door.send(&command("log-in", &payload)).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text);
        door.with_token(answer.body["result"]["access-token"].as_str().unwrap())
    }

    /// Somebody more of acme who holds these roles.
    pub(crate) async fn newcomer(&self, name: &str, holds: &[(&str, ContainerId)]) -> Person {
        let acme = ("acme", self.world.acme.tenant);
        seed::person(&self.bank, name, acme, holds).await.unwrap()
    }

    pub(crate) async fn ada(&self) -> Client {
        self.logged_in(&self.world.ada).await
    }

    pub(crate) async fn events(&self, tenant: TenantId) -> u64 {
        projections::events(self.bank.services(), tenant)
            .await
            .unwrap()
    }

    /// An account with a customer, opened by ada in France.
    pub(crate) async fn account(&self, ada: &Client) -> (CustomerId, BankAccountId) {
        let (customer, account) = (new_customer(), new_account());
        let answer = ada
            .send(&register(customer, self.world.acme.france))
            .await
            .unwrap();
        assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
        let answer = ada
            .send(&open(account, customer, self.world.acme.france))
            .await
            .unwrap();
        assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
        (customer, account)
    }

    /// Stops the bank as a crash would leave it: what is under way is dropped.
    pub(crate) async fn stop_and_keep(self) -> DataDir {
        self.bank.halt().await;
        self.dir
    }

    /// Stops the bank as its operator would, and keeps what it wrote.
    pub(crate) async fn stop_and_drain(self) -> (DataDir, Drained) {
        let drained = self.bank.stop().await;
        (self.dir, drained)
    }

    pub(crate) async fn stop(self) {
        self.bank.stop().await;
        self.dir.remove(Duration::from_secs(5)).await.unwrap();
    }
}

pub(crate) fn command(operation: &str, payload: &Value) -> Call {
    Call::new("commands", operation, payload)
}

pub(crate) fn query(operation: &str, payload: &Value) -> Call {
    Call::new("queries", operation, payload)
}

pub(crate) fn register(customer: CustomerId, container: ContainerId) -> Call {
    command(
        "register-customer",
        &json!({ "customer": customer, "container": container, "name": CANARY_NAME,
            "email": CANARY_EMAIL, "country": "FR" }),
    )
}

pub(crate) fn open(account: BankAccountId, owner: CustomerId, container: ContainerId) -> Call {
    command(
        "open-account",
        &json!({ "bank-account": account, "container": container, "owner": owner, "currency": "EUR" }),
    )
}

pub(crate) fn deposit(account: BankAccountId, minor: i64) -> Call {
    let amount = json!({ "minor": minor, "currency": "EUR" });
    command(
        "deposit",
        &json!({ "bank-account": account, "amount": amount }),
    )
}

pub(crate) fn balance(account: BankAccountId) -> Call {
    query(
        "retrieve-available-balance",
        &json!({ "bank-account": account }),
    )
}

pub(crate) fn position(answer: &Answered) -> u64 {
    answer.body["position"].as_u64().unwrap()
}

pub(crate) fn new_customer() -> CustomerId {
    CustomerId::generate(&RandomIds, SystemClock.now())
}

pub(crate) fn new_account() -> BankAccountId {
    BankAccountId::generate(&RandomIds, SystemClock.now())
}

/// Asks again, as a client would, while there is no final answer: the first try is under way (409), was accepted and is
/// pending (202), or could not be made (503).
pub(crate) async fn settled(client: &Client, call: &Call) -> Answered {
    let mut answer = client.send(call).await.unwrap();
    for _ in 0..100 {
        if !matches!(answer.status, 202 | 409 | 503) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = client.send(call).await.unwrap();
    }
    answer
}

/// Texts that no file, log or answer of anybody else may hold.
pub(crate) const CANARY_NAME: &str = "Canary Ornithopter-Quill";
pub(crate) const CANARY_EMAIL: &str = "canary-quill@example.org";

/// The answer without what is drawn anew for every invocation.
pub(crate) fn masked(answer: &Answered) -> String {
    answer
        .text
        .replace(answer.body["instance"].as_str().unwrap_or("-"), "-")
}

/// The names of the files below `dir` that hold `marker`.
pub(crate) fn files_with(dir: &Path, marker: &[u8]) -> Vec<String> {
    let mut holding = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        if bytes.windows(marker.len()).any(|window| window == marker) {
            holding.push(path.file_name().unwrap().to_str().unwrap().to_owned());
        }
    }
    holding
}
