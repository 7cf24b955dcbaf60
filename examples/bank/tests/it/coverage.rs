//! Every operation over HTTP: done for whoever may, refused to whoever of the tenant may not, and the ids of another
//! tenant answered like ids that nobody has.

use bank::edge::operations;
use bank::edge::routes;
use bank::seed::stranger;
use bank::tour::client::Answered;
use bank::tour::client::Call;
use bank::tour::client::Client;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::GrantId;
use skeleton_authz::Need;
use skeleton_authz::testing::Coverage;
use skeleton_authz::testing::Seen;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;

use crate::golden::golden;
use crate::helpers::Town;
use crate::helpers::new_account;
use crate::helpers::new_customer;

/// One operation: what whoever may asks, and the same about what another tenant has.
struct Case {
    operation: &'static str,
    asked: Value,
    foreign: Option<Value>,
}

fn case(operation: &'static str, asked: Value, foreign: Value) -> Case {
    Case {
        operation,
        asked,
        foreign: Some(foreign),
    }
}

/// What names nothing that could be another tenant's.
fn whole(operation: &'static str, asked: Value) -> Case {
    Case {
        operation,
        asked,
        foreign: None,
    }
}

/// Ids of things that are there, or are to be.
struct Things {
    scope: ContainerId,
    other: ContainerId,
    customer: Value,
    account: Value,
    container: ContainerId,
    grant: Value,
}

fn new_container() -> ContainerId {
    ContainerId::generate(&RandomIds, SystemClock.now())
}

/// Every operation once, in an order in which each finds what it needs.
fn cases(ours: &Things, theirs: &Things, guest: &Value) -> Vec<Case> {
    let register = |at: &Things| json!({ "customer": at.customer, "container": at.scope, "name": "P", "email": "p@example.org", "country": "FR" });
    let open = |at: &Things| json!({ "bank-account": at.account, "container": at.scope, "owner": at.customer, "currency": "EUR" });
    let deposit = |at: &Things| json!({ "bank-account": at.account, "amount": { "minor": 1, "currency": "EUR" } });
    let create = |at: &Things, id: ContainerId| json!({ "container": id, "parent": at.scope, "name": "probe" });
    let relocate = |at: &Things| json!({ "container": at.container, "to": at.other });
    let assign = |at: &Things| json!({ "grant": ours.grant, "account": guest, "role": "teller", "container": at.scope });
    let container = |at: &Things| json!({ "container": at.container });
    let account = |at: &Things| json!({ "bank-account": at.account });
    let customer = |at: &Things| json!({ "customer": at.customer });
    let define = |at: &Things| json!({ "role": "x-probe", "home": at.scope, "holds": {} });
    let explain = |at: &Things| json!({ "permission": "account:open", "container": at.scope });
    let grant = |at: &Things| json!({ "grant": at.grant });
    vec![
        case("register-customer", register(ours), register(theirs)),
        case("open-account", open(ours), open(theirs)),
        case("deposit", deposit(ours), deposit(theirs)),
        case("retrieve-available-balance", account(ours), account(theirs)),
        case("retrieve-customer", customer(ours), customer(theirs)),
        case(
            "create-container",
            create(ours, ours.container),
            create(theirs, new_container()),
        ),
        case("retrieve-move-impact", relocate(ours), relocate(theirs)),
        case("move-container", relocate(ours), relocate(theirs)),
        case(
            "retrieve-billing-rollup",
            container(ours),
            container(theirs),
        ),
        case("archive-container", container(ours), container(theirs)),
        case("define-role", define(ours), define(theirs)),
        case("assign-role", assign(ours), assign(theirs)),
        case("revoke-role", grant(ours), grant(theirs)),
        case("explain-decision", explain(ours), explain(theirs)),
        case("forget-customer", customer(ours), customer(theirs)),
        whole(
            "restrict-ip-range",
            json!({ "to": { "only": ["127.0.0.0/8"] } }),
        ),
        whole("retrieve-container-tree", json!({})),
        whole("list-audit-entries", json!({})),
        whole("retrieve-permissions", json!({ "scopes": [ours.scope] })),
        whole("retrieve-permission-catalogue", json!({})),
    ]
}

/// The roles that may do everything between them.
const ALL: [&str; 6] = [
    "account-manager",
    "auditor",
    "billing-reader",
    "data-steward",
    "teller",
    "tenant-admin",
];

fn is_guarded(operation: &str) -> bool {
    let needs = operations().needs();
    let mut named = needs.iter().filter(|(name, _)| **name == *operation);
    named.any(|(_, need)| matches!(need, Need::Permission(_)))
}

struct Suite {
    coverage: Coverage,
}

impl Suite {
    /// Nothing seen yet, of all doors.
    fn new() -> Self {
        let mut coverage = Coverage::of(&operations());
        for (door, operation) in routes() {
            coverage.route(door, operation);
        }
        Self { coverage }
    }

