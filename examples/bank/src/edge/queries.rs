//! The query endpoint: reads views, appends nothing.

use core::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::Checked;
use skeleton_authz::Listing;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use crate::adapters::sqlite::audit_entries;
use crate::audit::AuditEntry;
use crate::catalogue::audit;
use crate::domain::bank_account::RetrieveAvailableBalance;
use crate::domain::customer::RetrieveCustomer;
use crate::personal;
use crate::ports::event_store::StoreError;
use crate::projections;
use crate::services::Services;

/// How long a query waits for the views to have seen the position it names.
const PATIENCE: Duration = Duration::from_secs(2);
/// The most entries of one answer.
const PAGE: u32 = 500;

/// What can be taken out of an account.
pub(super) async fn retrieve_available_balance(
    State(services): State<Services>,
    headers: HeaderMap,
    Checked(ctx, _auth, query): Checked<RetrieveAvailableBalance>,
) -> Result<Response, Problem> {
    let after = caught_up(&services, &ctx, &headers).await?;
    let log = services
        .log
        .tenant(ctx.tenant())
        .map_err(|error| unavailable(&ctx, &error))?;
    let balance = projections::find_balance(log.readers(), query.bank_account).await;
    let available = balance.map_err(|error| unavailable(&ctx, &error))?;
    // The check found the account in the log: a view that does not know it yet is behind.
    let available = available.ok_or_else(|| not_yet(&ctx))?;
    Ok(answer(&ctx, after, &json!({ "available": available })))
}

/// Who a customer is, as far as that can still be read.
pub(super) async fn retrieve_customer(
    State(services): State<Services>,
    headers: HeaderMap,
    Checked(ctx, _auth, query): Checked<RetrieveCustomer>,
) -> Result<Response, Problem> {
    let after = caught_up(&services, &ctx, &headers).await?;
    let log = services
        .log
        .tenant(ctx.tenant())
        .map_err(|error| unavailable(&ctx, &error))?;
    let row = projections::find_customer(log.readers(), query.customer).await;
    let row = row
        .map_err(|error| unavailable(&ctx, &error))?
        .ok_or_else(|| not_yet(&ctx))?;
    let name = match personal::reveal_name(&services, &ctx, &row.name).await? {
        Some(name) => json!({ "clear": name }),
        None => json!({ "code": "pii.forgotten" }),
    };
    Ok(answer(
        &ctx,
        after,
        &json!({ "country": row.country, "name": name }),
    ))
}

/// Asks for the audit entries after a number.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ListAuditEntries {
    /// The number of the last entry seen; none from the beginning.
    #[serde(default)]
    after: u64,
}

/// The entries that the caller may see: those of scopes in which she may read the audit, and her own. What belongs
/// to no scope, as a log-in does, belongs to the tenant's root.
pub(super) async fn list_audit_entries(
    State(services): State<Services>,
    Listing(ctx, snapshot, query): Listing<ListAuditEntries>,
) -> Result<Response, Problem> {
    let log = services
        .log
        .tenant(ctx.tenant())
        .map_err(|error| unavailable(&ctx, &error))?;
    let page = audit_entries(log.readers(), query.after, PAGE).await;
    let page = page.map_err(|error| unavailable(&ctx, &error))?;
    let tree = snapshot.tree();
    let me = ctx.actor().effective_account().id();
    let is_seen = |entry: &AuditEntry| {
        let (whose, scope) = match entry {
            AuditEntry::Invocation(entry) => (
                entry.effective,
                entry.decision.as_ref().and_then(|decided| decided.scope),
            ),
            AuditEntry::Disclosure(_) => (None, None),
        };
        let node = scope
            .and_then(|scope| tree.node(scope))
            .unwrap_or_else(|| tree.root());
        whose == Some(me) || snapshot.allows(audit::Read, node)
    };
    let last = page.last().map(|(seq, _)| *seq);
    let next = last.filter(|_| page.len() >= PAGE as usize);
    let seen: Vec<_> = page
        .iter()
        .map(|(_, entry)| entry)
        .filter(|entry| is_seen(entry))
        .collect();
    Ok(answer(
        &ctx,
        None,
        &json!({ "entries": seen, "next": next }),
    ))
}

/// Waits until the views have seen what the caller has seen: the position in `X-After-Position`, if any.
pub(super) async fn caught_up(
    services: &Services,
    ctx: &InvocationContext<Authenticated>,
    headers: &HeaderMap,
) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get("x-after-position") else {
        return Ok(None);
    };
    let position = value.to_str().ok().and_then(|text| text.parse().ok());
    let position: u64 = position.ok_or_else(|| {
        Problem::new(ProblemKind::Malformed)
            .with_detail("the header x-after-position is not valid")
            .with_instance(ctx.trace().current())
    })?;
    if projections::seen(&services.views, ctx.tenant(), position, PATIENCE).await {
        Ok(Some(position))
    } else {
        Err(not_yet(ctx))
    }
}

pub(super) fn answer(
    ctx: &InvocationContext<Authenticated>,
    after: Option<u64>,
    result: &Value,
) -> Response {
    let id = ctx.trace().current();
    let body = match after {
        Some(position) => json!({ "invocation-id": id, "position": position, "result": result }),
        None => json!({ "invocation-id": id, "result": result }),
    };
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (StatusCode::OK, headers, body.to_string()).into_response()
}

pub(super) fn unavailable(ctx: &InvocationContext<Authenticated>, _error: &StoreError) -> Problem {
    not_yet(ctx)
}

pub(super) fn not_yet(ctx: &InvocationContext<Authenticated>) -> Problem {
    Problem::new(ProblemKind::Unavailable)
        .with_instance(ctx.trace().current())
        .with_retry_after(Duration::from_secs(1))
}
