//! Toggles.

use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::DeclareError;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::NameError;
use skeleton_invocation_context::ToggleChoice;
use skeleton_invocation_context::ToggleError;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::ToggleName;
use skeleton_invocation_context::ToggleRegistry;
use skeleton_invocation_context::ToggleUnset;
use skeleton_invocation_context::ToggleValue;
use skeleton_invocation_context::Toggles;

use crate::helpers::toggles;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fees {
    Old,
    New,
}

impl ToggleChoice for Fees {
    const CHOICES: &'static [(&'static str, Self)] = &[("old", Self::Old), ("new", Self::New)];

    fn name(&self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }
}

const FEES: ToggleKey<Fees> = ToggleKey::edge_only("fees", Fees::Old);
const RATE: ToggleKey<i64> = ToggleKey::edge_only("rate", 5);
const FLAG: ToggleKey<bool> = ToggleKey::edge_only("flag", true);

fn one(name: &str, value: ToggleValue) -> Result<Toggles, ToggleError> {
    Toggles::new([(name, value)])
}

fn choice(name: &str) -> ToggleValue {
    ToggleValue::Choice(ToggleName::parse(name).unwrap())
}

#[test]
fn absent_toggles_read_as_their_defaults() {
    let none = Toggles::none();
    assert_eq!(none.get(&FEES), Fees::Old);
    assert_eq!(none.get(&RATE), 5);
    assert!(none.get(&FLAG));
    assert_eq!(none.iter().count(), 0);
}

#[test]
fn held_toggles_read_as_their_values() {
    let toggles = Toggles::none()
        .with(&RATE, &-7)
        .and_then(|toggles| toggles.with(&FLAG, &true))
        .and_then(|toggles| toggles.with(&FLAG, &false))
        .and_then(|toggles| toggles.with(&FEES, &Fees::New))
        .unwrap();
    assert_eq!(toggles.get(&FEES), Fees::New);
    assert_eq!(toggles.get(&RATE), -7);
    assert!(!toggles.get(&FLAG));
    let names: Vec<_> = toggles.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["fees", "flag", "rate"]);
}

#[test]
fn attack_12_a_choice_unknown_to_this_build_reads_as_the_default() {
    let newer = one("fees", choice("newest")).unwrap();
    assert_eq!(newer.get(&FEES), Fees::Old);
    assert_eq!(newer.try_get(&FEES), Err(ToggleUnset::Unreadable));
    assert_eq!(Toggles::none().try_get(&FEES), Err(ToggleUnset::Absent));
}

#[test]
fn a_registry_knows_the_log_level_and_refuses_a_second_declaration() {
    let twice = ToggleRegistry::new().declare(&FEES).unwrap().declare(&FEES);
    assert_eq!(twice.unwrap_err(), DeclareError::Twice("fees"));
    let built_in = ToggleRegistry::new().declare(&LOG_LEVEL);
    assert_eq!(built_in.unwrap_err(), DeclareError::Twice("log-level"));
    let odd = ToggleKey::client_allowed("New Fees", false);
    let error = ToggleRegistry::new().declare(&odd).unwrap_err();
    assert_eq!(error, DeclareError::Name("New Fees"));
}

#[test]
fn a_value_that_cannot_travel_is_not_set() {
    let none = Toggles::none();
    assert_eq!(
        none.with(&RATE, &1_000_000_000_000_000),
        Err(ToggleError::Value)
    );
    let odd = ToggleKey::edge_only("Rate", 5);
    assert_eq!(
        none.with(&odd, &5),
        Err(ToggleError::Name(NameError::Alphabet))
    );
}

#[test]
fn a_value_of_another_type_reads_as_the_default() {
    let flag = |value| one("flag", value).unwrap().get(&FLAG);
    assert!(flag(ToggleValue::Integer(0)) && flag(choice("false")));
    let rate = |value| one("rate", value).unwrap().get(&RATE);
    assert_eq!((rate(ToggleValue::Flag(true)), rate(choice("7"))), (5, 5));
    let fees = |value| one("fees", value).unwrap().get(&FEES);
    assert_eq!(fees(ToggleValue::Flag(true)), Fees::Old);
    assert_eq!(fees(ToggleValue::Integer(1)), Fees::Old);
}

#[test]
fn attack_11_toggles_that_cannot_travel_are_refused() {
    let long = "a".repeat(33);
    let cases = [
        (
            "",
            ToggleValue::Flag(true),
            ToggleError::Name(NameError::Length),
        ),
        (
            long.as_str(),
            ToggleValue::Flag(true),
            ToggleError::Name(NameError::Length),
        ),
        (
            "A",
            ToggleValue::Flag(true),
            ToggleError::Name(NameError::Alphabet),
        ),
        (
            "a",
            ToggleValue::Integer(1_000_000_000_000_000),
            ToggleError::Value,
        ),
        (
            "a",
            ToggleValue::Integer(-1_000_000_000_000_000),
            ToggleError::Value,
        ),
        ("a", ToggleValue::Integer(i64::MIN), ToggleError::Value),
    ];
    for name in ["", "B c", &long] {
        assert!(ToggleName::parse(name).is_err(), "{name:?}");
    }
    for (name, value, error) in cases {
        assert_eq!(one(name, value), Err(error), "{name:?} {value:?}");
    }
    assert!(one("a", ToggleValue::Integer(999_999_999_999_999)).is_ok());
    assert!(one("a", ToggleValue::Integer(-999_999_999_999_999)).is_ok());
}

#[test]
fn attack_11_a_name_twice_and_a_33rd_toggle_are_refused() {
    let named = |name: String| (name, ToggleValue::Flag(true));
    let twice = ["a", "b", "a"].map(|name| named(name.to_owned()));
    assert_eq!(Toggles::new(twice), Err(ToggleError::Twice));
    let many = |count: u8| Toggles::new((0..count).map(|nth| named(format!("t{nth}"))));
    assert_eq!(many(32).unwrap().iter().count(), 32);
    assert_eq!(many(33), Err(ToggleError::TooMany));
}

proptest! {
    #[test]
    fn the_order_in_which_toggles_are_set_does_not_matter(set in toggles()) {
        let list: Vec<_> = set.iter().map(|(name, value)| (name.to_owned(), *value)).collect();
        prop_assert_eq!(Toggles::new(list.into_iter().rev()), Ok(set));
    }
}
