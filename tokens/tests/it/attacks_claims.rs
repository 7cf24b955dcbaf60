//! Attacks 26 to 29: grants, times, claims that cannot be honoured.

use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Timestamp;

use crate::helpers::NOW;
use crate::helpers::bruce;
use crate::helpers::claims;
use crate::helpers::claims_with;
use crate::helpers::claims_without;
use crate::helpers::house;
use crate::helpers::signed;

const ONE: &str = "01JKBYY0DJ25Q3RK68C7CBZMVQ";
const TWO: &str = "01JKBYY0DJ25Q3RK68C7CBZMVR";

#[test]
fn attack_26_both_or_neither_form_of_grants_is_refused() {
    let house = house();
    let reference = json!({"count": 212, "digest": "A".repeat(43)});
    assert_eq!(house.refusal_of_claims(&claims_without("grants")), "claims");
    assert_eq!(
        house.refusal_of_claims(&claims_with("grants-ref", reference.clone())),
        "claims"
    );
    let mut only = claims_without("grants");
    only["grants-ref"] = reference;
    let verified = house.verify(&signed(&only.to_string())).unwrap();
    let identity = verified.identity();
    let (digest, count) = identity.roles().reference().expect("it is a reference");
    assert_eq!((digest, count), (&[0; 32], 212));
}

#[test]
fn attack_26_a_malformed_reference_to_grants_is_refused() {
    let house = house();
    for odd in [
        json!({"count": 0, "digest": "A".repeat(43)}),
        json!({"count": 1.0, "digest": "A".repeat(43)}),
        json!({"count": 4_294_967_296_u64, "digest": "A".repeat(43)}),
        json!({"digest": "A".repeat(43)}),
        json!({"count": 212}),
        json!({"count": 212, "digest": "A".repeat(42)}),
        json!({"count": 212, "digest": format!("{}B", "A".repeat(42))}),
        json!([]),
        json!("none"),
    ] {
        let mut claims = claims_without("grants");
        claims["grants-ref"] = odd.clone();
        assert_eq!(house.refusal_of_claims(&claims), "claims", "{odd}");
    }
}

#[test]
fn attack_26_grants_have_one_encoding() {
    let house = house();
    for odd in [
        json!([{"role": "a", "scopes": [TWO, ONE]}]),
        json!([{"role": "a", "scopes": [ONE, ONE]}]),
        json!([{"role": "b", "scopes": [ONE]}, {"role": "a", "scopes": [ONE]}]),
        json!([{"role": "a", "scopes": [ONE]}, {"role": "a", "scopes": [TWO]}]),
        json!([{"role": "a", "scopes": []}]),
        json!([{"role": "A", "scopes": [ONE]}]),
        json!([{"role": "a", "scopes": [ONE.to_lowercase()]}]),
        json!([{"role": "a", "scopes": ONE}]),
        json!([{"role": "a"}]),
        json!([{"scopes": [ONE]}]),
        json!(["a"]),
        json!({"a": [ONE]}),
        json!(null),
    ] {
        assert_eq!(
            house.refusal_of_claims(&claims_with("grants", odd.clone())),
            "claims",
            "{odd}"
        );
    }
}

#[test]
fn attack_26_more_than_64_pairs_are_refused() {
    let house = house();
    let pairs = |count: u32| {
        let scopes: Vec<_> = (0..count)
            .map(|nth| format!("01JKBYY0DJ25Q3RK68C7CB{nth:04}"))
            .collect();
        claims_with("grants", json!([{"role": "a", "scopes": scopes}]))
    };
    assert!(house.verify(&signed(&pairs(64).to_string())).is_ok());
    assert_eq!(house.refusal_of_claims(&pairs(65)), "claims");
    let roles = |count: u32| {
        let groups: Vec<_> = (0..count)
            .map(|nth| json!({"role": format!("role-{nth:02}"), "scopes": [ONE]}))
            .collect();
        claims_with("grants", groups.into())
    };
    assert!(house.verify(&signed(&roles(64).to_string())).is_ok());
    assert_eq!(house.refusal_of_claims(&roles(65)), "claims");
}

#[test]
fn attack_26_without_a_session_a_token_is_refused() {
    let house = house();
    assert_eq!(house.refusal_of_claims(&claims_without("sid")), "claims");
    let credential = json!({"kind": "api-key", "id": ONE, "hash": "AAAA"});
    assert_eq!(
        house.refusal_of_claims(&claims_with("credential", credential.clone())),
        "unsupported-claim"
    );
    let mut only = claims_without("sid");
    only["credential"] = credential;
    assert_eq!(house.refusal_of_claims(&only), "unsupported-claim");
}

#[test]
fn attack_27_a_proof_from_the_future_is_not_fresh_for_ever() {
    let house = house();
    let refused = house.refusal_of_claims(&claims_with("auth_time", json!(NOW + 31)));
    assert_eq!(refused, "not-yet-valid");
    let skewed = claims_with("auth_time", json!(NOW + 30));
    assert!(house.verify(&signed(&skewed.to_string())).is_ok());
}

