//! Refusals: what the caller is told, and what is only noted.

use proptest::prop_assert_eq;
use proptest::proptest;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::DenyReason;
use skeleton_authz::Permission;
use skeleton_authz::Refusal;
use skeleton_authz::RefusalKind;
use skeleton_authz::Snapshot;
use skeleton_authz::Unavailable;
use skeleton_authz::Window;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::problem::TYPE_BASE;
use skeleton_invocation_context::testing;

use crate::bank::Carer;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::Support;
use crate::bank::account;
use crate::bank::customer;
use crate::drawing::cases;
use crate::helpers::EU;
use crate::helpers::FOREIGN;
use crate::helpers::FRANCE;
use crate::helpers::NOW;
use crate::helpers::NOWHERE;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::ctx;
use crate::helpers::grant;
use crate::helpers::impersonating;
use crate::helpers::root;
use crate::helpers::secs;
use crate::helpers::tenant;
use crate::worlds::asks;
use crate::worlds::id_of;
use crate::worlds::taken;

/// A world in which account 1 manages France.
async fn manager() -> (World, Snapshot) {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(FRANCE))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    (world, snapshot)
}

fn refused<P: Permission>(snapshot: &Snapshot, permission: P, at: u64) -> Refusal {
    snapshot.require(permission, container(at)).unwrap_err()
}

fn json(problem: &Problem) -> Value {
    serde_json::from_slice(&problem.to_json()).unwrap()
}

#[tokio::test]
async fn attack_01_foreign_unknown_and_unseen_scopes_are_one_problem() {
    let (_world, snapshot) = manager().await;
    let instance = caller(1).trace().current();
    let expected = json!({
        "type": format!("{TYPE_BASE}not-found"),
        "title": "Not found",
        "status": 404,
        "code": "not-found",
        "instance": instance.to_string(),
    });
    for at in [FOREIGN, NOWHERE, TEXAS] {
        let read = refused(&snapshot, account::Read, at);
        let care = refused(&snapshot, customer::Erase, at);
        for refusal in [read, care] {
            assert_eq!(refusal.kind(), RefusalKind::NotFound);
            let problem = Problem::from(refusal);
            assert_eq!(json(&problem), expected);
            assert_eq!(
                (problem.challenge(), problem.retry_after_secs()),
                (None, None)
            );
        }
    }
    // The root of another tenant, and a tenant that nobody has.
    for number in [2, 77] {
        let refusal = snapshot.require(account::Read, root(number)).unwrap_err();
        assert_eq!(json(&Problem::from(refusal)), expected);
    }
}

#[tokio::test]
async fn attack_01_what_is_noted_tells_them_apart() {
    let (_world, snapshot) = manager().await;
    let noted = [FOREIGN, NOWHERE, TEXAS].map(|at| {
        let refusal = refused(&snapshot, account::Read, at);
        (refusal.record().verdict(), refusal.record().scope())
    });
    // A scope of another tenant does not get into this tenant's audit.
    let unknown = ("unknown-scope", None);
    assert_eq!(
        noted,
        [unknown, unknown, ("no-grant", Some(container(TEXAS)))]
    );
}

#[tokio::test]
async fn who_sees_the_scope_learns_why_and_what_would_help() {
    let (_world, snapshot) = manager().await;
    let refusal = refused(&snapshot, customer::Read, FRANCE);
    assert_eq!(refusal.kind(), RefusalKind::Denied);
    assert_eq!(refusal.to_string(), "refused: role-lacks");
    let problem = Problem::from(refusal);
    let expected = json!({
        "type": format!("{TYPE_BASE}permission-denied"),
        "title": "Permission denied",
        "status": 403,
        "code": "permission-denied",
        "instance": caller(1).trace().current().to_string(),
        "params": {
            "permission": "customer:read",
            "scope": container(FRANCE).to_string(),
            "reason": "role-lacks",
            "would-allow": [{ "type": "role", "role": "carer", "at": container(FRANCE).to_string() }],
        },
    });
    assert_eq!(json(&problem), expected);
    assert_eq!(
        problem.challenge(),
        Some("Bearer error=\"insufficient_scope\"")
    );
}

