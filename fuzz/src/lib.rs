//! What the fuzz targets share: a clock that stands still, a known key, and tags made without the code under test.

pub mod dictionary;
pub mod house;
pub mod rules;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use hmac::Mac as _;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use sha2::Sha256;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::testing::FixedClock;

/// 2026-11-23T10:15:00.120Z.
pub const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_120);
pub const KEY_ID: [u8; 4] = *b"2026";
const SECRET: [u8; 32] = [7; 32];
const AUDIENCE: &str = "bank";

/// The domain whose key this crate knows.
pub fn domain() -> TrustDomain {
    let key = ContextKey::new(KEY_ID, SECRET);
    TrustDomain::new(AUDIENCE, FixedClock::at(NOW), key, []).expect("a name and one key")
}

/// What precedes the body of a context half that is good for five minutes.
pub fn context_head() -> Vec<u8> {
    let expires_at = FixedClock::at(NOW).now().as_millis() + 300_000;
    let mut head = vec![1];
    head.extend(KEY_ID);
    head.extend(&expires_at.to_be_bytes()[2..]);
    head
}

/// The left 16 bytes of HMAC-SHA-256 as the design describes them, not as the crate computes them.
pub fn tag(label: &str, before: &[u8], signed: &[u8]) -> [u8; 16] {
    let mut input = label.as_bytes().to_vec();
    input.push(0);
    input.push(AUDIENCE.len() as u8);
    input.extend(AUDIENCE.as_bytes());
    input.extend(before);
    input.extend(signed);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&SECRET).expect("any length");
    mac.update(&input);
    let whole = mac.finalize().into_bytes();
    whole[..16].try_into().expect("32 bytes")
}

/// The bytes with their tag, as a header has them.
pub fn signed(label: &str, before: &[u8], mut bytes: Vec<u8>) -> (String, [u8; 16]) {
    let tag = tag(label, before, &bytes);
    bytes.extend(tag);
    (URL_SAFE_NO_PAD.encode(bytes), tag)
}

/// Adds a line; says if a header can hold it.
pub fn append(headers: &mut HeaderMap, name: &'static str, value: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(value) else {
        return false;
    };
    headers.append(HeaderName::from_static(name), value);
    true
}

/// The address that the edge settled on, as text.
pub fn client_ip(ctx: &InvocationContext) -> Option<String> {
    let provenance = match ctx.access() {
        Access::Authenticated(known) => known.provenance(),
        Access::Unauthenticated(unknown) => unknown.provenance(),
    };
    provenance.client_ip().map(|ip| ip.reveal().to_string())
}
