//! The layer, driven without a server: what reaches the handler, and what everything else is answered.

use core::task::Context;
use core::task::Poll;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::body::Body;
use http::Request;
use http::Response;
use skeleton_authz::AuthorizationLayer;
use skeleton_authz::Listing;
use skeleton_authz::Operations;
use skeleton_authz::Permission;
use skeleton_authz::Snapshot;
use skeleton_invocation_context::operation;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;
use tower::service_fn;

use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::account;
use crate::doors::Answer;
use crate::doors::Asking;
use crate::doors::Door;
use crate::doors::Endless;
use crate::doors::ListAccounts;
use crate::doors::OpenAccount;
use crate::doors::ReadAccounts;
use crate::doors::RetrieveAccount;
use crate::doors::account_named;
use crate::doors::bank;
use crate::doors::in_container;
use crate::doors::operations;
use crate::doors::refused;
use crate::helpers::EU;
use crate::helpers::FOREIGN;
use crate::helpers::FRANCE;
use crate::helpers::NOWHERE;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::root;

#[tokio::test]
async fn a_resource_is_checked_where_it_is() {
    let (_world, door) = bank().await;
    let answer = door
        .send(&caller(1), "retrieve-account", account_named("fr-001"))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.record.unwrap().scope(), Some(container(FRANCE)));
}

#[tokio::test]
async fn what_concerns_the_tenant_is_checked_at_the_callers_own_root() {
    let (world, door) = bank().await;
    // Whoever manages France alone sees the root above it, and may not act there.
    let below = refused(&door, "close-all", "{}").await;
    assert_eq!(
        (below.status, &below.json()["params"]["scope"]),
        (403, &root(1).to_string().into())
    );
    world.give(grant(2, 1, Manager, root(1))).await;
    let answer = door.send(&caller(1), "close-all", "{}").await;
    assert_eq!(
        (answer.status, answer.record.unwrap().scope()),
        (200, Some(root(1)))
    );
}

#[tokio::test]
async fn attack_01_whatever_may_not_be_seen_gets_the_same_bytes() {
    let (_world, door) = bank().await;
    let first = refused(&door, "open-account", in_container(container(NOWHERE))).await;
    assert_eq!(
        (first.status, first.json()["code"].as_str()),
        (404, Some("not-found"))
    );
    let scopes = [FOREIGN, TEXAS].map(|at| ("open-account", in_container(container(at))));
    let reads = [FOREIGN, TEXAS, NOWHERE].map(|at| ("read-accounts", in_container(container(at))));
    // An account in Texas, one that nobody has, one in a container that nobody has, one of another tenant.
    let resources = ["tx-001", "fr-999", "lost", "ab-001"];
    let resources = resources.map(|name| ("retrieve-account", account_named(name)));
    for (operation, body) in scopes.into_iter().chain(reads).chain(resources) {
        let answer = refused(&door, operation, body.clone()).await;
        assert_eq!(answer.bytes(), first.bytes(), "{operation} {body}");
        assert!(answer.record.is_some(), "it is noted all the same");
    }
}

#[tokio::test]
async fn attack_03_a_grant_revoked_in_mid_invocation_serves_it_to_its_end() {
    let (world, _) = bank().await;
    let views = world.views.clone();
    let revoking = service_fn(move |request: Request<Body>| {
        let views = views.clone();
        async move {
            let grant = crate::helpers::grant_id(1);
            views
                .withdraw(crate::helpers::inside(1), grant)
                .await
                .unwrap();
            Ok::<_, Infallible>(Response::new(request.into_body()))
        }
    });
    let service = AuthorizationLayer::new(world.authorizer.clone(), operations()).layer(revoking);
    for expected in [200, 404] {
        let request = Request::post("/commands/open-account")
            .extension(caller(1).into_access())
            .body(Body::from(in_container(container(FRANCE))));
        let answer = service.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status().as_u16(), expected);
    }
}

#[tokio::test]
async fn a_denial_and_a_step_up_are_answered_with_what_would_help() {
    let (world, door) = bank().await;
    let answer = refused(&door, "transfer-all", in_container(container(FRANCE))).await;
    assert_eq!(
        (answer.status, answer.record.unwrap().verdict()),
        (401, "step-up")
    );
    let challenge =
        r#"Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="300""#;
    assert_eq!(answer.headers["www-authenticate"], challenge);
    world.take(1).await;
    world.give(grant(2, 1, Clerk, container(EU))).await;
    let answer = refused(&door, "open-account", in_container(container(FRANCE))).await;
    assert_eq!(
        (answer.status, answer.json()["params"]["reason"].as_str()),
        (403, Some("role-lacks"))
    );
    assert_eq!(
        answer.headers["www-authenticate"],
        r#"Bearer error="insufficient_scope""#
    );
    assert_eq!(answer.record.unwrap().verdict(), "role-lacks");
}

