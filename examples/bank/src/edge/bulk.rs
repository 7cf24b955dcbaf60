//! Many commands in one request. It stands outside of the layers of authorization and idempotency, and drives their
//! engines once per item: each has a context, a decision, a key, an audit entry and an outcome of its own.

use core::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde::Serialize;
use serde_json::value::RawValue;
use skeleton_authz::DecisionRecord;
use skeleton_authz::Versions;
use skeleton_idempotency::Answered;
use skeleton_idempotency::BatchError;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Item;
use skeleton_idempotency::Source;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use super::audited;
use super::audited::Recorded;
use super::body::Payload;
use super::dispatch::Commands;
use super::dispatch::Denied;
use super::dispatch::Ready;
use super::execute::is_pending;
use crate::services::Services;

/// The most items of one request.
const MAX_ITEMS: usize = 100;
/// How often all items are decided about anew, because the rules changed between two of them.
const TRIES: u32 = 3;

/// What the bulk door drives.
#[derive(Clone)]
pub(super) struct Bulk {
    pub(super) services: Services,
    pub(super) engine: Engine,
    pub(super) commands: Commands,
}

/// Asks for many things.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    items: Vec<AskedItem>,
}

/// Asks for one of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedItem {
    /// The invocation as its client names it: a retry has the same, be it in another bulk or in a request of its own.
    id: ExternalInvocationId,
    name: String,
    payload: Box<RawValue>,
}

/// One item: who asks for what.
struct Line {
    id: ExternalInvocationId,
    ctx: InvocationContext<Authenticated>,
    /// Nothing if its name cannot be one.
    operation: Option<Operation>,
    payload: Bytes,
}

/// What became of one item.
struct Ended {
    decided: Option<DecisionRecord>,
    result: Result<Answered, Problem>,
}

/// The answer to one item.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Told {
    id: ExternalInvocationId,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed: Option<bool>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    body: Option<Box<RawValue>>,
}

/// The answers, in the order of the items.
#[derive(Serialize)]
struct ToldAll {
    items: Vec<Told>,
}

/// Many commands in one request.
pub(super) async fn commands(
    State(bulk): State<Bulk>,
    ctx: InvocationContext,
    Payload(asked): Payload<Asked>,
) -> Result<Response, Problem> {
    let instance = ctx.trace().current();
    let told = bulk.run(&ctx, &asked).await;
    told.map_err(|problem| problem.with_instance(instance))
}

impl Bulk {
    async fn run(&self, ctx: &InvocationContext, asked: &Asked) -> Result<Response, Problem> {
        let known = ctx.clone().authenticated()?;
        if ctx.trace().external().made_by() == MadeBy::Client {
            return Err(Problem::new(ProblemKind::Malformed).with_detail(
                "the headers Idempotency-Key and X-Invocation-Id name one invocation: name the items",
            ));
        }
        if asked.items.len() > MAX_ITEMS {
            return Err(Problem::new(ProblemKind::TooLarge));
        }
        let at = self.services.clock.now();
        let items = asked.items.iter().map(|item| self.line(ctx, item));
        let lines = items.collect::<Result<Vec<_>, _>>()?;
        let checked = self.check(&lines).await?;
        let ended = self.try_all(&lines, checked).await?;
        let pairs = lines.iter().zip(&ended);
        let entries = pairs.filter_map(|(line, ended)| {
            let ctx = line.ctx.clone().into_access();
            let (operation, decided) = (line.operation.as_ref(), ended.decided.as_ref());
            audited::entry_of(&ctx, operation, decided, at, &ended.result)
        });
        audited::write(&self.services, known.tenant(), entries.collect()).await?;
        answer(lines, ended)
    }

    /// An item in a context of its own.
    fn line(&self, ctx: &InvocationContext, item: &AskedItem) -> Result<Line, Problem> {
        let Services { ids, clock, .. } = &self.services;
        let current = InvocationId::generate(&**ids, clock.now());
        Ok(Line {
            id: item.id,
            ctx: ctx.bulk_item(item.id, current)?.authenticated()?,
            operation: Operation::parse(&item.name).ok(),
            payload: Bytes::copy_from_slice(item.payload.get().as_bytes()),
        })
    }

