//! The layer, driven without a server.

mod answers;
mod forwarded;
mod service;

use core::convert::Infallible;
use core::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use http::Extensions;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::header::CONTENT_TYPE;
use http::header::HOST;
use serde_json::Value;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Provenance;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::Directory;
use skeleton_tenancy_tree::ResolvedTenant;
use skeleton_tenancy_tree::TenantLayer;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::gate::ip;
use crate::gate::street;
use crate::helpers::bank;
use crate::helpers::new_tenant;

/// Answers with what the layer handed over: the tenant's slug, and whether the context is of a test. Without a
/// tenant, that is `nobody`.
fn handed_over(request: &Request<()>) -> String {
    let resolved = request.extensions().get::<ResolvedTenant>();
    let ctx = request.extensions().get::<InvocationContext>().unwrap();
    let requested = ctx.requested_tenant().map(|tenant| tenant.id());
    assert_eq!(requested, resolved.map(|resolved| resolved.tenant().id()));
    match resolved {
        Some(resolved) => format!("{} {}", resolved.tenant().slug(), ctx.is_test()),
        None => "nobody".to_owned(),
    }
}

/// What the layer answers, after it was seen that the inside was called for what was let in, and for nothing else.
async fn answer_by(layer: TenantLayer<Directory>, request: Request<()>) -> Response<String> {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let inner = service_fn(move |request: Request<()>| {
        counted.fetch_add(1, Ordering::SeqCst);
        let answer = Response::builder()
            .header("x-inside", "1")
            .body(handed_over(&request));
        async move { Ok::<_, Infallible>(answer.unwrap()) }
    });
    let answer = layer.layer(inner).oneshot(request).await.unwrap();
    let was_inside = answer.headers().contains_key("x-inside");
    assert_eq!(calls.load(Ordering::SeqCst), u32::from(was_inside));
    answer
}

async fn answer(directory: Directory, request: Request<()>) -> Response<String> {
    answer_by(TenantLayer::new(directory), request).await
}

fn request(uri: &str, hosts: &[&[u8]]) -> Request<()> {
    let mut request = Request::builder().uri(uri).body(()).unwrap();
    for host in hosts {
        let host = HeaderValue::from_bytes(host).unwrap();
        request.headers_mut().append(HOST, host);
    }
    let ctx = testing::context().anonymous().build();
    request.extensions_mut().insert(ctx);
    request
}

/// The same for a client at that address. Every seed names another invocation.
fn request_from(uri: &str, host: &str, from: Option<&str>, seed: u64) -> Request<()> {
    let mut request = request(uri, &[host.as_bytes()]);
    let provenance = Provenance::new(from.map(ip), None);
    let ctx = testing::context().anonymous().provenance(provenance);
    request.extensions_mut().insert(ctx.seed(seed).build());
    request
}

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get().copied()
}

async fn directory() -> Directory {
    let tenants = bank().await;
    tenants.onboard(new_tenant("acme")).await.unwrap();
    tenants
        .onboard(new_tenant("globex").into_test())
        .await
        .unwrap();
    tenants.directory()
}

fn member(response: &Response<String>, name: &str) -> Value {
    let document: Value = serde_json::from_str(response.body()).unwrap();
    document.get(name).cloned().unwrap_or_default()
}

/// The status and the body of an answer from the inside; else its status and its code.
fn said(response: &Response<String>) -> (u16, String) {
    let status = response.status().as_u16();
    if response.headers().contains_key("x-inside") {
        return (status, response.body().clone());
    }
    (
        status,
        member(response, "code").as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn the_host_decides_the_tenant() {
    let cases = [
        ("/", Some("acme.bank.example"), "acme false"),
        ("/", Some("ACME.Bank.example.:8443"), "acme false"),
        ("http://acme.bank.example/x", None, "acme false"),
        ("http://ACME.bank.example:80/x", None, "acme false"),
        (
            "http://acme.bank.example/x",
            Some("Acme.bank.example"),
            "acme false",
        ),
        (
            "https://acme.bank.example:443/x",
            Some("acme.bank.example."),
            "acme false",
        ),
        ("/", Some("globex.bank.example"), "globex true"),
    ];
    for (uri, host, expected) in cases {
        let hosts: Vec<_> = host.iter().map(|host| host.as_bytes()).collect();
        let response = answer(directory().await, request(uri, &hosts)).await;
        assert_eq!(said(&response), (200, expected.to_owned()));
    }
}

#[tokio::test]
async fn attack_06_a_host_that_is_none_is_malformed() {
    let long = format!("{}acme.bank.example", "a.".repeat(120));
    assert!(long.len() > 253);
    let hosts: [&[u8]; 13] = [
        b"",
        b"acme bank",
        b"acme.bank.example\xff",
        b"acme.bank.example\x80",
        b"acme.bank.example\t",
        b"acme.bank.example..",
        b"acme..bank.example",
        b"user@acme.bank.example",
        b"acme.bank.example:port",
        b"acme.bank.example/x",
        b"acme.bank.example,globex.bank.example",
        b"[::1",
        long.as_bytes(),
    ];
    for host in hosts {
        let response = answer(directory().await, request("/", &[host])).await;
        assert_eq!(said(&response), (400, "malformed".to_owned()));
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert!(!response.body().contains("bank"));
    }
}

#[tokio::test]
async fn attack_07_two_hosts_or_none_are_malformed() {
    let acme: &[u8] = b"acme.bank.example";
    let cases: [(&str, &[&[u8]]); 11] = [
        ("/", &[]),
        ("/", &[acme, b"globex.bank.example"]),
        ("/", &[acme, acme]),
        ("/", &[acme, b""]),
        ("http://globex.bank.example/", &[acme]),
        ("http://bank.example/", &[acme]),
        ("http://acme.bank.example/", &[b"bank.example"]),
        ("http://acme.bank.example/", &[b""]),
        ("http://acme.bank.example/", &[acme, acme]),
        ("http://user@acme.bank.example/", &[]),
        ("http://user:secret@acme.bank.example/", &[acme]),
    ];
    for (uri, hosts) in cases {
        let response = answer(directory().await, request(uri, hosts)).await;
        assert_eq!(said(&response), (400, "malformed".to_owned()), "{uri}");
        assert!(!response.body().contains("acme") && !response.body().contains("secret"));
    }
}

#[tokio::test]
async fn a_message_of_http_2_has_its_host_in_its_authority() {
    // HTTP/2 and 3: no `Host`, and the URI is in absolute form (RFC 9113, 8.3.1).
    let request = request("https://globex.bank.example/bank.Accounts/Debit", &[]);
    let response = answer(directory().await, request).await;
    assert_eq!(said(&response), (200, "globex true".to_owned()));
}

#[tokio::test]
async fn a_refusal_names_the_invocation() {
    for (host, status) in [("nobody.bank.example", 404), ("a b", 400)] {
        let request = request("/", &[host.as_bytes()]);
        let ctx = request.extensions().get::<InvocationContext>().unwrap();
        let id = ctx.trace().current().to_string();
        let response = answer(directory().await, request).await;
        assert_eq!(response.status(), status);
        assert_eq!(member(&response, "instance"), id.as_str());
    }
}
