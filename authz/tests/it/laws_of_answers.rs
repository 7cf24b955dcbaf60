//! Properties of reasons and proofs, against the naive model.

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::test_runner::TestCaseError;
use skeleton_authz::Decision;
use skeleton_authz::DenyReason;
use skeleton_authz::Mask;
use skeleton_authz::MaxAge;
use skeleton_authz::Permission;
use skeleton_authz::Reach;
use skeleton_authz::Remedy;
use skeleton_authz::Snapshot;
use skeleton_invocation_context::Timestamp;

use crate::bank::account;
use crate::bank::customer;
use crate::drawing::cases;
use crate::drawing::crowded_cases;
use crate::drawing::fewer;
use crate::drawing::models;
use crate::drawing::narrowings;
use crate::drawing::sessions;
use crate::helpers::NOW;
use crate::helpers::grant_id;
use crate::naive::Caller;
use crate::naive::Given;
use crate::naive::Model;
use crate::naive::OWN;
use crate::naive::ROLES;
use crate::naive::When;
use crate::worlds::Ask;
use crate::worlds::asks;
use crate::worlds::ctx;
use crate::worlds::ctx_in;
use crate::worlds::guardrail_id;
use crate::worlds::id_of;
use crate::worlds::taken;

/// Every question about every container.
fn questions(model: &Model) -> impl Iterator<Item = (usize, Ask)> {
    (0..model.places.len()).flat_map(|place| asks().map(|ask| (place, ask)))
}

/// Whether the caller would be allowed if it held one more role there.
fn helps(model: &Model, caller: &Caller, name: &str, place: usize, role: &'static str) -> bool {
    let mut wider = model.clone();
    wider.grants.push(Given {
        stream: caller.tenant,
        to: caller.acting.authorizing(),
        role,
        at: place,
        reach: Reach::SelfAndBelow,
        when: When::Always,
    });
    wider.allows(caller, name, place)
}

/// The name as the model knows it.
fn known(role: &str) -> &'static str {
    let standard = ROLES.iter().map(|(name, _)| *name);
    let mut all = standard.chain(OWN);
    all.find(|name| *name == role).unwrap()
}

/// The number of containers between two, up and down again.
fn distance(model: &Model, one: usize, other: usize) -> usize {
    let (one, other) = (model.upward(one), model.upward(other));
    let common = one.iter().filter(|at| other.contains(at)).count();
    one.len() + other.len() - 2 * common
}

fn reason_by_the_model(model: &Model, caller: &Caller, name: &str, place: usize) -> String {
    let (tenant, account) = (caller.tenant, caller.acting.authorizing());
    let reaching: Vec<&Given> = model
        .held(tenant, account)
        .map(|(_, given)| given)
        .filter(|given| model.reaches(given, place))
        .collect();
    let reason = if model.places[place].tenant != tenant {
        "unknown-scope"
    } else if !model.fenced(tenant, name, place).is_empty() {
        "guardrail"
    } else if model.is_archived(place) && !Model::is_kept_on_archived(name) {
        "archived"
    } else if !model.sufficient(tenant, account, name, place).is_empty() {
        match model.mask(caller, name, place) {
            Some(mask) => return format!("masked {mask:?}"),
            None => "step-up",
        }
    } else if reaching.is_empty() {
        "no-grant"
    } else if reaching.iter().any(|given| model.gives(given, name)) {
        "not-active"
    } else {
        "role-lacks"
    };
    reason.to_owned()
}

/// The code of a reason, and of a mask which one.
fn told(reason: &DenyReason) -> String {
    match reason {
        DenyReason::Masked(mask) => format!("masked {mask:?}"),
        other => other.code().to_owned(),
    }
}

/// Of the guardrails that forbid it the nearest, of several there the one with the smallest id.
fn nearest_fence(model: &Model, caller: &Caller, name: &str, place: usize) -> Option<DenyReason> {
    let fences = model.fenced(caller.tenant, name, place);
    let nearest = fences.into_iter().min_by_key(|number| {
        let fence = &model.fences[*number];
        (distance(model, fence.at, place), *number)
    });
    nearest.map(|number| DenyReason::Guardrail(guardrail_id(number as u64)))
}

