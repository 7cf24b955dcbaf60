//! The contexts of the items of a bulk request.

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_assert_ne;
use proptest::proptest;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ContextError;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::LogLevel;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;

use crate::helpers::NOW;
use crate::helpers::anonymous;
use crate::helpers::edge_contexts;
use crate::helpers::identity;
use crate::helpers::locale;
use crate::helpers::tenant;
use crate::helpers::user;

fn external(nth: u8) -> ExternalInvocationId {
    ExternalInvocationId::from_bytes([nth; 16]).unwrap()
}

fn hop(nth: u8) -> InvocationId {
    InvocationId::from_bytes([nth; 16]).unwrap()
}

fn domain() -> TrustDomain {
    let key = ContextKey::new(*b"test", [7; 32]);
    TrustDomain::new("bank", FixedClock::at(NOW), key, []).unwrap()
}

fn bulk() -> InvocationContext {
    let builder = testing::context()
        .at(NOW)
        .user_in(tenant(1))
        .locale(locale("fr"));
    builder
        .toggle(&LOG_LEVEL, &LogLevel::Debug)
        .made_by(MadeBy::Edge)
        .build()
}

#[test]
fn an_item_has_its_own_name_and_the_request_as_its_parent() {
    let bulk = bulk();
    let item = bulk.bulk_item(external(1), hop(2)).unwrap();
    let (of, trace) = (bulk.trace(), item.trace());
    assert_eq!(trace.external().invocation(), external(1));
    assert_eq!(trace.external().made_by(), MadeBy::Client);
    assert_eq!(trace.external().action(), of.external().action());
    assert_eq!(
        (trace.parent(), trace.current()),
        (Some(of.current()), hop(2))
    );
    assert_eq!(
        (trace.originating(), trace.step()),
        (of.originating(), of.step())
    );
    assert_eq!(item.namespace(), bulk.namespace());
    assert_eq!(
        (item.toggles(), item.locale()),
        (bulk.toggles(), Some(locale("fr")))
    );
    let (known, caller) = (item.authenticated().unwrap(), bulk.authenticated().unwrap());
    assert_eq!(known.actor(), caller.actor());
    assert_eq!(known.authentication(), caller.authentication());
}

#[test]
fn the_request_itself_is_as_it_was() {
    let bulk = bulk();
    let before = EventContext::of(&bulk);
    let _item = bulk.bulk_item(external(1), hop(2)).unwrap();
    assert_eq!(EventContext::of(&bulk), before);
}

#[test]
fn items_of_one_request_share_no_name_and_no_hop() {
    let bulk = bulk();
    let items = [1, 2, 3].map(|nth| bulk.bulk_item(external(nth), hop(nth + 10)).unwrap());
    testing::assert_distinct_steps(items.iter().chain([&bulk]));
    for item in &items {
        assert_eq!(item.trace().parent(), Some(bulk.trace().current()));
    }
}

#[test]
fn a_retried_item_is_the_same_call() {
    let (first, retry) = (
        bulk(),
        testing::context()
            .at(NOW)
            .seed(1)
            .user_in(tenant(1))
            .seed(2)
            .build(),
    );
    assert_ne!(first.trace().originating(), retry.trace().originating());
    let one = first.bulk_item(external(1), hop(2)).unwrap();
    let other = retry.bulk_item(external(1), hop(3)).unwrap();
    testing::assert_same_call(&one, &other);
}

#[test]
fn an_item_is_completed_at_the_edge_like_any_other_context() {
    let item = anonymous().bulk_item(external(1), hop(2)).unwrap();
    let actor = Actor::direct(user(1, 1));
    let known = item.authenticated_as(identity(actor)).unwrap();
    assert_eq!(known.trace().external().invocation(), external(1));
    let nested = known.bulk_item(external(2), hop(3)).unwrap();
    assert_eq!(nested.trace().parent(), Some(hop(2)));
    assert_eq!(nested.trace().originating(), known.trace().originating());
}

