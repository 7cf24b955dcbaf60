//! Windows, reach, proofs, and the reasons of decisions.

use std::num::NonZeroU32;

use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::Decision;
use skeleton_authz::DenyReason;
use skeleton_authz::Grant;
use skeleton_authz::Permission;
use skeleton_authz::PermissionId;
use skeleton_authz::Placement;
use skeleton_authz::Reach;
use skeleton_authz::RefusalKind;
use skeleton_authz::Subject;
use skeleton_authz::Window;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing;

use crate::bank::Auditor;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FOREIGN;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::NOW;
use crate::helpers::NOWHERE;
use crate::helpers::TEXAS;
use crate::helpers::US;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::denied;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::recorded;
use crate::helpers::root;
use crate::helpers::secs;
use crate::helpers::tenant;

fn after(millis: u64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

#[tokio::test]
async fn attack_01_roles_in_the_credential_add_nothing() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    let said = [
        RoleAssignment::new(Manager.name(), root(1)),
        RoleAssignment::new(Manager.name(), container(FOREIGN)),
        RoleAssignment::new(RoleName::parse("x-emperor").unwrap(), root(1)),
    ];
    let ctx = testing::context()
        .user(account_id(1), tenant(1))
        .roles(RoleAssignments::listed(said).unwrap())
        .build_authenticated();
    let snapshot = world.snapshot(&ctx).await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    assert!(snapshot.require(account::Read, container(TEXAS)).is_err());
    assert!(snapshot.require(account::Open, container(FRANCE)).is_err());
    assert!(!snapshot.sees(container(FOREIGN)));
}

#[tokio::test]
async fn attack_02_a_resource_that_left_the_checked_scope_is_refused() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(EU))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let proof = snapshot.require(account::Read, container(FRANCE)).unwrap();
    assert!(proof.is_for(&Placement::new(container(FRANCE))));
    assert!(!proof.is_for(&Placement::new(container(GERMANY))));
    // Not even above: what was checked is one container.
    assert!(!proof.is_for(&Placement::new(container(EU))));
    let on = |at| snapshot.require_on(account::Read, &Placement::new(container(at)));
    assert!(
        on(FRANCE)
            .unwrap()
            .is_for(&Placement::new(container(FRANCE)))
    );
    assert_eq!(on(US).unwrap_err().kind(), RefusalKind::NotFound);
}

#[tokio::test]
async fn attack_03_a_revoked_grant_serves_the_invocation_and_not_the_next_one() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(FRANCE))).await;
    let ctx = caller(1);
    let snapshot = world.snapshot(&ctx).await;
    world.take(1).await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    let next = world.snapshot(&ctx).await;
    assert!(next.require(account::Read, container(FRANCE)).is_err());
    assert_eq!(snapshot.versions().grants, 1);
    assert_eq!(next.versions().grants, 2);
}

#[tokio::test]
async fn attack_11_ten_thousand_grants_at_depth_32_answer_like_few() {
    let world = World::bank().await;
    let mut parent = container(TEXAS);
    for number in 100..130 {
        world.grow(1, number, parent).await;
        parent = container(number);
    }
    let idle = |number| grant(number, 1, crate::bank::Idle, parent);
    let mut grants: Vec<Grant> = (1_000..11_000).map(idle).collect();
    grants.push(grant(5, 1, Clerk, container(US)));
    let given: Vec<_> = grants
        .into_iter()
        .map(|grant| recorded(AccessEvent::GrantGiven { grant }))
        .collect();
    let appended =
        world
            .log
            .log
            .append(inside(1), AccessStream::Grants, AccessVersion::ZERO, &given);
    assert_eq!(appended.await.unwrap(), 10_001);
    let snapshot = world.snapshot(&caller(1)).await;
    assert!(snapshot.require(account::Read, parent).is_ok());
    assert!(snapshot.require(account::Read, container(FRANCE)).is_err());
    let Decision::Allow(allow) = snapshot.explain(account::Read::ID, parent) else {
        panic!("denied");
    };
    assert_eq!((allow.grant, allow.distance), (grant_id(5), 31));
    let deny = denied(snapshot.explain(account::Open::ID, parent));
    let held = vec![Clerk.name(), crate::bank::Idle.name()];
    assert_eq!(deny.reason, DenyReason::RoleLacks { held });
}

