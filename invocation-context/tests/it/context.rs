//! The context: completed at the edge, forked at each hop.

use std::collections::HashMap;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_assert_ne;
use proptest::proptest;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ContextError;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Namespace;
use skeleton_invocation_context::RequestedTenant;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::StepPath;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::SeededIds;

use crate::helpers::NOW;
use crate::helpers::account;
use crate::helpers::actors;
use crate::helpers::anonymous;
use crate::helpers::contexts;
use crate::helpers::edge_contexts;
use crate::helpers::identity;
use crate::helpers::impersonating;
use crate::helpers::locale;
use crate::helpers::on_behalf;
use crate::helpers::steps;
use crate::helpers::tenant;
use crate::helpers::toggles;
use crate::helpers::user;

fn known(actor: Actor) -> InvocationContext {
    anonymous().authenticated_as(identity(actor)).unwrap()
}

fn requested(nth: u8) -> RequestedTenant {
    RequestedTenant::new(tenant(nth))
}

fn error(outcome: Result<InvocationContext, ContextError>) -> ContextError {
    outcome.expect_err("the context must not change")
}

#[test]
fn attack_13_a_credential_of_another_tenant_than_the_door_is_refused() {
    let at_door = |nth| anonymous().requesting(requested(nth)).unwrap();
    let [direct, seen, delegated] = actors().map(identity);
    for who in [&direct, &seen, &delegated] {
        assert!(at_door(1).authenticated_as(who.clone()).is_ok());
        let refused = at_door(2).authenticated_as(who.clone());
        assert_eq!(error(refused), ContextError::TenantMismatch);
    }
    let staff_door = at_door(9).authenticated_as(seen);
    assert_eq!(error(staff_door), ContextError::TenantMismatch);
}

#[test]
fn attack_13_a_caller_is_named_once() {
    let ctx = known(Actor::direct(user(1, 1)));
    let again = ctx
        .clone()
        .authenticated_as(identity(Actor::direct(user(1, 1))));
    assert_eq!(error(again), ContextError::AlreadyAuthenticated);
    let late = ctx.requesting(requested(1));
    assert_eq!(error(late), ContextError::AlreadyAuthenticated);
    let asked = anonymous().requesting(requested(1)).unwrap();
    assert_eq!(
        error(asked.requesting(requested(1))),
        ContextError::AlreadyRequested
    );
}

#[test]
fn attack_13_a_forked_context_is_not_completed() {
    let forked = anonymous()
        .child(&step!("debit"))
        .unwrap()
        .begin(&SeededIds::new(2), NOW);
    let who = identity(Actor::direct(user(1, 1)));
    let changes = [
        forked.clone().requesting(requested(1)),
        forked.clone().authenticated_as(who),
        forked.with_toggles(Toggles::none()),
    ];
    for change in changes {
        assert_eq!(error(change), ContextError::NotAtEdge);
    }
}

#[test]
fn the_tenant_is_the_effective_accounts() {
    for actor in actors() {
        let ctx = known(actor).authenticated().unwrap();
        assert_eq!(ctx.tenant(), tenant(1));
    }
}

#[test]
fn an_unknown_caller_is_not_narrowed_to_a_known_one() {
    assert!(anonymous().authenticated().is_err());
    assert!(anonymous().unauthenticated().is_ok());
    let ctx = known(Actor::direct(user(1, 1)));
    let back = ctx.clone().unauthenticated().expect_err("known");
    assert_eq!(back.actor().effective_account().id(), account(1));
    let either = ctx.authenticated().unwrap().into_access();
    assert!(matches!(either.access(), Access::Authenticated(_)));
}

#[test]
fn the_test_flag_is_the_accounts_else_the_doors() {
    let at_door = anonymous().requesting(requested(1).as_test()).unwrap();
    assert!(at_door.is_test());
    let plain = at_door
        .clone()
        .authenticated_as(identity(Actor::direct(user(1, 1))));
    assert!(!plain.unwrap().is_test());
    let marked = identity(Actor::direct(user(1, 1).into_test()));
    assert!(at_door.authenticated_as(marked).unwrap().is_test());
    assert!(!known(impersonating(user(2, 1).into_test(), user(1, 1))).is_test());
    assert!(known(on_behalf(user(2, 1), user(1, 1).into_test())).is_test());
}

#[test]
fn the_locale_is_the_effective_accounts() {
    let (en, fr) = (locale("en"), locale("fr"));
    let pair = impersonating(user(2, 1).with_locale(en), user(1, 1).with_locale(fr));
    assert_eq!(known(pair).locale(), Some(fr));
    assert_eq!(anonymous().locale(), None);
}

#[test]
fn attack_18_the_seventeenth_step_of_a_loop_is_refused() {
    let ids = SeededIds::new(3);
    let mut ctx = anonymous();
    for _ in 0..StepPath::MAX_STEPS {
        ctx = ctx.child(&step!("again")).unwrap().begin(&ids, NOW);
    }
    assert_eq!(ctx.trace().step().as_str().matches("again").count(), 16);
    let full = ctx.child(&step!("again")).expect_err("the path is full");
    assert!(full.to_string().contains("16 steps"));
}

#[test]
fn attack_18_a_path_of_more_than_192_bytes_is_refused() {
    let ids = SeededIds::new(3);
    let long = Step::parse(&"a".repeat(32)).unwrap();
    let mut ctx = anonymous();
    for _ in 0..5 {
        ctx = ctx.child(&long).unwrap().begin(&ids, NOW);
    }
    let rest = 192 - ctx.trace().step().as_str().len() - 1;
    assert_eq!(rest, 27);
    assert!(ctx.child(Step::parse(&"a".repeat(28)).unwrap()).is_err());
    assert!(ctx.child(Step::parse(&"a".repeat(27)).unwrap()).is_ok());
}

