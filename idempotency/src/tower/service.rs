//! The service around a handler.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use bytes::Bytes;
use http::Request;
use http::Response;
use http_body::Body;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use tokio::sync::oneshot;
use tower::Service;

use super::REPLAYED;
use super::body::BoxError;
use super::body::GuardedBody;
use super::capture::Live;
use super::capture::capture;
use super::replay::Shown;
use super::replay::Stored;
use super::replay::replay;
use super::request;
use super::request::Prepared;
use super::request::Slot;
use crate::answer::Answer;
use crate::ask::Mode;
use crate::driver::Left;
use crate::driver::Told;
use crate::driver::run_one;
use crate::driver::spawn_unless_ready;
use crate::engine::Engine;
use crate::execution::Execution;
use crate::key::IdempotencyKey;
use crate::observe::Signal;
use crate::outcome::End;
use crate::policy::Policy;
use crate::refused::Refused;
use crate::store::InTransaction;
use crate::store::Store;

/// The service that [`IdempotencyLayer`](crate::IdempotencyLayer) makes.
#[derive(Debug)]
pub struct IdempotencyService<S, St = InTransaction> {
    inner: S,
    engine: Engine<St>,
}

impl<S, St> IdempotencyService<S, St> {
    pub(super) const fn new(inner: S, engine: Engine<St>) -> Self {
        Self { inner, engine }
    }
}

impl<S: Clone, St> Clone for IdempotencyService<S, St> {
    fn clone(&self) -> Self {
        Self::new(self.inner.clone(), self.engine.clone())
    }
}

impl<S, St, ReqBody, ResBody> Service<Request<ReqBody>> for IdempotencyService<S, St>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    St: Store,
    ReqBody: Body + From<Bytes> + Send + 'static,
    ReqBody::Data: Send,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body + Send + 'static,
    ResBody::Data: Send,
    ResBody::Error: Into<BoxError> + Send,
{
    type Response = Response<GuardedBody<ResBody>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The service that was polled ready is called; the clone waits for its turn.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let engine = self.engine.clone();
        if !request::is_guarded(&engine, &request) {
            let response = inner.call(request);
            return Box::pin(async move { Ok(response.await?.map(GuardedBody::inner)) });
        }
        Box::pin(async move {
            match request::prepare(&engine, request).await {
                Ok(prepared) => guarded(engine, inner, prepared).await,
                Err(problem) => Ok(problem.into_http()),
            }
        })
    }
}

/// What the connection waits for.
type Sent<B, E> = Result<Response<GuardedBody<B>>, E>;

/// Runs the attempt in a task of its own, and waits for its answer.
async fn guarded<S, St, ReqBody, ResBody>(
    engine: Engine<St>,
    inner: S,
    prepared: Prepared,
) -> Sent<ResBody, S::Error>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    St: Store,
    ReqBody: From<Bytes> + Send + 'static,
    ResBody: Body + Send + 'static,
    ResBody::Data: Send,
    ResBody::Error: Into<BoxError> + Send,
{
    let instance = prepared.instance;
    let (line, told) = Line::new();
    spawn_unless_ready(attempt(engine, inner, prepared, line)).await;
    told.await.unwrap_or_else(|_| {
        // The runtime ends, and took the task with it.
        let problem = Problem::from(Refused::Unavailable).with_instance(instance);
        Ok(problem.into_http())
    })
}

async fn attempt<S, St, ReqBody, ResBody>(
    engine: Engine<St>,
    inner: S,
    prepared: Prepared,
    line: Line<ResBody, S::Error>,
) where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    St: Store,
    ReqBody: From<Bytes> + Send + 'static,
    ResBody: Body + Send + 'static,
    ResBody::Data: Send,
    ResBody::Error: Into<BoxError> + Send,
{
    let Prepared {
        mut parts,
        payload,
        once,
        instance,
    } = prepared;
    let (mode, policy, key) = (once.mode(), once.policy().clone(), once.key().clone());
    let shown = if once.is_status_only() {
        Shown::StatusOnly
    } else {
        Shown::All
    };
    let begin = line.clone();
    let work = {
        let policy = policy.clone();
        move |once: Execution| async move {
            let guarded = once.guarded();
            parts.extensions.insert(Slot::of(once));
            let mut inner = inner;
            let called = inner.call(Request::from_parts(parts, ReqBody::from(payload)));
            match called.await {
                Err(error) => (End::Doubt, Called::Failed(error)),
                Ok(response) if mode == Mode::Transactional => {
                    in_transaction(response, guarded.is_set(), (shown, instance))
                }
                Ok(response) => {
                    let begin = |response| begin.send(Ok(response));
                    let (end, live) = capture(response, (mode, &policy), begin).await;
                    (end, Called::Live(live))
                }
            }
        }
    };
    let tell = |told| finish(told, (&policy, &key, shown), instance, &line);
    run_one(engine.parts(), once, work, tell).await;
    if line.was_left() {
        let observer = &engine.parts().observer;
        observer.observe(key.operation(), mode, Signal::Detached);
    }
}

