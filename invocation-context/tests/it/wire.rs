//! The signed form under attack: whatever is wrong with a call, its receiver says one and the same thing.

use core::convert::Infallible;
use core::pin::pin;
use core::task::Context;
use core::task::Poll;
use core::task::Waker;
use core::time::Duration;

use http::HeaderMap;
use http::Request;
use http::Response;
use http::StatusCode;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::SealedContext;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::capture_logs;
use skeleton_invocation_context::tower::InternalContextLayer;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::NOW;
use crate::helpers::headers;
use crate::helpers::tenant;

pub(crate) const SECRET: [u8; 32] = [0xA7; 32];
pub(crate) const NAME: &str = "bank";
const LIFE: Duration = Duration::from_secs(300);
const SKEW: Duration = Duration::from_secs(5);
const MILLI: Duration = Duration::from_millis(1);

pub(crate) type Answer = Response<String>;

pub(crate) fn key() -> ContextKey {
    ContextKey::new(*b"2026", SECRET)
}

pub(crate) fn domain_by(clock: &FixedClock) -> TrustDomain {
    TrustDomain::new(NAME, clock.clone(), key(), []).unwrap()
}

pub(crate) fn domain() -> TrustDomain {
    domain_by(&FixedClock::at(NOW))
}

/// A context that fills every part of the wire form a little.
pub(crate) fn rich(seed: u64) -> InvocationContext {
    const FEES: ToggleKey<bool> = ToggleKey::client_allowed("new-fees", false);
    let builder = testing::context().at(NOW).seed(seed).user_in(tenant(1));
    builder.toggle(&FEES, &true).build()
}

pub(crate) fn sealed_in(domain: &TrustDomain, ctx: &InvocationContext) -> SealedContext {
    domain.seal(&ctx.child(step!("debit")).unwrap()).unwrap()
}

pub(crate) fn sealed() -> SealedContext {
    sealed_in(&domain(), &rich(1))
}

/// The result of a future that waits for nothing.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the future waits"),
    }
}

/// What the door of this domain answers to these header lines, around this handler.
pub(crate) fn answer_around(
    domain: &TrustDomain,
    lines: &[(&str, &str)],
    mut handler: impl FnMut(Request<()>) -> Answer,
) -> Answer {
    let lines: Vec<_> = lines.iter().map(|(n, v)| (*n, v.as_bytes())).collect();
    let mut request = Request::new(());
    *request.headers_mut() = headers(&lines);
    let inner = service_fn(|request| core::future::ready(Ok::<_, Infallible>(handler(request))));
    let layer = InternalContextLayer::new(domain.clone(), SeededIds::new(9));
    at_once(layer.layer(inner).oneshot(request)).unwrap()
}

fn whole(answer: &Answer) -> (StatusCode, HeaderMap, &str) {
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.body().as_str())
}

/// Asserts that these lines are answered as no lines at all are, byte by byte; the reason is the log's.
#[track_caller]
pub(crate) fn refused_lines(domain: &TrustDomain, lines: &[(&str, &str)]) -> String {
    let never = |_| panic!("the handler was called");
    let absent = answer_around(domain, &[], never);
    let (answer, log) = capture_logs(|| answer_around(domain, lines, never));
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{lines:?}");
    assert_eq!(answer.headers()["www-authenticate"], "Skeleton-Context");
    assert_eq!(whole(&answer), whole(&absent), "{lines:?}");
    assert_eq!(log.matches("context.refused").count(), 1, "{log}");
    let (_, reason) = log.split_once("reason=\"").unwrap();
    reason.split('"').next().unwrap().to_owned()
}

/// Asserts the same of two halves, and that the engine gives the reason that the door logs.
#[track_caller]
pub(crate) fn refused(domain: &TrustDomain, context: &str, hop: &str) -> String {
    let lines = [("skeleton-context", context), ("skeleton-hop", hop)];
    let logged = refused_lines(domain, &lines);
    let error = domain.receive(context, hop).expect_err("a defect");
    assert_eq!(error.reason(), logged);
    logged
}

#[test]
fn what_was_sealed_is_received() {
    let (domain, sealed) = (domain(), sealed());
    let lines = [
        ("skeleton-context", sealed.context()),
        ("skeleton-hop", sealed.hop()),
    ];
    let answer = answer_around(&domain, &lines, |request| {
        let ctx: &InvocationContext = request.extensions().get().unwrap();
        Response::new(ctx.trace().step().as_str().to_owned())
    });
    assert_eq!(answer.body(), "debit");
}