    /// Decides about every item, about all of them by one version of tree and rules.
    async fn check(&self, lines: &[Line]) -> Result<Vec<Result<Ready, Denied>>, Problem> {
        for _ in 0..TRIES {
            let mut checked = Vec::with_capacity(lines.len());
            for line in lines {
                let (operation, payload) = (line.operation.as_ref(), &line.payload);
                let commands = &self.commands;
                let one = commands.check(&self.services, &line.ctx, operation, payload);
                checked.push(one.await);
            }
            if are_of_one_version(&checked) {
                return Ok(checked);
            }
        }
        Err(unavailable())
    }

    /// Tries the items that may be tried, each under its own key.
    async fn try_all(
        &self,
        lines: &[Line],
        checked: Vec<Result<Ready, Denied>>,
    ) -> Result<Vec<Ended>, Problem> {
        let mut items = Vec::new();
        let mut decided = Vec::with_capacity(lines.len());
        for (line, checked) in lines.iter().zip(checked) {
            decided.push(checked.map(|ready| {
                let decided = ready.decided.clone();
                items.push(line.item(ready));
                decided
            }));
        }
        let services = self.services.clone();
        let tried = self.engine.batch(items, move |once, ready: Ready| {
            ready.try_it(services.clone(), once)
        });
        let mut tried = tried.await.map_err(too_large)?.into_iter();
        let end = |decided| match decided {
            Ok(decided) => Ended {
                decided: Some(decided),
                result: tried.next().unwrap_or_else(|| Err(unavailable())),
            },
            Err(Denied { problem, decided }) => Ended {
                decided,
                result: Err(problem),
            },
        };
        Ok(decided.into_iter().map(end).collect())
    }
}

impl Line {
    fn item(&self, ready: Ready) -> Item<Authenticated, Ready> {
        Item {
            ctx: self.ctx.clone(),
            operation: ready.operation.clone(),
            payload: self.payload.clone(),
            what: ready,
        }
    }

    fn told(self, ended: Ended) -> Told {
        let status = audited::status_of(&ended.result);
        let (replayed, retry_after, body) = match ended.result {
            Ok(answered) => {
                let is_replay = answered.source() == Source::Replay;
                let retry_after = is_pending(&answered).then_some(1);
                let body = answered.answer().body().to_vec();
                (is_replay.then_some(true), retry_after, body)
            }
            Err(problem) => (None, problem.retry_after_secs(), problem.to_json()),
        };
        let body = String::from_utf8(body).ok();
        Told {
            id: self.id,
            status,
            replayed,
            retry_after,
            body: body.and_then(|body| RawValue::from_string(body).ok()),
        }
    }
}

/// Whether every decision was made by the same version of tree and rules.
fn are_of_one_version(checked: &[Result<Ready, Denied>]) -> bool {
    let mut versions = checked.iter().filter_map(|checked| match checked {
        Ok(ready) => Some(ready.decided.versions()),
        Err(denied) => denied.decided.as_ref().map(DecisionRecord::versions),
    });
    let first: Option<Versions> = versions.next();
    versions.all(|versions| Some(versions) == first)
}

fn answer(lines: Vec<Line>, ended: Vec<Ended>) -> Result<Response, Problem> {
    let pairs = lines.into_iter().zip(ended);
    let items = pairs.map(|(line, ended)| line.told(ended)).collect();
    let body = serde_json::to_vec(&ToldAll { items }).map_err(|_| {
        Problem::new(ProblemKind::Misconfigured).with_detail("an answer has no JSON form")
    })?;
    let headers = [(header::CONTENT_TYPE, "application/json")];
    let mut response = (StatusCode::OK, headers, body).into_response();
    response.extensions_mut().insert(Recorded);
    Ok(response)
}

fn too_large(_: BatchError) -> Problem {
    Problem::new(ProblemKind::TooLarge)
}

fn unavailable() -> Problem {
    Problem::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(1))
}