fn explains_as_the_model(
    model: &Model,
    caller: &Caller,
    snapshot: &Snapshot,
) -> Result<(), TestCaseError> {
    for (place, ask) in questions(model) {
        let id = id_of(model, place);
        let is_allowed = snapshot
            .tree()
            .node(id)
            .is_some_and(|node| (ask.allows)(snapshot, node));
        match snapshot.explain(ask.id, id) {
            Decision::Allow(_) => prop_assert!(is_allowed, "{}", ask.name),
            Decision::Deny(deny) => {
                prop_assert!(!is_allowed, "{}", ask.name);
                let expected = reason_by_the_model(model, caller, ask.name, place);
                prop_assert_eq!(told(&deny.reason), expected, "{}", ask.name);
                if let DenyReason::Guardrail(_) = deny.reason {
                    let nearest = nearest_fence(model, caller, ask.name, place);
                    prop_assert_eq!(Some(deny.reason), nearest);
                }
                prop_assert_eq!(deny.versions, snapshot.versions());
            }
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn law_14_explain_agrees_with_allows((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        explains_as_the_model(&model, &caller, &snapshot)?;
    }

    #[test]
    fn law_14_every_remedy_flips_the_answer((model, caller) in cases()) {
        let (world, snapshot) = taken(&model, &caller);
        for (place, ask) in questions(&model) {
            let id = id_of(&model, place);
            let Decision::Deny(deny) = snapshot.explain(ask.id, id) else {
                continue;
            };
            prop_assert!(deny.would_allow.len() <= 8);
            for remedy in deny.would_allow {
                let flips = match remedy {
                    Remedy::Role { role, at } => {
                        prop_assert_eq!(at, id);
                        helps(&model, &caller, ask.name, place, known(role.as_str()))
                    }
                    Remedy::StepUp { assurance, max_age } => {
                        let stronger = Caller {
                            assurance: assurance.map_or(caller.assurance, |least| least.max(caller.assurance)),
                            proof_age: max_age.map_or(caller.proof_age, std::time::Duration::from_secs),
                            ..caller.clone()
                        };
                        model.allows(&stronger, ask.name, place)
                    }
                    Remedy::Wait { from } => {
                        world.clock.set(from);
                        let later = world.authorizer.snapshot(&ctx_in(&model, &caller)).unwrap();
                        world.clock.set(NOW);
                        (ask.require)(&later, id).is_ok()
                    }
                    Remedy::FullCredential => {
                        prop_assert_eq!(&deny.reason, &DenyReason::Masked(Mask::Credential));
                        model.allows(&Caller { ceiling: None, ..caller.clone() }, ask.name, place)
                    }
                    other => panic!("{other:?} is unknown"),
                };
                prop_assert!(flips, "{} at {place}", ask.name);
            }
        }
    }

    #[test]
    fn law_23_a_carried_decision_proves_just_itself(model in models(), caller in sessions(), age in 0_u64..1_800) {
        let (world, snapshot) = taken(&model, &caller);
        let own = ctx(&caller);
        let other = ctx(&Caller { tenant: caller.tenant % 3 + 1, ..caller.clone() });
        for place in 0..model.places.len() {
            let Ok(proof) = snapshot.require(account::Read, id_of(&model, place)) else {
                continue;
            };
            let carried = proof.carry();
            world.clock.set(Timestamp::from_millis(NOW.as_millis() + age * 1_000));
            let resumed = world.authorizer.resume::<account::Read>(&own, &carried, MaxAge::default());
            // An impersonator continues only while impersonation is allowed there.
            let may = seconds_later(&model, age).mask(&caller, "account:read", place).is_none();
            prop_assert_eq!(resumed.is_ok(), age <= 900 && may);
            if let Ok(resumed) = resumed {
                prop_assert_eq!(resumed.scope(), proof.scope());
                prop_assert_eq!(resumed.tenant(), proof.tenant());
                prop_assert_eq!(resumed.account(), proof.account());
                prop_assert_eq!(resumed.versions(), proof.versions());
                prop_assert!(resumed.is_resumed() && !proof.is_resumed());
                // Carried on, it keeps the age of the first decision.
                prop_assert_eq!(resumed.carry(), carried.clone());
            }
            let wide = MaxAge::CEILING;
            prop_assert!(world.authorizer.resume::<account::Read>(&other, &carried, wide).is_err());
            prop_assert!(world.authorizer.resume::<account::Open>(&own, &carried, wide).is_err());
            prop_assert!(world.authorizer.resume::<customer::Read>(&own, &carried, wide).is_err());
        }
    }
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn law_14_the_named_grant_suffices_and_is_the_nearest((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        let own = caller.acting.authorizing();
        for (place, ask) in questions(&model) {
            let Decision::Allow(allow) = snapshot.explain(ask.id, id_of(&model, place)) else {
                continue;
            };
            let number = (0..model.grants.len()).find(|number| grant_id(*number as u64) == allow.grant).unwrap();
            let given = &model.grants[number];
            prop_assert_eq!(allow.at, id_of(&model, given.at));
            prop_assert_eq!(allow.role.as_str(), given.role);
            prop_assert_eq!(usize::from(allow.distance), distance(&model, given.at, place));
            let sufficient = model.sufficient(caller.tenant, own, ask.name, place);
            let nearest = sufficient.iter().min_by_key(|other| {
                (distance(&model, model.grants[**other].at, place), **other)
            });
            prop_assert_eq!(nearest, Some(&number));
            let mut alone = model.clone();
            alone.grants = (model.grants.iter().enumerate())
                .filter(|(other, held)| *other == number || held.to != own || held.stream != caller.tenant)
                .map(|(_, held)| held.clone())
                .collect();
            prop_assert!(alone.allows(&caller, ask.name, place));
        }
    }

    #[test]
    fn law_14_every_role_that_helps_is_named((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        for (place, ask) in questions(&model) {
            let Decision::Deny(deny) = snapshot.explain(ask.id, id_of(&model, place)) else {
                continue;
            };
            let mut named: Vec<&str> = Vec::new();
            for remedy in &deny.would_allow {
                if let Remedy::Role { role, .. } = remedy {
                    named.push(role.as_str());
                }
            }
            let size = |role: &str| {
                let held = model.holds(caller.tenant, role, place).unwrap();
                held.iter().filter(|name| **name != "account:gone").count()
            };
            prop_assert!(named.is_sorted_by_key(|role| (size(role), *role)));
            let is_asked = matches!(deny.reason, DenyReason::NoGrant { .. } | DenyReason::RoleLacks { .. });
            for role in ROLES.iter().map(|(name, _)| *name).chain(OWN) {
                let is_help = helps(&model, &caller, ask.name, place, role);
                prop_assert!(!is_asked || named.contains(&role) == is_help, "{role} for {}", ask.name);
            }
            if deny.reason == DenyReason::Masked(Mask::Credential) {
                let is_help = model.allows(&Caller { ceiling: None, ..caller.clone() }, ask.name, place);
                prop_assert_eq!(deny.would_allow.contains(&Remedy::FullCredential), is_help);
            }
        }
    }

    #[test]
    fn law_14_the_nearest_grant_elsewhere_is_named((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        for (place, ask) in questions(&model) {
            let Decision::Deny(deny) = snapshot.explain(ask.id, id_of(&model, place)) else {
                continue;
            };
            let DenyReason::NoGrant { nearest } = deny.reason else {
                continue;
            };
            let holding = model
                .held(caller.tenant, caller.acting.authorizing())
                .filter(|(_, given)| model.gives(given, ask.name));
            let expected = holding.min_by_key(|(number, given)| (distance(&model, given.at, place), *number));
            prop_assert_eq!(nearest, expected.map(|(_, given)| id_of(&model, given.at)));
        }
    }

    #[test]
    fn law_14_explain_agrees_with_allows_where_grants_are_many((model, caller) in crowded_cases()) {
        let (_, snapshot) = taken(&model, &caller);
        explains_as_the_model(&model, &caller, &snapshot)?;
    }

    #[test]
    fn law_14_explain_agrees_with_allows_on_a_narrowed_snapshot(
        (model, caller) in cases(), narrowing in narrowings(),
    ) {
        let narrowed = vec![crate::drawing::fit(&model, narrowing)];
        let caller = Caller { narrowed, ..caller };
        let (_, snapshot) = taken(&model, &caller);
        explains_as_the_model(&model, &caller, &snapshot)?;
    }
}

/// The model as it is so many seconds after the question: windows of a millisecond are over.
fn seconds_later(model: &Model, age: u64) -> Model {
    let mut later = model.clone();
    for given in &mut later.grants {
        given.when = match given.when {
            When::UntilSoon if age > 0 => When::Past,
            When::Later if age > 0 => When::Always,
            same => same,
        };
    }
    later
}

#[test]
fn the_model_and_the_catalogue_know_the_same_roles() {
    let catalogue = crate::bank::Bank::catalogue();
    let mut known: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    let held: Vec<&str> = catalogue.roles().map(|role| role.name().as_str()).collect();
    assert_eq!(held, known);
    assert_eq!(account::Read::NAME, "account:read");
}