#[test]
fn attack_13_a_context_that_was_not_made_here_has_no_items() {
    let received = testing::context()
        .at(NOW)
        .user_in(tenant(1))
        .build_received(&domain());
    let forked = bulk()
        .child(step!("debit"))
        .unwrap()
        .begin(&SeededIds::new(2), NOW);
    let begun = bulk()
        .bulk_item(external(1), hop(2))
        .unwrap()
        .child(step!("debit"))
        .unwrap();
    for ctx in [received, forked, begun.begin(&SeededIds::new(2), NOW)] {
        let error = ctx
            .bulk_item(external(1), hop(3))
            .expect_err("not at the edge");
        assert_eq!(error, ContextError::NotAtEdge);
    }
}

#[test]
fn an_item_is_sealed_under_its_own_name_even_if_the_request_was_sealed_before() {
    let (bulk, domain) = (bulk(), domain());
    let of = |ctx: &InvocationContext| domain.seal(&ctx.child(step!("debit")).unwrap()).unwrap();
    let request = of(&bulk);
    let item = bulk.bulk_item(external(1), hop(2)).unwrap();
    let sealed = of(&item);
    assert_ne!(sealed.context(), request.context());
    let received = domain.receive(sealed.context(), sealed.hop()).unwrap();
    let received = received.begin(&SeededIds::new(3), NOW);
    testing::assert_forked_from(&received, &item);
    assert!(domain.receive(request.context(), sealed.hop()).is_err());
    assert!(domain.receive(sealed.context(), request.hop()).is_err());
    // And the request goes on under its own seal.
    assert_eq!(of(&bulk).context(), request.context());
}

#[test]
fn an_item_never_has_the_id_of_a_hop_that_led_to_it() {
    let bulk = bulk();
    let began = bulk.trace().originating();
    let item = bulk.bulk_item(external(1), hop(2)).unwrap();
    for (ctx, taken) in [(&bulk, began), (&item, began), (&item, hop(2))] {
        let error = ctx.bulk_item(external(3), taken).expect_err("taken");
        assert_eq!(error, ContextError::NotOfItsOwn);
    }
    assert!(item.bulk_item(external(3), hop(4)).is_ok());
}

proptest! {
    #[test]
    fn an_item_differs_from_its_request_in_name_and_hop_alone(ctx in edge_contexts(), nth in 1_u8.., own in 1_u8..) {
        let item = ctx.bulk_item(external(nth), hop(own)).unwrap();
        prop_assert_eq!(item.namespace(), ctx.namespace());
        prop_assert_eq!(item.toggles(), ctx.toggles());
        prop_assert_eq!(item.locale(), ctx.locale());
        prop_assert_eq!(item.is_test(), ctx.is_test());
        prop_assert_eq!(item.requested_tenant(), ctx.requested_tenant());
        let (of, trace) = (ctx.trace(), item.trace());
        prop_assert_eq!(trace.parent(), Some(of.current()));
        prop_assert_eq!(trace.current(), hop(own));
        prop_assert_ne!(trace.current(), of.current());
        prop_assert_eq!(trace.external().invocation(), external(nth));
        prop_assert_eq!(trace.external().action(), of.external().action());
        prop_assert_eq!((trace.originating(), trace.step()), (of.originating(), of.step()));
        prop_assert_eq!(trace.is_sampled(), of.is_sampled());
        let (event, request) = (EventContext::of(&item), EventContext::of(&ctx));
        prop_assert_eq!(event.access(), request.access());
        let written = serde_json::to_string(&event).unwrap();
        prop_assert_eq!(EventContext::from_json(&written).unwrap(), event);
        let forked = item.child(step!("debit")).unwrap().begin(&SeededIds::new(4), NOW);
        testing::assert_forked_from(&forked, &item);
        prop_assert!(forked.bulk_item(external(nth), hop(own)).is_err());
    }
}
