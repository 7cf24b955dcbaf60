//! Taking back what was given, with what its holder gave in turn.

use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::GrantId;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::assign;
use crate::authors::cascade;
use crate::authors::governed;
use crate::authors::lacking;
use crate::authors::refused;
use crate::authors::refused_to;
use crate::authors::revoke;
use crate::authors::strong;
use crate::bank::Admin;
use crate::bank::Clerk;
use crate::bank::Steward;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::NOW;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;
use crate::helpers::tenant;

/// The numbers of the grants that are left, apart from those of [`governed`].
async fn left(world: &World) -> Vec<u64> {
    let view = world.views.load(inside(1)).await.unwrap();
    let mut ids: Vec<GrantId> = view.grants().map(skeleton_authz::Grant::id).collect();
    ids.sort();
    let number = |id: GrantId| u128::from_be_bytes(id.to_bytes()) - 1;
    let numbers = ids.into_iter().map(number).filter(|number| *number < 900);
    numbers
        .map(|number| u64::try_from(number).unwrap())
        .collect()
}

/// The steward of EU made another one in France, who gave to a third, who gave on; she also gave in Germany. The
/// administrator gave to the same people.
async fn chain() -> World {
    let world = governed().await;
    let (france, germany) = (container(FRANCE), container(GERMANY));
    let given = [
        (STEWARD, grant(1, 11, Steward, france)),
        (STEWARD, grant(2, 11, Clerk, france)),
        (11, grant(3, 12, Steward, france)),
        (11, grant(4, 12, Clerk, france)),
        (12, grant(5, 13, Clerk, france)),
        (STEWARD, grant(6, 14, Clerk, germany)),
        (ADMIN, grant(7, 13, Clerk, france)),
        (ADMIN, grant(8, 11, Admin, container(TEXAS))),
        (11, grant(9, 13, Clerk, container(TEXAS))),
    ];
    for (author, grant) in given {
        ask(&world, author, &assign(grant)).await.unwrap();
    }
    world
}

#[tokio::test]
async fn without_a_cascade_only_the_grant_itself_is_taken() {
    let world = chain().await;
    ask(&world, STEWARD, &revoke(1)).await.unwrap();
    assert_eq!(left(&world).await, [2, 3, 4, 5, 6, 7, 8, 9]);
    // Whoever lost it gives no more.
    refused(&world, 11, &assign(grant(20, 14, Clerk, container(FRANCE)))).await;
}

#[tokio::test]
async fn a_cascade_takes_what_was_given_in_turn_there_and_below() {
    let world = chain().await;
    let version = ask(&world, STEWARD, &cascade(1)).await.unwrap();
    // Not the administrator's own, nor what was given elsewhere.
    assert_eq!(left(&world).await, [2, 6, 7, 8, 9]);
    let recorded = world.log.recorded(1).await;
    assert_eq!(version.grants(), recorded.len() as u64);
    let taken: Vec<_> = recorded
        .iter()
        .filter(|one| matches!(one.event(), AccessEvent::GrantTaken { .. }))
        .collect();
    let ids: Vec<_> = taken.iter().map(|one| one.event().clone()).collect();
    let expected = [1, 3, 4, 5].map(|number| AccessEvent::GrantTaken {
        grant: grant_id(number),
    });
    assert_eq!(ids, expected);
    // All in one go, by whom she is.
    for one in taken {
        let actor = one.cause().context().unwrap().actor().unwrap();
        assert_eq!(
            actor.effective_account().id(),
            crate::helpers::account(STEWARD)
        );
    }
}

#[tokio::test]
async fn a_cascade_from_above_takes_everything_below() {
    let world = chain().await;
    ask(&world, ADMIN, &cascade(901)).await.unwrap();
    assert_eq!(left(&world).await, [7, 8, 9]);
}

#[tokio::test]
async fn a_cascade_stays_at_and_below_where_the_grant_stands() {
    let world = chain().await;
    // The steward's clerkship in France is not what she has of EU: her gift in Germany stays.
    world
        .give(grant(10, STEWARD, Clerk, container(FRANCE)))
        .await;
    ask(&world, ADMIN, &cascade(10)).await.unwrap();
    assert_eq!(left(&world).await, [6, 7, 8, 9]);
}

#[tokio::test]
async fn what_the_platform_provisioned_was_given_by_nobody() {
    let world = governed().await;
    world.give(grant(1, OTHER, Steward, container(EU))).await;
    world.give(grant(2, 11, Clerk, container(FRANCE))).await;
    ask(&world, ADMIN, &cascade(1)).await.unwrap();
    assert_eq!(left(&world).await, [2]);
}

