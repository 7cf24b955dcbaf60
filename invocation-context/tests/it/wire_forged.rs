//! Halves written by hand, by the layout that the documentation gives: any language can write and verify them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use skeleton_invocation_context::Child;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::ReceiveError;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::testing;

use crate::helpers::NOW;
use crate::wire::NAME;
use crate::wire::SECRET;
use crate::wire::domain;
use crate::wire::refused;
use crate::wire::rich;
use crate::wire::sealed_in;

/// Where the body begins: behind version, key id and expiry.
pub(crate) const BODY: usize = 1 + 4 + 6;
const TAG: usize = 16;

/// The left 16 bytes of HMAC-SHA-256 over label, zero, audience and parts.
fn tag(label: &str, parts: &[&[u8]]) -> [u8; TAG] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&SECRET).unwrap();
    mac.update(label.as_bytes());
    mac.update(&[0, u8::try_from(NAME.len()).unwrap()]);
    mac.update(NAME.as_bytes());
    for part in parts {
        mac.update(part);
    }
    let whole = mac.finalize().into_bytes();
    *whole.first_chunk().unwrap()
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Both halves without their tags, to be signed again.
#[derive(Clone)]
pub(crate) struct Unsigned {
    pub(crate) context: Vec<u8>,
    hop: Vec<u8>,
}

impl Unsigned {
    fn of(ctx: &InvocationContext) -> Self {
        let sealed = sealed_in(&domain(), ctx);
        let without_tag = |text: &str| {
            let bytes = decoded(text);
            bytes[..bytes.len() - TAG].to_vec()
        };
        Self {
            context: without_tag(sealed.context()),
            hop: without_tag(sealed.hop()),
        }
    }

    fn signed(&self) -> (String, String) {
        let context_tag = tag("skeleton-context/1", &[&self.context]);
        let hop_tag = tag("skeleton-hop/1", &[&context_tag, &self.hop]);
        let encode = |bytes: &[u8], tag: [u8; TAG]| URL_SAFE_NO_PAD.encode([bytes, &tag].concat());
        (
            encode(&self.context, context_tag),
            encode(&self.hop, hop_tag),
        )
    }

    pub(crate) fn received(&self) -> Result<Child, ReceiveError> {
        let (context, hop) = self.signed();
        domain().receive(&context, &hop)
    }

    #[track_caller]
    pub(crate) fn refused(&self) -> String {
        let (context, hop) = self.signed();
        refused(&domain(), &context, &hop)
    }

    pub(crate) fn with_body(&self, body: &[u8]) -> Self {
        let context = [&self.context[..BODY], body].concat();
        Self {
            context,
            ..self.clone()
        }
    }

    fn with_path(&self, length: u8, path: &[u8]) -> Self {
        let hop = [&self.hop[..1 + 4 + 16], &[length], path].concat();
        Self {
            hop,
            ..self.clone()
        }
    }
}

/// A context of nobody, without tenant, address, toggles and languages.
pub(crate) fn bare() -> Unsigned {
    Unsigned::of(&testing::context().at(NOW).build())
}

#[test]
fn any_language_verifies_what_was_sealed() {
    let ctx = rich(1);
    let sealed = sealed_in(&domain(), &ctx);
    let (context, hop) = (decoded(sealed.context()), decoded(sealed.hop()));
    let (signed, its_tag) = context.split_at(context.len() - TAG);
    assert_eq!(its_tag, tag("skeleton-context/1", &[signed]));
    assert_eq!(signed[..5], [1, b'2', b'0', b'2', b'6']);
    let expiry = NOW.as_millis() + 5 * 60 * 1_000;
    assert_eq!(signed[5..BODY], expiry.to_be_bytes()[2..]);
    let external = ctx.trace().external();
    assert_eq!(signed[BODY..][..16], external.action().to_bytes());
    assert_eq!(signed[BODY + 16..][..16], external.invocation().to_bytes());

    let (signed, hop_tag) = hop.split_at(hop.len() - TAG);
    assert_eq!(hop_tag, tag("skeleton-hop/1", &[its_tag, signed]));
    let caller = ctx.trace().current().to_bytes();
    let expected = [&[1], &b"2026"[..], &caller, &[5], b"debit"].concat();
    assert_eq!(signed, expected);
}

#[test]
fn what_another_language_signs_is_received() {
    assert!(Unsigned::of(&rich(1)).received().is_ok());
    let moved = bare().with_path(9, b"a/b.7/c-d");
    assert_eq!(moved.received().unwrap().step().as_str(), "a/b.7/c-d");
}

