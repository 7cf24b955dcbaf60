//! A house with one known key, and a forger who has it too.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::Signer;
use ed25519_dalek::SigningKey;
use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tokens::AccessToken;
use skeleton_tokens::AccessTokenDraft;
use skeleton_tokens::Acr;
use skeleton_tokens::Amr;
use skeleton_tokens::Issuer;
use skeleton_tokens::IssuerNames;
use skeleton_tokens::KeyRings;
use skeleton_tokens::KeyScope;
use skeleton_tokens::Refused;
use skeleton_tokens::Verified;
use skeleton_tokens::Verifier;
use skeleton_tokens::WithAudience;
use skeleton_tokens::WithClient;
use skeleton_tokens::WithProof;
use skeleton_tokens::WithSession;
use skeleton_tokens::testing::rings_with;

pub(crate) const NOW: u64 = 1_764_000_000;
pub(crate) const AUDIENCE: &str = "https://api.bank.example";
pub(crate) const WAYNE_SEED: [u8; 32] = [7; 32];
pub(crate) const KENT_SEED: [u8; 32] = [8; 32];

pub(crate) type Complete = AccessTokenDraft<WithSession, WithClient, WithAudience, WithProof>;

pub(crate) struct House {
    pub(crate) rings: KeyRings,
    pub(crate) issuer: Issuer,
    pub(crate) verifier: Verifier<AccessToken>,
    pub(crate) clock: FixedClock,
}

pub(crate) fn house() -> House {
    let rings = rings_with([
        (KeyScope::Tenant(wayne()), WAYNE_SEED),
        (KeyScope::Tenant(kent()), KENT_SEED),
    ]);
    house_with(rings)
}

pub(crate) fn house_with(rings: KeyRings) -> House {
    let clock = FixedClock::at(Timestamp::from_secs(NOW));
    let issuer = Issuer::new(&rings, names(), clock.clone(), SeededIds::new(1));
    let verifier = Verifier::new(rings.public(), names(), AUDIENCE, clock.clone());
    House {
        rings,
        issuer,
        verifier,
        clock,
    }
}

impl House {
    pub(crate) fn refusal(&self, token: &str) -> &'static str {
        self.verifier
            .verify(token, wayne())
            .expect_err("the token is bad")
            .code()
    }

    pub(crate) fn verify(&self, token: &str) -> Result<Verified<AccessToken>, Refused> {
        self.verifier.verify(token, wayne())
    }

    pub(crate) fn token(&self) -> String {
        self.issuer.issue(draft()).unwrap().expose().to_owned()
    }

    /// What is said about this payload, signed by Wayne's key under the right header.
    pub(crate) fn refusal_of_claims(&self, claims: &Value) -> &'static str {
        self.refusal(&signed(&claims.to_string()))
    }
}

pub(crate) fn names() -> IssuerNames {
    IssuerNames::subdomains_of("bank.example", |tenant| match tenant {
        tenant if tenant == wayne() => Some("wayne".to_owned()),
        tenant if tenant == kent() => Some("kent".to_owned()),
        _ => None,
    })
}

pub(crate) fn wayne() -> TenantId {
    "01JKBYY0DAH7KQNN2VGC90QJ1W".parse().unwrap()
}

pub(crate) fn kent() -> TenantId {
    "01JKBYY0DAH7KQNN2VGC90QJ1V".parse().unwrap()
}

pub(crate) fn bruce() -> AccountId {
    "01JKBYY0D90MYY1DMZGTKDMGKB".parse().unwrap()
}

pub(crate) fn session() -> SessionId {
    "01JKBYY0DC963NBXV7WK4RJYCX".parse().unwrap()
}

pub(crate) fn draft() -> Complete {
    draft_in(wayne())
}

pub(crate) fn draft_in(tenant: TenantId) -> Complete {
    AccessToken::of(tenant, bruce(), AccountKind::User)
        .session(session())
        .client("bank-web")
        .audience(AUDIENCE)
        .authenticated(
            Timestamp::from_secs(NOW - 10),
            Acr::Aal2,
            [Amr::Pwd, Amr::Otp],
        )
        .grants(grants(2))
}

/// So many grants of one role, in different scopes.
pub(crate) fn grants(count: u8) -> RoleAssignments {
    let role = RoleName::parse("project-accessor").unwrap();
    let scope = |nth| ContainerId::from_bytes([nth; 16]).unwrap();
    let pairs = (1..=count).map(|nth| RoleAssignment::new(role, scope(nth)));
    RoleAssignments::listed(pairs).unwrap()
}

/// The claims of a good token.
pub(crate) fn claims() -> Value {
    json!({
        "iss": "https://wayne.bank.example", "sub": bruce().to_string(), "aud": AUDIENCE,
        "client_id": "bank-web", "tid": wayne().to_string(), "account-kind": "user",
        "sid": session().to_string(), "jti": "01JKBYY0DB1JHDZAC4MM6QSHCD",
        "iat": NOW, "nbf": NOW, "exp": NOW + 1_800,
        "auth_time": NOW - 10, "acr": "aal2", "amr": ["pwd", "otp"], "locale": "en-GB",
        "grants": [{"role": "project-accessor",
            "scopes": ["01JKBYY0DJ25Q3RK68C7CBZMVQ", "01JKBYY0DJ25Q3RK68C7CBZMVR"]}]
    })
}

pub(crate) fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

pub(crate) fn claims_without(name: &str) -> Value {
    let mut claims = claims();
    claims
        .as_object_mut()
        .unwrap()
        .remove(name)
        .expect("the claim is there");
    claims
}

pub(crate) fn key(seed: [u8; 32]) -> SigningKey {
    SigningKey::from_bytes(&seed)
}

pub(crate) fn kid(seed: [u8; 32]) -> String {
    use sha2::Digest;
    let x = BASE64URL_NOPAD.encode(key(seed).verifying_key().as_bytes());
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    BASE64URL_NOPAD.encode(&sha2::Sha256::digest(members))
}

pub(crate) fn header(seed: [u8; 32]) -> String {
    format!(r#"{{"alg":"EdDSA","kid":"{}","typ":"at+jwt"}}"#, kid(seed))
}

/// This payload, signed by Wayne's key under the right header.
pub(crate) fn signed(payload: &str) -> String {
    forge(
        header(WAYNE_SEED).as_bytes(),
        payload.as_bytes(),
        WAYNE_SEED,
    )
}

/// Any header and any payload, signed by the key of the seed.
pub(crate) fn forge(header: &[u8], payload: &[u8], seed: [u8; 32]) -> String {
    let message = message(header, payload);
    let signature = key(seed).sign(message.as_bytes());
    join(&message, &signature.to_bytes())
}

pub(crate) fn message(header: &[u8], payload: &[u8]) -> String {
    format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header),
        BASE64URL_NOPAD.encode(payload)
    )
}

pub(crate) fn join(message: &str, signature: &[u8]) -> String {
    format!("{message}.{}", BASE64URL_NOPAD.encode(signature))
}

pub(crate) fn payload_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
}
