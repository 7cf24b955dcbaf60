//! Laws, over many inputs.

use jsonwebtoken::Algorithm;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::Validation;
use jsonwebtoken::jwk::JwkSet;
use proptest::collection::btree_set;
use proptest::prelude::*;
use serde_json::Value;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Locale;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::Timestamp;
use skeleton_tokens::AccessToken;
use skeleton_tokens::Acr;
use skeleton_tokens::Amr;
use skeleton_tokens::KeyScope;
use skeleton_tokens::TokenLifetime;
use skeleton_tokens::grants_digest;
use skeleton_tokens::testing::ring_with;

use crate::helpers::AUDIENCE;
use crate::helpers::Complete;
use crate::helpers::NOW;
use crate::helpers::WAYNE_SEED;
use crate::helpers::claims;
use crate::helpers::draft;
use crate::helpers::draft_in;
use crate::helpers::forge;
use crate::helpers::header;
use crate::helpers::house;
use crate::helpers::house_with;
use crate::helpers::kent;
use crate::helpers::signed;
use crate::helpers::wayne;

/// What a token is drawn from.
#[derive(Clone, Debug)]
struct Drawn {
    account: AccountId,
    kind: AccountKind,
    session: SessionId,
    at: u64,
    acr: Acr,
    roles: RoleAssignments,
    locale: Option<Locale>,
    is_test: bool,
    life: u32,
}

impl Drawn {
    fn draft(&self) -> Complete {
        let mut draft = AccessToken::of(wayne(), self.account, self.kind)
            .audience(AUDIENCE)
            .client("bank-web")
            .authenticated(
                Timestamp::from_secs(self.at),
                self.acr,
                [Amr::Pwd, Amr::Pwd],
            )
            .session(self.session)
            .grants(self.roles.clone())
            .lifetime(TokenLifetime::from_secs(self.life).unwrap());
        if let Some(locale) = self.locale {
            draft = draft.locale(locale);
        }
        if self.is_test { draft.test() } else { draft }
    }
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let pairs = btree_set(("[a-z]{1,20}", 1..=255_u8), 0..90).prop_map(|pairs| {
        let pair = |(role, scope): (String, u8)| {
            let scope = ContainerId::from_bytes([scope; 16]).unwrap();
            RoleAssignment::new(RoleName::parse(&role).unwrap(), scope)
        };
        RoleAssignments::listed(pairs.into_iter().map(pair)).unwrap()
    });
    let locales = ["en-GB", "de", "zh-Hant-TW", "es-419"].map(|tag| Locale::parse(tag).unwrap());
    (
        1..=255_u8,
        prop_oneof![Just(AccountKind::User), Just(AccountKind::Service)],
        1..=255_u8,
        0..NOW,
        prop_oneof![Just(Acr::Aal1), Just(Acr::Aal2), Just(Acr::Aal3)],
        pairs,
        proptest::option::of(proptest::sample::select(locales.to_vec())),
        any::<bool>(),
        1..=3_600_u32,
    )
        .prop_map(
            |(account, kind, session, at, acr, roles, locale, is_test, life)| Drawn {
                account: AccountId::from_bytes([account; 16]).unwrap(),
                kind,
                session: SessionId::from_bytes([session; 16]).unwrap(),
                at,
                acr,
                roles,
                locale,
                is_test,
                life,
            },
        )
}