/// What a handler left.
enum Called<B, E> {
    Live(Live<B>),
    Failed(E),
}

impl<B, E> Left for Called<B, E> {
    fn is_replay(&self) -> bool {
        match self {
            Self::Live(Live::Response(response)) => response.headers().contains_key(REPLAYED),
            Self::Live(Live::Ending(..)) | Self::Failed(_) => false,
        }
    }
}

/// The handler has recorded its answer with its effect, or nothing was guarded.
fn in_transaction<B, E>(
    response: Response<B>,
    has_asked: bool,
    (shown, instance): (Shown, InvocationId),
) -> (End, Called<B, E>) {
    let stored = response.extensions().get::<Stored>().cloned();
    if stored.is_none() && !has_asked && response.status().is_success() {
        let unguarded = Problem::new(ProblemKind::Misconfigured)
            .with_detail("the handler answered without asking its store")
            .with_instance(instance);
        return (
            End::Doubt,
            Called::Live(Live::Response(unguarded.into_http())),
        );
    }
    let mut response = response.map(GuardedBody::inner);
    let Some(Stored(answer)) = stored else {
        response.headers_mut().remove(REPLAYED);
        return (End::Doubt, Called::Live(Live::Response(response)));
    };
    if shown == Shown::StatusOnly && response.headers().contains_key(REPLAYED) {
        response = replay(&answer, shown);
    }
    (End::Answer(answer), Called::Live(Live::Response(response)))
}

async fn finish<B, E>(
    told: Told<Called<B, E>>,
    (policy, key, shown): (&Policy, &IdempotencyKey, Shown),
    instance: InvocationId,
    line: &Line<B, E>,
) {
    match told {
        Told::First(Called::Live(Live::Response(response))) => line.send(Ok(response)),
        Told::First(Called::Live(Live::Ending(sender, last))) => sender.end(last).await,
        Told::First(Called::Failed(error)) => line.send(Err(error)),
        Told::Replay(answer) => {
            let answer = whole(answer, policy, key).await;
            line.send(Ok(replay(&answer, shown)));
        }
        Told::Refused(refused) => {
            let problem = Problem::from(refused).with_instance(instance);
            line.send(Ok(problem.into_http()));
        }
    }
}

/// The answer with a body again, if somebody can make it.
async fn whole(answer: Answer, policy: &Policy, key: &IdempotencyKey) -> Answer {
    match policy.reconstruct() {
        Some(hook) if answer.is_tombstone() => {
            hook.reconstruct(key, &answer).await.unwrap_or(answer)
        }
        _ => answer,
    }
}

/// The line to the connection: the first answer goes through, and nothing after it.
struct Line<B, E>(Arc<Mutex<Ends<B, E>>>);

struct Ends<B, E> {
    sender: Option<oneshot::Sender<Sent<B, E>>>,
    was_left: bool,
}

impl<B, E> Clone for Line<B, E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B, E> Line<B, E> {
    fn new() -> (Self, oneshot::Receiver<Sent<B, E>>) {
        let (sender, receiver) = oneshot::channel();
        let ends = Ends {
            sender: Some(sender),
            was_left: false,
        };
        (Self(Arc::new(Mutex::new(ends))), receiver)
    }

    fn send(&self, answer: Sent<B, E>) {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = ends.sender.take() {
            ends.was_left = sender.send(answer).is_err();
        }
    }

    fn was_left(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .was_left
    }
}
