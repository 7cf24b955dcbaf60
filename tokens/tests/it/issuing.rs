//! What is issued, byte for byte, and what is not.

use serde_json::json;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Locale;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;
use skeleton_tokens::Acr;
use skeleton_tokens::Amr;
use skeleton_tokens::IssueErrorKind;
use skeleton_tokens::KeyScope;
use skeleton_tokens::TokenLifetime;
use skeleton_tokens::grants_digest;
use skeleton_tokens::testing::ring_with;
use skeleton_tokens::testing::rings_with;

use crate::helpers::AUDIENCE;
use crate::helpers::NOW;
use crate::helpers::WAYNE_SEED;
use crate::helpers::bruce;
use crate::helpers::draft;
use crate::helpers::draft_in;
use crate::helpers::grants;
use crate::helpers::header;
use crate::helpers::house;
use crate::helpers::house_with;
use crate::helpers::kent;
use crate::helpers::payload_of;
use crate::helpers::session;
use crate::helpers::wayne;

#[test]
fn the_claims_are_those_of_the_sample_in_its_order() {
    let house = house();
    let draft = draft().locale(Locale::parse("en-GB").unwrap()).test();
    let token = house.issuer.issue(draft).unwrap();
    let mut parts = token.expose().split('.');
    let mut text = || {
        let bytes = data_encoding::BASE64URL_NOPAD.decode(parts.next().unwrap().as_bytes());
        String::from_utf8(bytes.unwrap()).unwrap()
    };
    assert_eq!(text(), header(WAYNE_SEED));
    let (exp, auth_time) = (NOW + 1_800, NOW - 10);
    let (one, two) = (scope(1), scope(2));
    let (sub, tid, sid, jti) = (bruce(), wayne(), session(), token.id());
    assert_eq!(
        text(),
        format!(
            r#"{{"iss":"https://wayne.bank.example","sub":"{sub}","aud":"{AUDIENCE}","client_id":"bank-web","tid":"{tid}","account-kind":"user","sid":"{sid}","jti":"{jti}","iat":{NOW},"nbf":{NOW},"exp":{exp},"auth_time":{auth_time},"acr":"aal2","amr":["pwd","otp"],"locale":"en-GB","test":true,"grants":[{{"role":"project-accessor","scopes":["{one}","{two}"]}}]}}"#
        )
    );
    assert_eq!(token.expires_at(), Timestamp::from_secs(exp));
}

#[test]
fn grants_are_grouped_by_role_and_none_is_an_empty_list() {
    let house = house();
    let pair = |role: &str, nth| RoleAssignment::new(RoleName::parse(role).unwrap(), scope(nth));
    let mixed = [pair("b", 1), pair("a", 2), pair("b", 3), pair("a", 1)];
    let mixed = RoleAssignments::listed(mixed).unwrap();
    let token = house.issuer.issue(draft().grants(mixed.clone())).unwrap();
    assert_eq!(
        payload_of(token.expose())["grants"],
        json!([
            {"role": "a", "scopes": [scope(1).to_string(), scope(2).to_string()]},
            {"role": "b", "scopes": [scope(1).to_string(), scope(3).to_string()]},
        ])
    );
    assert_eq!(
        house.verify(token.expose()).unwrap().identity().roles(),
        &mixed
    );
    let none = house
        .issuer
        .issue(draft().grants(RoleAssignments::none()))
        .unwrap();
    assert_eq!(payload_of(none.expose())["grants"], json!([]));
}

#[test]
fn sixty_five_grants_become_a_reference_and_sixty_four_do_not() {
    let house = house();
    let listed = house.issuer.issue(draft().grants(grants(64))).unwrap();
    assert!(payload_of(listed.expose()).get("grants-ref").is_none());
    let token = house.issuer.issue(draft().grants(grants(65))).unwrap();
    let payload = payload_of(token.expose());
    assert!(payload.get("grants").is_none());
    assert_eq!(payload["grants-ref"]["count"], 65);
    let identity = house.verify(token.expose()).unwrap().identity();
    assert_eq!(
        identity.roles().reference(),
        Some((&grants_digest(&grants(65)), 65))
    );
    assert_eq!(
        identity.roles().iter().count(),
        0,
        "whoever ignores the reference allows nothing"
    );
    let again = house
        .issuer
        .issue(draft().grants(identity.roles().clone()))
        .unwrap();
    assert_eq!(
        payload_of(again.expose())["grants-ref"],
        payload["grants-ref"]
    );
}

