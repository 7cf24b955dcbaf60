use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::Password;

/// `source; NFC; NFD; NFKC; NFKD`, each a list of code points.
const LINES: &str = include_str!("../../tests/vectors/nfc.txt");

#[test]
fn the_lines_of_unicode_for_normal_form_c_hold() {
    let lines = LINES.lines().filter(|line| !line.starts_with('#'));
    let mut read = 0;
    for line in lines {
        let forms: Vec<String> = line.split(';').map(text).collect();
        let [source, nfc, nfd, nfkc, nfkd, _] = &forms[..] else {
            panic!("{line}")
        };
        for typed in [source, nfc, nfd] {
            assert_eq!(kept(typed), *nfc, "{line}");
        }
        for typed in [nfkc, nfkd] {
            assert_eq!(kept(typed), *nfkc, "{line}");
        }
        read += 1;
    }
    assert!(read > 90, "{read} lines");
}

#[test]
fn what_only_looks_alike_stays_apart() {
    // NFKC would make one password of each pair.
    for (one, other) in [
        ("\u{fb01}ve", "five"),
        ("\u{ff21}", "A"),
        ("x\u{b2}", "x2"),
        ("\u{1e9b}", "\u{1e61}"),
    ] {
        assert_ne!(kept(one), kept(other));
    }
}

#[test]
fn attack_03_the_bounds_are_those_of_normal_form_c_however_it_is_typed() {
    for (composed, typed) in [
        ("\u{e9}", "e\u{301}"),
        ("\u{d7a3}", "\u{1112}\u{1175}\u{11c2}"),
        ("\u{390}", "\u{1fbe}\u{308}\u{301}"),
        ("K", "\u{212a}"),
    ] {
        assert_eq!(kept(typed), composed);
        for count in [255, 256, 257] {
            for spelling in [composed, typed] {
                let is_ok = Password::new(&spelling.repeat(count)).is_ok();
                assert_eq!(is_ok, count <= 256, "{count} times {spelling}");
            }
        }
    }
}

proptest! {
    #[test]
    fn law_05_every_spelling_of_a_text_is_the_same_password_or_none(
        text in proptest::collection::vec(letter(), 0..300).prop_map(String::from_iter),
    ) {
        let composed: String = text.nfc().collect();
        let decomposed: String = text.nfd().collect();
        let fits = composed.len() <= Password::MAX_BYTES
            && composed.chars().count() <= Password::MAX_CODE_POINTS;
        for typed in [&text, &composed, &decomposed] {
            let password = Password::new(typed);
            prop_assert_eq!(password.is_ok(), fits);
            if let Ok(password) = password {
                prop_assert_eq!(password.as_bytes(), composed.as_bytes());
            }
        }
    }
}

/// Letters that have more than one spelling, marks, and any other.
fn letter() -> impl Strategy<Value = char> {
    prop_oneof![
        3 => proptest::char::range('\u{c0}', '\u{24f}'),
        2 => proptest::char::range('\u{300}', '\u{345}'),
        2 => proptest::char::range('\u{ac00}', '\u{d7a3}'),
        1 => proptest::char::range('\u{1f00}', '\u{212b}'),
        1 => any::<char>(),
    ]
}

fn kept(typed: &str) -> String {
    let password = Password::new(typed).unwrap();
    assert_eq!(password.code_points(), password.0.chars().count());
    String::from_utf8(password.as_bytes().to_vec()).unwrap()
}

fn text(code_points: &str) -> String {
    code_points
        .split_whitespace()
        .map(|hex| char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap())
        .collect()
}