#[tokio::test]
async fn attack_10_an_unregistered_operation_is_refused_before_its_handler() {
    let (_world, door) = bank().await;
    for name in ["close-account", "Open-Account", "open-account-", ""] {
        let (body, polls) = Endless::breaking_after(usize::MAX);
        let answer = refused(&door, name, body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (500, Some("misconfigured"))
        );
        assert_eq!(polls.load(Ordering::SeqCst), 0);
    }
    // What a layer further out has named counts, not the path.
    let request = Request::post("/commands/log-in")
        .extension(operation!("close-account"))
        .extension(caller(1).into_access());
    let answer = door.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, door.calls()), (500, 0));
}

#[tokio::test]
async fn attack_10_an_operation_that_was_named_twice_is_refused_whatever_it_was() {
    let (world, _) = bank().await;
    let twice = Operations::new()
        .guarded::<OpenAccount>("open-account")
        .public("open-account")
        .public("open-account");
    let door = Door::with(&world, twice);
    let answer = refused(&door, "open-account", in_container(container(FRANCE))).await;
    assert_eq!(answer.status, 500);
    assert!(answer.json()["detail"].as_str().unwrap().contains("twice"));
}

#[tokio::test]
async fn attack_10_a_missing_layer_is_named() {
    let (_world, door) = bank().await;
    let answer = door
        .send(
            Asking(None),
            "open-account",
            in_container(container(FRANCE)),
        )
        .await;
    assert_eq!((answer.status, door.calls()), (500, 0));
    assert_eq!(answer.json()["detail"], "add ContextLayer to the service");
}

#[tokio::test]
async fn attack_10_a_listing_that_never_took_its_snapshot_loses_its_answer() {
    let (_world, door) = bank().await;
    let secret = r#"{}"#;
    let answer = door.send(&caller(1), "list-accounts", secret).await;
    assert_eq!((answer.status, door.calls()), (500, 1));
    assert_eq!(
        answer.json()["detail"],
        "the handler answered without a check"
    );
    assert_eq!(
        answer.json()["instance"],
        caller(1).trace().current().to_string()
    );
    assert!(answer.record.is_none());
}

/// What a listing asks of its snapshot.
type Asks = fn(&Snapshot);