#[tokio::test]
async fn attack_12_a_window_counts_from_its_first_millisecond_to_before_its_last() {
    let world = World::bank().await;
    let window = Window::new(Some(after(10)), Some(after(20))).unwrap();
    let windowed = grant(1, 1, Clerk, container(FRANCE)).with_window(window);
    world.give(windowed).await;
    let ctx = caller(1);
    world.snapshot(&ctx).await;
    for (millis, is_open) in [(9, false), (10, true), (19, true), (20, false)] {
        world.clock.set(after(millis));
        let snapshot = world.authorizer.snapshot(&ctx).unwrap();
        let answer = snapshot.require(account::Read, container(FRANCE));
        assert_eq!(answer.is_ok(), is_open, "{millis}");
        // Who will hold it may know of the container, or nobody could say until when to wait; who held it, no more.
        assert_eq!(snapshot.sees(container(FRANCE)), millis < 20);
        if let Err(refusal) = answer {
            let (from, until) = (Some(after(10)), Some(after(20)));
            assert_eq!(refusal.deny().reason, DenyReason::NotActive { from, until });
            let kind = [RefusalKind::Denied, RefusalKind::NotFound][usize::from(millis == 20)];
            assert_eq!(refusal.kind(), kind);
        }
    }
}

#[test]
fn a_window_that_holds_no_instant_is_refused() {
    assert!(Window::new(Some(after(1)), Some(after(1))).is_err());
    assert!(Window::new(Some(after(2)), Some(after(1))).is_err());
    let one = Window::new(Some(after(1)), Some(after(2))).unwrap();
    assert!(one.is_open(after(1)) && !one.is_open(after(2)) && !one.is_open(after(0)));
    assert!(Window::ALWAYS.is_open(Timestamp::from_millis(0)));
    assert_eq!(Window::default(), Window::ALWAYS);
}

#[tokio::test]
async fn attack_13_a_grant_of_an_unknown_role_gives_nothing_and_shows_nothing() {
    let world = World::bank().await;
    let gone = RoleName::parse("x-gone").unwrap();
    let to = Subject::Account(account_id(1));
    world.give(Grant::new(grant_id(1), to, gone, root(1))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    assert!(!snapshot.sees(root(1)));
    let refusal = snapshot.require(account::Read, root(1)).unwrap_err();
    let nothing = DenyReason::NoGrant { nearest: None };
    assert_eq!(refusal.deny().reason, nothing);
    assert_eq!(snapshot.ignored(), 1);
    // One at a container that nobody has is counted too; one that counts is not, nor is one whose time is over.
    world.give(grant(2, 1, Clerk, container(NOWHERE))).await;
    world.give(grant(3, 1, Clerk, root(1))).await;
    let over = Window::new(None, Some(NOW)).unwrap();
    let over = grant(4, 1, Clerk, root(1)).with_window(over);
    world.give(over).await;
    assert_eq!(world.snapshot(&caller(1)).await.ignored(), 2);
}

#[tokio::test]
async fn each_reach_covers_what_it_says() {
    let cases = [
        (Reach::SelfAndBelow, [true, true, false]),
        (Reach::BelowOnly, [false, true, false]),
        (Reach::SelfOnly, [true, false, false]),
    ];
    for (reach, expected) in cases {
        let world = World::bank().await;
        let given = grant(1, 1, Clerk, container(EU)).with_reach(reach);
        world.give(given).await;
        let snapshot = world.snapshot(&caller(1)).await;
        let asked = [EU, FRANCE, US].map(|at| snapshot.require(account::Read, container(at)));
        assert_eq!(asked.map(|answer| answer.is_ok()), expected, "{reach:?}");
        // The way down to a grant is seen, and so is what it reaches; nothing beside it.
        let is_below = !matches!(reach, Reach::SelfOnly);
        assert!(snapshot.sees(root(1)) && snapshot.sees(container(EU)));
        assert_eq!(snapshot.sees(container(FRANCE)), is_below);
        assert!(!snapshot.sees(container(US)));
    }
}

#[tokio::test]
async fn of_several_grants_the_deepest_is_named_and_then_the_smallest_id() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, root(1))).await;
    world.give(grant(4, 1, Manager, container(EU))).await;
    world.give(grant(3, 1, Auditor, container(EU))).await;
    world
        .give(grant(2, 1, Clerk, container(FRANCE)).with_reach(Reach::BelowOnly))
        .await;
    let snapshot = world.snapshot(&caller(1)).await;
    let Decision::Allow(allow) = snapshot.explain(account::Read::ID, container(FRANCE)) else {
        panic!("denied");
    };
    assert_eq!(allow.grant, grant_id(3));
    assert_eq!(allow.role, Auditor.name());
    assert_eq!(allow.policy.as_str(), "account-auditing");
    assert_eq!((allow.at, allow.distance), (container(EU), 1));
    assert_eq!(allow.versions, snapshot.versions());
}

