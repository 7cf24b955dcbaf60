//! When the context half is made, and when it is passed on.

use core::time::Duration;

use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::External;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RequestedTenant;
use skeleton_invocation_context::SealError;
use skeleton_invocation_context::ServiceIdentity;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;

use crate::helpers::NOW;
use crate::helpers::ULID;
use crate::helpers::identity;
use crate::helpers::proof;
use crate::helpers::service;
use crate::helpers::tenant;
use crate::helpers::user;
use crate::wire::NAME;
use crate::wire::domain;
use crate::wire::domain_by;
use crate::wire::key;
use crate::wire::rich;
use crate::wire::sealed_in;

const MINUTE: Duration = Duration::from_secs(60);
const MILLI: Duration = Duration::from_millis(1);

/// What the services of this domain receive from its edge.
pub(crate) fn received(domain: &TrustDomain, ctx: &InvocationContext) -> InvocationContext {
    let sealed = sealed_in(domain, ctx);
    let child = domain.receive(sealed.context(), sealed.hop()).unwrap();
    child.begin(&SeededIds::new(4), NOW)
}

fn context_half(domain: &TrustDomain, ctx: &InvocationContext) -> String {
    sealed_in(domain, ctx).context().to_owned()
}

#[test]
fn the_edge_seals_once_and_every_call_has_its_own_hop() {
    let (domain, ctx) = (domain(), rich(1));
    let one = domain.seal(&ctx.child(step!("one")).unwrap()).unwrap();
    let two = domain.seal(&ctx.child(step!("two")).unwrap()).unwrap();
    assert_eq!(one.context(), two.context());
    assert_ne!(one.hop(), two.hop());
    let fork = ctx
        .child(step!("one"))
        .unwrap()
        .begin(&SeededIds::new(4), NOW);
    assert_eq!(context_half(&domain, &fork), one.context());
}

#[test]
fn the_edge_renews_what_has_a_minute_to_live() {
    let clock = FixedClock::at(NOW);
    let (domain, ctx) = (domain_by(&clock), rich(1));
    let first = context_half(&domain, &ctx);
    clock.set(NOW.saturating_add(4 * MINUTE).saturating_sub(MILLI));
    assert_eq!(context_half(&domain, &ctx), first);
    clock.set(NOW.saturating_add(4 * MINUTE));
    let renewed = context_half(&domain, &ctx);
    assert_ne!(renewed, first);
    clock.advance(5 * MINUTE);
    let again = received(&domain, &ctx);
    assert_eq!(again.trace().originating(), ctx.trace().originating());
}

#[test]
fn a_service_passes_on_what_it_received_until_it_expires_and_never_renews_it() {
    let clock = FixedClock::at(NOW);
    let domain = domain_by(&clock);
    let (ctx, edge_bytes) = (received(&domain, &rich(1)), context_half(&domain, &rich(1)));
    let expiry = NOW.saturating_add(5 * MINUTE);
    for at in [
        NOW,
        NOW.saturating_add(4 * MINUTE),
        expiry.saturating_sub(MILLI),
    ] {
        clock.set(at);
        assert_eq!(context_half(&domain, &ctx), edge_bytes);
    }
    for at in [expiry, expiry.saturating_add(MINUTE)] {
        clock.set(at);
        let refused = domain.seal(&ctx.child(step!("debit")).unwrap());
        assert_eq!(refused.expect_err("it is over"), SealError::Expired);
    }
    assert!(clock.now() > NOW);
}

#[test]
fn a_service_passes_nothing_on_into_another_domain() {
    let ctx = received(&domain(), &rich(1));
    let other = TrustDomain::new("other", FixedClock::at(NOW), key(), []).unwrap();
    let refused = other.seal(&ctx.child(step!("debit")).unwrap());
    assert_eq!(refused.expect_err("another domain"), SealError::OtherDomain);
}

#[test]
fn an_edge_of_two_domains_seals_for_each() {
    let (domain, ctx) = (domain(), rich(1));
    let other = TrustDomain::new("other", FixedClock::at(NOW), key(), []).unwrap();
    for _ in 0..2 {
        for at in [&domain, &other] {
            let sealed = sealed_in(at, &ctx);
            assert!(at.receive(sealed.context(), sealed.hop()).is_ok());
        }
    }
}

#[test]
fn while_keys_change_hops_of_both_keys_are_received() {
    let clock = FixedClock::at(NOW);
    let next = || ContextKey::new(*b"2027", [0xB8; 32]);
    let old = TrustDomain::new(NAME, clock.clone(), key(), [next()]).unwrap();
    let new = TrustDomain::new(NAME, clock, next(), [key()]).unwrap();
    let ctx = received(&old, &rich(1));
    let passed_on = sealed_in(&new, &ctx);
    assert_eq!(passed_on.context(), context_half(&old, &rich(1)));
    for domain in [&old, &new] {
        assert!(domain.receive(passed_on.context(), passed_on.hop()).is_ok());
    }
    let own = rich(1);
    assert_ne!(context_half(&old, &own), context_half(&new, &own));
}

#[test]
fn what_changes_at_the_edge_is_sealed_anew() {
    let domain = domain();
    let anonymous = testing::context().at(NOW).build();
    let mut seen = vec![context_half(&domain, &anonymous)];
    let requesting = anonymous
        .requesting(RequestedTenant::new(tenant(1)))
        .unwrap();
    seen.push(context_half(&domain, &requesting));
    let who = identity(Actor::direct(user(1, 1)));
    let known = requesting.authenticated_as(who).unwrap();
    seen.push(context_half(&domain, &known));
    let ids = SeededIds::new(5);
    let item: ExternalInvocationId = ULID.parse().unwrap();
    let item = known
        .bulk_item(item, InvocationId::generate(&ids, NOW))
        .unwrap();
    seen.push(context_half(&domain, &item));
    let on = [("a", skeleton_invocation_context::ToggleValue::Flag(true))];
    let toggled = known.with_toggles(Toggles::new(on).unwrap()).unwrap();
    seen.push(context_half(&domain, &toggled));
    let got = received(&domain, &toggled);
    assert_eq!(got.toggles().len(), 1);
    assert!(got.authenticated().is_ok());
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[test]
fn attack_13_a_received_context_is_not_changed() {
    let ctx = received(&domain(), &testing::context().at(NOW).build());
    let who = identity(Actor::direct(user(1, 1)));
    assert!(ctx.clone().authenticated_as(who).is_err());
    assert!(ctx.clone().with_toggles(Toggles::none()).is_err());
    let wanted = RequestedTenant::new(tenant(1));
    assert!(ctx.clone().requesting(wanted).is_err());
    let ids = SeededIds::new(5);
    let item = ULID.parse().unwrap();
    assert!(
        ctx.bulk_item(item, InvocationId::generate(&ids, NOW))
            .is_err()
    );
}

#[test]
fn a_service_seals_what_it_began_itself() {
    let identity = ServiceIdentity::new(service(3, 9), proof(Mechanism::Workload));
    let ids = SeededIds::new(6);
    let (action, invocation) = (ULID.parse().unwrap(), ULID.parse().unwrap());
    let external = External::new(action, invocation, MadeBy::Service);
    let ctx = identity.begin(external, &ids, NOW).into_access();
    let got = received(&domain(), &ctx);
    assert_eq!(got.trace().external(), ctx.trace().external());
    assert_eq!(got.trace().external().made_by(), MadeBy::Service);
    let known = got.authenticated().unwrap();
    assert_eq!(*known.actor(), Actor::direct(service(3, 9)));
}
