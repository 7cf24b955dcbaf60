//! Instants.

use core::time::Duration;

use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::FixedClock;

use crate::helpers::NOW;

#[test]
fn attack_22_arithmetic_saturates_at_both_ends() {
    let hour = Duration::from_secs(3_600);
    assert_eq!(Timestamp::MIN.saturating_sub(hour), Timestamp::MIN);
    assert_eq!(Timestamp::MAX.saturating_add(hour), Timestamp::MAX);
    assert_eq!(NOW.saturating_add(Duration::MAX), Timestamp::MAX);
    assert_eq!(NOW.saturating_sub(Duration::MAX), Timestamp::MIN);
    assert_eq!(Timestamp::from_millis(u64::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::from_secs(u64::MAX), Timestamp::MAX);
}

#[test]
fn attack_22_a_clock_that_goes_back_measures_zero() {
    let clock = FixedClock::at(NOW);
    let begun = clock.now();
    clock.set(NOW.saturating_sub(Duration::from_secs(1)));
    assert_eq!(clock.now().saturating_since(begun), Duration::ZERO);
    clock.set(Timestamp::MIN);
    assert_eq!(clock.now(), Timestamp::MIN);
}

#[test]
fn clones_of_a_fixed_clock_show_one_time() {
    let clock = FixedClock::at(NOW);
    let other = clock.clone();
    clock.advance(Duration::from_millis(1));
    assert_eq!(other.now().saturating_since(NOW), Duration::from_millis(1));
}

#[test]
fn the_system_clock_stands_after_this_code_was_written() {
    let written = Timestamp::from_secs(1_700_000_000);
    assert!(SystemClock.now() > written && SystemClock.now() < Timestamp::MAX);
}

#[test]
fn instants_are_written_with_milliseconds() {
    let cases = [
        (Timestamp::MIN, "1970-01-01T00:00:00.000Z"),
        (NOW, "2026-11-23T10:15:00.120Z"),
        (Timestamp::MAX, "9999-12-31T23:59:59.999Z"),
    ];
    for (at, text) in cases {
        assert_eq!(at.to_rfc3339(), text);
        assert_eq!(text.parse(), Ok(at));
    }
}

#[test]
fn fractions_are_read_and_cut_to_milliseconds() {
    for text in [
        "2026-11-23T10:15:00.12Z",
        "2026-11-23T10:15:00.120999Z",
        "2026-11-23T10:15:00.120999999Z",
    ] {
        assert_eq!(text.parse(), Ok(NOW), "{text}");
    }
    let whole: Timestamp = "2026-11-23T10:15:00Z".parse().unwrap();
    assert_eq!(NOW.saturating_since(whole), Duration::from_millis(120));
}

#[test]
fn other_forms_of_a_time_are_refused() {
    let refused = [
        "",
        "Z",
        "2026-11-23",
        "2026-11-23T10:15:00.120",
        "2026-11-23T10:15:00.120+00:00",
        "2026-11-23T10:15:00.120-00:00",
        "2026-11-23T10:15:00.120z",
        "2026-11-23t10:15:00.120Z",
        "2026-11-23 10:15:00.120Z",
        "2026-11-23T10:15Z",
        "2026-11-23T10Z",
        "20261123T101500Z",
        "2026-11-23T10:15:00,120Z",
        "2026-11-23T10:15:00.Z",
        "2026-11-23T10:15:00.1234567890Z",
        "2026-11-23T10:15:00.120ZZ",
        "2026-11-23T10:15:00.120Z[UTC]",
        " 2026-11-23T10:15:00.120Z",
        "2026-02-30T10:15:00.120Z",
        "2026-13-01T10:15:00.120Z",
        "2026-11-23T24:00:00.000Z",
        "1969-12-31T23:59:59.999Z",
        "1969-12-31T23:59:59.9999Z",
        "-002026-11-23T10:15:00Z",
        "10000-01-01T00:00:00.000Z",
        "２026-11-23T10:15:00Z",
    ];
    for text in refused {
        assert!(text.parse::<Timestamp>().is_err(), "{text:?}");
    }
}

#[test]
fn json_holds_the_text() {
    let json = serde_json::to_string(&NOW).unwrap();
    assert_eq!(json, r#""2026-11-23T10:15:00.120Z""#);
    assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), NOW);
    assert!(serde_json::from_str::<Timestamp>("1795428900120").is_err());
}

proptest! {
    #[test]
    fn law_06_instants_survive_their_text(millis in 0..=Timestamp::MAX.as_millis()) {
        let at = Timestamp::from_millis(millis);
        prop_assert_eq!(at.to_rfc3339().parse(), Ok(at));
        prop_assert_eq!(at.as_secs(), millis / 1_000);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,32}|[0-9TZ:.-]{0,32}") {
        if let Ok(at) = text.parse::<Timestamp>() {
            prop_assert!(at <= Timestamp::MAX);
        }
    }

    #[test]
    fn sums_never_leave_the_range(at: u64, by in any::<Duration>()) {
        let at = Timestamp::from_millis(at);
        let (later, earlier) = (at.saturating_add(by), at.saturating_sub(by));
        prop_assert!(earlier <= at && at <= later && later <= Timestamp::MAX);
    }
}
