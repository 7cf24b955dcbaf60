//! Properties of the rule, against the naive model.

use proptest::collection::vec;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_authz::PermissionSet;
use skeleton_authz::Reach;

use crate::bank::Bank;
use crate::drawing::cases;
use crate::drawing::crowded_cases;
use crate::drawing::fewer;
use crate::drawing::givens;
use crate::drawing::models;
use crate::drawing::placed;
use crate::drawing::rule;
use crate::drawing::rules;
use crate::naive::Acting;
use crate::naive::Caller;
use crate::naive::Model;
use crate::naive::ROLES;
use crate::worlds::answers;
use crate::worlds::asks;
use crate::worlds::block_on;
use crate::worlds::build;
use crate::worlds::build_in;
use crate::worlds::ctx_in;
use crate::worlds::expected;
use crate::worlds::id_of;
use crate::worlds::record;
use crate::worlds::rules_of;
use crate::worlds::taken;

/// The answers of the world that a model describes.
fn asked(model: &Model, caller: &Caller) -> Vec<Vec<bool>> {
    let (_, snapshot) = taken(model, caller);
    answers(&snapshot, model)
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn law_11_order_and_duplicates_do_not_matter(
        (model, caller) in cases(), seed in vec(0_usize..1_000, 24),
    ) {
        let count = model.grants.len();
        let mut numbers: Vec<usize> = (0..count).collect();
        numbers.sort_by_key(|number| seed[*number]);
        numbers.extend(seed.iter().take(count).map(|drawn| drawn % count));
        let (one, other) = block_on(async {
            let ctx = ctx_in(&model, &caller);
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
    fn law_01_many_grants_of_one_account_answer_like_few((model, caller) in crowded_cases()) {
        let (_, snapshot) = taken(&model, &caller);
        prop_assert_eq!(answers(&snapshot, &model), expected(&model, &caller));
        for place in 0..model.places.len() {
            for ask in asks() {
                let proven = (ask.require)(&snapshot, id_of(&model, place)).is_ok();
                prop_assert_eq!(proven, model.allows(&caller, ask.name, place), "{}", ask.name);
            }
        }
    }
}

fn is_subset(less: &[Vec<bool>], more: &[Vec<bool>]) -> bool {
    let pairs = less.iter().flatten().zip(more.iter().flatten());
    less.len() == more.len() && pairs.into_iter().all(|(less, more)| !less | more)
}

proptest! {
    #[test]
    fn law_01_every_answer_equals_the_models((model, caller) in cases()) {
        prop_assert_eq!(asked(&model, &caller), expected(&model, &caller));
    }

    #[test]
    fn law_01_a_proof_is_given_exactly_where_it_is_allowed((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        for place in 0..model.places.len() {
            for ask in asks() {
                let proven = (ask.require)(&snapshot, id_of(&model, place)).is_ok();
                prop_assert_eq!(proven, model.allows(&caller, ask.name, place), "{}", ask.name);
            }
        }
    }

    #[test]
    fn law_02_adding_a_grant_removes_no_allow((model, caller) in cases(), added in givens(4)) {
        let before = asked(&model, &caller);
        let mut wider = model.clone();
        for drawn in added {
            wider.grants.push(placed(&model, drawn));
        }
        prop_assert!(is_subset(&before, &asked(&wider, &caller)));
    }

    #[test]
    fn law_03_adding_a_guardrail_adds_no_allow((model, caller) in cases(), added in rules()) {
        let mut narrower = model.clone();
        rule(&mut narrower, (Vec::new(), added.1));
        let (before, after) = (asked(&model, &caller), asked(&narrower, &caller));
        prop_assert!(is_subset(&after, &before));
        // What is seen does not change: a guardrail is no secret.
        let last = asks().len();
        prop_assert!(before.iter().zip(&after).all(|(one, other)| one[last] == other[last]));
    }

    #[test]
    fn law_04_a_grant_of_self_and_below_allows_at_every_descendant(model in models()) {
        let own = model.grants.iter().filter(|given| {
            given.reach == Reach::SelfAndBelow
                && given.when.is_open()
                && given.role == "clerk"
                && model.places[given.at].tenant == given.stream
        });
        for given in own {
            let caller = weakest(given.stream, given.to);
            let rows = asked(&model, &caller);
            for (place, row) in rows.iter().enumerate() {
                if model.upward(place).contains(&given.at) {
                    // Archived or not: reading stays. What a guardrail forbids goes.
                    let is_fenced = !model.fenced(given.stream, "account:read", place).is_empty();
                    prop_assert_eq!(row[0], !is_fenced, "account:read at {}", place);
                }
            }
        }
    }

    #[test]
    fn law_05_grants_and_guardrails_elsewhere_do_not_change_an_answer((model, caller) in cases()) {
        let all = asked(&model, &caller);
        for place in (0..model.places.len()).filter(|place| model.places[*place].tenant == caller.tenant) {
            let upward = model.upward(place);
            let mut fewer = model.clone();
            fewer.grants.retain(|given| upward.contains(&given.at));
            fewer.fences.retain(|fence| upward.contains(&fence.at));
            let last = asks().len();
            prop_assert_eq!(&asked(&fewer, &caller)[place][..last], &all[place][..last]);
        }
    }

    #[test]
    fn law_06_without_a_grant_there_is_nothing((model, caller) in cases()) {
        let mut bare = model;
        let own = caller.acting.authorizing();
        bare.grants.retain(|given| given.to != own || given.stream != caller.tenant);
        prop_assert!(!asked(&bare, &caller).into_iter().flatten().any(|is_allowed| is_allowed));
    }

    #[test]
    fn law_07_a_rule_that_points_into_another_tenant_changes_nothing((model, caller) in cases()) {
        let all = asked(&model, &caller);
        let mut own = model.clone();
        own.grants.retain(|given| model.places[given.at].tenant == given.stream);
        own.fences.retain(|fence| model.places[fence.at].tenant == fence.stream);
        prop_assert_eq!(all, asked(&own, &caller));
    }

    #[test]
    fn law_08_a_role_gives_what_its_policies_give(roles in vec(0..ROLES.len(), 1..4)) {
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
    fn law_09_closed_windows_allow_nothing((model, caller) in cases()) {
        let all = asked(&model, &caller);
        let mut open = model;
        open.grants.retain(|given| given.when.is_open());
        let last = asks().len();
        for (with, without) in all.iter().zip(asked(&open, &caller)) {
            prop_assert_eq!(&with[..last], &without[..last]);
        }
    }

    #[test]
    fn law_18_a_snapshot_stands_still_and_the_next_one_sees_everything(
        (model, caller) in cases(), added in givens(6), rules in rules(),
    ) {
        block_on(async {
            let world = build(&model).await;
            let ctx = ctx_in(&model, &caller);
            let before = world.snapshot(&ctx).await;
            let (versions, held) = (before.versions(), answers(&before, &model));
            let mut wider = model.clone();
            for drawn in added {
                wider.grants.push(placed(&model, drawn));
                record(&world, &wider, wider.grants.len() - 1).await;
            }
            rule(&mut wider, rules);
            for number in 1..=3 {
                let said = rules_of(&model, number);
                let more = rules_of(&wider, number).into_iter().filter(|event| !said.contains(event));
                world.enact(number, more).await;
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
        (model, caller) in cases(), by in 0_u8..3, step in 1_u8..3,
    ) {
        let of = (by + step) % 3;
        let acting = Acting::Impersonating { by, of };
        let of = Caller { acting: Acting::Direct(of), ..caller.clone() };
        let by = Caller { acting: Acting::Direct(by), ceiling: None, ..caller.clone() };
        let masked = asked(&model, &Caller { acting, ..caller });
        let own = asked(&model, &of);
        prop_assert!(is_subset(&masked, &own));
        let catalogue = Bank::catalogue();
        let asks = asks();
        for (place, row) in masked.iter().enumerate() {
            for (number, ask) in asks.iter().enumerate().filter(|(number, _)| row[*number]) {
                let attributes = catalogue.permission(ask.id).unwrap().attributes();
                prop_assert!(attributes.is_read() && !attributes.is_sensitive(), "{number}");
                prop_assert!(!model.sufficient(by.tenant, by.acting.authorizing(), "member:impersonate", place).is_empty());
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
        ceiling: None,
        narrowed: Vec::new(),
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
