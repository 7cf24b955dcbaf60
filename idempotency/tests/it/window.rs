//! The window, at its corners.

use core::time::Duration;

use proptest::prelude::*;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Window;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::SeededIds;

use crate::helpers::alice_calls;
use crate::helpers::key_of;
use crate::helpers::made_at;

/// Before this year, no record of a life below a thousand years reaches the end of time.
const YEAR_9000: u64 = 221_845_392_000_000;

fn key(made: u64, is_flow: bool) -> IdempotencyKey {
    let ctx = alice_calls()
        .invocation(made_at(Timestamp::from_millis(made)))
        .build();
    if !is_flow {
        return key_of(&ctx);
    }
    key_of(
        &ctx.child(&step!("debit"))
            .unwrap()
            .begin(&SeededIds::new(1), Timestamp::MIN),
    )
}

#[test]
fn an_id_made_when_time_began_is_old_and_nothing_else() {
    let (window, first) = (Window::default(), key(0, false));
    assert_eq!((first.made_at(), first.day()), (Timestamp::MIN, 0));
    let day = 24 * 3_600_000;
    assert!(window.accepts(&first, Timestamp::MIN));
    assert!(window.accepts(&first, Timestamp::from_millis(day)));
    assert!(!window.accepts(&first, Timestamp::from_millis(day + 1)));
    assert!(!window.accepts(&first, Timestamp::MAX));
}

#[test]
fn an_id_from_beyond_the_year_9999_is_from_the_future() {
    let last = key((1 << 48) - 1, false);
    assert_eq!(last.made_at(), Timestamp::MAX);
    assert!(!Window::default().accepts(&last, Timestamp::from_millis(YEAR_9000)));
    assert_eq!(Window::default().expires_at(&last), Timestamp::MAX);
}

#[test]
fn a_window_without_an_end_accepts_every_age_and_keeps_every_record() {
    let window = Window::default()
        .with_edge(Duration::MAX)
        .with_skew(Duration::MAX);
    let old = key(1, false);
    assert!(window.accepts(&old, Timestamp::from_millis(YEAR_9000)));
    assert_eq!(window.expires_at(&old), Timestamp::MAX);
}

#[test]
fn a_key_at_the_edge_and_one_within_a_flow_have_windows_of_their_own() {
    let window = Window::default()
        .with_edge(Duration::from_secs(1))
        .with_flow(Duration::from_secs(2));
    assert_eq!(window.of(&key(5, false)), Duration::from_secs(1));
    assert_eq!(window.of(&key(5, true)), Duration::from_secs(2));
}

/// Lengths of no time, of parts of a millisecond, of days, and of centuries.
fn length() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::ZERO),
        (0_u64..3_000_000).prop_map(Duration::from_nanos),
        (0_u64..700_000_000).prop_map(Duration::from_millis),
        (0_u64..10_000_000_000).prop_map(Duration::from_secs),
    ]
}

proptest! {
    /// P9: what is accepted has a record that is kept, and what is past retention is never accepted.
    #[test]
    fn law_09_whatever_is_accepted_is_still_kept(
        made in 0..YEAR_9000, is_flow in any::<bool>(), edge in length(), flow in length(), skew in length(),
        near in -2_000_i64..2_000, corner in 0_usize..4,
    ) {
        let window = Window::default().with_edge(edge).with_flow(flow).with_skew(skew);
        let key = key(made, is_flow);
        let corners = [
            key.made_at(),
            key.made_at().saturating_add(window.of(&key)),
            key.made_at().saturating_sub(skew),
            window.expires_at(&key),
        ];
        let now = Timestamp::from_millis(corners[corner].as_millis().saturating_add_signed(near));
        let (made, at) = (u128::from(made), u128::from(now.as_millis()));
        let is_within = made + window.of(&key).as_millis() >= at && made <= at + skew.as_millis();
        prop_assert_eq!(window.accepts(&key, now), is_within);
        prop_assert!(!is_within || now < window.expires_at(&key));
    }
}