#[test]
fn attack_27_times_are_whole_numbers_below_2_to_the_53() {
    let house = house();
    for claim in ["exp", "nbf", "iat", "auth_time"] {
        assert_eq!(
            house.refusal_of_claims(&claims_without(claim)),
            "claims",
            "{claim}"
        );
        let good = claims()[claim].as_u64().unwrap();
        for odd in [
            json!(good.to_string()),
            json!(-1),
            json!(1_u64 << 53),
            json!(u64::MAX),
            json!(null),
            json!([good]),
            json!(true),
        ] {
            assert_eq!(
                house.refusal_of_claims(&claims_with(claim, odd.clone())),
                "claims",
                "{claim} {odd}"
            );
        }
        for spelling in [
            format!("{good}.0"),
            format!("{good}e0"),
            format!("{good}.5"),
            "-0".to_owned(),
        ] {
            let text = claims().to_string().replace(
                &format!("\"{claim}\":{good}"),
                &format!("\"{claim}\":{spelling}"),
            );
            assert!(text.contains(&spelling));
            assert_eq!(
                house.refusal(&signed(&text)),
                "claims",
                "{claim} {spelling}"
            );
        }
    }
}

#[test]
fn attack_27_a_token_of_the_future_is_refused() {
    let house = house();
    let ahead = |iat: u64, nbf: u64| times(iat, nbf, NOW + 1_800);
    assert!(
        house
            .verify(&signed(&ahead(NOW + 30, NOW + 30).to_string()))
            .is_ok()
    );
    assert_eq!(
        house.refusal_of_claims(&ahead(NOW, NOW + 31)),
        "not-yet-valid"
    );
    assert_eq!(
        house.refusal_of_claims(&ahead(NOW + 31, NOW + 31)),
        "not-yet-valid"
    );
}

#[test]
fn attack_28_a_life_over_an_hour_is_refused_whoever_signed() {
    let house = house();
    assert!(
        house
            .verify(&signed(&times(NOW, NOW, NOW + 3_600).to_string()))
            .is_ok()
    );
    assert_eq!(
        house.refusal_of_claims(&times(NOW, NOW, NOW + 3_601)),
        "life"
    );
    assert_eq!(
        house.refusal_of_claims(&times(NOW, NOW, 253_402_300_799)),
        "life"
    );
    assert_eq!(house.refusal_of_claims(&times(NOW, NOW, NOW)), "life");
    assert_eq!(
        house.refusal_of_claims(&times(NOW, NOW + 10, NOW + 10)),
        "life"
    );
    assert_eq!(
        house.refusal_of_claims(&times(NOW, NOW + 10, NOW + 9)),
        "life"
    );
    assert_eq!(
        house.refusal_of_claims(&times(NOW, NOW - 1, NOW + 10)),
        "life"
    );
}

#[test]
fn attack_28_an_expired_token_is_refused_30_seconds_later() {
    let house = house();
    let token = signed(&times(NOW, NOW, NOW + 60).to_string());
    for (second, is_good) in [(59, true), (60, true), (89, true), (90, false), (91, false)] {
        house.clock.set(Timestamp::from_secs(NOW + second));
        assert_eq!(house.verify(&token).is_ok(), is_good, "second {second}");
    }
    assert_eq!(house.refusal(&token), "expired");
}

#[test]
fn attack_29_a_claim_that_cannot_be_honoured_is_refused() {
    let house = house();
    let act = json!({"sub": ONE, "tid": claims()["tid"], "account-kind": "user", "mode": "impersonating"});
    for (claim, value) in [
        ("act", act.clone()),
        ("act", json!({"sub": bruce().to_string(), "act": act})),
        ("act", Value::Null),
        (
            "cnf",
            json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}),
        ),
        ("credential", json!({})),
        ("idp", json!(ONE)),
    ] {
        assert_eq!(
            house.refusal_of_claims(&claims_with(claim, value)),
            "unsupported-claim",
            "{claim}"
        );
    }
    let unknown = claims_with("later-addition", json!({"a": [1, 2.5, null, true]}));
    assert!(
        house.verify(&signed(&unknown.to_string())).is_ok(),
        "versions mix in a rollout"
    );
}

#[test]
fn a_claim_of_the_wrong_kind_is_refused() {
    let house = house();
    for (claim, odd) in [
        ("account-kind", json!("admin")),
        ("account-kind", json!(null)),
        ("acr", json!("aal4")),
        ("acr", json!(2)),
        ("amr", json!("pwd")),
        ("amr", json!([1])),
        ("amr", json!([""])),
        ("amr", json!(["PWD"])),
        ("amr", json!(vec!["pwd"; 17])),
        ("locale", json!("EN-gb")),
        ("locale", json!(null)),
        ("test", json!(false)),
        ("test", json!("true")),
    ] {
        assert_eq!(
            house.refusal_of_claims(&claims_with(claim, odd.clone())),
            "claims",
            "{claim} {odd}"
        );
    }
}

fn times(iat: u64, nbf: u64, exp: u64) -> Value {
    let mut claims = claims();
    claims["iat"] = iat.into();
    claims["nbf"] = nbf.into();
    claims["exp"] = exp.into();
    claims
}
