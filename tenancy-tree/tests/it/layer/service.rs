//! The layer as a service among others: paths without a tenant, order, readiness.

use core::convert::Infallible;
use core::future::Ready;
use core::future::poll_fn;
use core::future::ready;
use core::task::Context;
use core::task::Poll;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use http::Request;
use http::Response;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::TenantLayer;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;

use super::answer;
use super::answer_by;
use super::directory;
use super::handed_over;
use super::member;
use super::request;
use super::said;
use super::street;
use crate::helpers::tenant;

const ACME: &[u8] = b"acme.bank.example";
const APEX: &[u8] = b"bank.example";

#[tokio::test]
async fn the_apex_serves_exactly_the_paths_that_need_no_tenant() {
    let layer = TenantLayer::new(directory().await)
        .with_tenantless(["/healthz"])
        .with_tenantless(vec!["/sign-up".to_owned()]);
    let served = ["/healthz", "/healthz?deep=1", "/healthz?", "/sign-up"];
    for uri in served {
        for host in [APEX, b"BANK.example.:443"] {
            let response = answer_by(layer.clone(), request(uri, &[host])).await;
            assert_eq!(said(&response), (200, "nobody".to_owned()), "{uri}");
        }
    }
    let absolute = request("https://bank.example/healthz", &[]);
    let response = answer_by(layer.clone(), absolute).await;
    assert_eq!(said(&response), (200, "nobody".to_owned()));
    for uri in [
        "/healthz/",
        "/healthz/x",
        "//healthz",
        "/Healthz",
        "/healthz%2f",
        "/%68ealthz",
        "/x/../healthz",
        "/health",
        "/",
        "/?/healthz",
    ] {
        let response = answer_by(layer.clone(), request(uri, &[APEX])).await;
        assert_eq!(said(&response), (404, "not-found".to_owned()), "{uri}");
    }
}

#[tokio::test]
async fn the_apex_serves_nothing_by_default() {
    for uri in ["/", "/healthz", "*"] {
        let response = answer(directory().await, request(uri, &[APEX])).await;
        assert_eq!(said(&response), (404, "not-found".to_owned()), "{uri}");
    }
}

#[tokio::test]
async fn a_path_that_needs_no_tenant_has_one_at_a_tenants_host() {
    let layer = TenantLayer::new(street().await.directory()).with_tenantless(["/healthz"]);
    let cases = [
        ("active.bank.example", (200, "active false")),
        ("suspended.bank.example", (403, "tenant-suspended")),
        ("office-active.bank.example", (403, "address-refused")),
        ("onboarding.bank.example", (503, "tenant-not-ready")),
        ("closed.bank.example", (404, "not-found")),
        ("nobody.bank.example", (404, "not-found")),
        ("127.0.0.1", (404, "not-found")),
        ("a b", (400, "malformed")),
    ];
    for (host, (status, text)) in cases {
        let request = request("/healthz", &[host.as_bytes()]);
        let response = answer_by(layer.clone(), request).await;
        assert_eq!(said(&response), (status, text.to_owned()), "{host}");
    }
}

#[tokio::test]
async fn a_layer_keeps_what_it_was_told_and_its_clone_is_not_told_of_more() {
    let plain = TenantLayer::new(directory().await);
    let told = plain.clone().with_tenantless(["/healthz"]);
    let more = told.clone().with_tenantless(["/sign-up"]);
    for (layer, paths) in [(plain, 0), (told, 1), (more, 2)] {
        let mut served = 0;
        for uri in ["/healthz", "/sign-up"] {
            let response = answer_by(layer.clone(), request(uri, &[APEX])).await;
            served += u32::from(response.status() == 200);
        }
        assert_eq!(served, paths);
    }
}

#[tokio::test]
async fn a_missing_context_layer_is_named() {
    for host in [ACME, APEX, b"a b"] {
        let mut request = request("/healthz", &[host]);
        request.extensions_mut().remove::<InvocationContext>();
        let layer = TenantLayer::new(directory().await).with_tenantless(["/healthz"]);
        let response = answer_by(layer, request).await;
        assert_eq!(said(&response), (500, "misconfigured".to_owned()));
        let detail = member(&response, "detail");
        assert!(detail.as_str().unwrap().contains("ContextLayer"));
    }
}

