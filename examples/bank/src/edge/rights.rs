//! Queries about rights: what may I do, and why (not).

use axum::http::HeaderValue;
use axum::http::header;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use skeleton_authz::Definition;
use skeleton_authz::Listing;
use skeleton_authz::Snapshot;
use skeleton_authz::skeleton::decision;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use super::queries::answer;
use super::router::operations;

/// The most containers for which one question is answered as a whole.
const MAX_SCOPES: usize = 200;

/// Asks what the caller may do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RetrievePermissions {
    /// Containers for which all that is allowed is asked.
    #[serde(default)]
    scopes: Vec<ContainerId>,
    /// The tag of the answer that the caller has: if it still holds, it is not given again.
    #[serde(default)]
    known: Option<String>,
}

/// What the caller may do: a front end greys out by it without asking again.
pub(super) async fn retrieve_permissions(
    Listing(ctx, snapshot, query): Listing<RetrievePermissions>,
) -> Result<Response, Problem> {
    if query.scopes.len() > MAX_SCOPES {
        return Err(Problem::new(ProblemKind::TooLarge).with_instance(ctx.trace().current()));
    }
    let mut document = snapshot.permissions_document(&query.scopes);
    if let Some(members) = document.as_object_mut() {
        members.insert("operations".to_owned(), operations().to_json());
    }
    let tag = Snapshot::tag_of(&document);
    if query.known.as_ref() == Some(&tag) {
        return Ok(answer(&ctx, None, &json!({ "unchanged": true })));
    }
    let mut response = answer(&ctx, None, &document);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Asks for the catalogue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RetrievePermissionCatalogue {}

/// Everything that can be permitted, and the roles that do: for role editors.
pub(super) async fn retrieve_permission_catalogue(
    Listing(ctx, snapshot, _query): Listing<RetrievePermissionCatalogue>,
) -> Result<Response, Problem> {
    Ok(answer(&ctx, None, &snapshot.catalogue_document()))
}

/// Asks why something is allowed, or not.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ExplainDecision {
    /// What, by name.
    permission: String,
    /// Where.
    container: ContainerId,
    /// To whom; the caller, if nobody is named, which is the agent if it acts for somebody. About others it takes
    /// `decision:explain` there.
    #[serde(default)]
    account: Option<AccountId>,
}

/// Why: the grant that suffices, or the first reason against it and what would help; and whose grants were asked.
pub(super) async fn explain_decision(
    Listing(ctx, snapshot, query): Listing<ExplainDecision>,
) -> Result<Response, Problem> {
    // Whoever acts for somebody does so by her own grants: those are what is explained when nobody is named.
    let me = ctx.actor().authorizing_account().id();
    let account = query.account.unwrap_or(me);
    if account != me {
        // Whoever asks about others sees the container, or is answered as about one that is not there.
        let _may = snapshot.require(decision::Explain, query.container)?;
    } else if !snapshot.sees(query.container) {
        return Err(Problem::new(ProblemKind::NotFound).with_instance(ctx.trace().current()));
    }
    let known = snapshot.catalogue().permission_named(&query.permission);
    let permission = known.map(Definition::id).ok_or_else(|| {
        Problem::new(ProblemKind::Malformed)
            .with_detail("there is no such permission")
            .with_instance(ctx.trace().current())
    })?;
    let decided = if account == me {
        snapshot.explain(permission, query.container)
    } else {
        snapshot.explain_for(account, permission, query.container)
    };
    let mut document = decided.to_json();
    if let Some(members) = document.as_object_mut() {
        members.insert("account".to_owned(), json!(account));
    }
    Ok(answer(&ctx, None, &document))
}

#[cfg(test)]
mod tests;
