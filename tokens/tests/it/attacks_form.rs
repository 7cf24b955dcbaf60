//! Attacks 1 to 12: shape, header, signature, JSON.

use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::Signature;
use ed25519_dalek::Verifier as _;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::helpers::WAYNE_SEED;
use crate::helpers::claims;
use crate::helpers::claims_with;
use crate::helpers::draft;
use crate::helpers::forge;
use crate::helpers::header;
use crate::helpers::house;
use crate::helpers::join;
use crate::helpers::key;
use crate::helpers::kid;
use crate::helpers::message;
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
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!() };
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
            assert_eq!(house.refusal(&format!("{front}{byte}{back}")), "shape", "{byte:?} at {at}");
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
            assert!(house.verify(&changed.join(".")).is_err(), "part {part}, bits {bits}");
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
    assert_eq!(house.refusal(&[one[0], other[1], one[2]].join(".")), "signature");
    assert_eq!(house.refusal(&[one[0], one[1], other[2]].join(".")), "signature");
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
    let mut large = claims();
    for nth in 0..4 {
        large[format!("filler-{nth}")] = "x".repeat(2_000).into();
    }
    assert_eq!(house.refusal(&signed(&large.to_string())), "shape");
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
    assert!(house.verify(&signed(&claims_with("x", nested(8)).to_string())).is_ok());
    assert_eq!(house.refusal_of_claims(&claims_with("x", nested(9))), "json");

    let text = |len: usize| Value::from("x".repeat(len));
    assert!(house.verify(&signed(&claims_with("x", text(2_048)).to_string())).is_ok());
    assert_eq!(house.refusal_of_claims(&claims_with("x", text(3 * 1_024))), "json");

    let inner: Map<_, _> = (0..65).map(|nth| (format!("y{nth}"), nth.into())).collect();
    assert_eq!(house.refusal_of_claims(&claims_with("x", inner.into())), "json");
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
    let at = bytes.windows(5).position(|window| window == b"wayne").unwrap();
    for bad in [0xff, 0xc0, 0x80] {
        bytes[at] = bad;
        assert_eq!(house.refusal(&forge(header(WAYNE_SEED).as_bytes(), &bytes, WAYNE_SEED)), "json");
    }
}

#[test]
fn attack_05_no_other_algorithm_is_read() {
    let house = house();
    let kid = kid(WAYNE_SEED);
    let names = ["none", "None", "NONE", "nOnE", "", "HS256", "ES256", "Ed448", "RS256", "eddsa"];
    for alg in names {
        let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"at+jwt"}}"#);
        let token = forge(header.as_bytes(), claims().to_string().as_bytes(), WAYNE_SEED);
        assert_eq!(house.refusal(&token), "header", "{alg}");
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        assert_eq!(house.refusal(&format!("{unsigned}.")), "shape", "{alg}");
    }
    let header = format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"at+jwt"}}"#);
    let public = key(WAYNE_SEED).verifying_key();
    let secret = jsonwebtoken::EncodingKey::from_secret(public.as_bytes());
    let message = message(header.as_bytes(), claims().to_string().as_bytes());
    let mac = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256);
    assert_eq!(house.refusal(&format!("{message}.{}", mac.unwrap())), "shape");
}

#[test]
fn attack_06_ed25519_is_the_one_other_name_of_the_algorithm() {
    let house = house();
    let renamed = |alg: &str| {
        let header = format!(r#"{{"alg":"{alg}","kid":"{}","typ":"at+jwt"}}"#, kid(WAYNE_SEED));
        forge(header.as_bytes(), claims().to_string().as_bytes(), WAYNE_SEED)
    };
    assert!(house.verify(&renamed("Ed25519")).is_ok());
    assert_eq!(house.refusal(&renamed("ed25519")), "header");
    assert_eq!(house.refusal(&renamed("Ed25519ph")), "header");
}

#[test]
fn attack_07_a_key_in_the_header_is_not_read() {
    let house = house();
    let x = data_encoding::BASE64URL_NOPAD.encode(key([1; 32]).verifying_key().as_bytes());
    for member in [
        format!(r#""jwk":{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#),
        r#""jku":"https://e.example""#.to_owned(),
        r#""x5u":"https://e.example""#.to_owned(),
        r#""x5c":["MII"]"#.to_owned(),
    ] {
        for header in headers_with(&member) {
            let token = forge(header.as_bytes(), claims().to_string().as_bytes(), [1; 32]);
            assert!(["header", "shape"].contains(&house.refusal(&token)), "{header}");
        }
    }
}

#[test]
fn attack_08_critical_and_other_members_are_refused() {
    let house = house();
    for member in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":["b64","b64"]"#,
        r#""b64":false"#,
        r#""zip":"DEF""#,
        r#""enc":"A256GCM""#,
        r#""cty":"JWT""#,
    ] {
        for header in headers_with(member) {
            let token = forge(header.as_bytes(), claims().to_string().as_bytes(), WAYNE_SEED);
            assert_eq!(house.refusal(&token), "header", "{header}");
        }
    }
}

#[test]
fn attack_09_another_type_of_token_is_refused() {
    let house = house();
    let kid = kid(WAYNE_SEED);
    for typ in ["JWT", "jwt", "at+JWT", "application/at+jwt", "logout+jwt", "txntoken+jwt", ""] {
        let header = format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"{typ}"}}"#);
        let token = forge(header.as_bytes(), claims().to_string().as_bytes(), WAYNE_SEED);
        assert_eq!(house.refusal(&token), "header", "{typ}");
    }
    let without = format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
    let token = forge(without.as_bytes(), claims().to_string().as_bytes(), WAYNE_SEED);
    assert_eq!(house.refusal(&token), "header");
}

