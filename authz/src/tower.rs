//! Step 5 of the way of an invocation: the check before the handler.

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
use http_body_util::BodyExt;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Operation as OperationName;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;
use skeleton_tenancy_tree::InTenant;
use tower::Layer;
use tower::Service;

use crate::authorizer::Authorizer;
use crate::decision::DecisionRecord;
use crate::guarded::ErasedLocator;
use crate::guarded::Locator;
use crate::operations::Handed;
use crate::operations::Means;
use crate::operations::Operation;
use crate::operations::Operations;
use crate::operations::Outcome;
use crate::snapshot::Snapshot;

/// The most bytes of a payload.
const MAX_PAYLOAD: usize = 1024 * 1024;

/// Checks every request before its handler: reads the payload once, decides by one snapshot, and hands payload and proof
/// inward together with the bytes as they came.
///
/// It stands inside authentication and directly around the routes (`Router::route_layer` in axum), so that a request
/// that matches no route stays the router's 404. An operation that the registry does not name is refused with 500
/// before its handler. A listing that succeeds although its handler never took the snapshot has checked nothing: its
/// answer is dropped for a 500. The answer to a guarded operation carries the [`DecisionRecord`] in its extensions, for the audit
/// outside; there is none where nothing was decided, as for a payload that cannot be read.
#[derive(Clone)]
pub struct AuthorizationLayer(Arc<Parts>);

struct Parts {
    authorizer: Authorizer,
    operations: Operations,
    locator: Option<Arc<dyn ErasedLocator>>,
}

impl AuthorizationLayer {
    /// A layer that checks these operations.
    #[must_use]
    pub fn new(authorizer: Authorizer, operations: Operations) -> Self {
        Self(Arc::new(Parts {
            authorizer,
            operations,
            locator: None,
        }))
    }

    /// With the port that finds where resources are.
    #[must_use]
    pub fn with_locator(self, locator: impl Locator) -> Self {
        let Parts {
            authorizer,
            operations,
            ..
        } = &*self.0;
        let (authorizer, operations) = (authorizer.clone(), operations.clone());
        Self(Arc::new(Parts {
            authorizer,
            operations,
            locator: Some(Arc::new(locator)),
        }))
    }
}

impl core::fmt::Debug for AuthorizationLayer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("AuthorizationLayer")
            .field(&self.0.operations)
            .finish()
    }
}

impl<S> Layer<S> for AuthorizationLayer {
    type Service = AuthorizationService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthorizationService {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`AuthorizationLayer`] makes.
#[derive(Clone, Debug)]
pub struct AuthorizationService<S> {
    inner: S,
    layer: AuthorizationLayer,
}

/// Hands what was checked from the layer to an extractor; it can be emptied once.
#[derive(Clone)]
pub(crate) struct Slot(Arc<Mutex<Option<Admitted>>>);

/// Who was admitted, and with what.
type Admitted = (InvocationContext<Authenticated>, Handed);

impl Slot {
    #[cfg_attr(
        not(feature = "axum-08"),
        expect(dead_code, reason = "its reader is an extractor")
    )]
    pub(crate) fn take(&self) -> Option<Admitted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn is_full(&self) -> bool {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.is_some()
    }
}

/// A request that may go on to its handler.
struct Passed<B> {
    request: Request<B>,
    record: Option<DecisionRecord>,
    /// What must be empty by the time of a success: nothing was decided before the handler.
    watched: Option<Watched>,
}

struct Watched {
    slot: Slot,
    instance: InvocationId,
}

impl Watched {
    fn is_unchecked<B>(&self, answer: &Response<B>) -> bool {
        answer.status().is_success() && self.slot.is_full()
    }

    fn problem(&self) -> Problem {
        Problem::new(ProblemKind::Misconfigured)
            .with_detail("the handler answered without a check")
            .with_instance(self.instance)
    }
}

