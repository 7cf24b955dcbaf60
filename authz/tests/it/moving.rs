//! Moves case by case: what they need, and what their authors are told.

use serde::Deserialize;
use skeleton_authz::AccessEvent;
use skeleton_authz::CheckError;
use skeleton_authz::DenyReason;
use skeleton_authz::Forbidden;
use skeleton_authz::Grant;
use skeleton_authz::Guarded;
use skeleton_authz::Guardrail;
use skeleton_authz::Locator;
use skeleton_authz::Placement;
use skeleton_authz::Reach;
use skeleton_authz::RefusalKind;
use skeleton_authz::ResourceRef;
use skeleton_authz::Subject;
use skeleton_authz::Target;
use skeleton_authz::Unavailable;
use skeleton_authz::skeleton::container;
use skeleton_authz::skeleton::grant as grant_permissions;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleName;
use skeleton_tenancy_tree::InTenant;

use crate::authors::guardrail_id;
use crate::bank::Admin;
use crate::bank::Manager;
use crate::doors::RetrieveAccount;
use crate::helpers::EU;
use crate::helpers::FOREIGN;
use crate::helpers::FRANCE;
use crate::helpers::GERMANY;
use crate::helpers::NOWHERE;
use crate::helpers::TEXAS;
use crate::helpers::US;
use crate::helpers::World;
use crate::helpers::account;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;
use crate::worlds::tenant_role;

const MOVER: &str = "x-mover";

/// The bank, with a role of its own that only moves.
async fn bank() -> World {
    let world = World::bank().await;
    let role = tenant_role(MOVER, root(1), &["container:move", "grant:read"]);
    let defined = AccessEvent::RoleDefined { role };
    world.enact(1, [defined]).await;
    world
}

fn mover(number: u64, at: ContainerId) -> Grant {
    let role = RoleName::parse(MOVER).unwrap();
    Grant::new(grant_id(number), Subject::Account(account(1)), role, at)
}

/// What account 1 is told about a move; nothing if it may.
async fn told(world: &World, what: u64, to: u64) -> Option<(RefusalKind, DenyReason)> {
    let snapshot = world.snapshot(&caller(1)).await;
    let asked = snapshot.require_move(container::Move, container(what), container(to));
    let refusal = asked.err()?;
    Some((refusal.kind(), refusal.deny().reason.clone()))
}

#[tokio::test]
async fn a_move_needs_the_permission_at_the_container_and_at_both_its_parents() {
    let places = [(GERMANY, EU), (EU, GERMANY), (US, EU)];
    let all = [GERMANY, EU, US].map(container);
    for missing in all {
        let world = bank().await;
        for (number, at) in (0..).zip(all.into_iter().filter(|at| *at != missing)) {
            world
                .give(mover(number, at).with_reach(Reach::SelfOnly))
                .await;
        }
        assert!(
            told(&world, GERMANY, US).await.is_some(),
            "{missing} {places:?}"
        );
    }
    let world = bank().await;
    for (number, at) in (0..).zip(all) {
        world
            .give(mover(number, at).with_reach(Reach::SelfOnly))
            .await;
    }
    assert_eq!(told(&world, GERMANY, US).await, None);
}

#[tokio::test]
async fn attack_01_a_move_from_or_to_what_is_not_ones_own_finds_nothing() {
    let world = bank().await;
    world.give(mover(1, root(1))).await;
    for (what, to) in [
        (FOREIGN, EU),
        (FRANCE, FOREIGN),
        (NOWHERE, EU),
        (FRANCE, NOWHERE),
    ] {
        let (kind, _) = told(&world, what, to).await.unwrap();
        assert_eq!(kind, RefusalKind::NotFound, "{what} {to}");
    }
}

#[tokio::test]
async fn attack_06_nobody_helps_herself_by_a_move() {
    let world = bank().await;
    world.give(mover(1, root(1))).await;
    world.give(grant(2, 1, Manager, container(EU))).await;
    // Germany lies in EU already: nothing is gained where it goes.
    assert_eq!(told(&world, GERMANY, FRANCE).await, None);
    let (kind, reason) = told(&world, TEXAS, EU).await.unwrap();
    assert_eq!(kind, RefusalKind::Denied);
    let DenyReason::WidensOwnPowers { gains } = reason else {
        panic!("{reason:?}");
    };
    assert_eq!(
        gains,
        [
            "account:read",
            "account:open",
            "account:transfer-ownership",
            "account:statement",
            "account:close"
        ]
    );
    // Whoever may go beyond may do this too.
    world.give(grant(3, 1, Admin, container(TEXAS))).await;
    assert_eq!(told(&world, TEXAS, EU).await, None);
}

