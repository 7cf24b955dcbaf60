//! Three tenants that change their rules: nothing that the people of one do changes an answer, a list or a byte of
//! another.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::PermissionId;
use skeleton_authz::Reach;
use skeleton_authz::Snapshot;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::ScopeColumns;

use crate::bank::Bank;
use crate::commands::commands;
use crate::commands::found;
use crate::drawing::ACCOUNTS;
use crate::drawing::cases;
use crate::drawing::fewer;
use crate::drawing::givens;
use crate::drawing::placed;
use crate::drawing::rule;
use crate::drawing::rules;
use crate::helpers::World;
use crate::helpers::inside;
use crate::helpers::root;
use crate::naive::Acting;
use crate::naive::Caller;
use crate::naive::Given;
use crate::naive::Model;
use crate::naive::When;
use crate::worlds::asks;
use crate::worlds::block_on;
use crate::worlds::build;
use crate::worlds::ctx;
use crate::worlds::id_of;
use crate::worlds::rules_of;
use crate::worlds::taken_in;

/// Everything that a snapshot tells about the containers of all tenants, as text.
fn told(snapshot: &Snapshot, model: &Model) -> Vec<String> {
    let mut told = vec![format!("{:?}", snapshot.versions())];
    let everything: Vec<PermissionId> = Bank::catalogue()
        .permissions()
        .map(|held| held.id())
        .collect();
    let mut batch = Vec::new();
    for place in 0..model.places.len() {
        let at = id_of(model, place);
        for ask in asks() {
            told.push(format!("{:?}", snapshot.explain(ask.id, at)));
            told.push(format!("{:?}", (ask.require)(snapshot, at)));
        }
        let asked: Vec<_> = everything.iter().map(|id| (*id, at)).collect();
        snapshot.batch(&asked, &mut batch);
        told.push(format!("{batch:?} {:?}", snapshot.effective(at)));
    }
    for ask in asks() {
        let filter = (ask.visible)(snapshot).unwrap();
        let columns = ScopeColumns::default();
        let sql = filter.to_sql(Dialect::Sqlite, &columns, 1).unwrap();
        told.push(format!("{} {:?}", sql.text(), sql.binds()));
        let roots: Vec<(Option<ContainerId>, Reach)> = filter
            .roots()
            .into_iter()
            .map(|(node, reach)| (snapshot.tree().id(node), reach))
            .collect();
        told.push(format!("{roots:?}"));
    }
    let view = snapshot.view();
    let mut grants: Vec<String> = view.grants().map(|grant| format!("{grant:?}")).collect();
    grants.sort();
    told.extend(grants);
    told.extend(view.roles().map(|role| format!("{role:?}")));
    told.extend(view.guardrails().map(|held| format!("{held:?}")));
    told
}

/// The streams of a tenant, byte for byte.
async fn kept(world: &World, tenant: u8) -> Vec<String> {
    let mut kept = Vec::new();
    for stream in AccessStream::ALL {
        for recorded in world.log.recorded_of(tenant, stream).await {
            let event = serde_json::to_string(recorded.event()).unwrap();
            let cause = serde_json::to_string(recorded.cause()).unwrap();
            kept.push(format!("{event} {cause} {:?}", recorded.at()));
        }
    }
    kept
}

fn strongest(tenant: u8, account: u8) -> InvocationContext<Authenticated> {
    ctx(&Caller {
        tenant,
        acting: Acting::Direct(account),
        assurance: Assurance::Aal3,
        proof_age: Duration::ZERO,
        ceiling: None,
        narrowed: Vec::new(),
    })
}

