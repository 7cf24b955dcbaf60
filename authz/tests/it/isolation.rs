//! Three tenants behind one door: no byte of an answer in one depends on another.

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::prelude::ProptestConfig;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::sample::Index;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_tenancy_tree::InTenant;

use crate::doors::Door;
use crate::doors::IN_CONTAINER;
use crate::doors::in_container;
use crate::drawing::Drawn;
use crate::drawing::DrawnRules;
use crate::drawing::TENANTS;
use crate::drawing::cases;
use crate::drawing::givens;
use crate::drawing::models;
use crate::drawing::placed;
use crate::drawing::rule;
use crate::drawing::rules;
use crate::drawing::sessions;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::naive::Caller;
use crate::naive::Model;
use crate::naive::OWN;
use crate::naive::ROLES;
use crate::worlds::answers;
use crate::worlds::block_on;
use crate::worlds::build;
use crate::worlds::claiming;
use crate::worlds::ctx;
use crate::worlds::ctx_in;
use crate::worlds::expected;
use crate::worlds::id_of;

/// The ids of all containers of all tenants, and some that nobody has.
fn ids(model: &Model, forged: &[u128]) -> Vec<ContainerId> {
    let all = (0..model.places.len()).map(|place| id_of(model, place));
    let forged = forged
        .iter()
        .map(|id| ContainerId::from_bytes(id.max(&1).to_be_bytes()).unwrap());
    all.chain(forged).collect()
}

/// The same model, with more going on in the tenants that are not the caller's. What comes first is first there.
fn busier_elsewhere(
    model: &Model,
    caller: &Caller,
    (added, (own, fences)): (Vec<Drawn>, DrawnRules),
) -> Model {
    let mut busier = model.clone();
    let elsewhere = added
        .into_iter()
        .filter(|drawn| drawn.0 != caller.tenant)
        .map(|drawn| placed(model, drawn));
    busier.grants.extend(elsewhere);
    let own = own.into_iter().filter(|drawn| drawn.0 != caller.tenant);
    let fences = fences.into_iter().filter(|drawn| drawn.0 != caller.tenant);
    rule(&mut busier, (own.collect(), fences.collect()));
    busier
}

/// Every account of the tests lies somewhere in each tenant; the same name, another place.
fn locate(door: &Door, model: &Model, tenants: impl Iterator<Item = u8>, shift: usize) {
    for number in tenants {
        for place in 0..model.places.len() {
            let at = id_of(model, (place + shift) % model.places.len());
            door.places.put(tenant(number), &format!("a-{place}"), at);
        }
    }
}