#[tokio::test]
async fn the_first_reason_that_holds_is_named() {
    let world = World::bank().await;
    let past = Window::new(None, Some(NOW)).unwrap();
    world
        .give(grant(1, 1, Manager, container(FRANCE)).with_window(past))
        .await;
    world.give(grant(2, 1, Clerk, container(FRANCE))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let why =
        |permission: PermissionId, at| denied(snapshot.explain(permission, container(at))).reason;
    assert_eq!(why(account::Read::ID, FOREIGN), DenyReason::UnknownScope);
    let elsewhere = DenyReason::NoGrant {
        nearest: Some(container(FRANCE)),
    };
    assert_eq!(why(account::Read::ID, TEXAS), elsewhere);
    let nowhere = DenyReason::NoGrant { nearest: None };
    assert_eq!(why(account::Audit::ID, TEXAS), nowhere);
    let held = vec![Manager.name(), Clerk.name()];
    assert_eq!(
        why(account::Audit::ID, FRANCE),
        DenyReason::RoleLacks { held }
    );
    let over = DenyReason::NotActive {
        from: None,
        until: Some(NOW),
    };
    assert_eq!(why(account::Open::ID, FRANCE), over);
    let unknown = PermissionId::new(900).unwrap();
    assert_eq!(why(unknown, FRANCE), DenyReason::UnknownScope);
}

#[tokio::test]
async fn the_nearest_grant_is_the_nearest_by_way_of_the_tree() {
    let world = World::bank().await;
    world.grow(1, 50, container(TEXAS)).await;
    world.give(grant(1, 1, Clerk, container(50))).await;
    world.give(grant(2, 1, Clerk, container(FRANCE))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let deny = denied(snapshot.explain(account::Read::ID, container(GERMANY)));
    let nearest = Some(container(FRANCE));
    assert_eq!(deny.reason, DenyReason::NoGrant { nearest });
}

#[tokio::test]
async fn a_node_of_another_snapshot_is_allowed_nothing() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, root(1))).await;
    let (ctx, stranger) = (caller(1), testing::context().user_in(tenant(2)));
    let snapshot = world.snapshot(&ctx).await;
    let own = snapshot.tree().node(container(FRANCE)).unwrap();
    assert!(snapshot.allows(account::Read, own));
    let foreign = world.snapshot(&stranger.build_authenticated()).await;
    assert!(!snapshot.allows(account::Read, foreign.tree().root()));
    world.grow(1, 51, container(EU)).await;
    let newer = world.snapshot(&ctx).await;
    assert!(!snapshot.allows(account::Read, newer.tree().root()));
    assert!(newer.allows(account::Read, newer.tree().root()));
}

