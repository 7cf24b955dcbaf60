//! Whether a request may go on to its handler, and with what.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http::Request;
use http::header;
use http_body::Body;
use http_body_util::BodyExt;
use http_body_util::LengthLimitError;
use http_body_util::Limited;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation as OperationName;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::is_grpc;

use super::Parts;
use super::events;
use super::pending::Pending;
use super::slot::Slot;
use super::slot::Watched;
use super::slot::Witness;
use crate::decision::DecisionRecord;
use crate::operations::Check;
use crate::operations::Means;
use crate::operations::Operation;
use crate::snapshot::Asked;
use crate::snapshot::Snapshot;

/// The most bytes of a payload.
const MAX_PAYLOAD: usize = 1024 * 1024;

/// A request that may go on to its handler.
pub(super) struct Passed<B> {
    pub(super) request: Request<B>,
    /// Nothing for a public operation.
    pub(super) watched: Option<Watched>,
}

/// The answer to a refused request, with what was decided.
pub(super) struct Refused {
    pub(super) problem: Problem,
    pub(super) record: Option<DecisionRecord>,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            record: None,
        }
    }
}

impl Parts {
    /// What the form of an answer depends on: for gRPC the content type, else nothing. The service says which it is: a
    /// client that could choose would turn refusals into answers with status 200.
    pub(super) fn language(&self, headers: &HeaderMap) -> HeaderMap {
        let content_type = headers.get(header::CONTENT_TYPE);
        let is_told = self.is_for_grpc && is_grpc(headers);
        let content_type = content_type.filter(|_| is_told).cloned();
        content_type
            .map(|value| (header::CONTENT_TYPE, value))
            .into_iter()
            .collect()
    }

    pub(super) async fn admit<B>(&self, request: Request<B>) -> Result<Passed<B>, Refused>
    where
        B: Body + ProblemBody,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let ctx = request.extensions().get::<InvocationContext>().cloned();
        let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
        let instance = ctx.trace().current();
        let name = OperationName::of_request(&request);
        let admitted = match self.operation(name.as_ref()) {
            Ok(Operation::Public) => {
                return Ok(Passed {
                    request,
                    watched: None,
                });
            }
            Ok(Operation::Checked(check)) => self.checked(request, ctx, &check).await,
            Ok(Operation::Ambiguous) => {
                let twice = "the registry of AuthorizationLayer names the operation twice";
                let twice = Problem::new(ProblemKind::Misconfigured).with_detail(twice);
                Err(twice.into())
            }
            Err(problem) => Err(problem.into()),
        };
        let operation = name.as_ref().map_or("", OperationName::as_str);
        match admitted {
            Ok((request, by)) => {
                let operation = operation.to_owned();
                let watched = Some(Watched {
                    by,
                    operation,
                    instance,
                });
                Ok(Passed { request, watched })
            }
            Err(Refused { problem, record }) => {
                events::refused(operation, &problem, record.as_ref());
                let problem = problem.with_instance(instance);
                Err(Refused { problem, record })
            }
        }
    }

    fn operation(&self, name: Option<&OperationName>) -> Result<Operation, Problem> {
        let found = name.and_then(|name| self.operations.get(name.as_str()));
        found.cloned().ok_or_else(|| {
            Problem::new(ProblemKind::Misconfigured)
                .with_detail("the operation is not in the registry of AuthorizationLayer")
        })
    }

    /// The request with what was checked, or with what its handler is to check by.
    async fn checked<B>(
        &self,
        request: Request<B>,
        ctx: InvocationContext,
        check: &Arc<dyn Check>,
    ) -> Result<(Request<B>, Witness), Refused>
    where
        B: Body + ProblemBody,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let ctx = ctx
            .authenticated()
            .map_err(|_| Problem::new(ProblemKind::Unauthenticated).with_challenge("Bearer"))?;
        if self.is_for_grpc {
            let (snapshot, asked) = self.watched(&ctx, check).await?;
            return Ok(self.pending(request, check, (snapshot, asked)));
        }
        let (mut parts, body) = request.into_parts();
        let payload = read(body).await?;
        let (snapshot, asked) = self.watched(&ctx, check).await?;
        let means = Means {
            locator: self.locator.as_deref(),
            snapshot,
        };
        let outcome = check.check(means, &payload).await;
        let (handed, record) = outcome.map_err(|(problem, record)| Refused { problem, record })?;
        let slot = Slot::new((ctx, handed));
        parts.extensions.insert(slot.clone());
        let witness = record.map_or(Witness::Slot(slot, asked), Witness::Record);
        let body = B::from_problem_json(payload.into());
        Ok((Request::from_parts(parts, body), witness))
    }

    fn pending<B>(
        &self,
        mut request: Request<B>,
        check: &Arc<dyn Check>,
        (snapshot, asked): (Snapshot, Option<Asked>),
    ) -> (Request<B>, Witness) {
        let name = OperationName::of_request(&request);
        let name = name.as_ref().map_or("", OperationName::as_str).to_owned();
        let pending = Pending::new(name, Arc::clone(check), self.locator.clone(), snapshot);
        request.extensions_mut().insert(pending.clone());
        (request, Witness::Pending(pending, asked))
    }

    /// The snapshot of the caller's tenant; its views are loaded if nobody has yet. Of a listing's it is known whether it
    /// was asked.
    async fn watched(
        &self,
        ctx: &InvocationContext<Authenticated>,
        check: &Arc<dyn Check>,
    ) -> Result<(Snapshot, Option<Asked>), Problem> {
        let snapshot = self.authorizer.loaded(ctx).await?;
        Ok(match check.lists_by() {
            Some(permission) => {
                let (watched, asked) = snapshot.watched(permission);
                (watched, Some(asked))
            }
            None => (snapshot, None),
        })
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
