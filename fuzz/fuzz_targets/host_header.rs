//! Hosts: what is one is canonical, and a request enters the tenant that its only host names, or nobody's.
//!
//! An input is an authority, a line feed, and lines of `Host`; an empty authority is none.

#![no_main]

use core::convert::Infallible;
use core::future::Ready;
use core::future::ready;
use core::task::Context;
use core::task::Poll;
use std::sync::LazyLock;

use http::HeaderMap;
use http::Request;
use http::Response;
use http::Uri;
use http::uri::Authority;
use libfuzzer_sys::fuzz_target;
use skeleton_fuzz::append;
use skeleton_fuzz::house::ROOT;
use skeleton_fuzz::house::SERVING;
use skeleton_fuzz::house::house;
use skeleton_fuzz::house::now;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::Directory;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::Refusal;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::ResolvedTenant;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantGate;
use skeleton_tenancy_tree::TenantLayer;
use tower::Layer;
use tower::Service;

static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| house().directory());

fuzz_target!(|bytes: &[u8]| {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let authority = lines.next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in lines.clone() {
        append(&mut headers, "host", line);
    }
    for text in core::iter::once(authority)
        .chain(lines)
        .map(core::str::from_utf8)
    {
        text.into_iter().for_each(is_canonical_or_none);
    }
    passes_for_what_it_says(authority, headers);
});

fn is_canonical_or_none(text: &str) {
    let gate = TenantGate::new(DIRECTORY.clone());
    let admitted = gate.admit(Some(text), None);
    let slug = admitted
        .as_ref()
        .map(|resolved| resolved.tenant().slug().as_str());
    assert_eq!(slug.ok(), serving(text));
    let Ok(host) = Host::parse(text) else {
        assert_eq!(admitted, Err(Refusal::Malformed));
        return;
    };
    let canonical = host.as_str();
    assert!((1..=253).contains(&canonical.len()) && canonical.is_ascii());
    assert_eq!(canonical, canonical.to_ascii_lowercase());
    assert!(!canonical.ends_with('.') && !canonical.contains(['@', '/', ',', '%', ' ', '\0']));
    assert_eq!(Host::parse(canonical).expect("a host"), host);
    match DIRECTORY.by_host(&host) {
        Resolved::Tenant(tenant) => assert_eq!(tenant.entry_point().host(), canonical),
        Resolved::Apex => {
            assert_eq!(canonical, ROOT);
            assert_eq!(admitted, Err(Refusal::Apex));
        }
        Resolved::Unknown => assert_eq!(admitted, Err(Refusal::Unknown)),
        Resolved::NotLoaded => panic!("the tenants were loaded"),
    }
}

/// The tenant whose host a text is: in any case, with a dot at its end or without, and with any port or none.
fn serving(text: &str) -> Option<&'static str> {
    SERVING.into_iter().find(|slug| {
        let host = format!("{slug}.{ROOT}");
        let Some((name, rest)) = text.split_at_checked(host.len()) else {
            return false;
        };
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let port = rest.strip_prefix(':');
        let is_port =
            |port: &str| port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
        name.eq_ignore_ascii_case(&host) && port.map_or(rest.is_empty(), is_port)
    })
}

fn passes_for_what_it_says(authority: &[u8], headers: HeaderMap) {
    let authority = Authority::try_from(authority).ok();
    let named = authority
        .as_ref()
        .map(|authority| serving(authority.as_str()));
    let lines: Vec<_> = headers.get_all("host").iter().collect();
    let told = match lines.as_slice() {
        [] => named.flatten(),
        [line] => {
            let line = line.to_str().ok().and_then(serving);
            line.filter(|line| named.is_none_or(|named| named == Some(line)))
        }
        _ => None,
    };
    let is_doubled = lines.len() > 1;
    let mut request = Request::new(());
    if let Some(authority) = authority {
        let uri = Uri::builder()
            .scheme("https")
            .authority(authority)
            .path_and_query("/x");
        *request.uri_mut() = uri.build().expect("a whole URI");
    }
    *request.headers_mut() = headers;
    let ctx = testing::context().anonymous().build();
    request.extensions_mut().insert(ctx);
    let mut service = TenantLayer::new(DIRECTORY.clone()).layer(Inside);
    let response = now(service.call(request)).unwrap_or_else(|never| match never {});
    match told {
        Some(slug) => assert_eq!(
            (response.status().as_u16(), &**response.body()),
            (200, slug)
        ),
        None if is_doubled => assert_eq!(response.status(), 400),
        None => assert!(matches!(response.status().as_u16(), 400 | 404)),
    }
}

/// Answers with the slug of the tenant that was handed over.
struct Inside;

impl Service<Request<()>> for Inside {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let resolved = request
            .extensions()
            .get::<ResolvedTenant>()
            .expect("a tenant");
        let ctx = request
            .extensions()
            .get::<InvocationContext>()
            .expect("a context");
        let requested = ctx.requested_tenant().expect("a tenant").id();
        assert_eq!(requested, resolved.tenant().id());
        ready(Ok(Response::new(resolved.tenant().slug().to_string())))
    }
}