#[tokio::test]
async fn attack_06_what_begins_later_is_a_gain_and_what_is_over_is_none() {
    let world = bank().await;
    world.give(mover(1, root(1))).await;
    let past = crate::worlds::window(crate::naive::When::Past);
    world
        .give(grant(2, 1, Manager, container(EU)).with_window(past))
        .await;
    assert_eq!(told(&world, TEXAS, EU).await, None);
    let later = crate::worlds::window(crate::naive::When::Later);
    world
        .give(grant(3, 1, Manager, container(EU)).with_window(later))
        .await;
    assert!(told(&world, TEXAS, EU).await.is_some());
    // Nor does somebody who holds it for a while come to hold it for longer.
    let soon = crate::worlds::window(crate::naive::When::UntilSoon);
    world
        .give(grant(4, 1, Manager, container(TEXAS)).with_window(soon))
        .await;
    assert!(told(&world, TEXAS, EU).await.is_some());
    world.give(grant(5, 1, Manager, container(TEXAS))).await;
    assert_eq!(told(&world, TEXAS, EU).await, None);
}

#[tokio::test]
async fn what_only_reads_is_asked_at_all_three_and_widens_nothing() {
    let world = bank().await;
    world.give(mover(1, root(1))).await;
    world.give(grant(2, 1, Manager, container(EU))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let asked = snapshot.require_move(grant_permissions::Read, container(TEXAS), container(EU));
    assert_eq!(asked.unwrap().scope(), container(TEXAS));
}

#[derive(Debug, Deserialize)]
struct Relocate {
    what: ContainerId,
    to: ContainerId,
}

impl Guarded for Relocate {
    type Needs = container::Move;

    fn target(&self) -> Target<'_> {
        Target::Move {
            container: self.what,
            to: self.to,
        }
    }
}

struct Nowhere;

impl Locator for Nowhere {
    async fn locate(
        &self,
        _: InTenant<'_>,
        _: &ResourceRef<'_>,
    ) -> Result<Option<Placement>, Unavailable> {
        Ok(None)
    }
}

#[tokio::test]
async fn a_message_is_checked_like_a_request() {
    let world = bank().await;
    world.give(mover(1, root(1))).await;
    world.give(grant(2, 1, Manager, container(EU))).await;
    let ask = |what, to| {
        let payload = Relocate {
            what: container(what),
            to: container(to),
        };
        let authorizer = world.authorizer.clone();
        async move { authorizer.check(&caller(1), &payload, &Nowhere).await }
    };
    let proof = ask(GERMANY, US).await.unwrap();
    assert_eq!(
        (proof.scope(), proof.record().grant()),
        (container(GERMANY), Some(grant_id(1)))
    );
    let refused = ask(TEXAS, EU).await.unwrap_err();
    assert_eq!(refused.record().unwrap().verdict(), "widens-own-powers");
    let (ctx, account) = (caller(1), "fr-001".to_owned());
    let payload = RetrieveAccount { account };
    let lost = world.authorizer.check(&ctx, &payload, &Nowhere).await;
    let lost = lost.unwrap_err();
    assert!(
        matches!(&lost, CheckError::Refused(refusal) if refusal.kind() == RefusalKind::NotFound)
    );
}

#[tokio::test]
async fn attack_06_nobody_leads_a_container_out_from_under_a_guardrail_that_she_may_not_lift() {
    let world = bank().await;
    world.give(mover(1, root(1))).await;
    let forbids = Forbidden::Permissions(vec!["account:close".to_owned()]);
    let hold = Guardrail::new(guardrail_id(1), container(EU), forbids);
    world
        .enact(1, [AccessEvent::GuardrailSet { guardrail: hold }])
        .await;
    world.views.load(inside(1)).await.unwrap();
    let held = DenyReason::Guardrail(guardrail_id(1));
    let refused = Some((RefusalKind::Denied, held));
    assert_eq!(told(&world, FRANCE, US).await, refused);
    // What stays below it, or carries it along, goes where it likes.
    assert_eq!(told(&world, EU, US).await, None);
    assert_eq!(told(&world, FRANCE, GERMANY).await, None);
    // The administrator may lift it; by a proof as strong as that takes.
    world.give(grant(2, 1, Admin, root(1))).await;
    assert_eq!(told(&world, FRANCE, US).await, None);
}
