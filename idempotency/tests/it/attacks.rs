//! The attacks of the engine and its key.

use core::time::Duration;

use skeleton_idempotency::KeyError;
use skeleton_idempotency::Refused;
use skeleton_idempotency::Window;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Impersonated;
use skeleton_invocation_context::Impersonator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::context;

use crate::helpers::ALICE;
use crate::helpers::SECRET;
use crate::helpers::acme;
use crate::helpers::alice;
use crate::helpers::alice_calls;
use crate::helpers::begin;
use crate::helpers::engine;
use crate::helpers::engine_at;
use crate::helpers::invocation;
use crate::helpers::key_of;
use crate::helpers::keys;
use crate::helpers::made_at;
use crate::helpers::now;
use crate::helpers::transfer;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn refused(ctx: &InvocationContext, at: Timestamp) -> Option<Refused> {
    engine_at(at).begin(ctx, &transfer(), b"{}").err()
}

#[test]
fn attack_01_a_key_of_somebody_else_is_another_key() {
    let other_user: AccountId = "01KGHF3N80T0AJRRW8HWMF0141".parse().unwrap();
    let globex: TenantId = "01KE6P4YM0FSPTFB776BVFNQX7".parse().unwrap();
    let user = |id, tenant| Account::new(id, AccountKind::User, tenant);
    let impersonating = Actor::impersonating(
        Impersonator::new(user(other_user, acme())),
        Impersonated::new(user(alice(), acme())),
    );
    let own = key_of(&alice_calls().build());
    let others = [
        alice_calls().user(other_user, acme()),
        alice_calls().user(alice(), globex),
        alice_calls().acting(impersonating.unwrap()),
    ];
    for other in others {
        assert_ne!(key_of(&other.build()).address(), own.address());
    }
}

#[test]
fn attack_02_paths_that_join_to_one_text_are_two_addresses() {
    let ctx = context()
        .user(alice(), acme())
        .invocation(invocation())
        .build();
    let (ids, at) = (SeededIds::new(3), now());
    let stepped = |ctx: &InvocationContext, step| ctx.child(&step).unwrap().begin(&ids, at);
    let one = stepped(&stepped(&ctx, step!("a")), step!("b-c"));
    let other = stepped(&stepped(&ctx, step!("a-b")), step!("c"));
    assert_ne!(key_of(&one).address(), key_of(&other).address());
}

#[test]
fn attack_06_a_captured_request_is_refused_after_its_window() {
    let ctx = alice_calls().build();
    let made = invocation().created_at();
    assert_eq!(refused(&ctx, made.saturating_add(DAY)), None);
    let late = made
        .saturating_add(DAY)
        .saturating_add(Duration::from_millis(1));
    assert_eq!(
        refused(&ctx, late),
        Some(Refused::Expired { window: Some(DAY) })
    );
    assert_eq!(Problem::from(refused(&ctx, late).unwrap()).status(), 412);
}

#[test]
fn attack_07_a_key_of_next_year_is_refused() {
    let ctx = |made: Timestamp| alice_calls().invocation(made_at(made)).build();
    let skew = Duration::from_secs(5 * 60);
    assert_eq!(refused(&ctx(now().saturating_add(skew)), now()), None);
    let ahead = now().saturating_add(skew + Duration::from_millis(1));
    assert_eq!(
        refused(&ctx(ahead), now()),
        Some(Refused::Expired { window: Some(DAY) })
    );
    let next_year = ctx(now().saturating_add(365 * DAY));
    assert_eq!(
        refused(&next_year, now()),
        Some(Refused::Expired { window: Some(DAY) })
    );
}

#[test]
fn a_call_within_a_flow_is_recognised_for_seven_days() {
    let ctx = alice_calls()
        .build()
        .child(&step!("debit"))
        .unwrap()
        .begin(&SeededIds::new(1), now());
    let made = invocation().created_at();
    assert_eq!(refused(&ctx, made.saturating_add(7 * DAY)), None);
    let late = made.saturating_add(7 * DAY + HOUR);
    assert_eq!(
        refused(&ctx, late),
        Some(Refused::Expired {
            window: Some(7 * DAY)
        })
    );
}

#[test]
fn law_09_a_record_outlives_every_repetition_that_is_accepted() {
    let window = Window::default()
        .with_edge(HOUR)
        .with_flow(2 * HOUR)
        .with_skew(Duration::from_secs(1));
    let key = key_of(&alice_calls().build());
    let mut at = key.made_at().saturating_sub(Duration::from_secs(2));
    let mut accepted = 0;
    while at < window.expires_at(&key) {
        accepted += u32::from(window.accepts(&key, at));
        at = at.saturating_add(Duration::from_secs(1));
    }
    assert_eq!(
        accepted,
        3_600 + 2,
        "from one second before to one hour after, both included"
    );
    for past in [0, 1, 1_000, 1_000_000_000] {
        let at = window
            .expires_at(&key)
            .saturating_add(Duration::from_millis(past));
        assert!(!window.accepts(&key, at));
    }
}

#[test]
fn an_invocation_without_a_name_or_a_caller_is_refused() {
    let unnamed = alice_calls().made_by(MadeBy::Edge).build();
    assert_eq!(
        refused(&unnamed, now()),
        Some(Refused::Key(KeyError::Missing))
    );
    let nobody = context()
        .anonymous()
        .requesting(acme())
        .invocation(invocation())
        .build();
    let why = refused(&nobody, now()).unwrap();
    assert_eq!(why, Refused::Key(KeyError::Anonymous));
    assert_eq!(Problem::from(why).status(), 500);
}

#[test]
fn each_attempt_has_an_owner_of_its_own() {
    let ctx = alice_calls().build();
    let (one, other) = (begin(&ctx, &transfer(), "1"), begin(&ctx, &transfer(), "1"));
    assert_ne!(one.ask().owner(), other.ask().owner());
    assert_eq!(one.ask().fingerprint(), other.ask().fingerprint());
    assert_eq!(one.key(), other.key());
    assert_eq!(
        one.ask().expires_at(),
        Window::default().expires_at(one.key())
    );
}

#[test]
fn attack_22_nothing_secret_is_printed() {
    let payload = r#"{"iban":"DE02120300000000202051"}"#;
    let once = begin(&alice_calls().build(), &transfer(), payload);
    let printed = format!(
        "{:?} {:?} {:?} {:?}",
        keys(),
        engine(),
        once,
        once.ask().fingerprint()
    );
    let fingerprint = once.ask().fingerprint().as_bytes();
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    for secret in [
        "DE0212",
        ALICE,
        &hex(&SECRET),
        &hex(&fingerprint[1..]),
        "94, 94, 94",
        "5e5e",
    ] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    let listed = format!("{:?}", &fingerprint[1..5]);
    assert!(!printed.contains(listed.trim_matches(['[', ']'])));
}
