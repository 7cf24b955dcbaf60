//! Attacks 19 to 25: keys of others, tenants of others, malformed parties.

use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_tokens::KeyRings;
use skeleton_tokens::KeyScope;
use skeleton_tokens::testing::ring_with;

use crate::helpers::AUDIENCE;
use crate::helpers::KENT_SEED;
use crate::helpers::NOW;
use crate::helpers::WAYNE_SEED;
use crate::helpers::claims;
use crate::helpers::claims_with;
use crate::helpers::claims_without;
use crate::helpers::draft;
use crate::helpers::draft_in;
use crate::helpers::forge;
use crate::helpers::header;
use crate::helpers::house;
use crate::helpers::house_with;
use crate::helpers::kent;
use crate::helpers::names;
use crate::helpers::signed;
use crate::helpers::wayne;

#[tokio::test]
async fn attack_19_a_token_older_than_its_key_is_refused() {
    let born = FixedClock::at(Timestamp::from_secs(NOW));
    let rings = KeyRings::in_process(born);
    rings.ensure(KeyScope::Tenant(wayne())).await.unwrap();
    let house = house_with(rings);
    house.clock.set(Timestamp::from_secs(NOW - 30));
    assert!(
        house.verify(&house.token()).is_ok(),
        "the skew of two clocks is forgiven"
    );
    house.clock.set(Timestamp::from_secs(NOW - 31));
    assert_eq!(house.refusal(&house.token()), "key-window");
}

#[test]
fn attack_23_a_key_of_another_tenant_signs_nothing_here() {
    let house = house();
    let as_kent = |claims: Value| {
        forge(
            header(KENT_SEED).as_bytes(),
            claims.to_string().as_bytes(),
            KENT_SEED,
        )
    };
    // Kent's key, Wayne's issuer and tenant.
    assert_eq!(house.refusal(&as_kent(claims())), "issuer");
    // Kent's key and issuer, Wayne's tenant.
    assert_eq!(
        house.refusal(&as_kent(claims_with(
            "iss",
            "https://kent.bank.example".into()
        ))),
        "tenant"
    );
    // Wayne's kid over Kent's signature.
    let token = forge(
        header(WAYNE_SEED).as_bytes(),
        claims().to_string().as_bytes(),
        KENT_SEED,
    );
    assert_eq!(house.refusal(&token), "signature");
}

#[test]
fn attack_23_a_token_of_one_tenant_is_refused_at_the_door_of_another() {
    let house = house();
    let token = house.issuer.issue(draft_in(kent())).unwrap();
    assert!(house.verifier.verify(token.expose(), kent()).is_ok());
    assert_eq!(house.refusal(token.expose()), "tenant");
    assert_eq!(
        house
            .verifier
            .verify(&house.token(), kent())
            .unwrap_err()
            .code(),
        "tenant"
    );
}

#[test]
fn attack_23_a_global_key_covers_every_tenant_and_its_issuer_is_the_root() {
    let house = house_with(ring_with(KeyScope::Global, WAYNE_SEED));
    let token = house.token();
    assert!(house.verify(&token).is_ok());
    assert_eq!(
        house.verifier.verify(&token, kent()).unwrap_err().code(),
        "tenant"
    );
    assert_eq!(
        house.refusal_of_claims(&claims()),
        "issuer",
        "a tenant's issuer, a global key"
    );
    assert_eq!(
        crate::helpers::payload_of(&token)["iss"],
        json!(names().issuer_of(KeyScope::Global).unwrap())
    );
}

#[test]
fn attack_24_an_issuer_that_is_not_exactly_the_keys_is_refused() {
    let house = house();
    assert_eq!(house.refusal_of_claims(&claims_without("iss")), "claims");
    for odd in [
        json!(1),
        json!(null),
        json!({}),
        json!(["https://wayne.bank.example"]),
    ] {
        assert_eq!(
            house.refusal_of_claims(&claims_with("iss", odd.clone())),
            "claims",
            "{odd}"
        );
    }
    let both = json!(["https://evil.example", "https://wayne.bank.example"]);
    assert_eq!(house.refusal_of_claims(&claims_with("iss", both)), "claims");
    for other in [
        "https://WAYNE.bank.example",
        "https://wayne.bank.example/",
        "http://wayne.bank.example",
        "HTTPS://wayne.bank.example",
        "wayne.bank.example",
        "https://bank.example",
        "https://waynebank.example",
        "https://.bank.example",
        "https://evil.wayne.bank.example",
        "https://wayne.bank.example.evil.example",
        "https://wayne.bank.example#",
        "",
    ] {
        assert_eq!(
            house.refusal_of_claims(&claims_with("iss", other.into())),
            "issuer",
            "{other}"
        );
    }
}

#[test]
fn attack_25_an_audience_that_is_not_exactly_ours_is_refused() {
    let house = house();
    assert_eq!(house.refusal_of_claims(&claims_without("aud")), "claims");
    for odd in [
        json!(1),
        json!([AUDIENCE]),
        json!(["other", AUDIENCE]),
        json!(null),
    ] {
        assert_eq!(
            house.refusal_of_claims(&claims_with("aud", odd.clone())),
            "claims",
            "{odd}"
        );
    }
    for other in [
        "",
        "https://api.bank.example/",
        "https://api.bank",
        "HTTPS://API.BANK.EXAMPLE",
    ] {
        assert_eq!(
            house.refusal_of_claims(&claims_with("aud", other.into())),
            "audience"
        );
    }
}

#[test]
fn attack_25_ids_that_are_not_ids_are_refused() {
    let house = house();
    for claim in ["sub", "tid", "jti", "sid"] {
        assert_eq!(
            house.refusal_of_claims(&claims_without(claim)),
            "claims",
            "{claim}"
        );
        let good = claims()[claim].as_str().unwrap().to_owned();
        for odd in [
            json!(1),
            json!(null),
            json!([good]),
            json!(""),
            json!(good.to_lowercase()),
            json!(good.split_at(1).1),
            json!(format!("{good}A")),
            json!("00000000000000000000000000"),
            json!("8ZZZZZZZZZZZZZZZZZZZZZZZZZ"),
            json!("not a ulid"),
        ] {
            let claims = claims_with(claim, odd.clone());
            assert_eq!(house.refusal_of_claims(&claims), "claims", "{claim} {odd}");
        }
    }
}

#[test]
fn attack_25_a_client_cannot_pass_for_an_account() {
    let house = house();
    assert_eq!(
        house.refusal_of_claims(&claims_without("client_id")),
        "claims"
    );
    let ulid = claims()["sub"].as_str().unwrap().to_lowercase();
    for odd in [
        ulid.as_str(),
        "a",
        "Bank-Web",
        "bank web",
        "bank_web",
        "",
        &"a".repeat(65),
    ] {
        assert_eq!(
            house.refusal_of_claims(&claims_with("client_id", odd.into())),
            "claims",
            "{odd}"
        );
    }
}

#[test]
fn a_tenant_without_any_key_is_unavailable_and_not_refused() {
    let house = house_with(ring_with(KeyScope::Tenant(kent()), KENT_SEED));
    let refused = house.verify(&signed(&claims().to_string())).unwrap_err();
    assert_eq!(refused.code(), "keys-unavailable");
    assert!(refused.is_unavailable());
    let of_kent = house
        .verifier
        .verify(&signed(&claims().to_string()), kent())
        .unwrap_err();
    assert!(
        !of_kent.is_unavailable(),
        "kent has keys, and this is none of them"
    );
    assert!(house.issuer.issue(draft()).is_err());
}