#[tokio::test]
async fn a_proof_says_what_was_decided_for_whom() {
    let world = World::bank().await;
    world.give(grant(1, 1, Clerk, container(EU))).await;
    let ctx = caller(1);
    let snapshot = world.snapshot(&ctx).await;
    let proof = snapshot.require(account::Read, container(FRANCE)).unwrap();
    assert_eq!(
        (proof.tenant(), proof.account()),
        (tenant(1), account_id(1))
    );
    assert_eq!(proof.scope(), container(FRANCE));
    assert_eq!(proof.originating_id(), ctx.trace().originating());
    assert_eq!(proof.versions(), snapshot.versions());
    let versions = proof.versions();
    assert_eq!(
        (versions.catalogue, versions.tree, versions.grants),
        (3, 5, 1)
    );
    let record = proof.record();
    assert_eq!(record.permission(), "account:read");
    assert_eq!(record.scope(), Some(container(FRANCE)));
    assert_eq!(
        (record.effective(), record.accountable()),
        (account_id(1), account_id(1))
    );
    assert_eq!(
        format!("{proof:?}"),
        format!("Authorized(account:read at {})", container(FRANCE))
    );
}

#[tokio::test]
async fn a_weak_or_old_proof_steps_up_at_the_boundary() {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(EU))).await;
    let asked = |assurance, age| {
        testing::context()
            .user(account_id(1), tenant(1))
            .assurance(assurance)
            .authenticated_at(NOW.saturating_sub(age))
            .build_authenticated()
    };
    use skeleton_invocation_context::Assurance::Aal1;
    use skeleton_invocation_context::Assurance::Aal2;
    use skeleton_invocation_context::Assurance::Aal3;
    let millisecond = std::time::Duration::from_millis(1);
    let cases = [
        (Aal1, secs(0), false),
        (Aal2, secs(0), true),
        (Aal3, secs(300), true),
        (Aal2, secs(300) + millisecond, false),
    ];
    for (assurance, age, is_allowed) in cases {
        let snapshot = world.snapshot(&asked(assurance, age)).await;
        let answer = snapshot.require(account::TransferOwnership, container(EU));
        assert_eq!(answer.is_ok(), is_allowed, "{assurance:?} {age:?}");
        if let Err(refusal) = answer {
            let expected = DenyReason::StepUp {
                assurance: Some(Aal2),
                max_age: Some(secs(300)),
            };
            assert_eq!(refusal.deny().reason, expected);
        }
    }
    // A proof from a clock that runs ahead is not old.
    let ahead = testing::context()
        .user(account_id(1), tenant(1))
        .authenticated_at(NOW.saturating_add(secs(5)))
        .build_authenticated();
    let snapshot = world.snapshot(&ahead).await;
    assert!(snapshot.require(account::Close, container(EU)).is_ok());
}

#[tokio::test]
async fn the_log_of_grants_is_read_in_short_pages_and_without_gaps() {
    let world = World::bank().await;
    for number in 0..8 {
        world.give(grant(number, 1, Clerk, container(FRANCE))).await;
    }
    let all = world.log.log.read(
        inside(1),
        AccessStream::Grants,
        6,
        NonZeroU32::new(10).unwrap(),
    );
    let rest = all.await.unwrap();
    let numbers: Vec<_> = rest
        .iter()
        .map(|recorded| recorded.event().clone())
        .collect();
    let given = |number| AccessEvent::GrantGiven {
        grant: grant(number, 1, Clerk, container(FRANCE)),
    };
    assert_eq!(numbers, [given(6), given(7)]);
    assert!(rest.iter().all(|recorded| recorded.at() == NOW));
}