/// The answer to a refused request, with what was decided.
type Refused = (Problem, Option<DecisionRecord>);

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for AuthorizationService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    ReqBody: Body + From<Bytes> + Send + 'static,
    ReqBody::Data: Send,
    ReqBody::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    ResBody: ProblemBody,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // The service that was polled ready is called; the clone waits for its turn.
        let clone = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let (mut response, record) = match layer.0.admit(request).await {
                Ok(passed) => {
                    let answer = inner.call(passed.request).await?;
                    let watched = passed.watched.filter(|held| held.is_unchecked(&answer));
                    let answer = watched.map_or(answer, |held| held.problem().into_http());
                    (answer, passed.record)
                }
                Err((problem, record)) => (problem.into_http(), record),
            };
            if let Some(record) = record {
                // A handler that checks more, and refuses, has noted the nearer decision already.
                response.extensions_mut().get_or_insert(record);
            }
            Ok(response)
        })
    }
}

impl Parts {
    async fn admit<B>(&self, request: Request<B>) -> Result<Passed<B>, Refused>
    where
        B: Body + From<Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let ctx = request.extensions().get::<InvocationContext>().cloned();
        let ctx = ctx.ok_or_else(|| (Problem::missing_layer("ContextLayer"), None))?;
        let instance = ctx.trace().current();
        let named = |(problem, record): Refused| (problem.with_instance(instance), record);
        let check = match self
            .operation(&request)
            .map_err(|problem| named((problem, None)))?
        {
            Operation::Public => {
                return Ok(Passed {
                    request,
                    record: None,
                    watched: None,
                });
            }
            Operation::Checked(check) => check,
            Operation::Ambiguous => {
                let twice = "the registry of AuthorizationLayer names the operation twice";
                let twice = Problem::new(ProblemKind::Misconfigured).with_detail(twice);
                return Err(named((twice, None)));
            }
        };
        let ctx = ctx.authenticated().map_err(|_| {
            let anonymous = Problem::new(ProblemKind::Unauthenticated).with_challenge("Bearer");
            named((anonymous, None))
        })?;
        let (mut parts, body) = request.into_parts();
        let payload = read(body).await.map_err(|problem| named((problem, None)))?;
        let snapshot = self
            .snapshot(&ctx)
            .await
            .map_err(|problem| named((problem, None)))?;
        let locator = self.locator.as_deref();
        let means = Means {
            locator,
            ctx: &ctx,
            snapshot,
        };
        let outcome: Outcome = check.check(means, &payload).await;
        let (handed, record) = outcome.map_err(named)?;
        let slot = Slot(Arc::new(Mutex::new(Some((ctx, handed)))));
        let watched = record.is_none().then(|| Watched {
            slot: slot.clone(),
            instance,
        });
        parts.extensions.insert(slot);
        Ok(Passed {
            request: Request::from_parts(parts, payload.into()),
            record,
            watched,
        })
    }

    fn operation<B>(&self, request: &Request<B>) -> Result<Operation, Problem> {
        let name = OperationName::of_request(request);
        let found = name
            .as_ref()
            .and_then(|name| self.operations.get(name.as_str()));
        found.cloned().ok_or_else(|| {
            Problem::new(ProblemKind::Misconfigured)
                .with_detail("the operation is not in the registry of AuthorizationLayer")
        })
    }

    /// The snapshot of the caller's tenant; its views are loaded if nobody has yet.
    async fn snapshot(&self, ctx: &InvocationContext<Authenticated>) -> Result<Snapshot, Problem> {
        if let Ok(snapshot) = self.authorizer.snapshot(ctx) {
            return Ok(snapshot);
        }
        self.authorizer.load(InTenant::of(ctx)).await?;
        Ok(self.authorizer.snapshot(ctx)?)
    }
}

async fn read<B>(body: B) -> Result<Bytes, Problem>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, MAX_PAYLOAD).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::new(ProblemKind::TooLarge)),
        Err(_) => Err(Problem::new(ProblemKind::Malformed).with_detail("the body broke off")),
    }
}
