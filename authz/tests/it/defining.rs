//! No role is made that holds more than its author does, where it can be assigned.

use skeleton_authz::AccessCommand;
use skeleton_authz::Reach;
use skeleton_authz::RefusalKind;
use skeleton_authz::RuleError;
use skeleton_authz::Window;

use crate::authors::ADMIN;
use crate::authors::STEWARD;
use crate::authors::after;
use crate::authors::ask;
use crate::authors::change;
use crate::authors::clerk_of;
use crate::authors::define;
use crate::authors::governed;
use crate::authors::lacking;
use crate::authors::name;
use crate::authors::reason;
use crate::authors::refused;
use crate::authors::spec;
use crate::authors::until;
use crate::bank::Manager;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::NOW;
use crate::helpers::US;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::root;

#[tokio::test]
async fn attack_06_a_role_above_its_authors_powers_is_not_defined() {
    let world = governed().await;
    let eu = container(EU);
    let open = define(
        "x-a",
        eu,
        &["account:open", "account:read", "customer:erase"],
    );
    let told = refused(&world, STEWARD, &open).await;
    assert_eq!(lacking(&told), ["account:open", "customer:erase"]);
    let servicing = AccessCommand::DefineRole {
        name: name("x-a"),
        home: eu,
        holds: spec(&["account-reading", "account-servicing"], &[]),
    };
    let told = refused(&world, STEWARD, &servicing).await;
    let expected = [
        "account:open",
        "account:transfer-ownership",
        "account:close",
    ];
    assert_eq!(lacking(&told), expected);
    // Where she may not define at all, powers are no question: seen is told, unseen is not found.
    let above = refused(&world, STEWARD, &define("x-a", root(1), &[])).await;
    assert_eq!(reason(&above).0, RefusalKind::Denied);
    let beside = refused(&world, STEWARD, &define("x-a", container(US), &[])).await;
    assert_eq!(reason(&beside).0, RefusalKind::NotFound);
    let hers = define("x-a", eu, &["account:read", "grant:assign"]);
    ask(&world, STEWARD, &hers).await.unwrap();
}

#[tokio::test]
async fn attack_06_a_role_is_not_defined_on_powers_that_do_not_cover_its_home_for_ever() {
    let define = |home| define("x-a", container(home), &["account:read"]);
    let world = clerk_of(Reach::SelfOnly, Window::ALWAYS).await;
    let told = refused(&world, STEWARD, &define(EU)).await;
    assert_eq!(lacking(&told), ["account:read"]);
    refused(&world, STEWARD, &define(FRANCE)).await;
    let world = clerk_of(Reach::BelowOnly, Window::ALWAYS).await;
    let told = refused(&world, STEWARD, &define(EU)).await;
    assert_eq!(lacking(&told), ["account:read"]);
    ask(&world, STEWARD, &define(FRANCE)).await.unwrap();
    let world = clerk_of(Reach::SelfAndBelow, until(1_000)).await;
    let told = refused(&world, STEWARD, &define(FRANCE)).await;
    assert_eq!(lacking(&told), ["account:read"]);
    let begun = Window::new(Some(NOW), None).unwrap();
    let world = clerk_of(Reach::SelfAndBelow, begun).await;
    ask(&world, STEWARD, &define(EU)).await.unwrap();
    let world = clerk_of(
        Reach::SelfAndBelow,
        Window::new(Some(after(1)), None).unwrap(),
    )
    .await;
    refused(&world, STEWARD, &define(EU)).await;
}

#[tokio::test]
async fn attack_06_a_change_is_measured_by_what_it_puts_in() {
    let world = governed().await;
    world.give(grant(903, ADMIN, Manager, root(1))).await;
    let opening = define("x-a", container(EU), &["account:open"]);
    ask(&world, ADMIN, &opening).await.unwrap();
    let more = change("x-a", &["account:open", "account:close"]);
    let told = refused(&world, STEWARD, &more).await;
    assert_eq!(lacking(&told), ["account:close"]);
    // What it held stays, though she lacks it; and whatever is taken out is out.
    let kept = change("x-a", &["account:open", "account:read"]);
    ask(&world, STEWARD, &kept).await.unwrap();
    ask(&world, STEWARD, &change("x-a", &[])).await.unwrap();
    let told = refused(&world, STEWARD, &change("x-a", &["account:open"])).await;
    assert_eq!(lacking(&told), ["account:open"]);
    // A role is changed by whoever may define at its home, which may lie above her.
    let boss = define("x-boss", root(1), &["account:read"]);
    ask(&world, ADMIN, &boss).await.unwrap();
    let told = refused(&world, STEWARD, &change("x-boss", &[])).await;
    assert_eq!(reason(&told).0, RefusalKind::Denied);
}

#[tokio::test]
async fn attack_06_going_beyond_is_in_no_own_role() {
    let world = governed().await;
    let named = define("x-a", root(1), &["grant:assign-beyond"]);
    let bundled = AccessCommand::DefineRole {
        name: name("x-a"),
        home: root(1),
        holds: spec(&["overruling"], &[]),
    };
    for command in [&named, &bundled] {
        let told = refused(&world, ADMIN, command).await;
        assert!(matches!(
            told,
            RuleError::NeverInOwnRoles("grant:assign-beyond")
        ));
    }
    ask(&world, ADMIN, &define("x-a", root(1), &["guardrail:lift"]))
        .await
        .unwrap();
    let told = refused(&world, ADMIN, &change("x-a", &["grant:assign-beyond"])).await;
    assert!(matches!(
        told,
        RuleError::NeverInOwnRoles("grant:assign-beyond")
    ));
}