#[test]
fn two_deliveries_of_one_call_are_two_hops_of_one_step() {
    let ids = SeededIds::new(4);
    let child = anonymous().child(&step!("debit")).unwrap();
    assert_eq!(child.step().as_str(), "debit");
    let (one, other) = (child.clone().begin(&ids, NOW), child.begin(&ids, NOW));
    assert_ne!(one.trace().current(), other.trace().current());
    assert_eq!(one.trace().parent(), other.trace().parent());
    assert_eq!(one.trace().step(), other.trace().step());
}

/// The same context under an anonymous caller of a door.
fn namespaces() -> Vec<Namespace> {
    let door = |nth| anonymous().requesting(requested(nth)).unwrap();
    let pairs = [
        Actor::direct(user(1, 1)),
        Actor::direct(user(2, 1)),
        Actor::direct(user(1, 2)),
        impersonating(user(2, 1), user(1, 1)),
        impersonating(user(3, 1), user(1, 1)),
        on_behalf(user(2, 1), user(1, 1)),
        on_behalf(user(1, 1), user(2, 1)),
    ];
    let known = pairs.map(|actor| known(actor).namespace());
    let unknown = [anonymous(), door(1), door(2)].map(|ctx| ctx.namespace());
    known.into_iter().chain(unknown).collect()
}

#[test]
fn law_04_callers_that_differ_have_namespaces_that_differ() {
    let all = namespaces();
    let mut seen = HashMap::new();
    for (at, namespace) in all.iter().enumerate() {
        assert_eq!(seen.insert(namespace, at), None, "{namespace:?}");
    }
    assert_eq!(all, namespaces());
}

proptest! {
    #[test]
    fn law_03_only_parent_current_and_path_change_at_a_hop(ctx in contexts(), step in steps(), seed: u64) {
        if let Ok(child) = ctx.child(&step) {
            let begun = child.begin(&SeededIds::new(seed.wrapping_add(1)), NOW);
            let (before, after) = (ctx.trace(), begun.trace());
            prop_assert_eq!(after.parent(), Some(before.current()));
            prop_assert_ne!(after.current(), before.current());
            let path = match before.step().as_str() {
                "" => step.as_str().to_owned(),
                path => format!("{path}/{}", step.as_str()),
            };
            prop_assert_eq!(after.step().as_str(), path);
            prop_assert_eq!(after.external(), before.external());
            prop_assert_eq!(after.originating(), before.originating());
            prop_assert_eq!(after.is_sampled(), before.is_sampled());
            let (before, after) = (EventContext::of(&ctx), EventContext::of(&begun));
            prop_assert_eq!(after.access(), before.access());
            prop_assert_eq!(begun.toggles(), ctx.toggles());
            prop_assert_eq!(begun.locale(), ctx.locale());
            prop_assert_eq!(begun.is_test(), ctx.is_test());
            prop_assert_eq!(begun.requested_tenant(), ctx.requested_tenant());
        }
    }

    #[test]
    fn law_03_there_is_no_parent_exactly_at_the_edge(ctx in contexts()) {
        let trace = ctx.trace();
        prop_assert_eq!(trace.parent().is_none(), trace.current() == trace.originating());
        prop_assert_eq!(trace.parent().is_none(), trace.step().is_empty());
    }

    #[test]
    fn law_04_paths_are_equal_exactly_when_their_labels_are(
        one in vec(steps(), 0..4), other in vec(steps(), 0..4), seeds: (u64, u64),
    ) {
        let path = |steps: &[Step], seed| {
            let ids = SeededIds::new(seed);
            let end = steps.iter().fold(anonymous(), |ctx, step| ctx.child(step).unwrap().begin(&ids, NOW));
            end.trace().step().clone()
        };
        prop_assert_eq!(path(&one, seeds.0), path(&one, seeds.1));
        prop_assert_eq!(path(&one, seeds.0) == path(&other, seeds.1), one == other);
    }

    #[test]
    fn law_04_the_namespace_is_blind_to_trace_and_toggles(ctx in edge_contexts(), other in toggles(), step in steps()) {
        let toggled = ctx.clone().with_toggles(other).unwrap();
        prop_assert_eq!(toggled.namespace(), ctx.namespace());
        let begun = ctx.child(&step).unwrap().begin(&SeededIds::new(9), NOW);
        prop_assert_eq!(begun.namespace(), ctx.namespace());
    }

    #[test]
    fn no_door_moves_the_tenant_of_a_known_caller(wanted in 1_u8..4, own in 1_u8..4, is_test in any::<bool>()) {
        let wanted = if is_test { requested(wanted).as_test() } else { requested(wanted) };
        let ctx = anonymous().requesting(wanted).unwrap();
        match ctx.authenticated_as(identity(Actor::direct(user(1, own)))) {
            Ok(ctx) => {
                prop_assert_eq!(wanted.id(), tenant(own));
                prop_assert_eq!(ctx.authenticated().unwrap().tenant(), tenant(own));
            }
            Err(error) => {
                prop_assert_ne!(wanted.id(), tenant(own));
                prop_assert_eq!(error, ContextError::TenantMismatch);
            }
        }
    }

    #[test]
    fn the_receiver_draws_the_id_of_its_hop(seed: u64) {
        let child = anonymous().child(&step!("debit")).unwrap();
        let begun = child.begin(&SeededIds::new(seed), NOW);
        prop_assert_eq!(begun.trace().current(), InvocationId::generate(&SeededIds::new(seed), NOW));
        prop_assert!(begun.trace().current().created_at() == NOW);
    }
}
