//! The isolation suite over HTTP: two tenants by two branches, every operation, every id of the other tenant.

use std::sync::Arc;

use bank::files::DataDir;
use bank::projections;
use bank::seed::person;
use bank::tour::client::Call;
use bank::tour::client::Client;
use bank::wiring::Bank;
use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::testing::AnyId;
use skeleton_tenancy_tree::testing::Isolation;
use skeleton_tenancy_tree::testing::Planted;
use skeleton_tenancy_tree::testing::TwoByTwo;

use crate::helpers::command;
use crate::helpers::masked;
use crate::helpers::new_account;
use crate::helpers::new_customer;
use crate::helpers::query;

/// Everything an administrator may do: who can do nothing shows nothing.
const ALL_ROLES: [&str; 5] = [
    "account-manager",
    "auditor",
    "billing-reader",
    "data-steward",
    "tenant-admin",
];

struct Doors {
    bank: Bank,
    admins: Vec<(TenantId, Client)>,
    _dir: DataDir,
}

impl Doors {
    fn admin_of(&self, t: InTenant<'_>) -> &Client {
        &self
            .admins
            .iter()
            .find(|(tenant, _)| *tenant == t.tenant())
            .unwrap()
            .1
    }

    /// What the tenant keeps: its log, whose every event is somebody's doing, and its views.
    async fn state(&self, t: InTenant<'_>) -> Vec<u8> {
        let services = self.bank.services();
        let events = projections::events(services, t.tenant()).await.unwrap();
        let replayed = projections::replay(services, t.tenant()).await.unwrap();
        let tree = services.forest.catch_up(t).await.unwrap();
        format!("{events} {:?} {:?}", replayed.rebuilt, tree.version()).into_bytes()
    }

    async fn ask(&self, t: InTenant<'_>, call: Call) -> Vec<u8> {
        let answer = self.admin_of(t).send(&call).await.unwrap();
        format!(
            "{} {}",
            answer.status,
            without_what_is_drawn(&masked(&answer))
        )
        .into_bytes()
    }
}

/// An answer of a processed invocation names its run, and the position of its log.
fn without_what_is_drawn(text: &str) -> String {
    let Ok(mut body) = serde_json::from_str::<Value>(text) else {
        return text.to_owned();
    };
    for drawn in ["invocation-id", "position"] {
        if let Some(member) = body.get_mut(drawn) {
            *member = json!("-");
        }
    }
    body.to_string()
}

async fn doors() -> Isolation<Arc<Doors>> {
    let dir = DataDir::fresh().unwrap();
    let bank = Bank::start(dir.path()).await.unwrap();
    let services = bank.services();
    let sources = (&SystemClock as _, &RandomIds as _);
    let kinds = [TenantKind::EXTERNAL];
    let world = TwoByTwo::plant(&services.tenants, &services.forest, sources, &kinds)
        .await
        .unwrap();
    let mut admins = Vec::new();
    for planted in world.tenants() {
        admins.push((planted.tenant().id(), admin(&bank, planted).await));
    }
    let doors = Doors {
        bank,
        admins,
        _dir: dir,
    };
    registered(Isolation::new(
        Arc::new(doors),
        world,
        SystemClock,
        RandomIds,
    ))
}

async fn admin(bank: &Bank, planted: &Planted) -> Client {
    let tenant = planted.tenant();
    bank.run(tenant.id()).await.unwrap();
    let slug = if tenant.slug().as_str() == "acme" {
        "acme"
    } else {
        "globex"
    };
    let holds = ALL_ROLES.map(|role| (role, tenant.root()));
    let admin = person(bank, "admin", (slug, tenant.id()), &holds)
        .await
        .unwrap();
    let door = Client::at(bank.address(), slug);
    let payload = json!({ "identifier": admin.email, "password": admin.password });
    let answer = door.send(&command("log-in", &payload)).await.unwrap();
    door.with_token(answer.body["result"]["access-token"].as_str().unwrap())
}