#[test]
fn attack_03_a_signed_version_0_or_2_is_refused() {
    for version in [0, 2, 255] {
        let mut context = Unsigned::of(&rich(1));
        context.context[0] = version;
        assert_eq!(context.refused(), "form");
        let mut hop = Unsigned::of(&rich(1));
        hop.hop[0] = version;
        assert_eq!(hop.refused(), "form");
    }
}

#[test]
fn attack_03_an_expiry_signed_for_ever_is_refused() {
    let mut forever = Unsigned::of(&rich(1));
    forever.context[5..BODY].fill(0xff);
    assert_eq!(forever.refused(), "too-far-ahead");
    let mut never = Unsigned::of(&rich(1));
    never.context[5..BODY].fill(0);
    assert_eq!(never.refused(), "expired");
}

#[test]
fn attack_03_labels_are_not_exchangeable() {
    let Unsigned { context, hop } = Unsigned::of(&rich(1));
    let wrong = tag("skeleton-hop/1", &[&context]);
    let hop_tag = tag("skeleton-hop/1", &[&wrong, &hop]);
    let encode = |bytes: &[u8], tag: [u8; TAG]| URL_SAFE_NO_PAD.encode([bytes, &tag].concat());
    let text = encode(&context, wrong);
    assert_eq!(refused(&domain(), &text, &encode(&hop, hop_tag)), "tag");
}

#[test]
fn attack_05_a_valid_tag_over_a_body_with_a_tail_is_refused() {
    for tail in [&[0][..], &[1], &[0; 7], &[0xff; 40]] {
        let mut tailed = Unsigned::of(&rich(1));
        tailed.context.extend_from_slice(tail);
        assert_eq!(tailed.refused(), "body");
    }
    for cut in 1..40 {
        let mut short = Unsigned::of(&rich(1));
        short.context.truncate(short.context.len() - cut);
        assert_eq!(short.refused(), "body", "{cut}");
    }
    let mut empty = Unsigned::of(&rich(1));
    empty.context.truncate(BODY);
    assert_eq!(empty.refused(), "body");
}

#[test]
fn attack_05_a_hop_whose_lengths_do_not_fit_is_refused() {
    for (length, path) in [
        (4, &b"debit"[..]),
        (6, b"debit"),
        (0, b"debit"),
        (255, b"debit"),
        (5, b""),
    ] {
        assert_eq!(bare().with_path(length, path).refused(), "form");
    }
}

#[test]
fn attack_18_a_signed_path_that_cannot_be_is_refused() {
    let labels = |count: usize| vec!["s"; count].join("/");
    let sixteen = labels(16);
    let length = u8::try_from(sixteen.len()).unwrap();
    let full = bare().with_path(length, sixteen.as_bytes());
    assert!(full.received().is_ok());
    let long = [&*"a".repeat(30); 7].join("/");
    let longest = bare().with_path(192, &long.as_bytes()[..192]);
    assert!(longest.received().is_ok());
    let seventeen = labels(17);
    for path in [
        "A",
        "a b",
        "/",
        "a/",
        "/a",
        "a//b",
        "a.b",
        "a.",
        "a.01",
        "a.4294967296",
        "-a",
        "a/-",
        "\u{e9}",
        "\0",
        seventeen.as_str(),
        &"a".repeat(33),
        long.get(..193).unwrap(),
    ] {
        let length = u8::try_from(path.len()).unwrap();
        let forged = bare().with_path(length, path.as_bytes());
        assert_eq!(forged.refused(), "body", "{path:?}");
    }
    assert_eq!(bare().with_path(2, &[0xff, 0xfe]).refused(), "body");
    let length = u8::try_from(long.len()).unwrap();
    bare().with_path(length, long.as_bytes()).refused();
}

#[test]
fn a_signed_caller_of_nil_is_refused() {
    let mut nil = bare();
    nil.hop[5..21].fill(0);
    assert_eq!(nil.refused(), "body");
}

#[test]
fn a_domain_without_keys_receives_nothing() {
    let (context, hop) = Unsigned::of(&rich(1)).signed();
    let keyless = TrustDomain::without_keys(NAME, testing::FixedClock::at(NOW)).unwrap();
    for (context, hop) in [
        (&*context, &*hop),
        ("", ""),
        ("!", "!"),
        (&*"A".repeat(9_000), ""),
    ] {
        let error = keyless.receive(context, hop).expect_err("no keys");
        assert_eq!(error.reason(), "no-keys");
    }
}
