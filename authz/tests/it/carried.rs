//! Decisions that travel through the product's own log, and what they prove when they are continued.

use core::time::Duration;

use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::CarriedDecision;
use skeleton_authz::MaxAge;
use skeleton_authz::Permission;
use skeleton_authz::Placement;
use skeleton_authz::ResumeError;
use skeleton_authz::Window;
use skeleton_invocation_context::testing;

use crate::bank::Bank;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::Support;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FOREIGN;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::NOW;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::ctx;
use crate::helpers::grant;
use crate::helpers::impersonating;
use crate::helpers::inside;
use crate::helpers::on_behalf;
use crate::helpers::secs;
use crate::helpers::tenant;
use crate::remedies::Other;
use crate::remedies::Robber;
use crate::remedies::vault;

const MILLISECOND: Duration = Duration::from_millis(1);

/// Account 1 was allowed to open an account in France, at [`NOW`].
async fn opened() -> (World, CarriedDecision) {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(EU))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let proof = snapshot.require(account::Open, container(FRANCE)).unwrap();
    let carried = proof.carry();
    (world, carried)
}

/// Why the decision is not continued.
fn refused<P: Permission>(world: &World, decision: &CarriedDecision, max: MaxAge) -> ResumeError {
    let resumed = world.authorizer.resume::<P>(&caller(1), decision, max);
    resumed.unwrap_err()
}

#[tokio::test]
async fn what_is_in_flight_keeps_its_grants() {
    let (world, carried) = opened().await;
    world.take(1).await;
    let ctx = caller(1);
    let snapshot = world.snapshot(&ctx).await;
    assert!(snapshot.require(account::Open, container(FRANCE)).is_err());
    let resumed = world
        .authorizer
        .resume::<account::Open>(&ctx, &carried, MaxAge::default());
    let resumed = resumed.unwrap();
    assert!(resumed.is_resumed());
    assert_eq!(
        (resumed.tenant(), resumed.account()),
        (tenant(1), account_id(1))
    );
    assert_eq!(resumed.scope(), container(FRANCE));
    // Decided under the first version of the grants, but for the trace that continues it.
    assert_eq!(
        (resumed.versions().grants, snapshot.versions().grants),
        (1, 2)
    );
    assert_eq!(resumed.originating_id(), ctx.trace().originating());
    assert_eq!(resumed.record().verdict(), "allow");
}

#[tokio::test]
async fn attack_15_a_decision_is_continued_in_its_own_flow_alone() {
    let (world, carried) = opened().await;
    let another = testing::context().user(account_id(1), tenant(1));
    let another = another.seed(7).build_authenticated();
    let resumed = world
        .authorizer
        .resume::<account::Open>(&another, &carried, MaxAge::default());
    assert_eq!(resumed.unwrap_err(), ResumeError::Flow);
    let snapshot = world.snapshot(&caller(1)).await;
    let proof = snapshot.require(account::Open, container(FRANCE)).unwrap();
    assert!(proof.is_of(&caller(1)) && !proof.is_of(&another));
    let abroad = testing::context().user(account_id(1), tenant(2));
    assert!(!proof.is_of(&abroad.build_authenticated()));
}

#[tokio::test]
async fn attack_04_what_an_impersonator_began_ends_with_the_right_to_impersonate() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    world.give(grant(2, 2, Support, container(EU))).await;
    let snapshot = world.snapshot(&ctx(impersonating(2, 1))).await;
    let read = snapshot.require(account::Read, container(FRANCE)).unwrap();
    let carried = read.carry();
    // A service continues it in the name of the impersonated alone: it is an impersonator's all the same.
    let later = ctx(on_behalf(9, 1, 1));
    let resume = || {
        world
            .authorizer
            .resume::<account::Read>(&later, &carried, MaxAge::default())
    };
    let resumed = resume().unwrap();
    assert_eq!(resumed.carry(), carried);
    world.take(2).await;
    assert_eq!(resume().unwrap_err(), ResumeError::Masked);
}

