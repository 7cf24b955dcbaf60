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
use skeleton_authz::Snapshot;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::ScopeColumns;
use skeleton_tenancy_tree::ScopePredicate;

use crate::adapters::sqlite::AuditReader;
use crate::adapters::sqlite::audit_entries;
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

/// Asks for audit entries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ListAuditEntries {
    /// Where to go on: what an earlier answer gave as `next`; none from the beginning.
    #[serde(default)]
    after: Option<String>,
}

/// The entries that the caller may see: those of scopes in which she may read the audit, and her own. What belongs
/// to no scope, as a log-in does, belongs to the tenant's root.
///
/// They are chosen before they are counted, and `next` is a mark without a number: how much others did cannot be told
/// from any page.
pub(super) async fn list_audit_entries(
    State(services): State<Services>,
    Listing(ctx, snapshot, query): Listing<ListAuditEntries>,
) -> Result<Response, Problem> {
    let log = services
        .log
        .tenant(ctx.tenant())
        .map_err(|error| unavailable(&ctx, &error))?;
    let reader = AuditReader {
        account: ctx.actor().effective_account().id(),
        also: readable(&ctx, &snapshot)?,
    };
    let page = audit_entries(log.readers(), &reader, query.after.as_deref(), PAGE + 1).await;
    let page = page.map_err(|error| unavailable(&ctx, &error))?;
    let page = page.ok_or_else(|| {
        Problem::new(ProblemKind::Malformed)
            .with_detail("after names no place of the audit")
            .with_instance(ctx.trace().current())
    })?;
    let shown = page.get(..PAGE as usize).unwrap_or(&page);
    let next = shown.last().filter(|_| shown.len() < page.len());
    let entries: Vec<_> = shown.iter().map(|(_, entry)| entry).collect();
    let next = next.map(|(mark, _)| mark);
    let result = json!({ "entries": entries, "next": next });
    Ok(answer(&ctx, None, &result))
}

/// The condition of the rows whose scope is one in which the caller may read the audit.
fn readable(
    ctx: &InvocationContext<Authenticated>,
    snapshot: &Snapshot,
) -> Result<ScopePredicate, Problem> {
    let refused = |kind| Problem::new(kind).with_instance(ctx.trace().current());
    let visible = snapshot.visible(audit::Read);
    let visible = visible.map_err(|_| refused(ProblemKind::Misconfigured))?;
    let columns = ScopeColumns::default();
    visible
        .to_sql(Dialect::Sqlite, &columns, AuditReader::FIRST)
        .map_err(|_| refused(ProblemKind::TooLarge))
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