/// A payload that names the id under test in one of its members.
fn with_id(operation: &'static str, payload: fn(AnyId) -> Value) -> impl Fn(AnyId) -> Call {
    move |id| {
        let call = if operation.starts_with("retrieve") || operation.starts_with("explain") {
            query
        } else {
            command
        };
        call(operation, &payload(id))
    }
}

type Payload = fn(AnyId) -> Value;

/// Every operation that finds something by an id.
const FINDS: [(&str, &str, Payload); 18] = [
    (
        "create below",
        "create-container",
        |id| json!({ "container": new_container(), "parent": id.to_string(), "name": "probe" }),
    ),
    (
        "move",
        "move-container",
        |id| json!({ "container": id.to_string(), "to": id.to_string() }),
    ),
    (
        "move to",
        "move-container",
        |id| json!({ "container": new_container(), "to": id.to_string() }),
    ),
    (
        "archive",
        "archive-container",
        |id| json!({ "container": id.to_string() }),
    ),
    ("open in", "open-account", |id| {
        json!({ "bank-account": new_account(), "container": id.to_string(), "owner": new_customer(),
                "currency": "EUR" })
    }),
    (
        "deposit",
        "deposit",
        |id| json!({ "bank-account": id.to_string(), "amount": { "minor": 1, "currency": "EUR" } }),
    ),
    ("register in", "register-customer", |id| {
        json!({ "customer": new_customer(), "container": id.to_string(), "name": "P", "email": "p@example.org",
                "country": "FR" })
    }),
    (
        "forget",
        "forget-customer",
        |id| json!({ "customer": id.to_string() }),
    ),
    (
        "balance",
        "retrieve-available-balance",
        |id| json!({ "bank-account": id.to_string() }),
    ),
    (
        "customer",
        "retrieve-customer",
        |id| json!({ "customer": id.to_string() }),
    ),
    (
        "bill",
        "retrieve-billing-rollup",
        |id| json!({ "container": id.to_string() }),
    ),
    (
        "define at",
        "define-role",
        |id| json!({ "role": "x-probe", "home": id.to_string(), "holds": {} }),
    ),
    (
        "assign at",
        "assign-role",
        |id| json!({ "grant": new_container(), "account": new_container(), "role": "tenant-admin", "container": id.to_string() }),
    ),
    (
        "revoke",
        "revoke-role",
        |id| json!({ "grant": id.to_string() }),
    ),
    (
        "explain at",
        "explain-decision",
        |id| json!({ "permission": "account:open", "container": id.to_string() }),
    ),
    (
        "permissions at",
        "retrieve-permissions",
        |id| json!({ "scopes": [id.to_string()] }),
    ),
    ("tree", "retrieve-container-tree", |_| json!({})),
    (
        "an operation that there is not",
        "retrieve-nothing",
        |id| json!({ "id": id.to_string() }),
    ),
];

fn registered(isolation: Isolation<Arc<Doors>>) -> Isolation<Arc<Doors>> {
    let isolation = isolation.with_state(|doors, t| Box::pin(doors.state(t)));
    let isolation = FINDS
        .into_iter()
        .fold(isolation, |isolation, (name, operation, payload)| {
            let call = with_id(operation, payload);
            isolation.with_method(name, move |doors: &Arc<Doors>, t, id| {
                Box::pin(doors.ask(t, call(id)))
            })
        });
    // An id that another tenant uses is as free as any other: the two never meet.
    isolation.with_creation("create under the id", |doors: &Arc<Doors>, t, id| {
        let payload =
            json!({ "container": id.to_string(), "parent": t.tenant(), "name": id.to_string() });
        Box::pin(doors.ask(t, command("create-container", &payload)))
    })
}

fn new_container() -> ContainerId {
    ContainerId::generate(&RandomIds, SystemClock.now())
}

skeleton_tenancy_tree::isolation_suite!(doors);