#[tokio::test]
async fn attack_15_a_decision_that_is_too_old_is_refused_to_the_millisecond() {
    let (world, carried) = opened().await;
    let ages = [
        (MaxAge::default(), secs(15 * 60)),
        (MaxAge::of(secs(1)), secs(1)),
        (MaxAge::of(secs(0)), secs(0)),
        (MaxAge::CEILING, secs(24 * 3_600)),
    ];
    for (max, age) in ages {
        world.clock.set(NOW.saturating_add(age));
        let resumed = world
            .authorizer
            .resume::<account::Open>(&caller(1), &carried, max);
        assert!(resumed.is_ok(), "{max:?}");
        world.clock.advance(MILLISECOND);
        assert_eq!(
            refused::<account::Open>(&world, &carried, max),
            ResumeError::Age
        );
    }
}

#[test]
fn attack_15_no_maximum_age_is_more_than_a_day() {
    assert_eq!(MaxAge::of(secs(48 * 3_600)), MaxAge::CEILING);
    assert_eq!(MaxAge::of(Duration::MAX).get(), secs(24 * 3_600));
    assert_eq!(MaxAge::default().get(), secs(15 * 60));
}

#[tokio::test]
async fn attack_15_continuing_does_not_renew_a_decision() {
    let (world, carried) = opened().await;
    let mut latest = carried.clone();
    for minutes in [5, 10, 15] {
        world.clock.set(NOW.saturating_add(secs(minutes * 60)));
        let resumed =
            world
                .authorizer
                .resume::<account::Open>(&caller(1), &latest, MaxAge::default());
        latest = resumed.unwrap().carry();
        assert_eq!(latest, carried);
    }
    world.clock.advance(MILLISECOND);
    assert_eq!(
        refused::<account::Open>(&world, &latest, MaxAge::default()),
        ResumeError::Age
    );
}

#[tokio::test]
async fn attack_15_a_decision_from_the_future_is_refused() {
    let (world, carried) = opened().await;
    world.clock.set(NOW.saturating_sub(MILLISECOND));
    assert_eq!(
        refused::<account::Open>(&world, &carried, MaxAge::CEILING),
        ResumeError::Age
    );
}

#[tokio::test]
async fn attack_15_a_decision_of_another_scope_is_for_no_resource_here() {
    let (world, carried) = opened().await;
    let resumed = world
        .authorizer
        .resume::<account::Open>(&caller(1), &carried, MaxAge::default());
    let resumed = resumed.unwrap();
    assert!(resumed.is_for(&Placement::new(container(FRANCE))));
    for elsewhere in [EU, GERMANY, TEXAS, FOREIGN] {
        assert!(!resumed.is_for(&Placement::new(container(elsewhere))));
    }
}

#[tokio::test]
async fn attack_15_a_decision_of_another_tenant_is_refused() {
    let (world, _) = opened().await;
    let abroad = grant(1, 1, Manager, container(FOREIGN));
    world.views.provision(inside(2), abroad).await.unwrap();
    let there = testing::context().user(account_id(1), tenant(2));
    let snapshot = world.snapshot(&there.build_authenticated()).await;
    let proof = snapshot.require(account::Open, container(FOREIGN)).unwrap();
    let carried = proof.carry();
    let refused = refused::<account::Open>(&world, &carried, MaxAge::default());
    assert_eq!(refused, ResumeError::Tenant);
}

#[tokio::test]
async fn attack_15_a_decision_for_another_account_is_refused() {
    let (world, carried) = opened().await;
    // Not even for one that holds the same role itself.
    world.give(grant(2, 2, Manager, container(EU))).await;
    for ctx in [caller(2), ctx(on_behalf(1, 1, 2)), ctx(impersonating(1, 2))] {
        let resumed = world
            .authorizer
            .resume::<account::Open>(&ctx, &carried, MaxAge::default());
        assert_eq!(resumed.unwrap_err(), ResumeError::Account);
    }
}

#[tokio::test]
async fn attack_15_a_decision_about_another_permission_is_refused() {
    let (world, carried) = opened().await;
    let (max, wrong) = (MaxAge::default(), ResumeError::Permission);
    assert_eq!(refused::<account::Read>(&world, &carried, max), wrong);
    assert_eq!(refused::<account::Close>(&world, &carried, max), wrong);
}

