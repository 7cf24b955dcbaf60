//! The client's side: what is sent, and when nothing is.

use core::convert::Infallible;
use core::future::ready;
use core::time::Duration;
use std::sync::Arc;
use std::sync::Mutex;

use http::HeaderMap;
use http::Request;
use http::Response;
use http::header::AUTHORIZATION;
use http::header::HOST;
use proptest::prop_assert;
use proptest::proptest;
use skeleton_invocation_context::Child;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::SealError;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::tower::PropagateError;
use skeleton_invocation_context::tower::PropagateLayer;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::NOW;
use crate::helpers::Scripted;
use crate::sealing::received;
use crate::wire::NAME;
use crate::wire::at_once;
use crate::wire::domain;
use crate::wire::domain_by;
use crate::wire::key;
use crate::wire::rich;

type Outcome = Result<Response<String>, PropagateError<Infallible>>;

pub(crate) const LEDGER: &str = "http://ledger:8080/commands/debit";

pub(crate) fn layer(domain: &TrustDomain) -> PropagateLayer {
    PropagateLayer::new(domain.clone()).only_to(["ledger:8080", "mail"])
}

fn child() -> Child {
    rich(1).child(step!("debit")).unwrap()
}

pub(crate) fn request(uri: &str) -> Request<()> {
    let mut request = Request::builder().uri(uri).body(()).unwrap();
    child().attach(&mut request);
    request
}

/// What becomes of the request, and the headers of all that was sent.
fn sent(layer: &PropagateLayer, request: Request<()>) -> (Outcome, Vec<HeaderMap>) {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let client = service_fn(|request: Request<()>| {
        sent.lock().unwrap().push(request.headers().clone());
        ready(Ok::<_, Infallible>(Response::new(String::new())))
    });
    let outcome = at_once(layer.layer(client).oneshot(request));
    let sent = sent.lock().unwrap().clone();
    (outcome, sent)
}

/// Why nothing was sent.
#[track_caller]
fn unsent(layer: &PropagateLayer, request: Request<()>) -> PropagateError<Infallible> {
    let (outcome, sent) = sent(layer, request);
    assert!(sent.is_empty(), "{sent:?}");
    outcome.expect_err("a refusal")
}

/// The headers of the one request that was sent.
#[track_caller]
pub(crate) fn one_sent(layer: &PropagateLayer, request: Request<()>) -> HeaderMap {
    let (outcome, mut sent) = sent(layer, request);
    outcome.unwrap();
    assert_eq!(sent.len(), 1);
    sent.remove(0)
}

#[test]
fn attack_19_without_a_child_nothing_is_sent() {
    let mut bare = Request::builder().uri(LEDGER).body(()).unwrap();
    let error = unsent(&layer(&domain()), bare.clone());
    assert!(matches!(error, PropagateError::NoChild));
    // What the handler was called with is no call: nothing ambient is looked up.
    bare.extensions_mut().insert(rich(1));
    let error = unsent(&layer(&domain()), bare);
    assert!(matches!(error, PropagateError::NoChild));
}

#[test]
fn attack_19_to_a_foreign_authority_nothing_is_sent() {
    for uri in [
        "http://evil:8080/",
        "http://ledger/",
        "http://ledger:80/",
        "http://ledger:80800/",
        "http://ledger:8080@evil/",
        "http://ledger:8080@evil:8080/",
        "http://evil@ledger:8080/",
        "http://ledger.evil:8080/",
        "http://xledger:8080/",
        "http://mail:8080/",
        "http://mail./",
        "/commands/debit",
    ] {
        let error = unsent(&layer(&domain()), request(uri));
        assert!(matches!(error, PropagateError::Authority), "{uri}");
        let nobody = PropagateLayer::new(domain());
        assert!(matches!(
            unsent(&nobody, request(uri)),
            PropagateError::Authority
        ));
    }
    for host in [
        "evil:8080",
        "ledger",
        "ledger:8080, evil",
        "ledger:8080 ",
        "",
    ] {
        let mut request = request("/commands/debit");
        request.headers_mut().insert(HOST, host.parse().unwrap());
        let error = unsent(&layer(&domain()), request);
        assert!(matches!(error, PropagateError::Authority), "{host:?}");
    }
    let mut disguised = request("http://evil:8080/commands/debit");
    disguised
        .headers_mut()
        .insert(HOST, "ledger:8080".parse().unwrap());
    let error = unsent(&layer(&domain()), disguised);
    assert!(matches!(error, PropagateError::Authority));
}