async fn listed(asks: Asks, status: u16) -> Answer {
    let (world, _) = bank().await;
    let handler = move |Listing(_, snapshot, _): Listing<ListAccounts>| async move {
        asks(&snapshot);
        (http::StatusCode::from_u16(status).unwrap(), "rows")
    };
    let layer = AuthorizationLayer::new(world.authorizer.clone(), operations());
    let routes = axum::Router::new().route("/queries/list-accounts", axum::routing::post(handler));
    let request = Request::post("/queries/list-accounts").extension(caller(1).into_access());
    let request = request.body(Body::from("{}")).unwrap();
    let routes = routes.route_layer(layer);
    Answer::of(routes.oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn attack_10_a_listing_that_never_asked_for_what_it_lists_by_loses_its_answer() {
    let asked: [Asks; 6] = [
        |snapshot| drop(snapshot.visible(account::Read)),
        |snapshot| drop(snapshot.require(account::Read, container(TEXAS))),
        |snapshot| assert!(!snapshot.allows(account::Read, snapshot.tree().root())),
        |snapshot| drop(snapshot.effective(container(FRANCE))),
        |snapshot| drop(snapshot.explain(account::Read::ID, container(FRANCE))),
        |snapshot| snapshot.batch(&[(account::Read::ID, container(FRANCE))], &mut Vec::new()),
    ];
    for asks in asked {
        assert_eq!(listed(asks, 200).await.status, 200);
    }
    let careless: [Asks; 4] = [
        |_| {},
        |snapshot| assert!(snapshot.sees(container(FRANCE))),
        |snapshot| drop(snapshot.visible(account::Open)),
        |snapshot| drop(snapshot.clone()),
    ];
    for asks in careless {
        // Nor does a redirection get out.
        for status in [200, 302] {
            let answer = listed(asks, status).await;
            assert_eq!(answer.status, 500);
            let detail = "the handler answered without a check";
            assert_eq!(answer.json()["detail"], detail);
        }
        assert_eq!(listed(asks, 409).await.status, 409);
    }
}

#[tokio::test]
async fn a_listing_that_fails_keeps_its_answer() {
    let (world, _) = bank().await;
    let failing = service_fn(|_: Request<Body>| {
        let mut answer = Response::new(Body::from("busy"));
        *answer.status_mut() = http::StatusCode::CONFLICT;
        core::future::ready(Ok::<_, Infallible>(answer))
    });
    let layer = AuthorizationLayer::new(world.authorizer.clone(), operations());
    let request = Request::post("/queries/list-accounts").extension(caller(1).into_access());
    let request = request.body(Body::from("{}")).unwrap();
    let answer = Answer::of(layer.layer(failing).oneshot(request).await.unwrap()).await;
    assert_eq!((answer.status, answer.text()), (409, "busy"));
}

#[tokio::test]
async fn without_a_locator_an_operation_on_a_resource_is_misconfigured() {
    let (world, _) = bank().await;
    let layer = AuthorizationLayer::new(world.authorizer.clone(), operations());
    let never = service_fn(
        |_: Request<Body>| -> core::future::Ready<Result<Response<Body>, Infallible>> {
            panic!("called")
        },
    );
    let request = Request::post("/queries/retrieve-account").extension(caller(1).into_access());
    let request = request.body(Body::from(account_named("fr-001"))).unwrap();
    let answer = Answer::of(layer.layer(never).oneshot(request).await.unwrap()).await;
    assert_eq!(answer.status, 500);
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains("locator")
    );
}

#[tokio::test]
async fn what_cannot_be_decided_is_unavailable_and_neither_yes_nor_no() {
    let (world, door) = bank().await;
    door.places.take_down();
    let answer = refused(&door, "retrieve-account", account_named("fr-001")).await;
    assert_eq!(
        (
            answer.status,
            answer.headers["retry-after"].to_str().unwrap()
        ),
        (503, "1")
    );
    assert!(answer.record.is_none());
    let cold = World::bank().await;
    cold.log.take_down();
    let answer = refused(
        &Door::of(&cold),
        "open-account",
        in_container(container(FRANCE)),
    )
    .await;
    assert_eq!(
        (
            answer.status,
            answer.headers["retry-after"].to_str().unwrap()
        ),
        (503, "1")
    );
    // What was loaded keeps deciding.
    world.log.take_down();
    let answer = door
        .send(&caller(1), "open-account", in_container(container(FRANCE)))
        .await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_views_of_a_tenant_are_loaded_by_its_first_request_only() {
    let (world, _) = bank().await;
    let cold = skeleton_authz::AccessViews::open(world.log.clone(), world.clock.clone());
    let catalogue = crate::bank::Bank::catalogue();
    let authorizer =
        skeleton_authz::Authorizer::new(catalogue, world.forest.clone(), cold, world.clock.clone());
    let calls = Arc::new(AtomicUsize::new(0));
    let service = AuthorizationLayer::new(authorizer, operations()).layer(Picky::new(&calls));
    let reads = world.log.reads();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let request = Request::post("/commands/open-account").extension(caller(1).into_access());
        let request = request
            .body(Body::from(in_container(container(FRANCE))))
            .unwrap();
        let answer = service.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        seen.push(world.log.reads() - reads);
    }
    // One empty page of roles; of grants one page, and an empty one.
    assert_eq!(seen, [3, 3, 3]);
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn the_service_that_was_polled_ready_is_the_one_that_is_called() {
    let (world, _) = bank().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let layer = AuthorizationLayer::new(world.authorizer.clone(), operations());
    let mut service = layer.layer(Picky::new(&calls));
    for expected in 1..=3 {
        let request = Request::post("/commands/open-account").extension(caller(1).into_access());
        let request = request
            .body(Body::from(in_container(container(FRANCE))))
            .unwrap();
        service.ready().await.unwrap().call(request).await.unwrap();
        assert_eq!(calls.load(Ordering::SeqCst), expected);
    }
}

#[test]
fn the_registry_knows_its_names_and_shows_them() {
    let operations = Operations::new()
        .guarded::<RetrieveAccount>("retrieve-account")
        .guarded::<ReadAccounts>("read-accounts")
        .listing::<account::Read, ListAccounts>("list-accounts")
        .public("log-in");
    assert!(operations.contains("log-in") && !operations.contains("log-out"));
    let shown = r#"Operations(["list-accounts", "log-in", "read-accounts", "retrieve-account"])"#;
    assert_eq!(format!("{operations:?}"), shown);
}

/// Refuses to be called unless it was polled ready; a clone was not.
struct Picky {
    is_ready: AtomicBool,
    calls: Arc<AtomicUsize>,
}

impl Picky {
    fn new(calls: &Arc<AtomicUsize>) -> Self {
        Self {
            is_ready: AtomicBool::new(false),
            calls: Arc::clone(calls),
        }
    }
}

impl Clone for Picky {
    fn clone(&self) -> Self {
        Self::new(&self.calls)
    }
}

impl Service<Request<Body>> for Picky {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = core::future::Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready.store(true, Ordering::SeqCst);
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        assert!(
            self.is_ready.swap(false, Ordering::SeqCst),
            "called before it was ready"
        );
        self.calls.fetch_add(1, Ordering::SeqCst);
        core::future::ready(Ok(Response::new(Body::empty())))
    }
}
