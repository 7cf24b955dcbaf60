//! A tenant makes its own rules over HTTP, within the powers of whoever makes them, and everybody can ask why.

use bank::ports::event_store::EventStore;
use bank::tour::client::Answered;
use bank::tour::client::Call;
use bank::tour::client::Client;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Subject;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;

use crate::helpers::Town;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::masked;
use crate::helpers::query;

fn new_grant() -> GrantId {
    GrantId::generate(&RandomIds, SystemClock.now())
}

fn define(role: &str, home: ContainerId, permissions: &[&str]) -> Call {
    let holds = json!({ "permissions": permissions });
    command(
        "define-role",
        &json!({ "role": role, "home": home, "holds": holds }),
    )
}

fn assign(grant: GrantId, account: AccountId, role: &str, container: ContainerId) -> Call {
    let payload =
        json!({ "grant": grant, "account": account, "role": role, "container": container });
    command("assign-role", &payload)
}

fn revoke(grant: GrantId) -> Call {
    command("revoke-role", &json!({ "grant": grant }))
}

fn create(parent: ContainerId, name: &str) -> Call {
    let container = ContainerId::generate(&RandomIds, SystemClock.now());
    let payload = json!({ "container": container, "parent": parent, "name": name });
    command("create-container", &payload)
}

async fn done(client: &Client, call: &Call) -> Answered {
    let answer = client.send(call).await.unwrap();
    assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    answer
}

async fn rejected(client: &Client, call: &Call, code: &str) -> Value {
    let answer = client.send(call).await.unwrap();
    let is_rejected = answer.status == 200 && answer.body["outcome"] == "rejected";
    assert!(
        is_rejected && answer.body["code"] == code,
        "{code}: {}",
        answer.text
    );
    answer.body["params"].clone()
}

