//! Properties of the rule, against the naive model.

use proptest::collection::vec;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_authz::Permission;
use skeleton_authz::PermissionSet;
use skeleton_authz::Reach;

use crate::bank::Bank;
use crate::naive::Acting;
use crate::naive::Caller;
use crate::naive::Model;
use crate::naive::ROLES;
use crate::naive::UNKNOWN_ROLE;
use crate::worlds::answers;
use crate::worlds::asks;
use crate::worlds::block_on;
use crate::worlds::build;
use crate::worlds::build_in;
use crate::worlds::callers;
use crate::worlds::ctx;
use crate::worlds::expected;
use crate::worlds::givens;
use crate::worlds::id_of;
use crate::worlds::models;
use crate::worlds::placed;
use crate::worlds::record;

/// The answers of the world that a model describes.
fn asked(model: &Model, caller: &Caller) -> Vec<Vec<bool>> {
    block_on(async {
        let world = build(model).await;
        answers(&world.snapshot(&ctx(caller)).await, model)
    })
}

fn is_subset(less: &[Vec<bool>], more: &[Vec<bool>]) -> bool {
    let pairs = less.iter().flatten().zip(more.iter().flatten());
    less.len() == more.len() && pairs.into_iter().all(|(less, more)| !less | more)
}

proptest! {
    #[test]
    fn law_01_every_answer_equals_the_models(model in models(), caller in callers()) {
        prop_assert_eq!(asked(&model, &caller), expected(&model, &caller));
    }

    #[test]
    fn law_01_a_proof_is_given_exactly_where_it_is_allowed(model in models(), caller in callers()) {
        let snapshot = block_on(async { build(&model).await.snapshot(&ctx(&caller)).await });
        for place in 0..model.places.len() {
            for ask in asks() {
                let proven = (ask.require)(&snapshot, id_of(&model, place)).is_ok();
                prop_assert_eq!(proven, model.allows(&caller, ask.name, place), "{}", ask.name);
            }
        }
    }

    #[test]
    fn law_02_adding_a_grant_removes_no_allow(model in models(), caller in callers(), added in givens(4)) {
        let before = asked(&model, &caller);
        let mut wider = model.clone();
        for drawn in added {
            wider.grants.push(placed(&model, drawn));
        }
        prop_assert!(is_subset(&before, &asked(&wider, &caller)));
    }

    #[test]
    fn law_04_a_grant_of_self_and_below_allows_at_every_descendant(model in models()) {
        let own = model.grants.iter().filter(|given| {
            given.reach == Reach::SelfAndBelow
                && given.when.is_open()
                && given.role == 0
                && model.places[given.at].tenant == given.stream
        });
        for given in own {
            let caller = weakest(given.stream, given.to);
            let rows = asked(&model, &caller);
            for (place, row) in rows.iter().enumerate() {
                if model.upward(place).contains(&given.at) {
                    prop_assert!(row[0], "account:read at {place}");
                }
            }
        }
    }

    #[test]
    fn law_05_grants_elsewhere_do_not_change_an_answer(model in models(), caller in callers()) {
        let all = asked(&model, &caller);
        for place in (0..model.places.len()).filter(|place| model.places[*place].tenant == caller.tenant) {
            let upward = model.upward(place);
            let mut fewer = model.clone();
            fewer.grants.retain(|given| upward.contains(&given.at));
            let last = asks().len();
            prop_assert_eq!(&asked(&fewer, &caller)[place][..last], &all[place][..last]);
        }
    }

    #[test]
    fn law_06_without_a_grant_there_is_nothing(model in models(), caller in callers()) {
        let mut bare = model;
        let own = caller.acting.authorizing();
        bare.grants.retain(|given| given.to != own || given.stream != caller.tenant);
        prop_assert!(!asked(&bare, &caller).into_iter().flatten().any(|is_allowed| is_allowed));
    }

    #[test]
    fn law_07_nothing_done_in_another_tenant_changes_anything(
        model in models(), caller in callers(), added in givens(8),
    ) {
        block_on(async {
            let here = build(&model).await;
            let mut busier = model.clone();
            for drawn in added {
                let given = placed(&model, drawn);
                if given.stream != caller.tenant {
                    busier.grants.push(given);
                }
            }
            let there = build(&busier).await;
            let other = caller.tenant % 3 + 1;
            there.grow(other, 500, crate::helpers::root(other)).await;
            let ctx = ctx(&caller);
            let (here, there) = (here.snapshot(&ctx).await, there.snapshot(&ctx).await);
            prop_assert_eq!(here.versions(), there.versions());
            for place in 0..model.places.len() {
                for ask in asks() {
                    let at = id_of(&model, place);
                    prop_assert_eq!(here.explain(ask.id, at), there.explain(ask.id, at));
                    let (one, two) = ((ask.require)(&here, at), (ask.require)(&there, at));
                    prop_assert_eq!(format!("{one:?}"), format!("{two:?}"));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn law_07_a_grant_that_points_into_another_tenant_gives_nothing(model in models(), caller in callers()) {
        let all = asked(&model, &caller);
        let mut own = model.clone();
        own.grants.retain(|given| model.places[given.at].tenant == given.stream);
        prop_assert_eq!(all, asked(&own, &caller));
    }

    #[test]
    fn law_08_a_role_gives_what_its_policies_give(roles in vec(0..UNKNOWN_ROLE, 1..4)) {
        let catalogue = Bank::catalogue();
        for number in roles {
            let (name, held) = ROLES[number];
            let role = catalogue.roles().find(|role| role.name().as_str() == name).unwrap();
            let mut union = PermissionSet::empty();
            for policy in role.policies() {
                union.insert_all(policy.permissions());
            }
            prop_assert_eq!(role.permissions(), &union);
            let named: PermissionSet =
                held.iter().map(|name| catalogue.permission_named(name).unwrap().id()).collect();
            prop_assert_eq!(role.permissions(), &named);
        }
    }

    #[test]
    fn law_09_closed_windows_allow_nothing(model in models(), caller in callers()) {
        let all = asked(&model, &caller);
        let mut open = model;
        open.grants.retain(|given| given.when.is_open());
        let last = asks().len();
        for (with, without) in all.iter().zip(asked(&open, &caller)) {
            prop_assert_eq!(&with[..last], &without[..last]);
        }
    }

    #[test]
    fn law_11_order_and_duplicates_do_not_matter(
        model in models(), caller in callers(), seed in vec(0_usize..1_000, 24),
    ) {
        let count = model.grants.len();
        let mut numbers: Vec<usize> = (0..count).collect();
        numbers.sort_by_key(|number| seed[*number]);
        numbers.extend(seed.iter().take(count).map(|drawn| drawn % count));
        let (one, other) = block_on(async {
            let ctx = ctx(&caller);
            let one = build(&model).await.snapshot(&ctx).await;
            (one, build_in(&model, &numbers).await.snapshot(&ctx).await)
        });
        prop_assert_eq!(answers(&one, &model), answers(&other, &model));
        for place in 0..model.places.len() {
            for ask in asks() {
                let at = id_of(&model, place);
                let why = |snapshot: &skeleton_authz::Snapshot| without_versions(snapshot.explain(ask.id, at));
                prop_assert_eq!(why(&one), why(&other));
            }
        }
    }

    #[test]
    fn law_18_a_snapshot_stands_still_and_the_next_one_sees_everything(
        model in models(), caller in callers(), added in givens(6),
    ) {
        block_on(async {
            let world = build(&model).await;
            let ctx = ctx(&caller);
            let before = world.snapshot(&ctx).await;
            let (versions, held) = (before.versions(), answers(&before, &model));
            let mut wider = model.clone();
            for drawn in added {
                wider.grants.push(placed(&model, drawn));
                record(&world, &wider, wider.grants.len() - 1).await;
            }
            for tenant in 1..=3 {
                world.views.load(crate::helpers::inside(tenant)).await.unwrap();
            }
            prop_assert_eq!(answers(&before, &model), held);
            prop_assert_eq!(before.versions(), versions);
            let after = world.authorizer.snapshot(&ctx).unwrap();
            prop_assert_eq!(answers(&after, &model), expected(&wider, &caller));
            Ok(())
        })?;
    }

    #[test]
    fn law_19_impersonation_is_within_the_impersonated_and_the_mask(
        model in models(), caller in callers(), by in 0_u8..3, step in 1_u8..3,
    ) {
        let of = (by + step) % 3;
        let acting = Acting::Impersonating { by, of };
        let masked = asked(&model, &Caller { acting, ..caller });
        let own = asked(&model, &Caller { acting: Acting::Direct(of), ..caller });
        let impersonator = asked(&model, &Caller { acting: Acting::Direct(by), ..caller });
        prop_assert!(is_subset(&masked, &own));
        let catalogue = Bank::catalogue();
        let asks = asks();
        let right = asks.iter().position(|ask| ask.id == skeleton_authz::skeleton::member::Impersonate::ID).unwrap();
        for (place, row) in masked.iter().enumerate() {
            for (number, ask) in asks.iter().enumerate().filter(|(number, _)| row[*number]) {
                let attributes = catalogue.permission(ask.id).unwrap().attributes();
                prop_assert!(attributes.is_read() && !attributes.is_sensitive(), "{number}");
                prop_assert!(impersonator[place][right]);
            }
        }
    }
}

fn weakest(tenant: u8, account: u8) -> Caller {
    Caller {
        tenant,
        acting: Acting::Direct(account),
        assurance: skeleton_invocation_context::Assurance::Aal1,
        proof_age: std::time::Duration::ZERO,
    }
}

/// What is decided and why, but not under which version.
fn without_versions(decision: skeleton_authz::Decision) -> String {
    match decision {
        skeleton_authz::Decision::Allow(allow) => {
            format!("{} {} {}", allow.grant, allow.at, allow.distance)
        }
        skeleton_authz::Decision::Deny(deny) => {
            format!("{:?} {:?}", deny.reason, deny.would_allow)
        }
    }
}