proptest! {
    #[test]
    fn law_01_what_is_issued_is_verified_as_what_it_was(drawn in drawn()) {
        let house = house();
        let token = house.issuer.issue(drawn.draft()).unwrap();
        prop_assert!(token.expose().len() <= 4_096);
        let identity = house.verify(token.expose()).unwrap().identity();
        let account = identity.actor().effective_account();
        prop_assert_eq!((account.id(), account.kind(), account.tenant()), (drawn.account, drawn.kind, wayne()));
        prop_assert_eq!((account.locale(), account.is_test()), (drawn.locale, drawn.is_test));
        let proof = identity.authentication();
        prop_assert_eq!(proof.mechanism(), &Mechanism::Session { session: drawn.session });
        prop_assert_eq!(proof.assurance(), Assurance::from(drawn.acr));
        prop_assert_eq!(proof.authenticated_at(), Timestamp::from_secs(drawn.at));
        match identity.roles().reference() {
            None => prop_assert_eq!(identity.roles(), &drawn.roles),
            Some((digest, count)) => {
                prop_assert_eq!(digest, &grants_digest(&drawn.roles));
                prop_assert_eq!(usize::try_from(count).unwrap(), drawn.roles.iter().count());
            }
        }
    }

    #[test]
    fn law_02_jsonwebtoken_accepts_what_is_issued_by_our_document(drawn in drawn()) {
        let house = house();
        let token = house.issuer.issue(drawn.draft()).unwrap();
        let jwks = house.rings.public().jwks(KeyScope::Tenant(wayne()));
        let set: JwkSet = serde_json::from_str(&jwks).unwrap();
        let head = jsonwebtoken::decode_header(token.expose()).unwrap();
        let key = DecodingKey::from_jwk(set.find(&head.kid.unwrap()).unwrap()).unwrap();
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&["https://wayne.bank.example"]);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let decoded = jsonwebtoken::decode::<Value>(token.expose(), &key, &rules).unwrap();
        prop_assert_eq!(&decoded.claims["sub"], &Value::from(drawn.account.to_string()));
    }

    #[test]
    fn law_03_any_text_is_judged(text in any::<String>()) {
        prop_assert!(house().verify(&text).is_err());
    }

    #[test]
    fn law_03_any_payload_is_judged(payload in proptest::collection::vec(any::<u8>(), 0..400)) {
        let token = forge(header(WAYNE_SEED).as_bytes(), &payload, WAYNE_SEED);
        prop_assert!(house().verify(&token).is_err());
    }

    #[test]
    fn law_03_any_header_is_judged(head in proptest::collection::vec(any::<u8>(), 0..200)) {
        let token = forge(&head, claims().to_string().as_bytes(), WAYNE_SEED);
        prop_assert!(house().verify(&token).is_err());
    }

    #[test]
    fn law_03_any_change_of_a_signed_payload_is_judged(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut payload = claims().to_string().into_bytes();
        let at = at.index(payload.len());
        payload[at] = byte;
        let house = house();
        // The signature is good, so only the reader of the payload is asked. It may accept: no panic.
        let whole = forge(header(WAYNE_SEED).as_bytes(), &payload, WAYNE_SEED);
        let _either = house.verify(&whole);
        payload.truncate(cut.index(payload.len()));
        let token = forge(header(WAYNE_SEED).as_bytes(), &payload, WAYNE_SEED);
        prop_assert!(house.verify(&token).is_err());
    }

    #[test]
    fn law_04_tokens_of_one_tenant_never_verify_under_another(
        drawn in drawn(),
        seeds in any::<[[u8; 32]; 2]>(),
    ) {
        prop_assume!(seeds[0] != seeds[1]);
        let here = house_with(ring_with(KeyScope::Tenant(wayne()), seeds[0]));
        let there = house_with(ring_with(KeyScope::Tenant(kent()), seeds[1]));
        let token = here.issuer.issue(drawn.draft()).unwrap();
        prop_assert!(here.verify(token.expose()).is_ok());
        prop_assert!(here.verifier.verify(token.expose(), kent()).is_err());
        prop_assert!(there.verifier.verify(token.expose(), kent()).is_err());
        prop_assert!(there.verifier.verify(token.expose(), wayne()).is_err());
        // One key, shared by mistake: the scope still parts them.
        let shared = house_with(ring_with(KeyScope::Tenant(kent()), seeds[0]));
        prop_assert!(shared.verifier.verify(token.expose(), wayne()).is_err());
        prop_assert!(shared.verifier.verify(token.expose(), kent()).is_err());
    }

    #[test]
    fn law_05_acceptance_is_the_formula_of_times(
        iat in corner(), nbf in corner(), exp in corner(), now in 0..=253_402_300_799_u64,
    ) {
        assert_formula(iat, nbf, exp, now)?;
    }

    #[test]
    fn law_05_acceptance_is_the_formula_of_times_near_now(
        now in 0..4_000_000_000_u64, back in 0..4_000_u64, start in 0..70_u64, life in 0..3_700_u64,
    ) {
        let iat = (now + 40).saturating_sub(back);
        assert_formula(iat, iat + start, iat + life, now)?;
    }

    #[test]
    fn law_06_an_issued_token_is_good_from_issue_to_expiry(life in 1..=3_600_u32, later in 0..4_000_u64) {
        let house = house();
        let draft = draft().lifetime(TokenLifetime::from_secs(life).unwrap());
        let token = house.issuer.issue(draft).unwrap();
        house.clock.set(Timestamp::from_secs(NOW + later));
        prop_assert_eq!(house.verify(token.expose()).is_ok(), later < u64::from(life) + 30);
    }
}