#[test]
fn a_known_authority_is_named_by_the_uri_or_else_by_the_host() {
    for uri in [
        LEDGER,
        "http://LEDGER:8080/",
        "https://mail/",
        "http://mail",
    ] {
        one_sent(&layer(&domain()), request(uri));
    }
    let mut request = request("/commands/debit");
    request
        .headers_mut()
        .insert(HOST, "ledger:8080".parse().unwrap());
    one_sent(&layer(&domain()), request);
}

#[test]
fn attack_19_what_cannot_be_sealed_is_not_sent() {
    let seal_error = |layer: &PropagateLayer, child: Child| {
        let mut request = Request::builder().uri(LEDGER).body(()).unwrap();
        child.attach(&mut request);
        match unsent(layer, request) {
            PropagateError::Seal(error) => error,
            other => panic!("{other:?}"),
        }
    };
    let clock = FixedClock::at(NOW);
    let domain = domain_by(&clock);
    let ctx = received(&domain, &rich(1));
    let passed_on = || ctx.child(step!("debit")).unwrap();

    let small = layer(&domain.clone().with_max_bytes(100));
    assert_eq!(
        seal_error(&small, child()),
        SealError::TooLarge { max: 100 }
    );
    assert_eq!(
        seal_error(&small, passed_on()),
        SealError::TooLarge { max: 100 }
    );

    let other = TrustDomain::new("other", clock.clone(), key(), []).unwrap();
    assert_eq!(
        seal_error(&layer(&other), passed_on()),
        SealError::OtherDomain
    );

    let keyless = TrustDomain::without_keys(NAME, clock.clone()).unwrap();
    assert_eq!(seal_error(&layer(&keyless), child()), SealError::NoKey);
    assert_eq!(seal_error(&layer(&keyless), passed_on()), SealError::NoKey);

    clock.advance(Duration::from_secs(300));
    assert_eq!(seal_error(&layer(&domain), passed_on()), SealError::Expired);
}

#[test]
fn attack_19_headers_already_set_are_replaced_and_marked_sensitive() {
    let mut request = request(LEDGER);
    let headers = request.headers_mut();
    for name in [
        "skeleton-context",
        "skeleton-hop",
        "skeleton-context-bin",
        "skeleton-hop-bin",
        "skeleton_context",
        "skeleton-anything",
        "traceparent",
    ] {
        headers.append(name, "forged".parse().unwrap());
        headers.append(name, "twice".parse().unwrap());
    }
    headers.insert(AUTHORIZATION, "Bearer kept".parse().unwrap());
    let sent = one_sent(&layer(&domain()), request);
    let mut names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "authorization",
        "skeleton-context",
        "skeleton-hop",
        "traceparent",
    ];
    assert_eq!(names, expected);
    let sealed = domain().seal(&child()).unwrap();
    assert_eq!(sent["skeleton-context"], sealed.context());
    assert_eq!(sent["skeleton-hop"], sealed.hop());
    assert!(sent["skeleton-context"].is_sensitive());
    assert!(sent["skeleton-hop"].is_sensitive());
    assert!(!format!("{sent:?}").contains(sealed.context()));
}

#[test]
fn the_trace_goes_on_as_a_traceparent() {
    let (ids, clock) = (
        Scripted::new(["01M83YEMJF3HCVMBEYGD2RQZPG"; 3]),
        FixedClock::at(NOW),
    );
    let edge = Edge::new(clock, ids, TrustedProxies::none());
    let at_edge = edge.admit(&mut HeaderMap::new(), None).unwrap();
    let current = Scripted::new(["01M83YEMJV1PBWVJ1G26P8XZGJ"]);
    let ctx = at_edge.child(step!("debit")).unwrap().begin(&current, NOW);
    let mut request = Request::builder().uri(LEDGER).body(()).unwrap();
    ctx.child(step!("next")).unwrap().attach(&mut request);
    let sent = one_sent(&layer(&domain()), request);
    let sample = "00-01a207e7524f1c59ba2dde83458bfed0-cdc83011ac8efe12-03";
    assert_eq!(sent["traceparent"], sample);
}

#[test]
fn traceparent_may_be_left_to_another_propagator() {
    let layer = layer(&domain()).without_traceparent();
    assert!(!one_sent(&layer, request(LEDGER)).contains_key("traceparent"));
    let mut request = request(LEDGER);
    request
        .headers_mut()
        .insert("traceparent", "theirs".parse().unwrap());
    assert_eq!(one_sent(&layer, request)["traceparent"], "theirs");
}

proptest! {
    #[test]
    fn law_09_a_propagate_error_holds_no_byte_of_the_request(secret in "[a-z]{10,20}") {
        let error = unsent(&layer(&domain()), request(&format!("http://{secret}/{secret}")));
        for shown in [error.to_string(), format!("{error:?}")] {
            prop_assert!(!shown.contains(&secret));
        }
    }
}