#[test]
fn attack_10_an_odd_kid_and_a_rewritten_header_are_refused() {
    let house = house();
    let good = header(WAYNE_SEED);
    let kid = kid(WAYNE_SEED);
    let refusal = |header: &str| {
        house.refusal(&forge(header.as_bytes(), claims().to_string().as_bytes(), WAYNE_SEED))
    };
    for odd in ["", "../../etc/passwd", "' OR 1=1 --", "a\r\nb", &kid[..42], &format!("{kid}A")] {
        assert_eq!(refusal(&good.replace(&kid, odd)), "header", "{odd}");
    }
    let unknown = crate::helpers::kid([99; 32]);
    assert_eq!(refusal(&good.replace(&kid, &unknown)), "key");
    assert_eq!(refusal(&good.replace(r#""alg":"EdDSA","#, "")), "header");
    assert_eq!(refusal(&good.replace("\"alg\"", "\"\\u0061lg\"")), "header");
    assert_eq!(refusal(&good.replace(',', ", ")), "header");
    assert_eq!(refusal(&format!("{good} ")), "header");
    let reordered = format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"{kid}"}}"#);
    assert_eq!(refusal(&reordered), "header");
    let look_alike = kid.char_indices().last().map(|(at, _)| format!("{}_", &kid[..at])).unwrap();
    assert!(["header", "key"].contains(&refusal(&good.replace(&kid, &look_alike))));
}

#[test]
fn attack_12_a_small_order_commitment_is_refused() {
    let house = house();
    let message = message(header(WAYNE_SEED).as_bytes(), claims().to_string().as_bytes());
    let signing = key(WAYNE_SEED);
    // R is the identity: S = k·a satisfies the equation without any nonce.
    let identity = CompressedEdwardsY([
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    let public = signing.verifying_key();
    let challenge = {
        use sha2::Digest;
        let hash = sha2::Sha512::new()
            .chain_update(identity.0)
            .chain_update(public.as_bytes())
            .chain_update(&message);
        Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
    };
    let response = challenge * signing.to_scalar();
    let signature = [identity.0, response.to_bytes()].concat();
    let loose = Signature::from_slice(&signature).unwrap();
    assert!(public.verify(message.as_bytes(), &loose).is_ok(), "the loose rules accept it");
    assert_eq!(house.refusal(&join(&message, &signature)), "signature");
}

#[test]
fn attack_12_a_scalar_beyond_the_order_is_refused() {
    // The order of the base point, little-endian.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let house = house();
    let token = house.token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut signature = data_encoding::BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    let mut carry = 0_u16;
    for (byte, add) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(house.refusal(&join(message, &signature)), "signature");
}

#[test]
fn attack_42_no_byte_of_a_token_is_printed() {
    let house = house();
    let token = house.issuer.issue(draft()).unwrap();
    let verified = house.verify(token.expose()).unwrap();
    let refused = house.verify(&token.expose()[1..]).unwrap_err();
    let printed = format!(
        "{token:?} {verified:?} {refused:?} {refused} {:?} {:?} {:?} {:?}",
        house.rings,
        house.verifier,
        house.issuer,
        skeleton_tokens::Credentials::Bearer(token.expose()),
    );
    for part in token.expose().split('.') {
        assert!(!printed.contains(&part[..12]), "{printed}");
    }
}

fn headers_with(member: &str) -> [String; 3] {
    let kid = kid(WAYNE_SEED);
    [
        format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"at+jwt",{member}}}"#),
        format!(r#"{{{member},"alg":"EdDSA","kid":"{kid}","typ":"at+jwt"}}"#),
        format!(r#"{{"alg":"EdDSA",{member},"kid":"{kid}","typ":"at+jwt"}}"#),
    ]
}
