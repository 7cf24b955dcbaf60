//! Messages and timers: a process acts under its own name.

use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::ActionId;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ActorKind;
use skeleton_invocation_context::ContextError;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::External;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RequestedTenant;
use skeleton_invocation_context::ServiceIdentity;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::SeededIds;

use crate::helpers::NOW;
use crate::helpers::account;
use crate::helpers::actors;
use crate::helpers::anonymous;
use crate::helpers::event_contexts;
use crate::helpers::identity;
use crate::helpers::locale;
use crate::helpers::proof;
use crate::helpers::service;
use crate::helpers::tenant;
use crate::helpers::user;

const FLAG: ToggleKey<bool> = ToggleKey::edge_only("flag", false);

fn mailer() -> ServiceIdentity {
    ServiceIdentity::new(service(50, 9), proof(Mechanism::Workload))
}

fn caused_by(account: Account) -> EventContext {
    let who = identity(Actor::direct(account));
    EventContext::of(&anonymous().authenticated_as(who).unwrap())
}

#[test]
fn attack_17_a_reaction_acts_as_the_service_never_as_the_user() {
    for actor in actors() {
        let ctx = anonymous().authenticated_as(identity(actor)).unwrap();
        let event = EventContext::of(&ctx);
        let reaction = mailer()
            .react_to(&event, &step!("mail"), &SeededIds::new(8), NOW)
            .unwrap();
        let actor = reaction.actor();
        assert_eq!(actor.kind(), ActorKind::OnBehalf);
        assert_eq!(actor.effective_account().id(), account(1));
        assert_eq!(actor.authorizing_account(), mailer().account());
        assert_eq!(actor.accountable_account(), mailer().account());
        assert_eq!(reaction.authentication().mechanism(), &Mechanism::Workload);
        assert!(reaction.roles().is_empty());
        assert_eq!(reaction.tenant(), tenant(1));
    }
}

#[test]
fn a_reaction_goes_on_with_the_trace_of_the_event() {
    let event = caused_by(user(1, 1));
    let ids = SeededIds::new(8);
    let reaction = mailer()
        .react_to(&event, &step!("mail"), &ids, NOW)
        .unwrap();
    let (before, after) = (event.trace(), reaction.trace());
    assert_eq!(after.parent(), Some(before.current()));
    assert_eq!(after.originating(), before.originating());
    assert_eq!(after.external(), before.external());
    assert_eq!(after.step().as_str(), "mail");
    assert_ne!(after.current(), before.current());
}

#[test]
fn a_reaction_keeps_toggles_locale_and_test_flag() {
    let on = Toggles::none().with(&FLAG, &true).unwrap();
    let account = user(1, 1).with_locale(locale("fr")).into_test();
    let ctx = testing::context()
        .acting(Actor::direct(account))
        .toggles(on)
        .build();
    let event = EventContext::of(&ctx);
    let reaction = mailer()
        .react_to(&event, &step!("mail"), &SeededIds::new(8), NOW)
        .unwrap();
    assert!(reaction.toggles().get(&FLAG));
    assert_eq!(reaction.locale(), Some(locale("fr")));
    assert!(reaction.is_test());
}

#[test]
fn a_reaction_to_an_unknown_caller_or_to_itself_is_direct() {
    let unknown = EventContext::of(
        &anonymous()
            .requesting(RequestedTenant::new(tenant(1)))
            .unwrap(),
    );
    for event in [unknown, caused_by(mailer().account().clone())] {
        let reaction = mailer()
            .react_to(&event, &step!("mail"), &SeededIds::new(8), NOW)
            .unwrap();
        assert_eq!(reaction.actor(), &Actor::direct(mailer().account().clone()));
        assert_eq!(reaction.tenant(), tenant(9));
    }
}

#[test]
fn attack_18_a_loop_of_reactions_ends() {
    let ids = SeededIds::new(8);
    let mut event = caused_by(user(1, 1));
    for _ in 0..16 {
        let reaction = mailer().react_to(&event, &step!("again"), &ids, NOW);
        event = EventContext::of(&reaction.unwrap());
    }
    assert!(
        mailer()
            .react_to(&event, &step!("again"), &ids, NOW)
            .is_err()
    );
}

#[test]
fn attack_13_the_context_of_a_reaction_is_not_completed() {
    let reaction: InvocationContext = mailer()
        .react_to(
            &caused_by(user(1, 1)),
            &step!("mail"),
            &SeededIds::new(8),
            NOW,
        )
        .unwrap()
        .into_access();
    let changed = reaction.with_toggles(Toggles::none());
    assert_eq!(changed.expect_err("within"), ContextError::NotAtEdge);
}

#[test]
fn a_timer_begins_a_trace_of_its_own() {
    let ids = SeededIds::new(8);
    let external = External::new(
        ActionId::generate(&ids, NOW),
        ExternalInvocationId::generate(&ids, NOW),
        MadeBy::Service,
    );
    let ctx = mailer().begin(external, &ids, NOW);
    assert_eq!(ctx.trace().external(), &external);
    assert_eq!(ctx.trace().parent(), None);
    assert_eq!(ctx.trace().originating(), ctx.trace().current());
    assert_eq!(ctx.actor(), &Actor::direct(mailer().account().clone()));
    assert_eq!(ctx.toggles(), &Toggles::none());
}

#[test]
fn the_first_event_of_a_chain_is_kept() {
    let event = |nth| crate::helpers::event(nth);
    let first = caused_by(user(1, 1));
    assert_eq!(first.lineage(), None);
    let second = first.clone().caused_by(event(1), &first);
    let third = first.clone().caused_by(event(2), &second);
    let fourth = first.caused_by(event(3), &third);
    let ids = |context: &EventContext| {
        let lineage = context.lineage().unwrap();
        (lineage.originating(), lineage.parent())
    };
    assert_eq!(ids(&second), (event(1), event(1)));
    assert_eq!(ids(&third), (event(1), event(2)));
    assert_eq!(ids(&fourth), (event(1), event(3)));
}

proptest! {
    #[test]
    fn attack_17_whatever_the_event_says_the_service_answers_for_the_reaction(event in event_contexts()) {
        let mailer = mailer();
        let reaction = mailer.react_to(&event, &step!("r"), &SeededIds::new(8), NOW).unwrap();
        prop_assert_eq!(reaction.actor().authorizing_account().id(), mailer.account().id());
        prop_assert_eq!(reaction.actor().accountable_account().id(), mailer.account().id());
        prop_assert_eq!(reaction.is_test(), event.is_test());
        prop_assert_eq!(reaction.trace().originating(), event.trace().originating());
    }
}
