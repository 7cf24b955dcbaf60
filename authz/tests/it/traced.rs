//! What the layer tells `tracing`: enough to count and to search by, and nothing of who holds what.

use std::convert::Infallible;

use axum::body::Body;
use http::Request;
use http::Response;
use skeleton_authz::AuthorizationLayer;
use skeleton_authz::Pending;
use skeleton_invocation_context::testing::capture_logs;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::bank::Clerk;
use crate::doors::OpenAccount;
use crate::doors::account_named;
use crate::doors::bank;
use crate::doors::in_container;
use crate::doors::operations;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;

/// Runs it on this thread, and the lines that were recorded for the target.
fn lines(code: impl AsyncFnOnce()) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    let ((), text) = capture_logs(|| runtime.block_on(code()));
    let own = text.lines().filter(|line| line.contains("authz."));
    own.map(str::to_owned).collect()
}

fn is_event(line: &str, name: &str, fields: &[&str]) -> bool {
    line.contains(name) && fields.iter().all(|field| line.contains(field))
}

#[test]
fn a_denial_names_operation_permission_and_reason_and_no_grant() {
    let told = lines(async || {
        let (world, door) = bank().await;
        world.give(grant(7, 1, Clerk, container(EU))).await;
        let open = in_container(container(EU));
        door.send(&caller(1), "open-account", open).await;
        let unseen = in_container(container(TEXAS));
        door.send(&caller(1), "open-account", unseen).await;
    });
    let [lacks, unseen] = &told[..] else {
        panic!("{told:?}")
    };
    let fields = ["open-account", "account:open", "role-lacks"];
    assert!(is_event(lacks, "authz.denied", &fields), "{lacks}");
    let fields = ["open-account", "account:open", "no-grant"];
    assert!(is_event(unseen, "authz.denied", &fields), "{unseen}");
    for line in told {
        let names = [grant(7, 1, Clerk, container(EU)).id().to_string()];
        let ids = [container(EU).to_string(), container(TEXAS).to_string()];
        let mut kept = names.iter().chain(&ids);
        assert!(!kept.any(|id| line.contains(id)), "{line}");
    }
}

#[test]
fn what_is_allowed_or_malformed_is_no_event() {
    let told = lines(async || {
        let (_world, door) = bank().await;
        let open = in_container(container(FRANCE));
        let done = door.send(&caller(1), "open-account", open).await;
        assert_eq!(done.status, 200);
        assert_eq!(door.send(&caller(1), "open-account", "{").await.status, 400);
        assert_eq!(door.send(&caller(1), "log-in", "{}").await.status, 200);
    });
    assert_eq!(told, [""; 0]);
}

#[test]
fn what_cannot_be_decided_is_told_apart_from_a_denial() {
    let told = lines(async || {
        let (_world, door) = bank().await;
        door.places.take_down();
        let asked = account_named("fr-001");
        door.send(&caller(1), "retrieve-account", asked).await;
    });
    assert_eq!(told.len(), 1);
    assert!(is_event(
        &told[0],
        "authz.undecidable",
        &["retrieve-account"]
    ));
}

#[test]
fn attack_10_a_handler_that_checks_nothing_is_told() {
    let told = lines(async || {
        let (_world, door) = bank().await;
        door.send(&caller(1), "list-accounts", "{}").await;
    });
    assert_eq!(told.len(), 1);
    assert!(is_event(&told[0], "authz.unchecked", &["list-accounts"]));
}

#[test]
fn a_method_over_grpc_tells_the_same() {
    let told = lines(async || {
        let world = World::bank().await;
        let layer = AuthorizationLayer::new(world.authorizer.clone(), operations()).for_grpc();
        let method = service_fn(|request: Request<Body>| async move {
            let pending = Pending::of(request.extensions()).unwrap();
            let command = OpenAccount::at(container(FRANCE));
            pending.check(&command).await.unwrap_err();
            Ok::<_, Infallible>(Response::new(Body::empty()))
        });
        let request = Request::post("/bank.Accounts/OpenAccount")
            .header("content-type", "application/grpc")
            .extension(caller(1).into_access());
        let request = request.body(Body::empty()).unwrap();
        let answer = layer.layer(method).oneshot(request).await.unwrap();
        assert_eq!(answer.headers()["grpc-status"], "13");
    });
    let [denied, unchecked] = &told[..] else {
        panic!("{told:?}")
    };
    let fields = ["open-account", "account:open", "no-grant"];
    assert!(is_event(denied, "authz.denied", &fields));
    assert!(is_event(unchecked, "authz.unchecked", &["open-account"]));
}
