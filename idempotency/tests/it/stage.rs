//! Engines on a store that can fail, in a time that stands still, and doors to them.

use core::convert::Infallible;
use core::future::Future;

use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::http::Request;
use axum::http::Response;
use http_body_util::BodyExt;
use http_body_util::Full;
use serde_json::Value;
use skeleton_idempotency::Capacity;
use skeleton_idempotency::Engine;
use skeleton_idempotency::EngineBuilder;
use skeleton_idempotency::GuardedBody;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::Limits;
use skeleton_idempotency::MemoryStore;
use skeleton_idempotency::Policies;
use skeleton_idempotency::Policy;
use skeleton_idempotency::REPLAYED;
use skeleton_idempotency::Store;
use skeleton_idempotency::Tracker;
use skeleton_idempotency::testing::FaultStore;
use skeleton_idempotency::testing::Faults;
use skeleton_idempotency::testing::Recorder;
use skeleton_idempotency::testing::TokioClock;
use skeleton_invocation_context::InvocationContext;
use tokio::task::JoinHandle;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;
use tower::util::BoxCloneSyncService;

use crate::helpers::alice_calls;
use crate::helpers::invocation_no;
use crate::helpers::keys;
use crate::helpers::now;
use crate::script::Script;
use crate::script::data;

/// What each engine of a test has.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) clock: TokioClock,
    pub(crate) store: FaultStore<MemoryStore>,
    pub(crate) signals: Recorder,
    pub(crate) tracker: Tracker,
}

impl Stage {
    /// To be called within the runtime whose time it follows.
    pub(crate) fn new() -> Self {
        Self::of_capacity(Capacity::mib(64))
    }

    pub(crate) fn of_capacity(capacity: Capacity) -> Self {
        let clock = TokioClock::starting_at(now());
        Self {
            clock,
            store: FaultStore::new(MemoryStore::new(capacity, clock)),
            signals: Recorder::default(),
            tracker: Tracker::new(),
        }
    }

    /// Another process on the same store.
    pub(crate) fn elsewhere(&self) -> Self {
        Self {
            clock: self.clock,
            store: self.store.apart(),
            signals: Recorder::default(),
            tracker: Tracker::new(),
        }
    }

    pub(crate) fn faults(&self) -> &Faults {
        self.store.faults()
    }

    pub(crate) fn building(
        &self,
        policy: impl Into<Policy>,
    ) -> EngineBuilder<FaultStore<MemoryStore>, Policies> {
        Engine::builder(self.store.clone(), keys(), self.clock)
            .mode(policy)
            .observer(self.signals.clone())
            .tracker(&self.tracker)
    }

    pub(crate) fn engine(&self, policy: impl Into<Policy>) -> Engine<FaultStore<MemoryStore>> {
        self.building(policy).build().unwrap()
    }

    pub(crate) fn engine_within(
        &self,
        policy: impl Into<Policy>,
        limits: Limits,
    ) -> Engine<FaultStore<MemoryStore>> {
        self.building(policy).limits(limits).build().unwrap()
    }

    /// A door with the usual limits.
    pub(crate) fn door<H, F>(&self, policy: impl Into<Policy>, handler: H) -> Door
    where
        H: Fn(Request<Full<Bytes>>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Script>> + Send + 'static,
    {
        door(&self.engine(policy), handler)
    }
}

/// The layer around a handler.
pub(crate) type Door =
    BoxCloneSyncService<Request<Full<Bytes>>, Response<GuardedBody<Script>>, Infallible>;

pub(crate) fn door<St, H, F>(engine: &Engine<St>, handler: H) -> Door
where
    St: Store,
    H: Fn(Request<Full<Bytes>>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Script>> + Send + 'static,
{
    let handler = service_fn(move |request| {
        let answered = handler(request);
        async move { Ok::<_, Infallible>(answered.await) }
    });
    BoxCloneSyncService::new(IdempotencyLayer::new(engine.clone()).layer(handler))
}

pub(crate) fn ok(body: impl Into<Bytes>) -> Response<Script> {
    of_status(200, body)
}

pub(crate) fn of_status(status: u16, body: impl Into<Bytes>) -> Response<Script> {
    let mut response = Response::new(Script::known([data(body)]));
    *response.status_mut() = status.try_into().unwrap();
    response
}

/// A call of alice's, under the invocation of that number.
pub(crate) fn call(number: u64, body: &str) -> Request<Full<Bytes>> {
    by(
        alice_calls().invocation(invocation_no(number)).build(),
        body,
    )
}

pub(crate) fn by(ctx: InvocationContext, body: &str) -> Request<Full<Bytes>> {
    let body = Full::new(Bytes::copy_from_slice(body.as_bytes()));
    let mut request = Request::post("/commands/transfer-money")
        .body(body)
        .unwrap();
    request.extensions_mut().insert(ctx);
    request
}

/// What a caller saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: Option<HeaderMap>,
    /// Whether the body broke off.
    pub(crate) broke: bool,
}

impl Seen {
    /// The `code` of a problem.
    pub(crate) fn code(&self) -> String {
        let problem: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        problem["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn replayed(&self) -> Option<&str> {
        self.headers
            .get(REPLAYED)
            .map(|said| said.to_str().unwrap())
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn is(&self, status: u16, code: &str) -> bool {
        (self.status, self.code().as_str()) == (status, code)
    }

    /// Status, body, and what it says of replays.
    pub(crate) fn gist(&self) -> (u16, &[u8], Option<&str>) {
        (self.status, &self.body, self.replayed())
    }
}

pub(crate) async fn send(door: &Door, request: Request<Full<Bytes>>) -> Seen {
    read(door.clone().oneshot(request).await.unwrap()).await
}

/// The same in a task of its own.
pub(crate) fn sending(door: &Door, request: Request<Full<Bytes>>) -> JoinHandle<Seen> {
    let door = door.clone();
    tokio::spawn(async move { send(&door, request).await })
}

pub(crate) async fn read(response: Response<GuardedBody<Script>>) -> Seen {
    let (parts, mut body) = response.into_parts();
    let (mut bytes, mut trailers, mut broke) = (Vec::new(), None, false);
    while let Some(frame) = body.frame().await {
        match frame.map(http_body::Frame::into_data) {
            Ok(Ok(data)) => bytes.extend(data),
            Ok(Err(frame)) => trailers = frame.into_trailers().ok(),
            Err(_) => {
                broke = true;
                break;
            }
        }
    }
    Seen {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: bytes.into(),
        trailers,
        broke,
    }
}
