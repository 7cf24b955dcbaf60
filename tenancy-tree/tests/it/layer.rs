//! The layer, driven without a server.

use http::HeaderMap;
use http::Request;
use http::Response;
use http::header::CONTENT_TYPE;
use http::header::HOST;
use http::header::RETRY_AFTER;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::Directory;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::ResolvedTenant;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantLayer;
use skeleton_tenancy_tree::TenantSlug;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::bank;
use crate::helpers::happened;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenant;
use crate::helpers::tenants;

/// Answers with what the layer handed over: the tenant's slug, and the tenant that the context asks for.
async fn answer(directory: Directory, request: Request<()>) -> Response<String> {
    let inner = service_fn(|request: Request<()>| async move {
        let resolved = request.extensions().get::<ResolvedTenant>().unwrap();
        let ctx = request.extensions().get::<InvocationContext>().unwrap();
        let requested = ctx.requested_tenant().unwrap();
        assert_eq!(requested.id(), resolved.tenant().id());
        let text = format!("{} {}", resolved.tenant().slug(), ctx.is_test());
        Ok::<_, std::convert::Infallible>(Response::new(text))
    });
    TenantLayer::new(directory)
        .layer(inner)
        .oneshot(request)
        .await
        .unwrap()
}

fn request(uri: &str, hosts: &[&[u8]]) -> Request<()> {
    let mut request = Request::builder().uri(uri).body(()).unwrap();
    for host in hosts {
        request
            .headers_mut()
            .append(HOST, http::HeaderValue::from_bytes(host).unwrap());
    }
    let ctx = testing::context().anonymous().build();
    request.extensions_mut().insert(ctx);
    request
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

fn member(response: &Response<String>, name: &str) -> serde_json::Value {
    let document: serde_json::Value = serde_json::from_str(response.body()).unwrap();
    document.get(name).cloned().unwrap_or_default()
}

#[tokio::test]
async fn the_host_decides_the_tenant() {
    let cases = [
        ("/", Some("acme.bank.example"), "acme false"),
        ("/", Some("ACME.Bank.example.:8443"), "acme false"),
        ("http://acme.bank.example/x", None, "acme false"),
        (
            "http://acme.bank.example/x",
            Some("Acme.bank.example"),
            "acme false",
        ),
        ("/", Some("globex.bank.example"), "globex true"),
    ];
    for (uri, host, expected) in cases {
        let hosts: Vec<_> = host.iter().map(|host| host.as_bytes()).collect();
        let response = answer(directory().await, request(uri, &hosts)).await;
        assert_eq!(
            (response.status().as_u16(), response.body().as_str()),
            (200, expected)
        );
    }
}

#[tokio::test]
async fn attack_06_what_no_tenant_has_gets_one_answer_to_the_byte() {
    let hosts = [
        "globe.bank.example",
        "bank.example",
        "acme.bank.example.evil.io",
        "a.acme.bank.example",
        "127.0.0.1",
        "[::1]:443",
        "xn--80ak6aa92e.bank.example",
    ];
    let mut answers: Vec<(u16, HeaderMap, String)> = Vec::new();
    for host in hosts {
        let (parts, body) = answer(directory().await, request("/", &[host.as_bytes()]))
            .await
            .into_parts();
        answers.push((parts.status.as_u16(), parts.headers, body));
    }
    assert_eq!(answers[0].0, 404);
    assert!(answers[0].2.contains("not-found") && !answers[0].2.contains("bank"));
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[tokio::test]
async fn attack_06_a_host_that_is_none_is_malformed() {
    let long = "a".repeat(254);
    let hosts: [&[u8]; 5] = [
        b"",
        b"acme bank",
        b"acme.bank.example\xff",
        b"user@acme.bank.example",
        long.as_bytes(),
    ];
    for host in hosts {
        let response = answer(directory().await, request("/", &[host])).await;
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(member(&response, "code"), "malformed");
    }
}

#[tokio::test]
async fn attack_07_two_hosts_or_none_are_malformed() {
    let acme: &[u8] = b"acme.bank.example";
    let cases: [(&str, &[&[u8]]); 4] = [
        ("/", &[]),
        ("/", &[acme, b"globex.bank.example"]),
        ("/", &[acme, acme]),
        ("http://globex.bank.example/", &[acme]),
    ];
    for (uri, hosts) in cases {
        let response = answer(directory().await, request(uri, hosts)).await;
        assert_eq!(
            (response.status().as_u16(), member(&response, "code")),
            (400, "malformed".into())
        );
    }
}

#[tokio::test]
async fn attack_07_forwarding_headers_are_not_read() {
    let mut request = request("/", &[b"acme.bank.example"]);
    for name in ["x-forwarded-host", "forwarded", "x-host"] {
        request
            .headers_mut()
            .insert(name, "globex.bank.example".parse().unwrap());
    }
    assert_eq!(
        answer(directory().await, request).await.body(),
        "acme false"
    );
}

#[tokio::test]
async fn a_tenant_that_is_being_made_asks_to_come_again() {
    let store = MemoryTenants::new();
    let slug: TenantSlug = "acme".parse().unwrap();
    let event = TenantEvent::Onboarded {
        tenant: tenant(1),
        entry_point: EntryPoint::of(&slug, &RootDomain::parse("bank.example").unwrap()),
        slug,
        kind: TenantKind::EXTERNAL,
        is_test: false,
        residency: None,
    };
    store
        .append(inside(tenant(1)), TenantVersion::ZERO, &[happened(event)])
        .await
        .unwrap();
    let directory = tenants(store, 1).await.directory();
    let response = answer(directory, request("/", &[b"acme.bank.example"])).await;
    assert_eq!(
        (response.status().as_u16(), member(&response, "code")),
        (503, "tenant-not-ready".into())
    );
    assert!(response.headers().contains_key(RETRY_AFTER));
}

#[tokio::test]
async fn a_refusal_names_the_invocation() {
    let request = request("/", &[b"nobody.bank.example"]);
    let ctx = request.extensions().get::<InvocationContext>().unwrap();
    let id = ctx.trace().current().to_string();
    let response = answer(directory().await, request).await;
    assert!(
        member(&response, "instance")
            .as_str()
            .unwrap()
            .contains(&id)
    );
}

#[tokio::test]
async fn a_missing_context_layer_is_named() {
    let mut request = request("/", &[b"acme.bank.example"]);
    request.extensions_mut().clear();
    let response = answer(directory().await, request).await;
    assert_eq!(response.status(), 500);
    assert!(response.body().contains("ContextLayer"));
}

#[tokio::test]
async fn a_tenant_that_is_known_already_is_a_layer_too_many() {
    let mut request = request("/", &[b"acme.bank.example"]);
    let known = testing::context().anonymous().requesting(tenant(9)).build();
    request.extensions_mut().insert(known);
    let response = answer(directory().await, request).await;
    assert_eq!(
        (response.status().as_u16(), member(&response, "code")),
        (500, "misconfigured".into())
    );
}