#[tokio::test]
async fn gifts_in_a_circle_end() {
    let world = governed().await;
    for (author, number, to) in [(STEWARD, 1, 11), (11, 2, 12), (12, 3, 11)] {
        let role = Steward;
        ask(
            &world,
            author,
            &assign(grant(number, to, role, container(FRANCE))),
        )
        .await
        .unwrap();
    }
    ask(&world, STEWARD, &cascade(2)).await.unwrap();
    // The first holder's other grant came from the one who lost this one; what she holds from the steward stays.
    assert_eq!(left(&world).await, [1]);
}

#[tokio::test]
async fn who_gave_is_known_to_every_process_from_the_log() {
    let world = chain().await;
    let views = skeleton_authz::AccessViews::open(world.log.clone(), world.clock.clone());
    let (forest, clock) = (world.forest.clone(), world.clock.clone());
    let catalogue = crate::bank::Bank::catalogue();
    let other = skeleton_authz::Authorizer::new(catalogue, forest, views.clone(), clock);
    let ctx = strong(STEWARD);
    other.execute(&ctx, &cascade(1)).await.unwrap();
    assert_eq!(left(&world).await, [2, 6, 7, 8, 9]);
    let there = views.published(tenant(1)).unwrap();
    assert_eq!(
        there.version().grants(),
        world.log.recorded(1).await.len() as u64
    );
    assert!(there.grant(grant_id(1)).is_none() && there.grant(grant_id(2)).is_some());
}

#[tokio::test]
async fn a_gift_by_an_agent_is_that_of_whom_it_acted_for() {
    let world = governed().await;
    world.give(grant(1, 11, Admin, container(EU))).await;
    let agent = crate::helpers::ctx(crate::helpers::on_behalf(11, 1, 12));
    // An agent gives nothing; the log may say so of an older day.
    let given = grant(2, 13, Clerk, container(FRANCE));
    let told = refused_to(&world, &agent, &assign(given.clone())).await;
    assert_eq!(lacking(&told).len(), 3);
    let cause = Cause::of(InTenant::of(&agent));
    let given = [Recorded::new(
        AccessEvent::GrantGiven { grant: given },
        NOW,
        cause,
    )];
    let (stream, before) = (AccessStream::Grants, world.log.version(1).await);
    let appended = world.log.log.append(inside(1), stream, before, &given);
    appended.await.unwrap();
    world.views.load(inside(1)).await.unwrap();
    world.give(grant(3, 12, Clerk, container(EU))).await;
    ask(&world, ADMIN, &cascade(1)).await.unwrap();
    assert_eq!(left(&world).await, [2, 3]);
    ask(&world, ADMIN, &cascade(3)).await.unwrap();
    assert_eq!(left(&world).await, Vec::<u64>::new());
    assert!(
        world
            .views
            .published(tenant(1))
            .unwrap()
            .grants_of(crate::helpers::account(13))
            .is_empty()
    );
    assert_ne!(root(1), container(EU));
}

/// Records that an author gave a grant, behind the back of the views.
fn given_by(author: u8, number: u64, to: u8) -> Recorded<AccessEvent> {
    let grant = grant(number, to, Clerk, container(FRANCE));
    let ctx = strong(author);
    let cause = Cause::of(InTenant::of(&ctx));
    Recorded::new(AccessEvent::GrantGiven { grant }, NOW, cause)
}

#[tokio::test]
async fn attack_11_a_crowd_that_gave_to_each_other_is_gone_with_its_first_grant() {
    let world = governed().await;
    let there = (1_001..=6_000).map(|number| given_by(STEWARD, number, OTHER));
    let back = (6_001..=11_000).map(|number| given_by(OTHER, number, STEWARD));
    let given: Vec<_> = there.chain(back).collect();
    let grants = AccessStream::Grants;
    let before = world.log.version(1).await;
    let appended = world.log.log.append(inside(1), grants, before, &given);
    appended.await.unwrap();
    world.views.load(inside(1)).await.unwrap();
    let author = world.snapshot(&strong(ADMIN)).await;
    let taken = author.decide(&cascade(901)).unwrap();
    // The steward's own role at EU, and all 10 000; not what the administrator gave her beside it.
    assert_eq!(taken.len(), 10_001);
}
