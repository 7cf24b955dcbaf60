//! The isolation suite finds what it is made for: subjects that leak are caught, each for what it does.

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::testing::Answer;
use skeleton_tenancy_tree::testing::AnyId;
use skeleton_tenancy_tree::testing::Isolation;

use crate::helpers::clock;
use crate::helpers::create;
use crate::helpers::log_of;
use crate::isolation::Rooms;
use crate::isolation::isolation;
use crate::isolation::planted;
use crate::isolation::state;

/// What the suite says of a subject that has this one method; it must say something.
async fn caught(isolation: Isolation<Rooms>) -> String {
    isolation.run().await.expect_err("a leak was not seen")
}

/// Whose container, or member, an id is: what nobody must be able to ask without saying in which tenant.
async fn owner(rooms: &Rooms, id: AnyId) -> Option<InTenant<'static>> {
    let (container, account) = (id.as_container().unwrap(), id.as_account().unwrap());
    for head in rooms.store.heads(None).await.unwrap() {
        let t = InTenant::background(head.tenant(), "leak");
        let tree = rooms.forest.snapshot(t).await.unwrap();
        if tree.node(container).is_some() || tree.containers_of(account).next().is_some() {
            return Some(t);
        }
    }
    None
}

#[tokio::test]
async fn another_answer_to_an_id_that_somebody_has_is_caught() {
    let told = caught(isolation().await.with_method("find", |rooms, _, id| {
        Box::pin(async move {
            let exists = owner(rooms, id).await.is_some();
            if exists {
                b"forbidden".to_vec()
            } else {
                b"not found".to_vec()
            }
        })
    }));
    let told = told.await;
    let said = "find, called as acme with an id of globex, answers otherwise than to";
    assert_eq!(told, format!("{said} an id that nobody has"));
}

#[tokio::test]
async fn a_leak_of_accounts_alone_is_caught() {
    let told = caught(isolation().await.with_method("whois", |rooms, _, id| {
        Box::pin(async move {
            match id {
                AnyId::Account(_) => vec![u8::from(owner(rooms, id).await.is_some())],
                _ => b"not found".to_vec(),
            }
        })
    }));
    assert!(told.await.contains("answers otherwise"));
}

/// Only between the pairs, and only one way.
#[tokio::test]
async fn a_leak_between_tenants_of_two_kinds_is_caught() {
    let told = caught(isolation().await.with_method("find", |rooms, t, id| {
        Box::pin(async move {
            let directory = rooms.tenants.directory();
            let slug = |t: InTenant<'_>| directory.by_id(t.tenant()).unwrap().slug().to_string();
            let owner = owner(rooms, id).await.map(slug);
            let leaks = slug(t) == "globex-internal" && owner.as_deref() == Some("acme");
            vec![u8::from(leaks)]
        })
    }));
    assert!(
        told.await
            .starts_with("find, called as globex-internal with an id of acme, answers")
    );
}

/// It answers every id alike, with a list in which a filter was forgotten.
#[tokio::test]
async fn a_foreign_id_in_an_answer_is_caught() {
    let told = caught(isolation().await.with_method("list", |rooms, _, _| {
        Box::pin(async move {
            let mut listed = String::new();
            for head in rooms.store.heads(None).await.unwrap() {
                listed += &format!("{:?}", log_of(&rooms.store, head.tenant()));
            }
            listed.into_bytes()
        })
    }));
    // The id that was asked for is masked where it is listed, and a random one is nowhere.
    assert!(
        told.await
            .ends_with("answers otherwise than to an id that nobody has")
    );
}

/// One container of the other tenant, and never the one that was asked for.
#[tokio::test]
async fn one_foreign_id_in_an_answer_is_enough() {
    let (rooms, world) = planted().await;
    let leaf = world.pairs()[0][1].leaves()[3].to_string();
    let isolation = Isolation::new(rooms, world, clock(), SeededIds::new(3)).with_state(state);
    let told = caught(isolation.with_method("hint", move |_, _, _| {
        let leaf = leaf.clone();
        Box::pin(async move { format!("have you tried {leaf}?").into_bytes() })
    }));
    let said = "hint, called as acme with an id of globex, shows another id of that tenant";
    assert_eq!(told.await, said);
}

#[tokio::test]
async fn a_foreign_slug_in_an_answer_is_caught() {
    let told = caught(isolation().await.with_method("customers", |_, _, _| {
        Box::pin(async move { b"we serve globex, among others".to_vec() })
    }));
    assert!(told.await.ends_with("shows that tenant's slug"));
}

#[tokio::test]
async fn a_change_of_the_other_tenant_is_caught_whatever_the_method_may_do() {
    fn archive<'a>(rooms: &'a Rooms, _: InTenant<'a>, id: AnyId) -> Answer<'a> {
        Box::pin(async move {
            // As an `UPDATE` without `WHERE tenant_id` does.
            let container = id.as_container().unwrap();
            if let Some(t) = owner(rooms, id).await {
                let _refused = rooms
                    .forest
                    .execute(t, TreeCommand::Archive { container })
                    .await;
            }
            b"done".to_vec()
        })
    }
    let said = "archive, called as acme with an id of globex, changes the other tenant";
    assert_eq!(
        caught(isolation().await.with_method("archive", archive)).await,
        said
    );
    assert_eq!(
        caught(isolation().await.with_creation("archive", archive)).await,
        said
    );
}

#[tokio::test]
async fn a_method_that_finds_nothing_and_writes_all_the_same_is_caught_unless_it_may() {
    fn adopt<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
        Box::pin(async move {
            let (container, root) = (id.as_container().unwrap(), ContainerId::root_of(t.tenant()));
            let command = create(container, root, &id.to_string());
            let _made = rooms.forest.execute(t, command).await;
            b"done".to_vec()
        })
    }
    let told = caught(isolation().await.with_method("adopt", adopt)).await;
    assert_eq!(
        told,
        "adopt, called as acme with an id of globex, changes its own tenant"
    );
    assert!(
        isolation()
            .await
            .with_creation("adopt", adopt)
            .run()
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn the_id_that_was_sent_may_be_in_the_answer_and_nothing_else_differs() {
    let isolation = isolation().await.with_method("echo", |_, _, id| {
        Box::pin(async move { format!("no container {id}, nor anything like {id}").into_bytes() })
    });
    assert_eq!(isolation.run().await.unwrap(), 4 * 3 * 12);
}

#[tokio::test]
async fn a_suite_that_would_see_nothing_says_so() {
    let without_methods = isolation().await.run().await.unwrap_err();
    assert_eq!(without_methods, "no method was registered");
    let (rooms, world) = planted().await;
    let without_state = Isolation::new(rooms, world, clock(), SeededIds::new(3));
    let without_state =
        without_state.with_method("blind", |_, _, _| Box::pin(async { Vec::new() }));
    let told = without_state.run().await.unwrap_err();
    assert_eq!(told, "no way to read the state was registered");
}
