//! The languages that a request asks for.

use proptest::collection::vec;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::sample::select;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Locale;
use skeleton_invocation_context::ProblemKind;

use crate::helpers::admit;
use crate::helpers::identity;
use crate::helpers::impersonating;
use crate::helpers::locale;
use crate::helpers::on_behalf;
use crate::helpers::service;
use crate::helpers::user;

/// The language of a browser that sends these lines.
fn browser(lines: &[&str]) -> Option<Locale> {
    let lines = lines
        .iter()
        .map(|line| ("accept-language", line.as_bytes()));
    admit(&lines.collect::<Vec<_>>()).unwrap().locale()
}

fn asking(lines: &[(&str, &str)]) -> InvocationContext {
    let lines = lines.iter().map(|(name, value)| (*name, value.as_bytes()));
    admit(&lines.collect::<Vec<_>>()).unwrap()
}

#[test]
fn a_malformed_x_locale_is_refused() {
    let values: [&[u8]; 14] = [
        b"",
        b"*",
        b"e",
        b"en_GB",
        b"en-GB,fr",
        b"en;q=1",
        b"en-",
        b"en-GB-oed",
        b" en",
        b"\"en\"",
        b"en GB",
        b"\xc3\xa9n",
        b"en-x-a",
        b"english",
    ];
    for value in values {
        let problem = admit(&[("x-locale", value)]).expect_err("no locale");
        assert_eq!(problem.kind(), ProblemKind::Malformed);
        assert_eq!(problem.detail(), Some("the header x-locale is not valid"));
        // Whatever the browser says does not heal it.
        assert!(admit(&[("accept-language", b"fr"), ("x-locale", value)]).is_err());
    }
}

#[test]
fn a_second_x_locale_is_refused_even_if_it_is_equal() {
    let lines: [&[&[u8]]; 3] = [&[b"en", b"en"], &[b"en", b"fr"], &[b"en", b""]];
    for lines in lines {
        let lines: Vec<_> = lines.iter().map(|line| ("x-locale", *line)).collect();
        let problem = admit(&lines).expect_err("two lines");
        assert_eq!(problem.detail(), Some("the header x-locale is not valid"));
    }
}

#[test]
fn x_locale_is_read_in_any_case() {
    assert_eq!(
        asking(&[("x-locale", "EN-gb")]).locale(),
        Some(locale("en-GB"))
    );
    assert_eq!(
        asking(&[("x-locale", "zh-hant-TW")]).locale(),
        Some(locale("zh-Hant-TW"))
    );
}

#[test]
fn the_heaviest_language_wins_and_the_first_of_equals() {
    let cases = [
        ("fr", "fr"),
        ("fr, en", "fr"),
        ("fr;q=0.8, en", "en"),
        ("fr;q=0.8, en;q=0.9, de;q=0.85", "en"),
        ("fr;q=0.5,en;q=0.5", "fr"),
        ("fr;q=0.001, en;q=0.002", "en"),
        ("fr;q=0.9, en;q=0.90, de;q=0.900", "fr"),
        ("fr;q=0.99, en;q=1.000, de;q=1", "en"),
        ("fr;q=0., en;q=1.", "en"),
        ("fr ; q=0.3 ,\ten\t;\tq=0.4", "en"),
        ("fr;Q=0.1, en;Q=0.2", "en"),
        ("da, en-GB;q=0.8, en;q=0.7", "da"),
    ];
    for (line, expected) in cases {
        assert_eq!(browser(&[line]), Some(locale(expected)), "{line}");
    }
}

#[test]
fn a_language_of_weight_zero_is_not_wanted() {
    for line in ["fr;q=0", "fr;q=0.0", "fr;q=0.000", "fr;q=0."] {
        assert_eq!(browser(&[line]), None, "{line}");
        assert_eq!(
            browser(&[&format!("{line}, en;q=0.001")]),
            Some(locale("en"))
        );
    }
}

#[test]
fn what_cannot_be_used_is_skipped() {
    let skipped = [
        "*",
        "*;q=1",
        "",
        " ",
        "-",
        "en_GB",
        "x-private",
        "en-GB-oed",
        "e",
        "english",
        "de;q",
        "de;q=",
        "de;q=x",
        "de;q=1.1",
        "de;q=2",
        "de;q=-1",
        "de;q=0.1234",
        "de;q=00.5",
        "de;q=.5",
        "de;q=1.001",
        "de;q=0,5x",
        "de;p=1",
        "de;q=1;q=0.5",
        "de;;q=1",
        "de;level=1;q=1",
        "de q=1",
        "\"de\"",
        "de;q=\"1\"",
        "de;q=+0.5",
        "de;q=0.+5",
        "de;q=0.5e",
    ];
    for entry in skipped {
        assert_eq!(browser(&[entry]), None, "{entry}");
        for line in [
            format!("{entry}, fr;q=0.001"),
            format!("fr;q=0.001, {entry}"),
        ] {
            assert_eq!(browser(&[&line]), Some(locale("fr")), "{line}");
        }
    }
    assert_eq!(browser(&[]), None);
}

