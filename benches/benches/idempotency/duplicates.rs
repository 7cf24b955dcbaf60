//! Counts, no times: how often a handler runs for repetitions, one after the other and all at once.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::post;
use criterion::Criterion;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::Mode;
use skeleton_idempotency::REPLAYED;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::counted::Counted;
use crate::doors::AT_ONCE;
use crate::doors::Door;
use crate::doors::WAITING;
use crate::doors::request;
use crate::world::Invocations;
use crate::world::engine;
use crate::world::memory;
use crate::world::note;
use crate::world::runtime;
use crate::world::scaled;

/// How many duplicates come at once.
const DUPLICATES: usize = 10_000;
const FEW: u64 = 10;

pub(crate) fn duplicates(_: &mut Criterion) {
    for door in [Door::ours(), Door::peer(), Door::peer_hashing()] {
        replays(&door);
    }
    assert_eq!(concurrent(Door::ours()), 1);
    println!(
        "{FEW} concurrent duplicates: ours runs once, axum-idempotent {} times, hashing {} times",
        concurrent(Door::peer()),
        concurrent(Door::peer_hashing()),
    );
    crowd();
}

/// A door that is measured must give answers again, or it is no peer.
fn replays(door: &Door) {
    let invocations = Invocations::now();
    runtime().block_on(async {
        let first = door.send(request(AT_ONCE, &invocations, 1)).await;
        let again = door.send(request(AT_ONCE, &invocations, 1)).await;
        assert_eq!(door.runs(), 1);
        assert_eq!(first.headers().get(REPLAYED), None);
        assert_eq!(again.headers()[REPLAYED], "true");
        assert_eq!(first.status(), again.status());
        assert_eq!(first.body(), again.body());
        door.send(request(AT_ONCE, &invocations, 2)).await;
        assert_eq!(door.runs(), 2);
    });
}

/// How often a handler runs that waits, when duplicates come before it ends.
fn concurrent(door: Door) -> u64 {
    let (invocations, door) = (Invocations::now(), Arc::new(door));
    runtime().block_on(async {
        let send = |_| {
            let (door, request) = (Arc::clone(&door), request(WAITING, &invocations, 1));
            tokio::spawn(async move { door.send(request).await.status() })
        };
        let sent: Vec<_> = (0..FEW).map(send).collect();
        for sent in sent {
            assert_eq!(sent.await.unwrap(), 200);
        }
    });
    door.runs()
}

/// All of them come while the first one runs, and get its answer.
fn crowd() {
    let (runs, gate) = (Arc::new(AtomicU64::new(0)), Arc::new(Semaphore::new(0)));
    let store = Counted::new(memory());
    let router = {
        let (runs, gate) = (Arc::clone(&runs), Arc::clone(&gate));
        let handler = async move || {
            let run = runs.fetch_add(1, Ordering::Relaxed);
            drop(gate.acquire().await);
            run.to_string()
        };
        let layer = IdempotencyLayer::new(engine(store.clone(), Mode::AtMostOnce));
        Router::new().route(AT_ONCE, post(handler)).layer(layer)
    };
    let invocations = Invocations::now();
    runtime().block_on(async {
        let send = |_| {
            let request: Request<Body> = request(AT_ONCE, &invocations, 1);
            tokio::spawn(router.clone().oneshot(request))
        };
        let sent: Vec<_> = (0..scaled(DUPLICATES)).map(send).collect();
        // The tasks of one thread are polled in the order in which they were spawned: whoever opens comes last.
        let opened = tokio::spawn(async move { gate.add_permits(1) });
        for sent in sent {
            let response = sent.await.unwrap().unwrap();
            assert_eq!(response.status(), 200);
            let body = axum::body::to_bytes(response.into_body(), 64).await;
            assert_eq!(body.unwrap(), "0");
        }
        opened.await.unwrap();
    });
    note("idem-dup-runs", runs.load(Ordering::Relaxed));
    note("idem-dup-trips", store.trips());
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}
