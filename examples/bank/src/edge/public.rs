//! The operations that need no credentials. Their payload never enters the log: only what they report does.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use skeleton_authn::AfterPassword;
use skeleton_authn::Door;
use skeleton_authn::Identifier;
use skeleton_authn::Password;
use skeleton_authn::Started;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_tenancy_tree::InTenant;
use skeleton_tokens::ClientId;

use super::audited::Recorded;
use super::body::Payload;
use crate::audit::AuditEntry;
use crate::audit::AuditResult;
use crate::audit::InvocationEntry;
use crate::ports::envelope::NewEvent;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::AUDIENCE;
use crate::services::Services;

/// The client that all sessions of this bank are begun by.
const CLIENT: &str = "bank-web";

/// Asks to be let in.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LogIn {
    identifier: String,
    password: String,
}

/// Lets somebody in by password, and answers with a short access token.
pub(super) async fn log_in(
    State(services): State<Services>,
    ctx: InvocationContext,
    Payload(asked): Payload<LogIn>,
) -> Result<Response, Problem> {
    let id = ctx.trace().current();
    let started = prove(&services, &ctx, asked)
        .await
        .map_err(|problem| problem.with_instance(id))?;
    let roles = roles(&services, &started)
        .await
        .map_err(|problem| problem.with_instance(id))?;
    let draft = started.access_token().audience(AUDIENCE).grants(roles);
    let token = services.issuer.issue(draft).map_err(Problem::from)?;
    record(&services, &ctx, &started).await?;
    let result = json!({ "access-token": token.expose() });
    let body = json!({ "invocation-id": id, "outcome": "done", "result": result });
    let headers = [(header::CONTENT_TYPE, "application/json")];
    let mut response = (StatusCode::OK, headers, body.to_string()).into_response();
    response.extensions_mut().insert(Recorded);
    Ok(response)
}

async fn prove(
    services: &Services,
    ctx: &InvocationContext,
    asked: LogIn,
) -> Result<Started, Problem> {
    let door = Door::of(ctx)?;
    let identifier = Identifier::email(&asked.identifier)?;
    let password = Password::new(&asked.password)?;
    let challenge = services.authn.log_in(&door, identifier).await?;
    match challenge.password(&password).await? {
        AfterPassword::Passed(passed) => {
            let client = ClientId::parse(CLIENT).map_err(|_| {
                Problem::new(ProblemKind::Misconfigured)
                    .with_detail("the client's name is not valid")
            })?;
            Ok(passed.start_session(client).await?)
        }
        _ => Err(Problem::new(ProblemKind::Misconfigured)
            .with_detail("this bank asks for a password only")),
    }
}

/// What the account holds now, as the token lists it.
async fn roles(services: &Services, started: &Started) -> Result<RoleAssignments, Problem> {
    let unavailable = || {
        Problem::new(ProblemKind::Unavailable).with_retry_after(core::time::Duration::from_secs(1))
    };
    let t = InTenant::background(started.tenant(), "log-in");
    let held = services.access.load(t).await.map_err(|_| unavailable())?;
    let tree = services.forest.snapshot(t).await;
    let tree = tree.map_err(|_| unavailable())?;
    let counting = held.minimised(started.account(), &tree).into_iter();
    let counting = counting.filter(|grant| grant.window().is_open(started.started_at()));
    let listed = counting.map(|grant| RoleAssignment::new(*grant.role(), grant.at()));
    RoleAssignments::listed(listed).map_err(|_| {
        Problem::new(ProblemKind::Misconfigured).with_detail("the account holds too many roles")
    })
}

/// Appends what the log-in reports, with its audit entry: who it turned out to be.
async fn record(
    services: &Services,
    ctx: &InvocationContext,
    started: &Started,
) -> Result<(), Problem> {
    let account = Account::new(started.account(), started.kind(), started.tenant());
    let reported = started.events();
    let events = reported.iter().map(|event| NewEvent {
        id: services.new_event_id(),
        kind: event.name().to_owned(),
        schema: 1,
        tenant: started.tenant(),
        container: None,
        at: started.started_at(),
        key: None,
        decision: None,
        context: Some(EventContext::of(ctx)),
        reason: None,
        data: json!({ "account": started.account(), "session": started.session() }),
    });
    let result = AuditResult::Answered { status: 200 };
    let mut audit = InvocationEntry::of(ctx, Some("log-in"), None, started.started_at(), result);
    audit.effective = Some(account.id());
    audit.accountable = Some(account.id());
    let stream = StreamId::of("member", started.account());
    let audit = Some(AuditEntry::Invocation(audit));
    let unit = Unit {
        audit,
        ..Unit::to(stream, Expect::Any).with_events(events.collect())
    };
    let t = InTenant::background(started.tenant(), "log-in");
    services.log.append(t, unit).await.map(drop).map_err(|_| {
        Problem::new(ProblemKind::Unavailable)
            .with_instance(ctx.trace().current())
            .with_retry_after(core::time::Duration::from_secs(1))
    })
}
