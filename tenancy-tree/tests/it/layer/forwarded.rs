//! `X-Forwarded-Host`, which counts from the edge's own proxies only.

use core::net::SocketAddr;

use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::tower::ContextLayer;
use skeleton_tenancy_tree::Directory;
use skeleton_tenancy_tree::TenantLayer;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use super::answer;
use super::answer_by;
use super::directory;
use super::handed_over;
use super::member;
use super::peer;
use super::request;
use super::said;
use super::street;
use crate::helpers::clock;

const PROXY: Option<&str> = Some("10.0.0.1:4711");
const STRANGER: Option<&str> = Some("192.0.2.1:4711");
const ACME: &[u8] = b"acme.bank.example";
const GLOBEX: &[u8] = b"globex.bank.example";

fn proxies() -> TrustedProxies {
    TrustedProxies::cidrs(["10.0.0.0/8", "2001:db8::/64"]).unwrap()
}

/// A request that comes by this peer and says for which hosts it was.
fn forwarded(mut request: Request<()>, by: Option<&str>, hosts: &[&[u8]]) -> Request<()> {
    if let Some(by) = by {
        let by: SocketAddr = by.parse().unwrap();
        request.extensions_mut().insert(by);
    }
    for host in hosts {
        let host = HeaderValue::from_bytes(host).unwrap();
        request.headers_mut().append("x-forwarded-host", host);
    }
    request
}

async fn answer_behind(request: Request<()>) -> (u16, String) {
    let layer = TenantLayer::new(directory().await).with_forwarded_host(proxies(), peer);
    said(&answer_by(layer, request).await)
}

fn ok(text: &str) -> (u16, String) {
    (200, text.to_owned())
}

fn malformed() -> (u16, String) {
    (400, "malformed".to_owned())
}

#[tokio::test]
async fn attack_07_forwarding_headers_are_not_read() {
    for name in [
        "x-forwarded-host",
        "x_forwarded_host",
        "x-forwarded-server",
        "x-original-host",
        "x-host",
        "x-http-host-override",
        "forwarded",
    ] {
        let name = HeaderName::from_static(name);
        for value in ["globex.bank.example", "host=globex.bank.example", "\"a b"] {
            let mut request = forwarded(request("/", &[ACME]), PROXY, &[]);
            let value = HeaderValue::from_static(value);
            request.headers_mut().insert(name.clone(), value);
            // Not by a layer that was told of no proxy, and but one of them by the other.
            let plain = answer(directory().await, request.clone()).await;
            assert_eq!(said(&plain), ok("acme false"), "{name}");
            if name != "x-forwarded-host" {
                assert_eq!(answer_behind(request).await, ok("acme false"), "{name}");
            }
        }
    }
}

#[tokio::test]
async fn attack_07_a_stranger_forwards_nothing() {
    for by in [
        None,
        STRANGER,
        Some("11.0.0.1:80"),
        Some("[2001:db8:0:1::1]:80"),
    ] {
        let hosts: [&[&[u8]]; 5] = [&[GLOBEX], &[GLOBEX, GLOBEX], &[b"a,b"], &[b"\xff"], &[b""]];
        for forged in hosts {
            let request = forwarded(request("/", &[ACME]), by, forged);
            assert_eq!(answer_behind(request).await, ok("acme false"), "{by:?}");
        }
        let no_host = forwarded(request("/", &[]), by, &[GLOBEX]);
        assert_eq!(answer_behind(no_host).await, malformed());
    }
}

#[tokio::test]
async fn a_proxy_of_the_edge_says_for_which_host_a_request_was() {
    for by in [
        PROXY,
        Some("10.255.255.255:1"),
        Some("[::ffff:10.0.0.1]:80"),
        Some("[2001:db8::9]:80"),
    ] {
        for said in [GLOBEX, b"GLOBEX.bank.example.:8443"] {
            let request = forwarded(request("/", &[b"pod-7.internal:8080"]), by, &[said]);
            assert_eq!(answer_behind(request).await, ok("globex true"), "{by:?}");
        }
    }
}

#[tokio::test]
async fn a_proxy_that_says_nothing_leaves_the_host_as_it_is() {
    let plain = forwarded(request("/", &[ACME]), PROXY, &[]);
    assert_eq!(answer_behind(plain).await, ok("acme false"));
    let two = forwarded(request("/", &[ACME, GLOBEX]), PROXY, &[]);
    assert_eq!(answer_behind(two).await, malformed());
}

#[tokio::test]
async fn attack_07_a_proxy_that_says_two_hosts_says_none() {
    let cases: [&[&[u8]]; 8] = [
        &[GLOBEX, ACME],
        &[ACME, ACME],
        &[b"globex.bank.example, acme.bank.example"],
        &[b"acme.bank.example,"],
        &[b""],
        &[b"acme.bank.example\xff"],
        &[b"user@acme.bank.example"],
        &[b"https://acme.bank.example"],
    ];
    for hosts in cases {
        let request = forwarded(request("/", &[ACME]), PROXY, hosts);
        assert_eq!(answer_behind(request).await, malformed(), "{hosts:?}");
    }
}

#[tokio::test]
async fn a_forwarded_host_that_nobody_has_is_unknown() {
    for host in [&b"nobody.bank.example"[..], b"bank.example", b"10.0.0.1"] {
        let request = forwarded(request("/", &[ACME]), PROXY, &[host]);
        let answer = answer_behind(request).await;
        assert_eq!(answer, (404, "not-found".to_owned()));
    }
}

/// Behind the edge as a service has it.
async fn answer_at_the_edge(directory: Directory, request: Request<()>) -> Response<String> {
    let inner = service_fn(|request: Request<()>| async move {
        let answer = Response::builder()
            .header("x-inside", "1")
            .body(handed_over(&request));
        Ok::<_, core::convert::Infallible>(answer.unwrap())
    });
    let edge = Edge::new(clock(), SeededIds::new(1), proxies());
    let layer = TenantLayer::new(directory).with_forwarded_host(proxies(), peer);
    let service = ContextLayer::new(edge, peer).layer(layer.layer(inner));
    service.oneshot(request).await.unwrap()
}

#[tokio::test]
async fn attack_07_a_forged_forwarding_header_takes_nobody_into_the_office() {
    let directory = street().await.directory();
    let cases = [
        (STRANGER, Some("203.0.113.7"), 403),
        (None, Some("203.0.113.7"), 403),
        (PROXY, Some("203.0.113.7"), 200),
        (PROXY, Some("203.0.113.7, 192.0.2.9"), 403),
        (PROXY, Some("unknown"), 403),
        (PROXY, None, 403),
        (Some("203.0.113.7:50000"), None, 200),
        (Some("[::ffff:203.0.113.7]:50000"), Some("192.0.2.9"), 200),
    ];
    for (by, forwarded_for, status) in cases {
        let uri = "https://office-active.bank.example/commands/debit";
        let mut request = Request::builder().uri(uri).body(()).unwrap();
        if let Some(forwarded_for) = forwarded_for {
            let value = HeaderValue::from_static(forwarded_for);
            request.headers_mut().insert("x-forwarded-for", value);
        }
        let request = forwarded(request, by, &[]);
        let answer = answer_at_the_edge(directory.clone(), request).await;
        assert_eq!(answer.status(), status, "{by:?} for {forwarded_for:?}");
        if status == 403 {
            assert_eq!(member(&answer, "code"), "address-refused");
            let originating = answer.headers()["x-originating-id"].to_str().unwrap();
            assert_eq!(member(&answer, "instance"), originating);
        }
    }
}
