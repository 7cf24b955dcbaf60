//! Attacks 5 to 10: the header.

use crate::helpers::WAYNE_SEED;
use crate::helpers::claims;
use crate::helpers::forge;
use crate::helpers::header;
use crate::helpers::house;
use crate::helpers::key;
use crate::helpers::kid;
use crate::helpers::message;

#[test]
fn attack_05_no_other_algorithm_is_read() {
    let house = house();
    let kid = kid(WAYNE_SEED);
    let names = [
        "none", "None", "NONE", "nOnE", "", "HS256", "ES256", "Ed448", "RS256", "eddsa",
    ];
    for alg in names {
        let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"at+jwt"}}"#);
        let token = forge(
            header.as_bytes(),
            claims().to_string().as_bytes(),
            WAYNE_SEED,
        );
        assert_eq!(house.refusal(&token), "header", "{alg}");
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        assert_eq!(house.refusal(&format!("{unsigned}.")), "shape", "{alg}");
    }
    let header = format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"at+jwt"}}"#);
    let public = key(WAYNE_SEED).verifying_key();
    let secret = jsonwebtoken::EncodingKey::from_secret(public.as_bytes());
    let message = message(header.as_bytes(), claims().to_string().as_bytes());
    let mac =
        jsonwebtoken::crypto::sign(message.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256);
    assert_eq!(
        house.refusal(&format!("{message}.{}", mac.unwrap())),
        "shape"
    );
}

#[test]
fn attack_06_ed25519_is_the_one_other_name_of_the_algorithm() {
    let house = house();
    let renamed = |alg: &str| {
        let header = format!(
            r#"{{"alg":"{alg}","kid":"{}","typ":"at+jwt"}}"#,
            kid(WAYNE_SEED)
        );
        forge(
            header.as_bytes(),
            claims().to_string().as_bytes(),
            WAYNE_SEED,
        )
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
            assert!(
                ["header", "shape"].contains(&house.refusal(&token)),
                "{header}"
            );
        }
    }
}

#[test]
fn attack_08_critical_and_other_members_are_refused() {
    let house = house();
    for member in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":["absent"]"#,
        r#""crit":["exp"],"crit":["exp"]"#,
        r#""crit":["b64","b64"]"#,
        r#""b64":false"#,
        r#""zip":"DEF""#,
        r#""enc":"A256GCM""#,
        r#""cty":"JWT""#,
    ] {
        for header in headers_with(member) {
            let token = forge(
                header.as_bytes(),
                claims().to_string().as_bytes(),
                WAYNE_SEED,
            );
            assert_eq!(house.refusal(&token), "header", "{header}");
        }
    }
}

#[test]
fn attack_09_another_type_of_token_is_refused() {
    let house = house();
    let kid = kid(WAYNE_SEED);
    for typ in [
        "JWT",
        "jwt",
        "at+JWT",
        "application/at+jwt",
        "logout+jwt",
        "txntoken+jwt",
        "",
    ] {
        let header = format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"{typ}"}}"#);
        let token = forge(
            header.as_bytes(),
            claims().to_string().as_bytes(),
            WAYNE_SEED,
        );
        assert_eq!(house.refusal(&token), "header", "{typ}");
    }
    let without = format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
    let token = forge(
        without.as_bytes(),
        claims().to_string().as_bytes(),
        WAYNE_SEED,
    );
    assert_eq!(house.refusal(&token), "header");
}

#[test]
fn attack_09_a_secret_of_another_kind_is_no_access_token() {
    let house = house();
    let secret = "a".repeat(43);
    for other in [
        format!("bank_rt_01JKBYY0DC963NBXV7WK4RJYCX_{secret}_aaaaaa"),
        format!("bank_key_live_01JKBYY0DC963NBXV7WK4RJYCX_{secret}_aaaaaa"),
        format!("bank_pat_live_01JKBYY0DC963NBXV7WK4RJYCX_{secret}_aaaaaa"),
    ] {
        assert_eq!(house.refusal(&other), "shape", "{other}");
    }
}

#[test]
fn attack_10_an_odd_kid_and_a_rewritten_header_are_refused() {
    let house = house();
    let good = header(WAYNE_SEED);
    let kid = kid(WAYNE_SEED);
    let refusal = |header: &str| {
        house.refusal(&forge(
            header.as_bytes(),
            claims().to_string().as_bytes(),
            WAYNE_SEED,
        ))
    };
    for odd in [
        "",
        "../../etc/passwd",
        "' OR 1=1 --",
        "a\r\nb",
        kid.split_at(42).0,
        &format!("{kid}A"),
    ] {
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
    let absent = r#"{"alg":"EdDSA","typ":"at+jwt"}"#;
    assert_eq!(refusal(absent), "header");
    let twice = good.replace(",\"typ\"", ",\"kid\":\"a\",\"typ\"");
    assert_eq!(refusal(&twice), "header");
    // The same bytes if loose bits are forgiven, so it would find the key.
    let look_alike = format!("{}_", kid.split_at(kid.len() - 1).0);
    assert_eq!(refusal(&good.replace(&kid, &look_alike)), "header");
    let long = good.replace(&kid, &"A".repeat(82));
    assert_eq!(refusal(&long), "shape", "over 160 characters");
}

fn headers_with(member: &str) -> [String; 3] {
    let kid = kid(WAYNE_SEED);
    [
        format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"at+jwt",{member}}}"#),
        format!(r#"{{{member},"alg":"EdDSA","kid":"{kid}","typ":"at+jwt"}}"#),
        format!(r#"{{"alg":"EdDSA",{member},"kid":"{kid}","typ":"at+jwt"}}"#),
    ]
}
