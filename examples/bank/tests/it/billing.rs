//! What each branch of a tenant used, rolled up by its tree.

use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::TenantKind;

use bank::seed::person;
use bank::tour::client::Client;

use crate::helpers::Town;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::new_account;
use crate::helpers::new_customer;
use crate::helpers::open;
use crate::helpers::position;
use crate::helpers::query;

async fn bill(client: &Client, container: ContainerId, after: u64) -> Value {
    let call = query(
        "retrieve-billing-rollup",
        &json!({ "container": container }),
    );
    let answer = client.send(&call.after(after)).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["result"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_sums_the_branch_and_names_the_tree_it_was_made_by() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let (ada, bo) = (town.ada().await, town.logged_in(&town.world.bo).await);
    let (_, account) = town.account(&ada).await; // a customer and an account, both in France
    let mut last = 0;
    for _ in 0..3 {
        last = position(&ada.send(&deposit(account, 5)).await.unwrap());
    }
    let global = bill(&bo, acme.global, last).await;
    assert_eq!(
        (&global["units"], &global["own"]),
        (&json!(5), &json!(0)),
        "{global}"
    );
    let below = global["below"].as_array().unwrap();
    let below: Vec<_> = below
        .iter()
        .map(|row| (row["name"].clone(), row["units"].clone()))
        .collect();
    assert_eq!(below, [(json!("EU"), json!(5)), (json!("US"), json!(0))]);
    assert_eq!(bill(&bo, acme.france, last).await["own"], json!(5));

    // A move takes what was used along; the bill says by which tree it was made.
    let ines = town.logged_in(&town.world.ines).await;
    let payload = json!({ "container": acme.france, "to": acme.us });
    let moved = ines
        .send(&command("move-container", &payload))
        .await
        .unwrap();
    let after = bill(&bo, acme.global, position(&moved)).await;
    assert_eq!(
        (&after["units"], &after["below"][1]["units"]),
        (&json!(5), &json!(5)),
        "{after}"
    );
    assert!(after["tree-version"].as_u64() > global["tree-version"].as_u64());
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_a_bill_above_her_role() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let (ada, bo) = (town.ada().await, town.logged_in(&town.world.bo).await);
    let root = ContainerId::root_of(acme.tenant);
    for (who, container, status) in [(&ada, acme.eu, 403), (&ada, acme.us, 404), (&bo, root, 403)] {
        let call = query(
            "retrieve-billing-rollup",
            &json!({ "container": container }),
        );
        assert_eq!(who.send(&call).await.unwrap().status, status);
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_for_tests_is_not_billed() {
    let town = Town::new().await;
    let new = NewTenant::new("smoke".parse().unwrap(), TenantKind::INTERNAL).into_test();
    let smoke = town.bank.onboard(new).await.unwrap();
    let root = ContainerId::root_of(smoke);
    let holds = [("account-manager", root), ("billing-reader", root)];
    let probe = person(&town.bank, "probe", ("smoke", smoke), &holds)
        .await
        .unwrap();
    let probe = town.logged_in(&probe).await;
    let opened = probe
        .send(&open(new_account(), new_customer(), root))
        .await
        .unwrap();
    assert_eq!(opened.body["outcome"], "done", "{}", opened.text);
    assert_eq!(
        bill(&probe, root, position(&opened)).await["units"],
        json!(0)
    );
    town.stop().await;
}
