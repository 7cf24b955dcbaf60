//! Contexts in one line say what they were told, and stop a test that contradicts itself.

use std::collections::HashSet;

use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::ActorKind;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::ContextError;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::LogLevel;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::RequestedTenant;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::assert_forked_from;
use skeleton_invocation_context::testing::context;

use crate::helpers::NOW;
use crate::helpers::account;
use crate::helpers::locale;
use crate::helpers::tenant;
use crate::testing_kit::domain;
use crate::testing_kit::panics;
use crate::testing_kit::user;

#[test]
fn an_impersonator_is_of_the_tenant_of_whom_it_impersonates() {
    let ctx = context()
        .user(account(1), tenant(3))
        .impersonated_by(account(2))
        .build_authenticated();
    let actor = ctx.actor();
    assert_eq!(actor.kind(), ActorKind::Impersonating);
    assert_eq!(actor.effective_account().id(), account(1));
    assert_eq!(actor.accountable_account().id(), account(2));
    assert_eq!(actor.accountable_account().tenant(), tenant(3));
    assert_eq!(ctx.tenant(), tenant(3));
    assert!(panics(|| drop(context().impersonated_by(account(2)))));
    assert!(panics(|| drop(
        context().service_in(tenant(1)).impersonated_by(account(2))
    )));
    assert!(panics(|| drop(
        context()
            .user(account(1), tenant(1))
            .impersonated_by(account(1))
    )));
}

#[test]
fn an_agent_is_a_service_of_the_tenant_for_which_it_acts() {
    let ctx = context()
        .user(account(1), tenant(3))
        .on_behalf_by(account(2))
        .build_authenticated();
    let actor = ctx.actor();
    assert_eq!(actor.kind(), ActorKind::OnBehalf);
    assert_eq!(actor.effective_account().id(), account(1));
    assert_eq!(actor.accountable_account().id(), account(2));
    assert_eq!(actor.accountable_account().kind(), AccountKind::Service);
    assert_eq!(ctx.tenant(), tenant(3));
    assert!(panics(|| drop(context().on_behalf_by(account(2)))));
    assert!(panics(|| drop(
        context()
            .user(account(1), tenant(1))
            .on_behalf_by(account(1))
    )));
}

#[test]
fn a_builder_says_what_it_was_told() {
    let rate: ToggleKey<i64> = ToggleKey::client_allowed("rate", 5);
    let builder = context()
        .at(NOW)
        .user_in(tenant(1))
        .assurance(Assurance::Aal3);
    let builder = builder
        .authenticated_at(Timestamp::from_millis(7))
        .requesting(tenant(1));
    let builder = builder
        .toggle(&rate, &6)
        .toggle(&LOG_LEVEL, &LogLevel::Trace)
        .toggle(&rate, &7);
    let ctx = builder
        .locale(locale("en-GB"))
        .made_by(MadeBy::Service)
        .build_authenticated();
    assert_eq!(
        (ctx.toggles().get(&rate), ctx.toggles().get(&LOG_LEVEL)),
        (7, LogLevel::Trace)
    );
    assert_eq!(
        (ctx.toggles().len(), ctx.locale()),
        (2, Some(locale("en-GB")))
    );
    let proof = ctx.authentication();
    assert_eq!(
        (proof.assurance(), proof.authenticated_at().as_millis()),
        (Assurance::Aal3, 7)
    );
    assert_eq!(ctx.trace().external().made_by(), MadeBy::Service);
    assert_eq!(ctx.trace().current().created_at(), NOW);
    assert_eq!(
        ctx.into_access().requested_tenant(),
        Some(RequestedTenant::new(tenant(1)))
    );
    let odd: ToggleKey<i64> = ToggleKey::client_allowed("Odd Name", 0);
    assert!(panics(|| drop(context().toggle(&odd, &1))));
    assert!(panics(|| drop(context().toggle(&rate, &i64::MAX))));
    assert!(panics(|| drop(
        context().user_in(tenant(1)).requesting(tenant(2)).build()
    )));
    assert!(panics(|| drop(context().build_authenticated())));
    assert!(
        context()
            .user_in(tenant(1))
            .anonymous()
            .build()
            .authenticated()
            .is_err()
    );
}

#[test]
fn a_built_context_is_at_the_edge_and_a_received_one_is_not() {
    assert!(user().with_toggles(Toggles::none()).is_ok());
    let builder = || context().at(NOW).user_in(tenant(1)).locale(locale("fr"));
    let received = builder().build_received(&domain());
    assert_forked_from(&received, &builder().build());
    assert_eq!(received.trace().step().as_str(), "call");
    assert_eq!(received.namespace(), builder().build().namespace());
    assert_eq!(received.locale(), Some(locale("fr")));
    let error = received
        .with_toggles(Toggles::none())
        .expect_err("received");
    assert_eq!(error, ContextError::NotAtEdge);
    let keyless = TrustDomain::without_keys("bank", FixedClock::at(NOW)).unwrap();
    assert!(panics(|| drop(context().build_received(&keyless))));
}

#[test]
fn one_seed_builds_one_context() {
    let build = |seed| context().at(NOW).seed(seed).user_in(tenant(1)).build();
    assert_eq!(build(3).trace(), build(3).trace());
    assert_eq!(build(3).namespace(), build(3).namespace());
    assert_ne!(build(3).trace(), build(4).trace());
}

#[test]
fn contexts_of_different_seeds_share_no_id() {
    let mut seen = HashSet::new();
    for seed in 0..200 {
        let ctx = context().at(NOW).seed(seed).user_in(tenant(1)).build();
        let trace = ctx.trace();
        let (id, external) = (trace.current(), trace.external());
        let actor = ctx.clone().authenticated().unwrap().actor().clone();
        let ids = [
            id.to_bytes(),
            external.action().to_bytes(),
            external.invocation().to_bytes(),
            actor.effective_account().id().to_bytes(),
        ];
        for id in ids {
            assert!(seen.insert(id), "seed {seed}");
        }
    }
}