#[test]
fn law_07_two_tokens_are_two_ids() {
    let house = house();
    let (one, other) = (
        house.issuer.issue(draft()).unwrap(),
        house.issuer.issue(draft()).unwrap(),
    );
    assert_ne!(one.id(), other.id());
    assert_ne!(
        one.expose(),
        house.issuer.issue(draft_in(kent())).unwrap().expose()
    );
    assert_eq!(house.verify(one.expose()).unwrap().id(), one.id());
}

proptest! {
    #[test]
    fn law_08_no_other_text_verifies_as_the_same_token(edits in edits()) {
        let house = house();
        let token = house.token();
        let mut other: Vec<_> = token.chars().collect();
        for (at, edit) in edits {
            let at = at.index(other.len());
            match edit {
                Edit::Put(character) => other[at] = character,
                Edit::Add(character) => other.insert(at, character),
                Edit::Drop => { other.remove(at); }
            }
        }
        let other = String::from_iter(other);
        prop_assert_eq!(house.verify(&other).is_ok(), other == token);
    }
}

fn assert_formula(iat: u64, nbf: u64, exp: u64, now: u64) -> Result<(), TestCaseError> {
    let house = house();
    house.clock.set(Timestamp::from_secs(now));
    let mut claims = claims();
    claims["iat"] = iat.into();
    claims["nbf"] = nbf.into();
    claims["exp"] = exp.into();
    claims["auth_time"] = iat.into();
    let [i, n, e, t] = [iat, nbf, exp, now].map(i128::from);
    let expected = [i, n, e].into_iter().all(|time| time < 1 << 53)
        && i <= n
        && n < e
        && e - i <= 3_600
        && n <= t + 30
        && i <= t + 30
        && t < e + 30;
    prop_assert_eq!(house.verify(&signed(&claims.to_string())).is_ok(), expected);
    Ok(())
}

#[derive(Clone, Debug)]
enum Edit {
    Put(char),
    Add(char),
    Drop,
}

fn edits() -> impl Strategy<Value = Vec<(proptest::sample::Index, Edit)>> {
    let character = || "[A-Za-z0-9_.=-]".prop_map(|text| text.chars().next().unwrap());
    let edit = prop_oneof![
        character().prop_map(Edit::Put),
        character().prop_map(Edit::Add),
        Just(Edit::Drop),
    ];
    proptest::collection::vec((any::<proptest::sample::Index>(), edit), 1..4)
}

fn corner() -> impl Strategy<Value = u64> {
    let corners = [
        0,
        1,
        30,
        3_600,
        1 << 31,
        1 << 32,
        253_402_300_799,
        (1 << 53) - 1,
        1 << 53,
        u64::MAX,
    ];
    prop_oneof![
        proptest::sample::select(corners.to_vec()),
        any::<u64>(),
        NOW - 100..NOW + 100
    ]
}
