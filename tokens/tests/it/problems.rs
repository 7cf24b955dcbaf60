//! Refusals as problems, for callers without the layer.

use core::error::Error;

use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tokens::Authenticator;
use skeleton_tokens::Credentials;
use skeleton_tokens::Issuer;
use skeleton_tokens::IssuerNames;
use skeleton_tokens::KeyScope;
use skeleton_tokens::testing::ring_with;

use crate::helpers::KENT_SEED;
use crate::helpers::NOW;
use crate::helpers::WAYNE_SEED;
use crate::helpers::bruce;
use crate::helpers::draft;
use crate::helpers::house;
use crate::helpers::house_with;
use crate::helpers::kent;
use crate::helpers::wayne;

#[test]
fn every_bad_token_is_one_problem_and_missing_keys_are_another() {
    let house = house();
    let bad = Problem::from(house.verify("x").unwrap_err());
    assert_eq!(bad, Problem::new(ProblemKind::Unauthenticated));
    let of_nobody = house.issuer.issue(draft()).unwrap();
    let keyless = house_with(ring_with(KeyScope::Tenant(kent()), KENT_SEED));
    let undecided = Problem::from(keyless.verify(of_nobody.expose()).unwrap_err());
    assert_eq!(undecided.kind(), ProblemKind::Unavailable);
    assert_eq!(undecided.retry_after_secs(), Some(1));
}

#[test]
fn a_refusal_says_no_reason() {
    let house = house();
    let (shape, signature) = (house.verify("x"), house.verify(&swapped(&house.token())));
    let (shape, signature) = (shape.unwrap_err(), signature.unwrap_err());
    assert_ne!(shape.code(), signature.code());
    assert_eq!(shape.to_string(), signature.to_string());
    assert!(shape.source().is_none());
}

#[test]
fn a_token_that_cannot_be_issued_is_503_without_a_key_and_500_otherwise() {
    let keyless = house_with(ring_with(KeyScope::Tenant(kent()), KENT_SEED));
    let without = Problem::from(keyless.issuer.issue(draft()).unwrap_err());
    assert_eq!(without.kind(), ProblemKind::Unavailable);
    assert_eq!(without.retry_after_secs(), Some(1));
    let wrong = Problem::from(house().issuer.issue(draft().client("?")).unwrap_err());
    assert_eq!(wrong.kind(), ProblemKind::Misconfigured);
    let rings = ring_with(KeyScope::Tenant(wayne()), WAYNE_SEED);
    let endless = IssuerNames::subdomains_of("bank.example", |_| Some("a".repeat(4_000)));
    let clock = FixedClock::at(Timestamp::from_secs(NOW));
    let issuer = Issuer::new(&rings, endless, clock, SeededIds::new(1));
    let large = issuer.issue(draft()).unwrap_err();
    assert_eq!(large.kind(), skeleton_tokens::IssueErrorKind::TooLarge);
    assert_eq!(Problem::from(large).kind(), ProblemKind::Misconfigured);
}

#[test]
fn an_authenticator_answers_without_http() {
    let house = house();
    let token = house.token();
    let authenticator = Authenticator::new(house.verifier);
    let who = authenticator
        .authenticate(Credentials::Bearer(&token), wayne())
        .unwrap();
    assert_eq!(who.actor().effective_account().id(), bruce());
    assert!(
        authenticator
            .authenticate(Credentials::Bearer(&token), kent())
            .is_err()
    );
}

fn swapped(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature: String = signature.chars().rev().collect();
    format!("{message}.{}A", signature.split_at(1).1)
}
