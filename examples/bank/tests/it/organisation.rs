//! A tenant shapes its own tree over HTTP, and everything that depends on the tree follows.

use serde_json::Value;
use serde_json::json;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Subject;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_tenancy_tree::InTenant;

use bank::tour::client::Answered;
use bank::tour::client::Call;
use bank::tour::client::Client;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::command;
use crate::helpers::deposit;
use crate::helpers::masked;
use crate::helpers::new_account;
use crate::helpers::new_customer;
use crate::helpers::open;
use crate::helpers::position;
use crate::helpers::query;

fn new_container() -> ContainerId {
    ContainerId::generate(&RandomIds, SystemClock.now())
}

fn create(container: ContainerId, parent: ContainerId, name: &str) -> Call {
    let payload = json!({ "container": container, "parent": parent, "name": name });
    command("create-container", &payload)
}

fn relocate(container: ContainerId, to: ContainerId) -> Call {
    command(
        "move-container",
        &json!({ "container": container, "to": to }),
    )
}

fn archive(container: ContainerId) -> Call {
    command("archive-container", &json!({ "container": container }))
}

async fn done(client: &Client, call: &Call) -> Answered {
    let answer = client.send(call).await.unwrap();
    assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    answer
}

async fn rejected(client: &Client, call: &Call) -> (Value, Value) {
    let answer = client.send(call).await.unwrap();
    assert_eq!(
        (answer.status, &answer.body["outcome"]),
        (200, &json!("rejected")),
        "{}",
        answer.text
    );
    (answer.body["code"].clone(), answer.body["params"].clone())
}

