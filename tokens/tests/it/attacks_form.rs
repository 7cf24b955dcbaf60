//! Attacks 1 to 4: shape and JSON.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::helpers::WAYNE_SEED;
use crate::helpers::claims;
use crate::helpers::claims_with;
use crate::helpers::forge;
use crate::helpers::header;
use crate::helpers::house;
use crate::helpers::signed;

#[test]
fn a_good_token_is_accepted_by_the_same_means() {
    let house = house();
    assert!(house.verify(&signed(&claims().to_string())).is_ok());
    assert!(house.verify(&house.token()).is_ok());
}

#[test]
fn attack_01_a_wrong_number_of_parts_is_refused() {
    let house = house();
    let token = house.token();
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!()
    };
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "...".to_owned(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{signature}"),
        json!({"payload": payload, "protected": header, "signature": signature}).to_string(),
    ] {
        assert_eq!(house.refusal(&bad), "shape", "{bad}");
    }
}

#[test]
fn attack_01_any_byte_outside_of_the_alphabet_is_refused_anywhere() {
    let house = house();
    let token = house.token();
    for at in 0..=token.len() {
        for byte in ['=', ' ', '?', '+', '/', '\n', '\0', '%', 'é'] {
            let (front, back) = token.split_at(at);
            assert_eq!(
                house.refusal(&format!("{front}{byte}{back}")),
                "shape",
                "{byte:?} at {at}"
            );
        }
    }
}

#[test]
fn attack_02_loose_trailing_bits_are_refused_in_every_part() {
    // Each of these last characters decodes to the same bytes if loose bits are forgiven.
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let house = house();
    let token = house.token();
    let mut tried = 0;
    for part in 0..3 {
        let parts: Vec<_> = token.split('.').collect();
        let loose_bits = match parts[part].len() % 4 {
            2 => 4,
            3 => 2,
            _ => continue,
        };
        let last = parts[part].bytes().last().unwrap();
        let value = ALPHABET.iter().position(|byte| *byte == last).unwrap();
        for bits in 1..(1 << loose_bits) {
            let mut changed: Vec<_> = parts.iter().map(|part| (*part).to_owned()).collect();
            changed[part].pop();
            changed[part].push(char::from(ALPHABET[value | bits]));
            assert!(
                house.verify(&changed.join(".")).is_err(),
                "part {part}, bits {bits}"
            );
            tried += 1;
        }
    }
    assert!(tried >= 15, "at least the signature's four loose bits");
}

#[test]
fn attack_02_parts_of_two_good_tokens_do_not_mix() {
    let house = house();
    let (one, other) = (house.token(), house.token());
    let one: Vec<_> = one.split('.').collect();
    let other: Vec<_> = other.split('.').collect();
    assert_eq!(
        house.refusal(&[one[0], other[1], one[2]].join(".")),
        "signature"
    );
    assert_eq!(
        house.refusal(&[one[0], one[1], other[2]].join(".")),
        "signature"
    );
}

#[test]
fn attack_02_a_change_of_any_one_byte_is_refused() {
    let house = house();
    let token = house.token();
    for at in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(house.verify(&changed).is_err(), "byte {at}");
    }
}

#[test]
fn attack_03_more_than_8_kib_is_refused_unseen() {
    let house = house();
    let of_size = |payload: usize| {
        let mut large = claims();
        for nth in 0..3 {
            large[format!("filler-{nth}")] = "x".repeat(1_700).into();
        }
        let left = payload - claims_with_last(&large, 0).to_string().len();
        signed(&claims_with_last(&large, left).to_string())
    };
    let (largest, over) = (of_size(5_995), of_size(5_996));
    assert_eq!((largest.len(), over.len()), (8_192, 8_193));
    assert!(house.verify(&largest).is_ok());
    assert_eq!(house.refusal(&over), "shape");
}

