//! The layer as the tests drive it: payloads, a locator, and a handler that counts and echoes.

use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::Request;
use http::Response;
use http_body::Frame;
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::AuthorizationLayer;
use skeleton_authz::DecisionRecord;
use skeleton_authz::Guarded;
use skeleton_authz::Locator;
use skeleton_authz::Operations;
use skeleton_authz::Permission;
use skeleton_authz::Placement;
use skeleton_authz::ResourceRef;
use skeleton_authz::Target;
use skeleton_authz::Unavailable;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::bank::Manager;
use crate::bank::account;
use crate::helpers::FRANCE;
use crate::helpers::NOWHERE;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::tenant;

/// Needs a permission in the container that it names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InContainer<P> {
    pub(crate) container: ContainerId,
    #[serde(skip)]
    needs: core::marker::PhantomData<P>,
}

pub(crate) type OpenAccount = InContainer<account::Open>;
pub(crate) type ReadAccounts = InContainer<account::Read>;
pub(crate) type TransferAll = InContainer<account::TransferOwnership>;

impl<P> InContainer<P> {
    pub(crate) const fn at(container: ContainerId) -> Self {
        let needs = core::marker::PhantomData;
        Self { container, needs }
    }
}

impl<P: Permission> Guarded for InContainer<P> {
    type Needs = P;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.container)
    }
}

/// Needs a permission where the account is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetrieveAccount {
    pub(crate) account: String,
}

impl Guarded for RetrieveAccount {
    type Needs = account::Read;

    fn target(&self) -> Target<'_> {
        Target::Resource(ResourceRef::new("account", self.account.clone()))
    }
}

/// Needs a permission for the tenant as a whole.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseAll {}

impl Guarded for CloseAll {
    type Needs = account::Close;

    fn target(&self) -> Target<'_> {
        Target::Root
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAccounts {}

pub(crate) fn operations() -> Operations {
    Operations::new()
        .public("log-in")
        .guarded::<OpenAccount>("open-account")
        .guarded::<ReadAccounts>("read-accounts")
        .guarded::<TransferAll>("transfer-all")
        .guarded::<RetrieveAccount>("retrieve-account")
        .guarded::<CloseAll>("close-all")
        .listing::<account::Read, ListAccounts>("list-accounts")
}

/// The guarded operations that name a container, and what they need.
pub(crate) const IN_CONTAINER: [(&str, &str); 3] = [
    ("open-account", account::Open::NAME),
    ("read-accounts", account::Read::NAME),
    ("transfer-all", account::TransferOwnership::NAME),
];

pub(crate) fn in_container(container: ContainerId) -> String {
    serde_json::json!({ "container": container.to_string() }).to_string()
}

pub(crate) fn account_named(name: &str) -> String {
    json!({ "account": name }).to_string()
}

/// Where the accounts are. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Arc<Mutex<Held>>);

#[derive(Debug, Default)]
struct Held {
    accounts: HashMap<(TenantId, String), ContainerId>,
    after_check: Option<ContainerId>,
    is_down: bool,
}

impl Places {
    pub(crate) fn put(&self, tenant: TenantId, account: &str, at: ContainerId) {
        let mut held = self.0.lock().unwrap();
        held.accounts.insert((tenant, account.to_owned()), at);
    }

    /// Whatever is located next moves there as soon as it was.
    pub(crate) fn move_after_check(&self, to: ContainerId) {
        self.0.lock().unwrap().after_check = Some(to);
    }

    pub(crate) fn take_down(&self) {
        self.0.lock().unwrap().is_down = true;
    }

    pub(crate) fn now(&self, tenant: TenantId, account: &str) -> Option<Placement> {
        let held = self.0.lock().unwrap();
        let at = held.accounts.get(&(tenant, account.to_owned()));
        at.copied().map(Placement::new)
    }
}

impl Locator for Places {
    async fn locate(
        &self,
        t: InTenant<'_>,
        resource: &ResourceRef<'_>,
    ) -> Result<Option<Placement>, Unavailable> {
        tokio::task::yield_now().await;
        assert_eq!(resource.kind(), "account");
        if self.0.lock().unwrap().is_down {
            return Err(Unavailable::new("no accounts"));
        }
        let found = self.now(t.tenant(), resource.id());
        let moved = self.0.lock().unwrap().after_check.take();
        if let Some(to) = moved {
            self.put(t.tenant(), resource.id(), to);
        }
        Ok(found)
    }
}

/// The layer around a handler that echoes the payload it gets.
pub(crate) struct Door {
    layer: AuthorizationLayer,
    pub(crate) places: Places,
    calls: Arc<AtomicUsize>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) record: Option<DecisionRecord>,
}

