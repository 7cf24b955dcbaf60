//! One router, bare and behind each layer, and the requests that all of them get.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::http::Request;
use axum::http::Response;
use axum::http::header::CONTENT_TYPE;
use axum::http::header::COOKIE;
use axum::response::IntoResponse;
use axum::routing::post;
use axum_idempotent::IdempotentLayer;
use axum_idempotent::IdempotentOptions;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt as _;
use ruts::CookieOptions;
use ruts::SessionLayer;
use ruts::store::moka::MokaStore;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::Mode;
use tower::ServiceExt as _;
use tower_cookies::CookieManagerLayer;

use crate::world::Invocations;
use crate::world::PAYLOAD;
use crate::world::engine;
use crate::world::memory;

/// The handler has its answer at once.
pub(crate) const AT_ONCE: &str = "/commands/transfer-money";
/// The handler waits once, as it would for a database.
pub(crate) const WAITING: &str = "/commands/post-money";

/// How many requests of one session the peer sees. It looks through all that a session holds whenever it stores an answer,
/// and makes a new entry of its cache for every session: of 1, 4, 8, 16, 64 and 512 it likes 4 and 8 best.
const PER_SESSION: u64 = 8;

/// A router, and how often its handlers ran.
pub(crate) struct Door {
    pub(crate) router: Router,
    runs: Arc<AtomicU64>,
}

impl Door {
    fn of(layer: impl FnOnce(Router) -> Router) -> Self {
        let runs = Arc::new(AtomicU64::new(0));
        let (at_once, waiting) = (Arc::clone(&runs), Arc::clone(&runs));
        let transfer = move |payload: Bytes| async move { answer(&at_once, &payload) };
        let post_money = move |payload: Bytes| async move {
            let response = answer(&waiting, &payload);
            tokio::task::yield_now().await;
            response
        };
        let routes = Router::new()
            .route(AT_ONCE, post(transfer))
            .route(WAITING, post(post_money));
        Self {
            router: layer(routes),
            runs,
        }
    }

    pub(crate) fn bare() -> Self {
        Self::of(|routes| routes)
    }

    pub(crate) fn ours() -> Self {
        let layer = IdempotencyLayer::new(engine(memory(), Mode::AtMostOnce));
        Self::of(|routes| routes.layer(layer))
    }

    /// The peer takes the client's key and does not look at the payload: its fastest way.
    pub(crate) fn peer() -> Self {
        Self::peer_with(IdempotentOptions::default().use_idempotency_key_header(None, true))
    }

    /// The peer hashes the request, payload and fields: as it does by default.
    pub(crate) fn peer_hashing() -> Self {
        Self::peer_with(IdempotentOptions::default())
    }

    fn peer_with(options: IdempotentOptions) -> Self {
        let store = Arc::new(MokaStore::builder().build());
        let cookie = CookieOptions::build().name("session");
        let session = SessionLayer::new(store).with_cookie_options(cookie);
        let layers = (
            CookieManagerLayer::new(),
            session,
            IdempotentLayer::<MokaStore>::new(options),
        );
        Self::of(|routes| routes.layer(layers))
    }

    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Sends the requests one after the other, and reads each answer to its end.
    pub(crate) async fn serve(&self, requests: Vec<Request<Body>>) {
        for request in requests {
            let response = self.send(request).await;
            assert_eq!(response.status(), 200);
            black_box(response.into_body());
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Bytes> {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Response::from_parts(parts, body)
    }
}

fn answer(runs: &AtomicU64, payload: &Bytes) -> impl IntoResponse + use<> {
    runs.fetch_add(1, Ordering::Relaxed);
    black_box(payload);
    let body = PAYLOAD.as_bytes().to_vec();
    ([(CONTENT_TYPE, "application/json")], body)
}

/// The request of an invocation: with what each of the layers needs.
pub(crate) fn request(path: &str, invocations: &Invocations, number: u64) -> Request<Body> {
    let session = u128::from(number / PER_SESSION).to_be_bytes();
    let session = format!("session={}", URL_SAFE_NO_PAD.encode(session));
    let mut request = Request::post(path)
        .header(CONTENT_TYPE, "application/json")
        .header(COOKIE, session)
        .header("idempotency-key", invocations.id(number).to_string())
        .body(Body::from(PAYLOAD.as_bytes().to_vec()))
        .unwrap();
    request.extensions_mut().insert(invocations.context(number));
    request
}