#[test]
fn attack_03_many_members_great_depth_and_long_text_are_refused() {
    let house = house();
    let padded = |members: usize| {
        let mut claims = claims();
        let missing = members - claims.as_object().unwrap().len();
        for nth in 0..missing {
            claims[format!("x{nth}")] = 0.into();
        }
        claims
    };
    assert!(house.verify(&signed(&padded(64).to_string())).is_ok());
    assert_eq!(house.refusal_of_claims(&padded(65)), "json");

    let nested = |depth: usize| (2..depth).fold(json!([]), |inner, _| json!([inner]));
    assert!(
        house
            .verify(&signed(&claims_with("x", nested(8)).to_string()))
            .is_ok()
    );
    assert_eq!(
        house.refusal_of_claims(&claims_with("x", nested(9))),
        "json"
    );

    let text = |len: usize| Value::from("x".repeat(len));
    assert!(
        house
            .verify(&signed(&claims_with("x", text(2_048)).to_string()))
            .is_ok()
    );
    for len in [2_049, 3 * 1_024] {
        assert_eq!(
            house.refusal_of_claims(&claims_with("x", text(len))),
            "json",
            "{len}"
        );
    }
    let escaped = format!("{}\u{1}", "x".repeat(2_048));
    assert_eq!(
        house.refusal_of_claims(&claims_with("x", escaped.into())),
        "json"
    );

    let inner: Map<_, _> = (0..65).map(|nth| (format!("y{nth}"), nth.into())).collect();
    assert_eq!(
        house.refusal_of_claims(&claims_with("x", inner.into())),
        "json"
    );
}

#[test]
fn attack_04_a_repeated_member_is_refused_at_any_depth() {
    let house = house();
    let good = claims().to_string();
    let body = good.strip_prefix('{').unwrap();
    for repeated in [
        format!(r#"{{"tid":"01JKBYY0DAH7KQNN2VGC90QJ1V",{body}"#),
        format!(r#"{{"\u0074id":"01JKBYY0DAH7KQNN2VGC90QJ1V",{body}"#),
        format!(r#"{{"x":1,"x":1,{body}"#),
        format!(r#"{{"x":{{"y":1,"y":1}},{body}"#),
        format!(r#"{{"x":[[{{"y":[],"\u0079":[]}}]],{body}"#),
    ] {
        assert_eq!(house.refusal(&signed(&repeated)), "json", "{repeated}");
    }
}

#[test]
fn attack_04_what_is_not_one_clean_object_is_refused() {
    let house = house();
    let good = claims().to_string();
    let body = good.strip_prefix('{').unwrap();
    let texts = [
        format!("\u{feff}{good}"),
        format!("{good} "),
        format!(" {good}"),
        format!("{good}{good}"),
        format!("{good}\0"),
        format!("[{good}]"),
        "null".to_owned(),
        "\"text\"".to_owned(),
        format!(r#"{{"x\u0000":1,{body}"#),
        format!(r#"{{"x":"\ud800",{body}"#),
        format!(r#"{{"x":"\udc00\ud800",{body}"#),
        format!(r#"{{"x":"\ud800\u0041",{body}"#),
        format!(r#"{{"x":01,{body}"#),
        format!(r#"{{"x":+1,{body}"#),
        format!(r#"{{"x":NaN,{body}"#),
        format!(r#"{{"x":1,,{body}"#),
        format!("{{\"x\":\"\t\",{body}"),
        format!("{{'x':1,{body}"),
        format!("{{/* */{body}"),
        good.replace('}', ""),
    ];
    for text in texts {
        assert_eq!(house.refusal(&signed(&text)), "json", "{text}");
    }
    let mut bytes = good.into_bytes();
    let at = bytes
        .windows(5)
        .position(|window| window == b"wayne")
        .unwrap();
    for bad in [0xff, 0xc0, 0x80] {
        bytes[at] = bad;
        assert_eq!(
            house.refusal(&forge(header(WAYNE_SEED).as_bytes(), &bytes, WAYNE_SEED)),
            "json"
        );
    }
}

fn claims_with_last(claims: &Value, len: usize) -> Value {
    let mut claims = claims.clone();
    claims["last"] = "x".repeat(len).into();
    claims
}