#[test]
fn attack_02_anything_but_one_line_of_each_half_is_refused() {
    let (domain, sealed) = (domain(), sealed());
    let (context, hop) = (sealed.context(), sealed.hop());
    let joined = format!("{context},{context}");
    let spaced = format!("{hop}, {hop}");
    let (c, h) = ("skeleton-context", "skeleton-hop");
    for lines in [
        &[][..],
        &[(c, context)],
        &[(h, hop)],
        &[(c, context), (h, hop), (h, hop)],
        &[(c, context), (c, context), (h, hop)],
        &[(c, context), (c, "AAAA"), (h, hop)],
        &[(c, "AAAA"), (c, context), (h, hop)],
        &[("skeleton_context", context), ("skeleton_hop", hop)],
        &[("x-skeleton-context", context), (h, hop)],
    ] {
        assert_eq!(refused_lines(&domain, lines), "lines", "{lines:?}");
    }
    assert_eq!(refused(&domain, &joined, hop), "encoding");
    assert_eq!(refused(&domain, context, &spaced), "encoding");
    assert_eq!(refused(&domain, "", hop), "form");
    assert_eq!(refused(&domain, context, ""), "form");
    assert_eq!(refused(&domain, "", ""), "form");
    refused(&domain, hop, context);
}

#[test]
fn attack_02_a_half_that_is_no_text_is_refused() {
    let sealed = sealed();
    let mut request = Request::new(());
    let bytes: [(&str, &[u8]); 2] = [
        ("skeleton-context", b"\xff\xfe"),
        ("skeleton-hop", sealed.hop().as_bytes()),
    ];
    *request.headers_mut() = headers(&bytes);
    let inner = service_fn(async |_: Request<()>| -> Result<Answer, Infallible> {
        panic!("the handler was called")
    });
    let layer = InternalContextLayer::new(domain(), SeededIds::new(9));
    let answer = at_once(layer.layer(inner).oneshot(request)).unwrap();
    let never = |_| panic!("the handler was called");
    let absent = answer_around(&domain(), &[], never);
    assert_eq!(whole(&answer), whole(&absent));
}

#[test]
fn attack_02_text_and_binary_together_are_refused() {
    let (domain, sealed) = (domain(), sealed());
    let good = [
        ("skeleton-context", sealed.context()),
        ("skeleton-hop", sealed.hop()),
    ];
    let binary = [
        ("skeleton-context-bin", sealed.context()),
        ("skeleton-hop-bin", sealed.hop()),
    ];
    for one in binary {
        let lines = [good[0], good[1], one];
        assert_eq!(refused_lines(&domain, &lines), "lines");
    }
    assert_eq!(refused_lines(&domain, &binary), "lines");
    assert_eq!(refused_lines(&domain, &[good[0], binary[1]]), "lines");
    assert_eq!(refused_lines(&domain, &[binary[0], good[1]]), "lines");
}

#[test]
fn attack_03_an_unknown_or_retired_key_is_refused() {
    let (clock, sealed) = (FixedClock::at(NOW), sealed());
    let next = || ContextKey::new(*b"2027", [0xB8; 32]);
    let rotated = TrustDomain::new(NAME, clock.clone(), next(), [key()]).unwrap();
    assert!(rotated.receive(sealed.context(), sealed.hop()).is_ok());
    let retired = TrustDomain::new(NAME, clock.clone(), next(), []).unwrap();
    assert_eq!(
        refused(&retired, sealed.context(), sealed.hop()),
        "unknown-key"
    );
    let same_id = ContextKey::new(*b"2026", [0xB8; 32]);
    let other_secret = TrustDomain::new(NAME, clock, same_id, []).unwrap();
    assert_eq!(
        refused(&other_secret, sealed.context(), sealed.hop()),
        "tag"
    );
}

#[test]
fn attack_03_another_audience_is_refused() {
    let sealed = sealed();
    for name in ["ban", "bank2", "Bank", "bank\0", &"b".repeat(255)] {
        let other = TrustDomain::new(name, FixedClock::at(NOW), key(), []).unwrap();
        assert_eq!(
            refused(&other, sealed.context(), sealed.hop()),
            "tag",
            "{name}"
        );
    }
}