/// The tree as somebody can draw it; `?` is a container of which she has the id alone.
async fn names(client: &Client) -> Vec<String> {
    let answer = client
        .send(&query("retrieve-container-tree", &json!({})))
        .await
        .unwrap();
    let containers = answer.body["result"]["containers"].as_array().unwrap();
    let indented = containers.iter().map(|container| {
        let depth = usize::try_from(container["depth"].as_u64().unwrap()).unwrap();
        let archived = if container["archived"] == json!(true) {
            " (archived)"
        } else {
            ""
        };
        format!(
            "{}{}{archived}",
            "  ".repeat(depth),
            container["name"].as_str().unwrap_or("?")
        )
    });
    indented.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_shapes_the_tree_and_everybody_sees_her_part_of_it() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let (ines, ada) = (town.logged_in(&town.world.ines).await, town.ada().await);
    let whole = [
        "",
        "  Global",
        "    EU",
        "      France",
        "    US",
        "      Texas",
    ];
    assert_eq!(names(&ines).await, whole);
    assert_eq!(names(&ada).await, ["?", "  ?", "    EU", "      France"]);

    let spain = new_container();
    done(&ines, &create(spain, acme.eu, " Spain ")).await;
    assert_eq!(names(&ada).await.last().unwrap(), "      Spain");
    // What was made is a scope at once: her role at EU reaches it.
    let opening = open(new_account(), new_customer(), spain);
    done(&ada, &opening).await;

    done(&ines, &relocate(spain, acme.us)).await;
    assert_eq!(names(&ada).await, ["?", "  ?", "    EU", "      France"]);
    let later = open(new_account(), new_customer(), spain);
    let moved_away = ada.send(&later).await.unwrap();
    let nowhere = ada
        .send(&open(new_account(), new_customer(), new_container()))
        .await
        .unwrap();
    assert_eq!(
        (moved_away.status, masked(&moved_away)),
        (404, masked(&nowhere))
    );

    done(&ines, &archive(acme.us)).await;
    let expected = [
        "",
        "  Global",
        "    EU",
        "      France",
        "    US (archived)",
        "      Texas (archived)",
        "      Spain (archived)",
    ];
    assert_eq!(names(&ines).await, expected);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_tree_refuses_is_an_outcome_and_changes_nothing() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let ines = town.logged_in(&town.world.ines).await;
    let before = names(&ines).await;
    let via = json!({ "via": [acme.eu, acme.france] });
    assert_eq!(
        rejected(&ines, &relocate(acme.eu, acme.france)).await,
        (json!("would-cycle"), via)
    );
    for (call, code) in [
        (create(acme.texas, acme.eu, "Again"), "id-taken"),
        (create(new_container(), acme.eu, "France"), "name-taken"),
        (
            create(new_container(), acme.eu, " \u{202e} "),
            "name-invalid",
        ),
        (
            create(new_container(), acme.eu, &"x".repeat(257)),
            "name-invalid",
        ),
        (
            relocate(ContainerId::root_of(acme.tenant), acme.eu),
            "root-is-fixed",
        ),
        (archive(ContainerId::root_of(acme.tenant)), "root-is-fixed"),
    ] {
        // A move of the root is refused at its new parent's door already if that lies below it, so the order matters.
        assert_eq!(rejected(&ines, &call).await.0, json!(code));
    }
    assert_eq!(names(&ines).await, before);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_shapes_the_tree_without_the_permission_at_all_three_places() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let ada = town.ada().await;
    let denied = ada
        .send(&create(new_container(), acme.france, "Paris"))
        .await
        .unwrap();
    assert_eq!(
        (denied.status, &denied.body["params"]["reason"]),
        (403, &json!("role-lacks"))
    );
    // Somebody who administers EU alone.
    let services = town.bank.services();
    let grant = GrantId::generate(&RandomIds, SystemClock.now());
    let to = Subject::Account(town.world.dana.account);
    let grant = Grant::new(grant, to, RoleName::parse("tenant-admin").unwrap(), acme.eu);
    let t = InTenant::background(acme.tenant, "test");
    services.access.provision(t, grant).await.unwrap();
    let dana = town.logged_in(&town.world.dana).await;
    let spain = new_container();
    done(&dana, &create(spain, acme.eu, "Spain")).await;
    done(&dana, &relocate(spain, acme.france)).await;
    // Into US, which she does not administer; and EU itself, whose parent she does not administer.
    for call in [relocate(spain, acme.us), relocate(acme.eu, acme.france)] {
        let refused = dana.send(&call).await.unwrap();
        assert!([403, 404].contains(&refused.status), "{}", refused.text);
    }
    let bo = town.logged_in(&town.world.bo).await;
    let audit = bo
        .send(&query("list-audit-entries", &json!({})))
        .await
        .unwrap();
    let entries = audit.body["result"]["entries"].as_array().unwrap();
    let moves = entries.iter().filter(|entry| {
        entry["operation"] == "move-container" && entry["result"]["type"] == "refused"
    });
    let scopes: Vec<_> = moves
        .map(|entry| entry["decision"]["scope"].clone())
        .collect();
    assert_eq!(
        scopes,
        [json!(acme.us), json!(acme.global)],
        "{}",
        audit.text
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_moves_at_once_never_make_a_cycle() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let ines = town.logged_in(&town.world.ines).await;
    for round in 0..10 {
        let (one, other) = (new_container(), new_container());
        done(&ines, &create(one, acme.eu, &format!("one {round}"))).await;
        done(&ines, &create(other, acme.eu, &format!("other {round}"))).await;
        let (there, back) = (relocate(one, other), relocate(other, one));
        let (there, back) = tokio::join!(ines.send(&there), ines.send(&back));
        let outcomes = [there.unwrap(), back.unwrap()];
        let won = outcomes
            .iter()
            .filter(|answer| answer.body["outcome"] == "done")
            .count();
        let lost = outcomes
            .iter()
            .find(|answer| answer.body["outcome"] == "rejected");
        let code = &lost.expect("one of two loses").body["code"];
        assert_eq!(won, 1);
        assert!(
            [json!("tree-changed"), json!("would-cycle")].contains(code),
            "{code}"
        );
    }
    let t = InTenant::background(acme.tenant, "test");
    let tree = town.bank.services().forest.catch_up(t).await.unwrap();
    assert_eq!((tree.len(), tree.skipped()), (26, 0));
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_archived_container_nothing_changes_and_everything_can_be_read() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let (ines, ada) = (town.logged_in(&town.world.ines).await, town.ada().await);
    let (_, account) = town.account(&ada).await;
    done(&ada, &deposit(account, 100)).await;
    let archived = done(&ines, &archive(acme.eu)).await;
    for call in [
        deposit(account, 1),
        open(new_account(), new_customer(), acme.france),
    ] {
        let refused = ada.send(&call).await.unwrap();
        assert_eq!(
            (refused.status, &refused.body["params"]["reason"]),
            (403, &json!("archived"))
        );
    }
    let read = ada
        .send(&balance(account).after(position(&archived)))
        .await
        .unwrap();
    assert_eq!(
        read.body["result"]["available"]["minor"],
        json!(100),
        "{}",
        read.text
    );
    assert_eq!(
        rejected_or_refused(&ines, &create(new_container(), acme.france, "Paris")).await,
        403
    );
    town.stop().await;
}

async fn rejected_or_refused(client: &Client, call: &Call) -> u16 {
    client.send(call).await.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tree_is_as_it_was_after_a_restart() {
    let town = Town::new().await;
    let acme = town.world.acme;
    let ines = town.logged_in(&town.world.ines).await;
    done(&ines, &create(new_container(), acme.eu, "Spain")).await;
    done(&ines, &relocate(acme.france, acme.us)).await;
    done(&ines, &archive(acme.texas)).await;
    let before = town.bank.services().forest.published(acme.tenant).unwrap();
    let dir = town.stop_and_keep().await;
    let bank = bank::wiring::Bank::start(dir.path()).await.unwrap();
    let after = bank.services().forest.published(acme.tenant).unwrap();
    let told = |tree: &skeleton_tenancy_tree::TreeSnapshot| -> Vec<_> {
        let nodes = tree.subtree(tree.root());
        nodes
            .map(|node| {
                (
                    tree.id(node),
                    tree.name(node).to_owned(),
                    node.depth(),
                    node.is_archived(),
                )
            })
            .collect()
    };
    assert_eq!(
        (after.version(), told(&after)),
        (before.version(), told(&before))
    );
    bank.stop().await;
}