#[test]
fn a_line_that_is_not_ascii_is_skipped_alone() {
    let lines: [(&str, &[u8]); 2] = [("accept-language", b"de, \xff"), ("accept-language", b"fr")];
    assert_eq!(admit(&lines).unwrap().locale(), Some(locale("fr")));
    assert_eq!(admit(&lines[..1]).unwrap().locale(), None);
}

#[test]
fn the_seventeenth_entry_is_not_read() {
    let line = |before: usize| format!("{}fr", "*, ".repeat(before));
    assert_eq!(browser(&[&line(15)]), Some(locale("fr")));
    assert_eq!(browser(&[&line(16)]), None);
    let heavier = format!("de;q=0.1{}, fr", ", *".repeat(15));
    assert_eq!(browser(&[&heavier]), Some(locale("de")));
}

#[test]
fn several_lines_of_accept_language_are_one_list() {
    assert_eq!(browser(&["fr;q=0.5", "en"]), Some(locale("en")));
    assert_eq!(browser(&["fr", "en"]), Some(locale("fr")));
    let stars = ["*"; 16];
    assert_eq!(browser(&[&stars[..], &["fr"]].concat()), None);
    assert_eq!(
        browser(&[&stars[1..], &["fr"]].concat()),
        Some(locale("fr"))
    );
}

#[test]
fn the_one_asked_for_comes_before_the_accounts_and_that_before_the_browsers() {
    let (asked, browser) = (("x-locale", "de"), ("accept-language", "fr"));
    let own = user(1, 1).with_locale(locale("it"));
    let known = |ctx: InvocationContext, account: &Account| {
        ctx.authenticated_as(identity(Actor::direct(account.clone())))
            .unwrap()
            .locale()
    };
    assert_eq!(asking(&[asked, browser]).locale(), Some(locale("de")));
    assert_eq!(known(asking(&[asked, browser]), &own), Some(locale("de")));
    assert_eq!(known(asking(&[browser]), &own), Some(locale("it")));
    assert_eq!(known(asking(&[browser]), &user(1, 1)), Some(locale("fr")));
    assert_eq!(known(asking(&[]), &own), Some(locale("it")));
    assert_eq!(known(asking(&[]), &user(1, 1)), None);
}

#[test]
fn the_account_is_the_effective_one() {
    let (own, other) = (user(1, 1).with_locale(locale("it")), locale("es"));
    let staff = impersonating(user(2, 1).with_locale(other), own.clone());
    let agent = on_behalf(service(3, 1).with_locale(other), own);
    for actor in [staff, agent] {
        let ctx = asking(&[("accept-language", "fr")]);
        let ctx = ctx.authenticated_as(identity(actor)).unwrap();
        assert_eq!(ctx.locale(), Some(locale("it")));
    }
}

proptest! {
    #[test]
    fn the_choice_equals_a_naive_one(
        list in vec((select(&["en", "fr-CA", "de", "*", "en_GB"][..]), 0_u16..=1_000), 0..20), two_lines: bool,
    ) {
        let entries: Vec<_> = list.iter().map(|(tag, weight)| match weight {
            1_000 => (*tag).to_owned(),
            _ => format!("{tag};q=0.{weight:03}"),
        }).collect();
        let half = if two_lines { entries.len() / 2 } else { entries.len() };
        let lines = [entries[..half].join(","), entries[half..].join(", ")];
        let lines: Vec<_> = lines.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
        let read = list.iter().take(16).filter_map(|(tag, weight)| {
            let locale: Locale = tag.parse().ok()?;
            Some((locale, *weight)).filter(|(_, weight)| *weight > 0)
        });
        let mut read: Vec<_> = read.collect();
        // A stable sort keeps the first of equals in front.
        read.sort_by_key(|(_, weight)| core::cmp::Reverse(*weight));
        prop_assert_eq!(browser(&lines), read.first().map(|(locale, _)| *locale));
    }
}