#[tokio::test]
async fn who_stands_above_a_grant_sees_the_way_down_but_not_what_others_hold() {
    let (world, _) = manager().await;
    world.give(grant(2, 2, Carer, container(EU))).await;
    let snapshot = world.snapshot(&caller(1)).await;
    let refusal = refused(&snapshot, customer::Read, EU);
    assert_eq!(refusal.kind(), RefusalKind::Denied);
    let nearest = None;
    assert_eq!(refusal.deny().reason, DenyReason::NoGrant { nearest });
    let text = String::from_utf8(Problem::from(refusal).to_json()).unwrap();
    assert!(!text.contains(&account_id(2).to_string()), "{text}");
}

#[tokio::test]
async fn an_impersonator_learns_that_impersonation_is_the_reason() {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(FRANCE))).await;
    world.give(grant(2, 2, Support, root(1))).await;
    let snapshot = world.snapshot(&ctx(impersonating(2, 1))).await;
    let problem = Problem::from(refused(&snapshot, account::Open, FRANCE));
    let expected = json!({
        "permission": "account:open",
        "scope": container(FRANCE).to_string(),
        "reason": "masked",
        "would-allow": [],
    });
    assert_eq!(
        (problem.status(), &json(&problem)["params"]),
        (403, &expected)
    );
}

#[tokio::test]
async fn waiting_is_told_with_its_instant() {
    let world = World::bank().await;
    let later = Window::new(Some(NOW.saturating_add(secs(90))), None).unwrap();
    world
        .give(grant(1, 1, Clerk, container(FRANCE)).with_window(later))
        .await;
    let snapshot = world.snapshot(&caller(1)).await;
    let params = json(&Problem::from(refused(&snapshot, account::Read, FRANCE)))["params"].clone();
    assert_eq!(params["reason"], "not-active");
    let from = serde_json::to_value(NOW.saturating_add(secs(90))).unwrap();
    assert_eq!(
        params["would-allow"],
        json!([{ "type": "wait", "from": from }])
    );
}

#[tokio::test]
async fn a_step_up_says_in_its_challenge_what_would_do() {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(FRANCE))).await;
    world.give(grant(2, 1, Carer, container(FRANCE))).await;
    let old = testing::context()
        .user(account_id(1), tenant(1))
        .authenticated_at(NOW.saturating_sub(secs(600)))
        .build_authenticated();
    let snapshot = world.snapshot(&old).await;
    let begin = "Bearer error=\"insufficient_user_authentication\"";
    let cases = [
        (
            refused(&snapshot, account::TransferOwnership, FRANCE),
            ", acr_values=\"aal2\", max_age=\"300\"",
        ),
        (
            refused(&snapshot, account::Statement, FRANCE),
            ", acr_values=\"aal2\"",
        ),
        (
            refused(&snapshot, account::Close, FRANCE),
            ", max_age=\"60\"",
        ),
        (
            refused(&snapshot, customer::Erase, FRANCE),
            ", acr_values=\"aal3\"",
        ),
    ];
    for (refusal, rest) in cases {
        assert_eq!(refusal.kind(), RefusalKind::StepUp);
        let problem = Problem::from(refusal);
        assert_eq!(
            (problem.status(), problem.code()),
            (401, "step-up-required")
        );
        assert_eq!(problem.challenge(), Some(format!("{begin}{rest}").as_str()));
        assert_eq!(problem.instance(), Some(old.trace().current()));
    }
    assert!(Assurance::Aal1 < Assurance::Aal2);
}

#[test]
fn what_cannot_be_had_is_unavailable_and_says_nothing_about_the_cause() {
    let problem = Problem::from(Unavailable::new("the disk at 10.0.0.7 is gone"));
    assert_eq!(
        (problem.status(), problem.retry_after_secs()),
        (503, Some(1))
    );
    let text = String::from_utf8(problem.to_json()).unwrap();
    assert!(!text.contains("10.0.0.7"), "{text}");
}

proptest! {
    #[test]
    fn law_22_a_refusal_ends_in_the_row_of_the_model((model, caller) in cases()) {
        let (_, snapshot) = taken(&model, &caller);
        for place in 0..model.places.len() {
            for ask in asks() {
                let answer = (ask.require)(&snapshot, id_of(&model, place));
                let status = answer.map_or_else(|refusal| Problem::from(refusal).status(), |()| 200);
                prop_assert_eq!(status, model.status(&caller, ask.name, place), "{} at {}", ask.name, place);
            }
        }
    }
}