#[tokio::test]
async fn a_layer_behind_itself_is_one_too_many() {
    let layer = TenantLayer::new(directory().await);
    let calls = Arc::new(AtomicU32::new(0));
    let inner = Counting::default().counting(&calls);
    let service = layer.clone().layer(layer.layer(inner));
    let response = service.oneshot(request("/", &[ACME])).await.unwrap();
    assert_eq!(response.status(), 500);
    assert_eq!(member(&response, "code"), "misconfigured");
    let detail = member(&response, "detail");
    assert!(detail.as_str().unwrap().contains("TenantLayer"));
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_caller_who_is_known_already_stands_in_front_of_the_wrong_door() {
    let known = [
        testing::context().anonymous().requesting(tenant(9)).build(),
        testing::context().user_in(tenant(9)).build(),
    ];
    for ctx in known {
        let mut request = request("/", &[ACME]);
        request.extensions_mut().insert(ctx);
        let response = answer(directory().await, request).await;
        assert_eq!(said(&response), (500, "misconfigured".to_owned()));
    }
}

/// Is ready at every second question only, and must be so when it is called.
#[derive(Clone, Default)]
struct Counting {
    calls: Arc<AtomicU32>,
    asked: u32,
    is_ready: bool,
}

impl Counting {
    fn counting(self, calls: &Arc<AtomicU32>) -> Self {
        Self {
            calls: Arc::clone(calls),
            ..self
        }
    }
}

impl Service<Request<()>> for Counting {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.asked += 1;
        if self.asked % 2 == 1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        assert!(core::mem::take(&mut self.is_ready), "called unasked");
        self.calls.fetch_add(1, Ordering::SeqCst);
        ready(Ok(Response::new(handed_over(&request))))
    }
}

#[tokio::test]
async fn the_service_that_was_asked_is_the_one_that_is_called() {
    let calls = Arc::new(AtomicU32::new(0));
    let inner = Counting::default().counting(&calls);
    let mut service = TenantLayer::new(directory().await).layer(inner);
    for called in 1..=3 {
        // The first question is answered by `Pending`, as it is inside.
        let mut context = Context::from_waker(core::task::Waker::noop());
        assert!(service.poll_ready(&mut context).is_pending());
        poll_fn(|context| service.poll_ready(context))
            .await
            .unwrap();
        let response = service.call(request("/", &[ACME])).await.unwrap();
        assert_eq!(response.body(), "acme false");
        assert_eq!(calls.load(Ordering::SeqCst), called);
    }
}

#[tokio::test]
async fn a_refusal_costs_the_inside_nothing() {
    let calls = Arc::new(AtomicU32::new(0));
    let inner = Counting::default().counting(&calls);
    let mut service = TenantLayer::new(directory().await).layer(inner);
    poll_fn(|context| service.poll_ready(context))
        .await
        .unwrap();
    let refused = service.call(request("/", &[APEX])).await.unwrap();
    assert_eq!(refused.status(), 404);
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    poll_fn(|context| service.poll_ready(context))
        .await
        .unwrap();
    let response = service.call(request("/", &[ACME])).await.unwrap();
    assert_eq!(response.body(), "acme false");
}

#[tokio::test]
async fn a_refusal_is_there_without_waiting() {
    let mut service = TenantLayer::new(directory().await).layer(Counting::default());
    poll_fn(|context| service.poll_ready(context))
        .await
        .unwrap();
    let mut refused = core::pin::pin!(service.call(request("/", &[b"a b"])));
    let mut context = Context::from_waker(core::task::Waker::noop());
    let Poll::Ready(answer) = refused.as_mut().poll(&mut context) else {
        panic!("nothing is to be waited for");
    };
    assert_eq!(answer.unwrap().status(), 400);
    // Whoever asks again gets an answer, and no panic.
    let Poll::Ready(again) = refused.as_mut().poll(&mut context) else {
        panic!("nothing is to be waited for");
    };
    assert_eq!(again.unwrap().status(), 500);
}
