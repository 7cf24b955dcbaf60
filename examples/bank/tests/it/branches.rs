//! Whoever may see a part of the tree sees that part: of the rest neither names nor sums nor who holds what.

use bank::seed::Person;
use bank::tour::client::Client;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Reach;
use skeleton_authz::Subject;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_tenancy_tree::InTenant;

use crate::helpers::Town;
use crate::helpers::deposit;
use crate::helpers::position;
use crate::helpers::query;

/// Gives somebody of acme a role that reaches a container alone.
async fn give_there_alone(town: &Town, to: &Person, role: &str, at: ContainerId) {
    let id = GrantId::generate(&RandomIds, SystemClock.now());
    let to = Subject::Account(to.account);
    let grant = Grant::new(id, to, RoleName::parse(role).unwrap(), at);
    let t = InTenant::background(town.world.acme.tenant, "test");
    let access = &town.bank.services().access;
    let given = access.provision(t, grant.with_reach(Reach::SelfOnly)).await;
    given.unwrap();
}

async fn result(client: &Client, operation: &str, payload: &Value, after: u64) -> Value {
    let call = query(operation, payload).after(after);
    let answer = client.send(&call).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["result"].clone()
}

async fn tree(client: &Client) -> Vec<Value> {
    let result = result(client, "retrieve-container-tree", &json!({}), 0).await;
    result["containers"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_above_what_one_may_read_is_an_id_and_has_no_name() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let root = ContainerId::root_of(acme.tenant);
    let fay = town
        .newcomer("fay", &[("account-manager", acme.france)])
        .await;
    let fay = town.logged_in(&fay).await;
    let expected = [
        json!({ "container": root, "parent": null, "depth": 0 }),
        json!({ "container": acme.global, "parent": root, "depth": 1 }),
        json!({ "container": acme.eu, "parent": acme.global, "depth": 2 }),
        json!({ "container": acme.france, "parent": acme.eu, "depth": 3, "name": "France",
            "archived": false }),
    ];
    assert_eq!(tree(&fay).await, expected);
    // Who may read no container at all, whatever else she may do there, is shown none.
    let dana = town.logged_in(&town.world.dana).await;
    assert_eq!(tree(&dana).await, Vec::<Value>::new());
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_names_and_sums_only_what_one_may_read_whole() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let ada = town.ada().await;
    let (_, account) = town.account(&ada).await;
    let paid = position(&ada.send(&deposit(account, 5)).await.unwrap());
    let pia = town.newcomer("pia", &[]).await;
    give_there_alone(&town, &pia, "billing-reader", acme.global).await;
    let reader = town.logged_in(&pia).await;
    let bill = async |container: ContainerId| {
        let payload = json!({ "container": container });
        result(&reader, "retrieve-billing-rollup", &payload, paid).await
    };
    // A sum less what is known of it would be the rest.
    let global = bill(acme.global).await;
    assert_eq!(
        (&global["units"], &global["own"], &global["below"]),
        (&Value::Null, &json!(0), &json!([])),
        "{global}"
    );
    give_there_alone(&town, &pia, "billing-reader", acme.eu).await;
    let row = |units: Value| json!([{ "container": acme.eu, "name": "EU", "units": units }]);
    let global = bill(acme.global).await;
    assert_eq!(global["below"], row(Value::Null), "{global}");
    give_there_alone(&town, &pia, "billing-reader", acme.france).await;
    let global = bill(acme.global).await;
    assert_eq!(
        (&global["units"], &global["below"]),
        (&Value::Null, &row(json!(3))),
        "{global}"
    );
    let eu = bill(acme.eu).await;
    assert_eq!((&eu["units"], &eu["own"]), (&json!(3), &json!(0)), "{eu}");
    // With the last part the sum is whole.
    for part in [acme.us, acme.texas] {
        give_there_alone(&town, &pia, "billing-reader", part).await;
    }
    let global = bill(acme.global).await;
    assert_eq!(global["units"], json!(3), "{global}");
    assert_eq!(global["below"].as_array().unwrap().len(), 2);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_a_move_tells_of_grants_where_one_may_read_them() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let t = InTenant::background(acme.tenant, "test");
    let forest = &town.bank.services().forest;
    let spain = forest.create(t, acme.eu, "Spain").await.unwrap();
    let madrid = forest.create(t, spain, "Madrid").await.unwrap();
    // kim keeps her role in Spain itself when it leaves EU, and loses it in Madrid.
    let kim = town.newcomer("kim", &[("teller", acme.eu)]).await;
    give_there_alone(&town, &kim, "teller", spain).await;
    let zoe = town.newcomer("zoe", &[]).await;
    for at in [spain, acme.eu, acme.us] {
        give_there_alone(&town, &zoe, "tenant-admin", at).await;
    }
    let payload = json!({ "container": spain, "to": acme.us });
    let told = async |client: &Client| {
        let result = result(client, "retrieve-move-impact", &payload, 0).await;
        let mut told: Vec<_> = result["changes"].as_array().unwrap().clone();
        for change in &mut told {
            let members = change.as_object_mut().unwrap();
            assert!(!members["losses"].as_array().unwrap().is_empty());
            members.retain(|name, _| name == "account" || name == "scopes");
        }
        told.sort_by_key(|change| change["account"] != json!(town.world.ada.account));
        told
    };
    let change = |of: &Person, scope: ContainerId, reach: &str| {
        let scopes = json!([{ "scope": scope, "reach": reach }]);
        json!({ "account": of.account, "scopes": scopes })
    };
    let ines = town.logged_in(&town.world.ines).await;
    let whole = [
        change(&town.world.ada, spain, "self-and-below"),
        change(&kim, madrid, "self-and-below"),
    ];
    assert_eq!(told(&ines).await, whole);
    let zoe = town.logged_in(&zoe).await;
    assert_eq!(
        told(&zoe).await,
        [change(&town.world.ada, spain, "self-only")]
    );
    town.stop().await;
}
