//! Properties of reasons and proofs, against the naive model.

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_authz::Decision;
use skeleton_authz::DenyReason;
use skeleton_authz::MaxAge;
use skeleton_authz::Permission;
use skeleton_authz::Reach;
use skeleton_authz::Remedy;
use skeleton_authz::Snapshot;
use skeleton_invocation_context::Timestamp;

use crate::bank::account;
use crate::bank::customer;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::grant_id;
use crate::naive::Caller;
use crate::naive::Given;
use crate::naive::Model;
use crate::naive::ROLES;
use crate::naive::UNKNOWN_ROLE;
use crate::naive::When;
use crate::worlds::Ask;
use crate::worlds::asks;
use crate::worlds::block_on;
use crate::worlds::build;
use crate::worlds::callers;
use crate::worlds::ctx;
use crate::worlds::id_of;
use crate::worlds::models;

fn taken(model: &Model, caller: &Caller) -> (World, Snapshot) {
    block_on(async {
        let world = build(model).await;
        let snapshot = world.snapshot(&ctx(caller)).await;
        (world, snapshot)
    })
}

/// Every question about every container.
fn questions(model: &Model) -> impl Iterator<Item = (usize, Ask)> {
    (0..model.places.len()).flat_map(|place| asks().map(|ask| (place, ask)))
}

/// Whether the caller would be allowed if it held one more role there.
fn helps(model: &Model, caller: &Caller, name: &str, place: usize, role: &str) -> bool {
    let mut wider = model.clone();
    wider.grants.push(Given {
        stream: caller.tenant,
        to: caller.acting.authorizing(),
        role: ROLES.iter().position(|(own, _)| *own == role).unwrap(),
        at: place,
        reach: Reach::SelfAndBelow,
        when: When::Always,
    });
    wider.allows(caller, name, place)
}

/// The number of containers between two, up and down again.
fn distance(model: &Model, one: usize, other: usize) -> usize {
    let (one, other) = (model.upward(one), model.upward(other));
    let common = one.iter().filter(|at| other.contains(at)).count();
    one.len() + other.len() - 2 * common
}

fn reason_by_the_model(model: &Model, caller: &Caller, name: &str, place: usize) -> &'static str {
    let account = caller.acting.authorizing();
    let reaching: Vec<&Given> = model
        .held(caller.tenant, account)
        .map(|(_, given)| given)
        .filter(|given| model.reaches(given, place))
        .collect();
    if model.places[place].tenant != caller.tenant {
        "unknown-scope"
    } else if !model
        .sufficient(caller.tenant, account, name, place)
        .is_empty()
    {
        if model.admits(caller, name, place) {
            "step-up"
        } else {
            "masked"
        }
    } else if reaching.is_empty() {
        "no-grant"
    } else if reaching
        .iter()
        .any(|given| ROLES[given.role].1.contains(&name))
    {
        "not-active"
    } else {
        "role-lacks"
    }
}

proptest! {
    #[test]
    fn law_14_explain_agrees_with_allows(model in models(), caller in callers()) {
        let (_, snapshot) = taken(&model, &caller);
        for (place, ask) in questions(&model) {
            let id = id_of(&model, place);
            let is_allowed = snapshot.tree().node(id).is_some_and(|node| (ask.allows)(&snapshot, node));
            match snapshot.explain(ask.id, id) {
                Decision::Allow(_) => prop_assert!(is_allowed, "{}", ask.name),
                Decision::Deny(deny) => {
                    prop_assert!(!is_allowed, "{}", ask.name);
                    let expected = reason_by_the_model(&model, &caller, ask.name, place);
                    prop_assert_eq!(deny.reason.code(), expected, "{}", ask.name);
                    prop_assert_eq!(deny.versions, snapshot.versions());
                }
            }
        }
    }

    #[test]
    fn law_14_the_named_grant_suffices_and_is_the_nearest(model in models(), caller in callers()) {
        let (_, snapshot) = taken(&model, &caller);
        let own = caller.acting.authorizing();
        for (place, ask) in questions(&model) {
            let Decision::Allow(allow) = snapshot.explain(ask.id, id_of(&model, place)) else {
                continue;
            };
            let number = (0..model.grants.len()).find(|number| grant_id(*number as u64) == allow.grant).unwrap();
            let given = &model.grants[number];
            prop_assert_eq!(allow.at, id_of(&model, given.at));
            prop_assert_eq!(allow.role.as_str(), ROLES[given.role].0);
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
    fn law_14_every_remedy_flips_the_answer(model in models(), caller in callers()) {
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
                        helps(&model, &caller, ask.name, place, role.as_str())
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
                        let later = world.authorizer.snapshot(&ctx(&caller)).unwrap();
                        world.clock.set(NOW);
                        (ask.require)(&later, id).is_ok()
                    }
                    other => panic!("{other:?} is no remedy of this slice"),
                };
                prop_assert!(flips, "{} at {place}", ask.name);
            }
        }
    }

    #[test]
    fn law_14_every_role_that_helps_is_named(model in models(), caller in callers()) {
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
            let size = |role: &str| ROLES.iter().find(|(own, _)| *own == role).map(|(_, held)| held.len());
            prop_assert!(named.is_sorted_by_key(|role| (size(role), *role)));
            let is_asked = matches!(deny.reason, DenyReason::NoGrant { .. } | DenyReason::RoleLacks { .. });
            for (role, _) in ROLES.iter().take(UNKNOWN_ROLE) {
                let is_help = helps(&model, &caller, ask.name, place, role);
                prop_assert!(!is_asked || named.contains(role) == is_help, "{role} for {}", ask.name);
            }
        }
    }

    #[test]
    fn law_14_the_nearest_grant_elsewhere_is_named(model in models(), caller in callers()) {
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
                .filter(|(_, given)| ROLES[given.role].1.contains(&ask.name));
            let expected = holding.min_by_key(|(number, given)| (distance(&model, given.at, place), *number));
            prop_assert_eq!(nearest, expected.map(|(_, given)| id_of(&model, given.at)));
        }
    }

    #[test]
    fn law_23_a_carried_decision_proves_just_itself(model in models(), caller in callers(), age in 0_u64..1_800) {
        let (world, snapshot) = taken(&model, &caller);
        let own = ctx(&caller);
        let other = ctx(&Caller { tenant: caller.tenant % 3 + 1, ..caller });
        for place in 0..model.places.len() {
            let Ok(proof) = snapshot.require(account::Read, id_of(&model, place)) else {
                continue;
            };
            let carried = proof.carry();
            world.clock.set(Timestamp::from_millis(NOW.as_millis() + age * 1_000));
            let resumed = world.authorizer.resume::<account::Read>(&own, &carried, MaxAge::default());
            // An impersonator continues only while impersonation is allowed there.
            let may = seconds_later(&model, age).admits(&caller, "account:read", place);
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
    let mut known: Vec<&str> = ROLES
        .iter()
        .take(UNKNOWN_ROLE)
        .map(|(name, _)| *name)
        .collect();
    known.sort_unstable();
    let held: Vec<&str> = catalogue.roles().map(|role| role.name().as_str()).collect();
    assert_eq!(held, known);
    assert_eq!(account::Read::NAME, "account:read");
}