    fn call(operation: &str, payload: &Value) -> Call {
        let door = routes().into_iter().find(|(_, name)| *name == operation);
        Call::new(door.unwrap().0, operation, payload)
    }

    async fn ask(client: &Client, operation: &str, payload: &Value) -> Answered {
        client.send(&Self::call(operation, payload)).await.unwrap()
    }

    fn saw(&mut self, operation: &str, payload: &Value, seen: Seen) {
        self.coverage
            .saw(operation, payload.to_string().as_bytes(), seen);
    }

    async fn is_done(&mut self, client: &Client, operation: &str, payload: &Value) {
        let answer = Self::ask(client, operation, payload).await;
        let outcome = &answer.body["outcome"];
        let is_done = answer.status == 200 && (*outcome == "done" || outcome.is_null());
        assert!(is_done, "{operation}: {}", answer.text);
        self.saw(operation, payload, Seen::Allow);
    }

    async fn is_refused(&mut self, client: &Client, operation: &str, payload: &Value, seen: Seen) {
        let answer = Self::ask(client, operation, payload).await;
        let expected = if seen == Seen::Deny { 403 } else { 404 };
        assert_eq!(answer.status, expected, "{operation}: {}", answer.text);
        self.saw(operation, payload, seen);
    }
}

/// What globex has: a customer and an account of it among them, so that nothing is merely missing.
async fn globex_has(town: &Town, suite: &mut Suite) -> Things {
    let globex = town.world.globex;
    let view = town.bank.services().access.published(globex.tenant);
    let grants = view.unwrap();
    let theirs = Things {
        scope: globex.retail,
        other: globex.wholesale,
        customer: json!(new_customer()),
        account: json!(new_account()),
        container: globex.retail,
        grant: json!(grants.grants_of(town.world.cy.account)[0].id()),
    };
    let cy = town.logged_in(&town.world.cy).await;
    let customer = json!({ "customer": theirs.customer, "container": globex.wholesale, "name": "P",
        "email": "p@example.org", "country": "FR" });
    suite.is_done(&cy, "register-customer", &customer).await;
    let account = json!({ "bank-account": theirs.account, "container": globex.wholesale, "owner": theirs.customer,
        "currency": "EUR" });
    suite.is_done(&cy, "open-account", &account).await;
    theirs
}

/// Ids of what acme is to have.
fn acme_will_have(town: &Town) -> Things {
    Things {
        scope: town.world.acme.france,
        other: town.world.acme.us,
        customer: json!(new_customer()),
        account: json!(new_account()),
        container: new_container(),
        grant: json!(GrantId::generate(&RandomIds, SystemClock.now())),
    }
}

/// What no tenant's administrator may, and what nobody need be anybody for.
async fn of_the_house(town: &Town, chief: &Client, suite: &mut Suite) {
    let first = stranger("ivy", "initech");
    let administrator =
        json!({ "account": first.account, "identifier": first.email, "password": first.password });
    let id = TenantId::generate(&RandomIds, SystemClock.now());
    let payload = json!({ "tenant": id, "slug": "initech", "administrator": administrator });
    suite
        .is_refused(chief, "onboard-tenant", &payload, Seen::Deny)
        .await;
    let olga = &town.world.olga;
    let hers = json!({ "identifier": olga.email, "password": olga.password });
    suite.is_done(&town.at("house"), "log-in", &hers).await;
    let olga = town.logged_in(olga).await;
    suite.is_done(&olga, "onboard-tenant", &payload).await;
}

#[tokio::test]
async fn every_operation_is_seen_allowed_denied_and_asked_about_what_is_foreign() {
    let town = Town::new().await;
    let root = ContainerId::root_of(town.world.acme.tenant);
    let chief = town.newcomer("chief", &ALL.map(|role| (role, root))).await;
    let chief = town.logged_in(&chief).await;
    // She sees everything, and may do nothing of what is asked.
    let guest = town.newcomer("guest", &[("operator", root)]).await;
    let whose = json!(guest.account);
    let guest = town.logged_in(&guest).await;

    let mut suite = Suite::new();
    let theirs = globex_has(&town, &mut suite).await;
    for case in cases(&acme_will_have(&town), &theirs, &whose) {
        let operation = case.operation;
        if is_guarded(operation) {
            suite
                .is_refused(&guest, operation, &case.asked, Seen::Deny)
                .await;
        }
        if let Some(foreign) = case.foreign {
            suite
                .is_refused(&chief, operation, &foreign, Seen::Foreign)
                .await;
        }
        suite.is_done(&chief, operation, &case.asked).await;
    }
    of_the_house(&town, &chief, &mut suite).await;

    let coverage = suite.coverage;
    assert_eq!(coverage.unregistered().next(), None);
    assert_eq!(coverage.unseen(), []);
    golden("authz-coverage.txt", &coverage.to_string());
    town.stop().await;
}