#[tokio::test]
async fn attack_15_a_decision_by_another_catalogue_is_refused() {
    let (world, _) = opened().await;
    let (forest, views) = (world.forest.clone(), world.views.clone());
    let other = Authorizer::new(Other::catalogue(), forest, views, world.clock.clone());
    world.give(grant(9, 1, Robber, container(FRANCE))).await;
    let snapshot = other.snapshot(&caller(1)).unwrap();
    let proof = snapshot.require(vault::Empty, container(FRANCE)).unwrap();
    let carried = proof.carry();
    assert!(
        other
            .resume::<vault::Empty>(&caller(1), &carried, MaxAge::default())
            .is_ok()
    );
    let refused = refused::<vault::Empty>(&world, &carried, MaxAge::default());
    assert_eq!(refused, ResumeError::Permission);
}

#[tokio::test]
async fn a_service_continues_what_was_decided_for_its_beneficiary() {
    let (world, carried) = opened().await;
    for home in [1, 2] {
        let ctx = ctx(on_behalf(3, home, 1));
        let resumed = world
            .authorizer
            .resume::<account::Open>(&ctx, &carried, MaxAge::default());
        let record = resumed.unwrap().record();
        assert_eq!(
            (record.effective(), record.accountable()),
            (account_id(1), account_id(3))
        );
    }
}

/// Account 1 was allowed to read in France and in Texas; account 2 may impersonate in EU.
async fn read_as_somebody() -> (World, CarriedDecision, CarriedDecision) {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    world.give(grant(2, 1, Clerk, container(TEXAS))).await;
    let until = Window::new(None, Some(NOW.saturating_add(secs(60)))).unwrap();
    let support = grant(3, 2, Support, container(EU)).with_window(until);
    world.give(support).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let read = |at| {
        snapshot
            .require(account::Read, container(at))
            .unwrap()
            .carry()
    };
    let (france, texas) = (read(FRANCE), read(TEXAS));
    (world, france, texas)
}

#[tokio::test]
async fn attack_04_a_carried_decision_does_not_outlive_the_right_to_impersonate() {
    let (world, france, _) = read_as_somebody().await;
    let masked = ctx(impersonating(2, 1));
    let resume = || {
        world
            .authorizer
            .resume::<account::Read>(&masked, &france, MaxAge::default())
    };
    assert!(resume().is_ok());
    world.clock.set(NOW.saturating_add(secs(60)));
    assert_eq!(resume().unwrap_err(), ResumeError::Masked);
    world.clock.set(NOW);
    world.take(3).await;
    assert_eq!(resume().unwrap_err(), ResumeError::Masked);
}

#[tokio::test]
async fn attack_04_a_carried_decision_does_not_reach_where_impersonation_does_not() {
    let (world, _, texas) = read_as_somebody().await;
    let masked = ctx(impersonating(2, 1));
    let resumed = world
        .authorizer
        .resume::<account::Read>(&masked, &texas, MaxAge::default());
    assert_eq!(resumed.unwrap_err(), ResumeError::Masked);
    assert!(
        world
            .authorizer
            .resume::<account::Read>(&caller(1), &texas, MaxAge::default())
            .is_ok()
    );
}

#[tokio::test]
async fn attack_04_without_views_nobody_continues_a_decision_as_somebody_else() {
    let (world, france, _) = read_as_somebody().await;
    let views = AccessViews::open(world.log.clone(), world.clock.clone());
    let (forest, clock) = (world.forest.clone(), world.clock);
    let unloaded = Authorizer::new(Bank::catalogue(), forest, views, clock);
    let masked = ctx(impersonating(2, 1));
    let resumed = unloaded.resume::<account::Read>(&masked, &france, MaxAge::default());
    assert_eq!(resumed.unwrap_err(), ResumeError::Masked);
    assert!(
        unloaded
            .resume::<account::Read>(&caller(1), &france, MaxAge::default())
            .is_ok()
    );
}