/// All that the door answers to the caller, as text.
async fn told(
    door: &Door,
    ctx: &InvocationContext<Authenticated>,
    ids: &[ContainerId],
) -> Vec<String> {
    let mut told = Vec::new();
    for id in ids {
        for (operation, _) in IN_CONTAINER {
            let answer = door.send(ctx, operation, in_container(*id)).await;
            told.push(format!("{:?} {:?}", answer.bytes(), answer.record));
        }
    }
    for place in 0..ids.len() {
        let body = format!(r#"{{"account":"a-{place}"}}"#);
        let answer = door.send(ctx, "retrieve-account", body).await;
        told.push(format!("{:?} {:?}", answer.bytes(), answer.record));
    }
    told
}

proptest! {
    // Each case asks every question over HTTP; the rule itself is asked four times as often in `laws`.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn law_07_no_byte_of_an_answer_depends_on_another_tenant(
        (model, caller) in cases(), added in (givens(8), rules()), forged in vec(any::<u128>(), 0..3),
    ) {
        block_on(async {
            let ids = ids(&model, &forged);
            let here = build(&model).await;
            let there = build(&busier_elsewhere(&model, &caller, added)).await;
            let other = caller.tenant % TENANTS + 1;
            there.grow(other, 500, root(other)).await;
            let doors = [Door::of(&here), Door::of(&there)];
            for (shift, door) in doors.iter().enumerate() {
                locate(door, &model, core::iter::once(caller.tenant), 0);
                locate(door, &model, (1..=TENANTS).filter(|number| *number != caller.tenant), shift);
            }
            let [one, two] = doors;
            let ctx = ctx_in(&model, &caller);
            prop_assert_eq!(told(&one, &ctx, &ids).await, told(&two, &ctx, &ids).await);
            Ok(())
        })?;
    }

    #[test]
    fn law_07_what_is_asked_in_one_tenant_changes_no_answer_in_another(
        (model, caller) in cases(), stranger in sessions(),
    ) {
        block_on(async {
            let ids = ids(&model, &[]);
            let (quiet, busy) = (build(&model).await, build(&model).await);
            let stranger = Caller { tenant: caller.tenant % TENANTS + 1, ..stranger };
            let (quiet, busy) = (Door::of(&quiet), Door::of(&busy));
            told(&busy, &ctx(&stranger), &ids).await;
            let ctx = ctx_in(&model, &caller);
            prop_assert_eq!(told(&quiet, &ctx, &ids).await, told(&busy, &ctx, &ids).await);
            Ok(())
        })?;
    }

    #[test]
    fn attack_01_foreign_and_forged_ids_get_the_answer_of_an_unknown_one(
        (model, caller) in cases(), forged in vec(any::<u128>(), 1..4),
    ) {
        block_on(async {
            let world = build(&model).await;
            let (door, ctx) = (Door::of(&world), ctx_in(&model, &caller));
            let unknown = in_container(crate::helpers::container(crate::helpers::NOWHERE));
            let unknown = door.send(&ctx, "read-accounts", unknown).await;
            prop_assert_eq!(unknown.status, 404);
            let foreign = (0..model.places.len()).filter(|place| model.places[*place].tenant != caller.tenant);
            let mut ids = ids(&model, &forged).split_off(model.places.len());
            ids.extend(foreign.map(|place| id_of(&model, place)));
            for id in ids {
                for (operation, _) in IN_CONTAINER {
                    let answer = door.send(&ctx, operation, in_container(id)).await;
                    prop_assert_eq!(answer.bytes(), unknown.bytes());
                }
            }
            prop_assert_eq!(door.calls(), 0);
            Ok(())
        })?;
    }

    #[test]
    fn law_07_the_claims_of_a_credential_change_no_answer(
        model in models(), caller in sessions(), claims in vec((any::<Index>(), any::<Index>()), 0..20),
    ) {
        block_on(async {
            let claims = claims.into_iter().map(|(role, at)| {
                let names: Vec<_> = ROLES.iter().map(|(name, _)| *name).chain(OWN).collect();
                let role = names[role.index(names.len())];
                RoleAssignment::new(RoleName::parse(role).unwrap(), id_of(&model, at.index(model.places.len())))
            });
            let ctx = claiming(&caller, RoleAssignments::listed(claims).unwrap());
            let snapshot = build(&model).await.snapshot(&ctx).await;
            prop_assert_eq!(answers(&snapshot, &model), expected(&model, &caller));
            Ok(())
        })?;
    }

    #[test]
    fn law_22_a_request_ends_in_exactly_one_row_of_the_answers((model, caller) in cases()) {
        block_on(async {
            let world = build(&model).await;
            let (door, ctx) = (Door::of(&world), ctx_in(&model, &caller));
            for place in 0..model.places.len() {
                for (operation, permission) in IN_CONTAINER {
                    let before = door.calls();
                    let answer = door.send(&ctx, operation, in_container(id_of(&model, place))).await;
                    let status = model.status(&caller, permission, place);
                    prop_assert_eq!(answer.status, status, "{} at {}", operation, place);
                    // The handler runs for an allow, once, and for nothing else.
                    prop_assert_eq!(door.calls() - before, usize::from(status == 200));
                    let record = answer.record.clone().unwrap();
                    prop_assert_eq!((record.verdict() == "allow", record.permission()), (status == 200, permission));
                    prop_assert_eq!(answer.headers.contains_key("www-authenticate"), matches!(status, 401 | 403));
                    if status != 200 {
                        let code = [(401, "step-up-required"), (403, "permission-denied"), (404, "not-found")]
                            .into_iter().find(|(known, _)| *known == status);
                        let json = answer.json();
                        prop_assert_eq!(json["code"].as_str(), code.map(|(_, code)| code));
                        prop_assert_eq!(json.get("params").is_some(), status == 403);
                    }
                }
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn one_account_in_two_tenants_is_two_callers() {
    let world = World::bank().await;
    let at_home = crate::helpers::grant(1, 1, crate::bank::Manager, root(1));
    world
        .views
        .provision(crate::helpers::inside(1), at_home)
        .await
        .unwrap();
    for number in 1..=TENANTS {
        let ctx =
            skeleton_invocation_context::testing::context().user(account_id(1), tenant(number));
        let ctx = ctx.build_authenticated();
        world.authorizer.load(InTenant::of(&ctx)).await.unwrap();
        let snapshot = world.authorizer.snapshot(&ctx).unwrap();
        assert_eq!(snapshot.tree().tenant(), tenant(number));
        for asked in 1..=TENANTS {
            assert_eq!(snapshot.sees(root(asked)), number == 1 && asked == 1);
        }
    }
}
