//! Names, steps and locales.

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::Locale;
use skeleton_invocation_context::NameError;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::step;

#[test]
fn attack_18_labels_that_are_no_names_are_refused() {
    let long = "a".repeat(33);
    let cases = [
        ("a/b", NameError::Alphabet),
        ("A", NameError::Alphabet),
        ("a b", NameError::Alphabet),
        ("a_b", NameError::Alphabet),
        ("a.7", NameError::Alphabet),
        ("-a", NameError::Alphabet),
        ("a-", NameError::Alphabet),
        ("-", NameError::Alphabet),
        ("é", NameError::Alphabet),
        ("a\0", NameError::Alphabet),
        ("", NameError::Length),
        (long.as_str(), NameError::Length),
    ];
    for (text, error) in cases {
        assert_eq!(Step::parse(text), Err(error), "{text:?}");
    }
    assert!(Step::parse(&"a".repeat(32)).is_ok());
}

#[test]
fn an_item_is_part_of_the_label_and_of_its_length() {
    assert_eq!(step!("debit").item(7).unwrap().as_str(), "debit.7");
    let nested = step!("debit").item(7).unwrap().item(0).unwrap();
    assert_eq!(nested.as_str(), "debit.7.0");
    let full = Step::parse(&"a".repeat(30)).unwrap();
    assert_eq!(full.item(9).unwrap().as_str().len(), 32);
    assert_eq!(full.item(10), Err(NameError::Length));
}

#[test]
fn a_step_checked_while_compiling_equals_one_that_was_parsed() {
    assert_eq!(Step::parse("debit-now"), Ok(step!("debit-now")));
    assert_eq!(Operation::parse("debit-now"), Ok(operation!("debit-now")));
}

#[test]
fn each_kind_of_name_has_its_length() {
    let name = "a".repeat(64);
    assert!(Operation::parse(&name).is_ok());
    assert!(Operation::parse(&format!("{name}a")).is_err());
    assert!(RoleName::parse(&"a".repeat(48)).is_ok());
    assert!(RoleName::parse(&"a".repeat(49)).is_err());
}

#[test]
fn names_are_read_from_json_as_strictly_as_from_text() {
    let role: RoleName = serde_json::from_str(r#""account-manager""#).unwrap();
    assert_eq!(role.as_str(), "account-manager");
    assert_eq!(
        serde_json::to_string(&role).unwrap(),
        r#""account-manager""#
    );
    for json in [r#""Account manager""#, r#""""#, "7", "null", r#"["a"]"#] {
        assert!(serde_json::from_str::<RoleName>(json).is_err(), "{json}");
    }
}

#[test]
fn locales_are_kept_in_canonical_case() {
    let cases = [
        ("EN", "en"),
        ("en-gb", "en-GB"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sr-latn", "sr-Latn"),
        ("HAW-us", "haw-US"),
        ("cmn-hans-156", "cmn-Hans-156"),
    ];
    for (text, canonical) in cases {
        let locale: Locale = text.parse().unwrap();
        assert_eq!(locale.as_str(), canonical);
        assert_eq!(canonical.parse(), Ok(locale));
    }
}

#[test]
fn what_never_chooses_another_text_is_no_locale() {
    let refused = [
        "",
        "e",
        "engl",
        "e1",
        "en-",
        "-en",
        "en--GB",
        "en_GB",
        "en-GB-oed",
        "en-GB-x-a",
        "en-Latn-GB-1996",
        "en-GB-Latn",
        "en-GB-US",
        "en-12",
        "en-1234",
        "x-private",
        "en GB",
        "*",
        "én",
        "en-G\0",
    ];
    for text in refused {
        assert!(text.parse::<Locale>().is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_name_is_accepted_exactly_when_the_rule_says_so(text in "[a-z0-9-]{0,34}|[a-c A./-]{0,5}") {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let expected = (1..=32).contains(&text.len())
            && text.chars().all(legal)
            && !text.starts_with('-')
            && !text.ends_with('-');
        prop_assert_eq!(Step::parse(&text).is_ok(), expected);
    }

    #[test]
    fn a_locale_that_parses_is_its_own_canonical_form(text in "\\PC{0,14}|[A-Za-z]{2,4}(-[A-Za-z0-9]{2,4}){0,3}") {
        if let Ok(locale) = text.parse::<Locale>() {
            prop_assert!(locale.as_str().eq_ignore_ascii_case(&text));
            prop_assert_eq!(locale.as_str().parse(), Ok(locale));
        }
    }
}