fn grant_of(town: &Town, tenant: TenantId, account: AccountId) -> GrantId {
    let view = town.bank.services().access.published(tenant).unwrap();
    view.grants_of(account)[0].id()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_defines_a_role_and_gives_it() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let (ines, ada) = (town.logged_in(&town.world.ines).await, town.ada().await);
    assert_eq!(
        ada.send(&create(acme.france, "Paris"))
            .await
            .unwrap()
            .status,
        403
    );
    done(
        &ines,
        &define(
            "x-planner",
            acme.eu,
            &["container:read", "container:create"],
        ),
    )
    .await;
    let grant = new_grant();
    done(
        &ines,
        &assign(grant, town.world.ada.account, "x-planner", acme.france),
    )
    .await;
    // The same token, the next invocation.
    done(&ada, &create(acme.france, "Paris")).await;
    assert_eq!(
        ada.send(&create(acme.eu, "Spain")).await.unwrap().status,
        403
    );
    done(&ines, &revoke(grant)).await;
    assert_eq!(
        ada.send(&create(acme.france, "Lyon")).await.unwrap().status,
        403
    );
    // What was used is never used again.
    rejected(
        &ines,
        &assign(grant, town.world.ada.account, "x-planner", acme.france),
        "id-taken",
    )
    .await;
    rejected(&ines, &define("x-planner", acme.eu, &[]), "role-taken").await;
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_what_she_does_not_hold() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let ines = town.logged_in(&town.world.ines).await;
    let root = ContainerId::root_of(acme.tenant);
    let params = rejected(
        &ines,
        &define("x-teller", acme.eu, &["account:deposit"]),
        "beyond-own-powers",
    )
    .await;
    assert_eq!(params["lacks"], json!(["account:deposit"]));
    let bo = town.world.bo.account;
    let params = rejected(
        &ines,
        &assign(new_grant(), bo, "account-manager", acme.eu),
        "beyond-own-powers",
    )
    .await;
    assert!(
        params["lacks"]
            .as_array()
            .unwrap()
            .contains(&json!("account:open")),
        "{params}"
    );
    rejected(
        &ines,
        &assign(new_grant(), town.world.ines.account, "tenant-admin", root),
        "to-oneself",
    )
    .await;
    rejected(
        &ines,
        &define("x-god", acme.eu, &["grant:assign-beyond"]),
        "never-in-own-roles",
    )
    .await;
    rejected(&ines, &define("planner", acme.eu, &[]), "not-own-name").await;
    rejected(
        &ines,
        &define("x-typo", acme.eu, &["acount:open"]),
        "unknown-permission",
    )
    .await;
    rejected(
        &ines,
        &assign(new_grant(), bo, "x-nobody", acme.eu),
        "unknown-role",
    )
    .await;
    let lone = grant_of(&town, acme.tenant, town.world.ines.account);
    rejected(&ines, &revoke(lone), "would-lock-out").await;
    // Who may not ask is refused before anything is decided.
    let ada = town.ada().await;
    for call in [
        define("x-mine", acme.eu, &[]),
        assign(new_grant(), bo, "teller", acme.eu),
    ] {
        assert_eq!(ada.send(&call).await.unwrap().status, 403);
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_decided_by_the_rules_by_which_its_author_was_let_in() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let ines = town.logged_in(&town.world.ines).await;
    let services = town.bank.services().clone();
    let t = InTenant::background(acme.tenant, "test");
    // The rules change all the time.
    let changing = tokio::spawn(async move {
        loop {
            let to = Subject::Account(AccountId::generate(&RandomIds, SystemClock.now()));
            let role = RoleName::parse("teller").unwrap();
            let given = Grant::new(new_grant(), to, role, acme.france);
            services.access.provision(t, given).await.unwrap();
        }
    });
    for turn in 0..20 {
        let role = format!("x-planner-{turn}");
        let call = define(&role, acme.eu, &["container:create"]);
        let answer = ines.send(&call).await.unwrap();
        assert!(matches!(answer.status, 200 | 202), "{}", answer.text);
    }
    changing.abort();
    let log = town.bank.services().log.log(t, 0, u32::MAX).await.unwrap();
    let accepted = log
        .iter()
        .filter(|event| event.kind() == "command-accepted");
    let mut count = 0;
    for event in accepted.map(|accepted| &accepted.event) {
        let carried = serde_json::to_value(&event.decision).unwrap();
        let decided = &event.data["payload"]["decided"];
        assert_eq!(carried["versions"], decided["at"], "{}", event.data);
        count += 1;
    }
    assert_eq!(count, 20);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_role_is_gone_with_the_next_invocation_and_the_same_token() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let (ines, ada) = (town.logged_in(&town.world.ines).await, town.ada().await);
    let (_, account) = town.account(&ada).await;
    done(&ada, &deposit(account, 1)).await;
    let hers = grant_of(&town, acme.tenant, town.world.ada.account);
    done(&ines, &revoke(hers)).await;
    assert_eq!(ada.send(&deposit(account, 1)).await.unwrap().status, 404);
    // A restart changes nothing about it.
    let dir = town.stop_and_keep().await;
    let bank = bank::wiring::Bank::start(dir.path()).await.unwrap();
    let view = bank.services().access.published(acme.tenant).unwrap();
    assert!(view.grant(hers).is_none());
    bank.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_of_another_tenant_is_as_unknown_as_one_that_never_was() {
    let town = Town::new().await;
    let ines = town.logged_in(&town.world.ines).await;
    let foreign = grant_of(&town, town.world.globex.tenant, town.world.cy.account);
    let foreign = ines.send(&revoke(foreign)).await.unwrap();
    let unknown = ines.send(&revoke(new_grant())).await.unwrap();
    assert_eq!((foreign.status, masked(&foreign)), (404, masked(&unknown)));
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_can_ask_why_about_herself_and_who_may_about_others() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let (ines, ada) = (town.logged_in(&town.world.ines).await, town.ada().await);
    let why = |permission: &str, container: ContainerId, account: Option<AccountId>| {
        let payload =
            json!({ "permission": permission, "container": container, "account": account });
        query("explain-decision", &payload)
    };
    let allowed = ada
        .send(&why("account:open", acme.france, None))
        .await
        .unwrap();
    let result = &allowed.body["result"];
    assert_eq!(
        (&result["decision"], &result["role"], &result["distance"]),
        (&json!("allow"), &json!("account-manager"), &json!(1))
    );
    let denied = ada
        .send(&why("customer:forget", acme.france, None))
        .await
        .unwrap();
    let result = &denied.body["result"];
    assert_eq!(
        (&result["reason"], &result["would-allow"][0]["role"]),
        (&json!("role-lacks"), &json!("data-steward"))
    );
    for hidden in [acme.texas, ContainerId::root_of(town.world.globex.tenant)] {
        assert_eq!(
            ada.send(&why("account:open", hidden, None))
                .await
                .unwrap()
                .status,
            404
        );
    }
    assert_eq!(
        ada.send(&why("no:such", acme.eu, None))
            .await
            .unwrap()
            .status,
        400
    );
    let about_ada = why("account:open", acme.france, Some(town.world.ada.account));
    let told = ines.send(&about_ada).await.unwrap();
    assert_eq!(told.body["result"]["decision"], "allow", "{}", told.text);
    let about_ines = why("role:define", acme.eu, Some(town.world.ines.account));
    assert_eq!(ada.send(&about_ines).await.unwrap().status, 403);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_end_learns_in_one_answer_what_to_grey_out() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let ada = town.ada().await;
    let scopes = json!({ "scopes": [acme.france, acme.texas] });
    let answer = ada
        .send(&query("retrieve-permissions", &scopes))
        .await
        .unwrap();
    let result = &answer.body["result"];
    let grant = json!({ "role": "account-manager", "scope": acme.eu, "reach": "self-and-below" });
    assert_eq!(result["grants"], json!([grant]), "{}", answer.text);
    assert_eq!(
        result["roles"]["account-manager"],
        json!([
            "container:read",
            "account:read",
            "account:open",
            "account:deposit",
            "customer:register"
        ])
    );
    let above = json!([acme.global, ContainerId::root_of(acme.tenant)]);
    assert_eq!(result["containers"][acme.eu.to_string()], above);
    assert_eq!(result["effective"].as_object().unwrap().len(), 1);
    assert!(
        result["effective"][acme.france.to_string()]["allowed"]
            .as_array()
            .unwrap()
            .contains(&json!("account:open"))
    );
    assert_eq!(
        result["operations"]["open-account"],
        json!({ "permission": "account:open" })
    );
    assert_eq!(result["operations"]["log-in"], json!({ "public": true }));
    let many = json!({ "scopes": vec![acme.france; 201] });
    assert_eq!(
        ada.send(&query("retrieve-permissions", &many))
            .await
            .unwrap()
            .status,
        413
    );

    let ines = town.logged_in(&town.world.ines).await;
    done(&ines, &define("x-planner", acme.us, &["container:create"])).await;
    let catalogue = query("retrieve-permission-catalogue", &json!({}));
    let hers = ines.send(&catalogue).await.unwrap();
    assert_eq!(
        hers.body["result"]["own-roles"][0]["permissions"],
        json!(["container:create"])
    );
    // A role that lives where she sees nothing does not exist for her.
    let adas = ada.send(&catalogue).await.unwrap();
    assert_eq!(adas.body["result"]["own-roles"], json!([]));
    assert_eq!(adas.body["result"]["catalogue"], "bank");
    town.stop().await;
}
