//! The fingerprint: blind to how JSON is written, exact in what it says.

use core::fmt::Write;

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use proptest::prelude::*;
use serde_json::Value;
use sha2::Sha256;
use skeleton_idempotency::Fingerprint;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::JsonError;

use crate::helpers::SECRET;
use crate::helpers::keys;

const DEPTH: usize = 64;

fn nested(levels: usize, inner: &str) -> String {
    format!("{}{inner}{}", "[".repeat(levels), "]".repeat(levels))
}

#[test]
fn attack_09_a_repeated_member_is_refused() {
    let repeated = [
        r#"{"amount":1,"amount":2}"#,
        r#"{"amount":1,"amount":1}"#,
        r#"{"amount":1,"\u0061mount":2}"#,
        r#"[{"a":{"b":1,"c":2,"b":3}}]"#,
    ];
    for text in repeated {
        assert_eq!(
            keys().of_json(text.as_bytes()),
            Err(JsonError::RepeatedMember),
            "{text}"
        );
    }
}

#[test]
fn attack_10_large_numbers_are_told_apart() {
    let of = |text: &str| keys().of_json(text.as_bytes()).unwrap();
    assert_ne!(of("9007199254740992"), of("9007199254740993"));
    assert_ne!(of(r#"{"a":1.0}"#), of(r#"{"a":1}"#));
    assert_ne!(of("1e2"), of("100"));
}

#[test]
fn attack_16_a_stolen_fingerprint_answers_no_guess() {
    let stolen = keys().of_json(br#"{"amount":5000}"#).unwrap();
    for guess in 0_u64..10_000 {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&guess.to_be_bytes());
        let payload = format!(r#"{{"amount":{guess}}}"#);
        let own = FingerprintKeys::new(secret)
            .of_json(payload.as_bytes())
            .unwrap();
        assert_ne!(own, stolen);
    }
    assert_eq!(keys().of_json(br#"{"amount":5000}"#).unwrap(), stolen);
}

#[test]
fn sixty_four_levels_are_read_and_one_more_is_not() {
    for inner in ["", "1", r#""a""#] {
        assert!(
            keys().of_json(nested(DEPTH, inner).as_bytes()).is_ok(),
            "{inner}"
        );
        let deeper = nested(DEPTH + 1, inner);
        assert_eq!(
            keys().of_json(deeper.as_bytes()),
            Err(JsonError::TooDeep),
            "{inner}"
        );
    }
    let objects = format!("{}{{}}{}", r#"{"a":"#.repeat(DEPTH), "}".repeat(DEPTH));
    assert_eq!(keys().of_json(objects.as_bytes()), Err(JsonError::TooDeep));
    let endless = "[".repeat(100_000);
    assert_eq!(keys().of_json(endless.as_bytes()), Err(JsonError::TooDeep));
}

#[test]
fn what_is_not_json_has_no_fingerprint() {
    let bad = [
        "",
        " ",
        "tru",
        "nulls",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "[1,]",
        "[,1]",
        "{,}",
        r#"{"a"}"#,
        r#"{"a":1,}"#,
        "{a:1}",
        "'a'",
        "\"a",
        "\"\u{1}\"",
        r#""\x""#,
        r#""\ud800""#,
        r#""\ud800\u0041""#,
        r#""\udc00""#,
        r#""\u00g0""#,
        "1 2",
        "[1 2]",
        "\u{a0}1",
        "\u{feff}1",
        "NaN",
        "Infinity",
        "//a\n1",
    ];
    for text in bad {
        assert_eq!(
            keys().of_json(text.as_bytes()),
            Err(JsonError::Malformed),
            "{text}"
        );
    }
    assert_eq!(keys().of_json(b"\"\xff\""), Err(JsonError::Malformed));
}

#[test]
fn a_fingerprint_is_the_key_id_and_half_of_the_published_digest() {
    let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET).unwrap();
    mac.update(&[1, 0, 0, 0, 0]);
    mac.update(br#"{"a":[1.0,null],"b":"\u000a/"}"#);
    let digest = mac.finalize().into_bytes();
    let written = br#" { "b" : "\n\/", "\u0061" : [ 1.0 , null ] } "#;
    let fingerprint = keys().of_json(written).unwrap();
    assert_eq!(fingerprint.as_bytes()[0], 1);
    assert_eq!(fingerprint.as_bytes()[1..], digest[..16]);
}

#[test]
fn every_byte_of_a_fingerprint_is_compared() {
    let bytes = *keys().of_json(b"1").unwrap().as_bytes();
    assert_eq!(
        Fingerprint::from_bytes(bytes),
        keys().of_json(b"1").unwrap()
    );
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes;
            other[at] ^= 1 << bit;
            assert_ne!(
                Fingerprint::from_bytes(other),
                Fingerprint::from_bytes(bytes)
            );
        }
    }
}

#[test]
fn bytes_and_json_never_meet() {
    assert_ne!(keys().of_bytes(b"1"), keys().of_json(b"1").unwrap());
    assert_ne!(keys().of_bytes(b"1"), keys().of_bytes(b"1 "));
}

/// A JSON value without floating-point numbers, which serde_json would write anew.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Writes a value in one of its many texts: members turned round, spaces and escapes as `bits` say.
struct Writer {
    out: String,
    bits: u64,
}

impl Writer {
    fn draw(&mut self) -> u64 {
        self.bits = self
            .bits
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        self.bits >> 33
    }

    fn space(&mut self) {
        let spaces = ["", "", " ", "\n", "\t\r "];
        let at = usize::try_from(self.draw()).unwrap() % spaces.len();
        self.out.push_str(spaces[at]);
    }

    fn value(&mut self, value: &Value) {
        self.space();
        match value {
            Value::String(text) => self.string(text),
            Value::Array(items) => {
                self.out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    self.value(item);
                }
                self.space();
                self.out.push(']');
            }
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if self.draw().is_multiple_of(2) {
                    members.reverse();
                }
                self.out.push('{');
                for (at, (name, value)) in members.into_iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    self.space();
                    self.string(name);
                    self.space();
                    self.out.push(':');
                    self.value(value);
                }
                self.space();
                self.out.push('}');
            }
            plain => write!(self.out, "{plain}").unwrap(),
        }
        self.space();
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for char in text.chars() {
            if self.draw().is_multiple_of(3) || char < ' ' || matches!(char, '"' | '\\') {
                let mut units = [0; 2];
                for unit in char.encode_utf16(&mut units) {
                    write!(self.out, "\\u{unit:04X}").unwrap();
                }
            } else {
                self.out.push(char);
            }
        }
        self.out.push('"');
    }
}

fn texted(value: &Value, bits: u64) -> String {
    let mut writer = Writer {
        out: String::new(),
        bits,
    };
    writer.value(value);
    writer.out
}

proptest! {
    /// P8: order, space and escapes say nothing.
    #[test]
    fn law_08_how_json_is_written_does_not_matter(value in value(), bits in any::<u64>()) {
        let plain = value.to_string();
        let other = texted(&value, bits);
        prop_assert_eq!(keys().of_json(plain.as_bytes()).unwrap(), keys().of_json(other.as_bytes()).unwrap());
    }

    #[test]
    fn two_values_have_two_fingerprints(one in value(), other in value()) {
        let of = |value: &Value| keys().of_json(value.to_string().as_bytes()).unwrap();
        prop_assert_eq!(one == other, of(&one) == of(&other));
    }

    #[test]
    fn a_number_is_the_text_it_is_written_as(one in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?",
                                             other in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,6})?([eE][+-]?[0-9]{1,2})?") {
        let of = |text: &str| keys().of_json(format!("[{text}]").as_bytes()).unwrap();
        prop_assert_eq!(one == other, of(&one) == of(&other));
    }

    /// What one reader takes for JSON, the other does. Each text is a valid one with one byte changed, cut or added.
    #[test]
    fn a_mutated_text_is_json_to_both_readers(
        value in value(), bits in any::<u64>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..4_u8,
    ) {
        let mut text = texted(&value, bits).into_bytes();
        let at = at.index(text.len());
        match how {
            0 => text[at] = byte,
            1 => text.insert(at, byte),
            2 => { text.remove(at); }
            _ => text.truncate(at),
        }
        agrees(&text)?;
    }

    #[test]
    fn any_text_near_json_is_json_to_both_readers(text in "[\\[\\]{}:,\"\\\\ untrfalse0-9eE.+-]{0,24}") {
        agrees(text.as_bytes())?;
    }
}

/// Whether a text is JSON is one question for both; repeated members are beyond the other reader, and numbers past
/// the range of floating point beyond its type.
fn agrees(text: &[u8]) -> Result<(), TestCaseError> {
    let ours = keys().of_json(text);
    let theirs = serde_json::from_slice::<Value>(text);
    let is_past_range = theirs
        .as_ref()
        .is_err_and(|error| error.to_string().starts_with("number out of range"));
    if ours == Err(JsonError::RepeatedMember) || is_past_range {
        return Ok(());
    }
    prop_assert_eq!(
        ours.is_ok(),
        theirs.is_ok(),
        "{:?}",
        String::from_utf8_lossy(text)
    );
    Ok(())
}