/// The same world, in which everybody of another tenant may do everything with its rules.
fn with_rulers(model: &Model, tenant: u8) -> Model {
    let mut ruled = model.clone();
    let at = usize::from(tenant) - 1;
    assert_eq!(id_of(model, at), root(tenant));
    for to in 0..ACCOUNTS {
        ruled.grants.push(Given {
            stream: tenant,
            to,
            role: "tenant-admin",
            at,
            reach: Reach::SelfAndBelow,
            when: When::Always,
        });
    }
    ruled
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn law_07_nothing_in_the_streams_of_other_tenants_changes_anything(
        (model, caller) in cases(), added in givens(8), rules in rules(),
    ) {
        block_on(async {
            let here = build(&model).await;
            let mut busier = model.clone();
            let elsewhere = added.into_iter().filter(|drawn| drawn.0 != caller.tenant);
            busier.grants.extend(elsewhere.map(|drawn| placed(&model, drawn)));
            let (own, fences) = rules;
            let own = own.into_iter().filter(|drawn| drawn.0 != caller.tenant);
            let fences = fences.into_iter().filter(|drawn| drawn.0 != caller.tenant);
            rule(&mut busier, (own.collect(), fences.collect()));
            let there = build(&busier).await;
            let other = caller.tenant % 3 + 1;
            there.grow(other, 500, root(other)).await;
            let one = taken_in(&here, &model, &caller).await;
            let two = taken_in(&there, &model, &caller).await;
            prop_assert_eq!(told(&one, &model), told(&two, &model));
            prop_assert_eq!(rules_of(&model, caller.tenant), rules_of(&busier, caller.tenant));
            Ok(())
        })?;
    }

    #[test]
    fn law_07_no_command_of_the_people_of_another_tenant_changes_anything(
        (model, caller) in cases(), drawn in vec((0..ACCOUNTS, commands()), 1..24), step in 1_u8..3,
    ) {
        block_on(async {
            let stranger = (caller.tenant + step - 1) % 3 + 1;
            let ruled = with_rulers(&model, stranger);
            let world = build(&ruled).await;
            let before = taken_in(&world, &model, &caller).await;
            let (answers, streams) = (told(&before, &model), kept(&world, caller.tenant).await);
            for (number, (author, drawn)) in drawn.iter().enumerate() {
                // Half of the containers that they name, and most ids, are not theirs.
                let command = found(&ruled, (stranger, 2), drawn, number as u64);
                let ctx = strongest(stranger, *author);
                let _done = world.authorizer.execute(&ctx, &command).await;
            }
            prop_assert_eq!(kept(&world, caller.tenant).await, streams);
            world.views.load(inside(caller.tenant)).await.unwrap();
            let after = taken_in(&world, &model, &caller).await;
            prop_assert_eq!(told(&after, &model), answers);
            // What they did record is theirs alone.
            let third = 6 - stranger - caller.tenant;
            let given = ruled.grants.iter().filter(|given| given.stream == third).count();
            prop_assert_eq!(kept(&world, third).await.len(), given + rules_of(&ruled, third).len());
            Ok(())
        })?;
    }

    #[test]
    fn law_07_what_an_author_is_told_does_not_depend_on_another_tenant(
        (model, _) in cases(), drawn in vec((0..ACCOUNTS, commands()), 1..16), added in givens(8), rules in rules(),
    ) {
        block_on(async {
            let ruled = with_rulers(&model, 1);
            let mut busier = ruled.clone();
            busier.grants.extend(added.into_iter().filter(|drawn| drawn.0 != 1).map(|drawn| placed(&model, drawn)));
            let (own, fences) = rules;
            rule(&mut busier, (
                own.into_iter().filter(|drawn| drawn.0 != 1).collect(),
                fences.into_iter().filter(|drawn| drawn.0 != 1).collect(),
            ));
            let (here, there) = (build(&ruled).await, build(&busier).await);
            for (number, (author, drawn)) in drawn.iter().enumerate() {
                // The ids are those of the wider world, so that some are another tenant's there and nobody's here.
                let command = found(&busier, (1, 3), drawn, number as u64);
                let ctx = strongest(1, *author);
                let one = here.authorizer.execute(&ctx, &command).await;
                let two = there.authorizer.execute(&ctx, &command).await;
                prop_assert_eq!(format!("{one:?}"), format!("{two:?}"));
            }
            prop_assert_eq!(kept(&here, 1).await, kept(&there, 1).await);
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn law_07_the_callers_context_names_the_tenant_and_nothing_in_a_command_does() {
    let world = crate::authors::governed().await;
    world.authorizer.load(inside(2)).await.unwrap();
    // The administrator of tenant 1, asking in tenant 2, where the same account is nobody.
    let abroad = skeleton_invocation_context::testing::context()
        .user(
            crate::helpers::account(crate::authors::ADMIN),
            crate::helpers::tenant(2),
        )
        .assurance(Assurance::Aal3)
        .build_authenticated();
    for command in [
        crate::authors::revoke(901),
        crate::authors::define("x-a", root(1), &[]),
    ] {
        crate::authors::refused_to(&world, &abroad, &command).await;
    }
    let recorded = world.log.recorded(1).await;
    let taken = recorded
        .iter()
        .filter(|one| matches!(one.event(), AccessEvent::GrantTaken { .. }));
    assert_eq!((recorded.len(), taken.count()), (3, 0));
}