#[test]
fn a_reference_to_nothing_and_a_proof_from_the_future_are_not_issued() {
    let house = house();
    let nothing = RoleAssignments::by_reference([9; 32], 0);
    let error = house.issuer.issue(draft().grants(nothing)).unwrap_err();
    assert_eq!(error.kind(), IssueErrorKind::Grants);
    let at = |secs| draft().authenticated(Timestamp::from_secs(NOW + secs), Acr::Aal1, [Amr::Pwd]);
    assert_eq!(
        house.issuer.issue(at(31)).unwrap_err().kind(),
        IssueErrorKind::Proof
    );
    let token = house.issuer.issue(at(30)).unwrap();
    assert!(house.verify(token.expose()).is_ok());
}

#[test]
fn a_token_over_4_kib_refers_to_its_grants() {
    let house = house();
    let pairs = (1..=60_u8).map(|nth| {
        let role = RoleName::parse(&format!("{}{nth}", "r".repeat(45))).unwrap();
        RoleAssignment::new(role, scope(nth))
    });
    let grants = RoleAssignments::listed(pairs).unwrap();
    let token = house.issuer.issue(draft().grants(grants.clone())).unwrap();
    assert!(token.expose().len() <= 4_096);
    assert_eq!(payload_of(token.expose())["grants-ref"]["count"], 60);
    let identity = house.verify(token.expose()).unwrap().identity();
    assert_eq!(
        identity.roles().reference(),
        Some((&grants_digest(&grants), 60))
    );
}

#[test]
fn the_digest_of_grants_is_that_of_its_description() {
    use sha2::Digest;
    let mut bytes = b"skeleton-grants/1\0".to_vec();
    for nth in 1..=2 {
        bytes.push(16);
        bytes.extend(b"project-accessor");
        bytes.extend([nth; 16]);
    }
    assert_eq!(
        grants_digest(&grants(2))[..],
        sha2::Sha256::digest(&bytes)[..]
    );
    let reference = RoleAssignments::by_reference([9; 32], 65);
    assert_eq!(grants_digest(&reference), [9; 32]);
}

#[test]
fn what_cannot_be_issued_names_its_reason() {
    let house = house();
    let kind = |result: Result<_, skeleton_tokens::IssueError>| result.unwrap_err().kind();
    let nobody = "01JKBYY0DAH7KQNN2VGC90QJ1X".parse().unwrap();
    assert_eq!(
        kind(house.issuer.issue(draft_in(nobody))),
        IssueErrorKind::NoKey
    );
    assert_eq!(
        kind(house.issuer.issue(draft().client("Bank"))),
        IssueErrorKind::Client
    );
    assert_eq!(
        kind(house.issuer.issue(draft().audience(""))),
        IssueErrorKind::Audience
    );
    assert_eq!(
        kind(house.issuer.issue(draft().audience("a b"))),
        IssueErrorKind::Audience
    );
    let global = house_with(ring_with(KeyScope::Tenant(nobody), [1; 32]));
    assert_eq!(
        kind(global.issuer.issue(draft_in(nobody))),
        IssueErrorKind::NoIssuer
    );
}

#[test]
fn a_tenant_with_a_ring_of_its_own_does_not_use_the_global_one() {
    let (own, global) = (KeyScope::Tenant(wayne()), KeyScope::Global);
    let house = house_with(rings_with([(global, [1; 32]), (own, WAYNE_SEED)]));
    let issuer = |draft| {
        let token = house.issuer.issue(draft).unwrap();
        payload_of(token.expose())["iss"].clone()
    };
    assert_eq!(issuer(draft()), "https://wayne.bank.example");
    assert_eq!(issuer(draft_in(kent())), "https://bank.example");
}

#[test]
fn a_life_is_one_second_to_one_hour() {
    assert!(TokenLifetime::from_secs(0).is_err());
    assert!(TokenLifetime::from_secs(3_601).is_err());
    assert_eq!(TokenLifetime::from_secs(3_600), Ok(TokenLifetime::MAX));
    assert_eq!(TokenLifetime::minutes::<60>(), TokenLifetime::MAX);
    assert_eq!(TokenLifetime::default().as_secs(), 1_800);
    let house = house();
    let token = house
        .issuer
        .issue(draft().lifetime(TokenLifetime::minutes::<5>()))
        .unwrap();
    let verified = house.verify(token.expose()).unwrap();
    assert_eq!(verified.expires_at(), Timestamp::from_secs(NOW + 300));
    assert_eq!(verified.issued_at(), Timestamp::from_secs(NOW));
    assert_eq!(verified.client().as_str(), "bank-web");
    assert_eq!((verified.session(), verified.id()), (session(), token.id()));
}

fn scope(nth: u8) -> ContainerId {
    ContainerId::from_bytes([nth; 16]).unwrap()
}