impl Door {
    pub(crate) fn of(world: &World) -> Self {
        Self::with(world, operations())
    }

    pub(crate) fn with(world: &World, operations: Operations) -> Self {
        let places = Places::default();
        let layer = AuthorizationLayer::new(world.authorizer.clone(), operations);
        Self {
            layer: layer.with_locator(places.clone()),
            places,
            calls: Arc::default(),
        }
    }

    /// How often the handler was called.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) async fn send(
        &self,
        ctx: impl Into<Asking>,
        operation: &str,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::post(format!("/commands/{operation}"));
        if let Asking(Some(ctx)) = ctx.into() {
            request = request.extension(ctx);
        }
        self.ask(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let calls = Arc::clone(&self.calls);
        let echo = service_fn(move |request: Request<Body>| {
            calls.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, Infallible>(Response::new(request.into_body())) }
        });
        let answer = self.layer.layer(echo).oneshot(request).await.unwrap();
        Answer::of(answer).await
    }
}

/// Account 1 manages France; one account lies there and one in Texas.
pub(crate) async fn bank() -> (World, Door) {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(FRANCE))).await;
    let door = Door::of(&world);
    door.places.put(tenant(1), "fr-001", container(FRANCE));
    door.places.put(tenant(1), "tx-001", container(TEXAS));
    door.places.put(tenant(1), "lost", container(NOWHERE));
    door.places.put(tenant(2), "ab-001", container(FRANCE));
    (world, door)
}

/// The answer, which must be a refusal that no handler saw.
pub(crate) async fn refused(door: &Door, operation: &str, body: impl Into<Body>) -> Answer {
    let before = door.calls();
    let answer = door.send(&caller(1), operation, body).await;
    assert_eq!(door.calls(), before, "the handler was called");
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    let instance = caller(1).trace().current().to_string();
    assert_eq!(answer.json()["instance"], instance);
    answer
}

impl Answer {
    pub(crate) async fn of(answer: Response<Body>) -> Self {
        let (parts, body) = answer.into_parts();
        Self {
            status: parts.status.as_u16(),
            record: parts.extensions.get().cloned(),
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// All that goes over the wire.
    pub(crate) fn bytes(&self) -> (u16, &HeaderMap, &[u8]) {
        (self.status, &self.headers, &self.body)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        core::str::from_utf8(&self.body).unwrap()
    }
}

/// Who asks; nobody at all if no layer said so.
pub(crate) struct Asking(pub(crate) Option<InvocationContext>);

impl<A: skeleton_invocation_context::AccessKind> From<&InvocationContext<A>> for Asking {
    fn from(ctx: &InvocationContext<A>) -> Self {
        Self(Some(ctx.clone().into_access()))
    }
}

/// A body of as many chunks as it is told, which then breaks off; it counts how often it is asked.
pub(crate) struct Endless {
    left: usize,
    polls: Arc<AtomicUsize>,
}

impl Endless {
    pub(crate) const CHUNK: usize = 64 * 1024;

    pub(crate) fn breaking_after(left: usize) -> (Body, Arc<AtomicUsize>) {
        let polls = Arc::new(AtomicUsize::new(0));
        let body = Self {
            left,
            polls: Arc::clone(&polls),
        };
        (Body::new(body), polls)
    }
}

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.polls.fetch_add(1, Ordering::SeqCst);
        let chunk = Bytes::from_static(&[b' '; Self::CHUNK]);
        let next = match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(Frame::data(chunk))
            }
            None => Err(std::io::Error::other("the client is gone")),
        };
        Poll::Ready(Some(next))
    }
}