/// The reason at this time, or nothing if the call is received.
fn reason_at(sealed: &SealedContext, at: Timestamp) -> Option<String> {
    let domain = domain_by(&FixedClock::at(at));
    match domain.receive(sealed.context(), sealed.hop()) {
        Ok(_) => None,
        Err(_) => Some(refused(&domain, sealed.context(), sealed.hop())),
    }
}

#[test]
fn attack_03_an_expired_context_is_refused_to_the_millisecond() {
    let (sealed, expiry) = (sealed(), NOW.saturating_add(LIFE));
    assert_eq!(reason_at(&sealed, expiry), None);
    let last = expiry.saturating_add(SKEW);
    assert_eq!(reason_at(&sealed, last), None);
    let over = last.saturating_add(MILLI);
    assert_eq!(reason_at(&sealed, over).unwrap(), "expired");
    assert_eq!(reason_at(&sealed, Timestamp::MAX).unwrap(), "expired");
}

#[test]
fn attack_03_an_expiry_over_15_minutes_ahead_is_refused_to_the_millisecond() {
    let (sealed, expiry) = (sealed(), NOW.saturating_add(LIFE));
    let first = expiry.saturating_sub(Duration::from_secs(15 * 60));
    assert_eq!(reason_at(&sealed, first), None);
    let early = first.saturating_sub(MILLI);
    assert_eq!(reason_at(&sealed, early).unwrap(), "too-far-ahead");
    let minute = first.saturating_sub(Duration::from_secs(60));
    assert_eq!(reason_at(&sealed, minute).unwrap(), "too-far-ahead");
    assert_eq!(reason_at(&sealed, Timestamp::MIN).unwrap(), "too-far-ahead");
}

#[test]
fn attack_04_every_bit_of_both_halves_counts() {
    let (domain, sealed) = (domain(), sealed());
    let bytes = |text: &str| text.len() * 3 / 4;
    let bits = (bytes(sealed.context()) + bytes(sealed.hop())) * 8;
    assert!(bits > 1_000);
    let mut reasons = std::collections::BTreeSet::new();
    for bit in 0..bits {
        let flipped = sealed.with_flipped_bit(bit);
        assert_ne!(
            (flipped.context(), flipped.hop()),
            (sealed.context(), sealed.hop())
        );
        reasons.insert(refused(&domain, flipped.context(), flipped.hop()));
    }
    let expected = ["form", "tag", "unknown-key"].map(str::to_owned);
    assert_eq!(reasons, expected.into());
    let around = sealed.with_flipped_bit(bits);
    let first = sealed.with_flipped_bit(0);
    assert_eq!(around.context(), first.context());
}

#[test]
fn attack_04_a_cut_after_any_byte_is_refused() {
    let (domain, sealed) = (domain(), sealed());
    let (context, hop) = (sealed.context(), sealed.hop());
    for cut in 0..context.len() {
        let (head, tail) = context.split_at(cut);
        refused(&domain, head, hop);
        if cut > 0 {
            refused(&domain, tail, hop);
        }
    }
    for cut in 0..hop.len() {
        let (head, tail) = hop.split_at(cut);
        refused(&domain, context, head);
        if cut > 0 {
            refused(&domain, context, tail);
        }
    }
}

#[test]
fn attack_04_halves_of_two_invocations_do_not_fit() {
    let domain = domain();
    let (one, other) = (sealed_in(&domain, &rich(1)), sealed_in(&domain, &rich(2)));
    for mixed in [one.with_hop_of(&other), other.with_hop_of(&one)] {
        assert_eq!(refused(&domain, mixed.context(), mixed.hop()), "tag");
    }
    let same = one.with_hop_of(&one);
    assert!(domain.receive(same.context(), same.hop()).is_ok());
}

#[test]
fn attack_04_a_renewed_context_half_does_not_take_an_older_hop() {
    let clock = FixedClock::at(NOW);
    let (domain, ctx) = (domain_by(&clock), rich(1));
    let first = sealed_in(&domain, &ctx);
    clock.advance(Duration::from_secs(250));
    let renewed = sealed_in(&domain, &ctx);
    assert_ne!(first.context(), renewed.context());
    let mixed = renewed.with_hop_of(&first);
    assert_eq!(refused(&domain, mixed.context(), mixed.hop()), "tag");
    assert!(domain.receive(first.context(), first.hop()).is_ok());
    assert!(clock.now() > NOW);
}
