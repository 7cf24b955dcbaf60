//! Grants on the wire: sorted, grouped by role, one encoding for one set.

use data_encoding::BASE64URL_NOPAD;
use sha2::Digest;
use sha2::Sha256;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;

use crate::json::Json;
use crate::json::Object;
use crate::json::push_text;

/// The most pairs of role and scope that a token lists.
pub(super) const MAX_LISTED: usize = 64;

/// The digest by which a token refers to a set of grants that it does not list.
///
/// SHA-256 over `skeleton-grants/1`, a zero byte, and for each assignment in order the length of the
/// role (one byte), the role, and the 16 bytes of the scope. A set that is itself a reference has the
/// digest that it names.
#[must_use]
pub fn grants_digest(grants: &RoleAssignments) -> [u8; 32] {
    if let Some((digest, _)) = grants.reference() {
        return *digest;
    }
    let mut hash = Sha256::new();
    hash.update(b"skeleton-grants/1\0");
    for assignment in grants.iter() {
        let role = assignment.role().as_str().as_bytes();
        // A role has at most 48 bytes.
        hash.update([u8::try_from(role.len()).unwrap_or(u8::MAX)]);
        hash.update(role);
        hash.update(assignment.scope().to_bytes());
    }
    hash.finalize().into()
}

/// The set as a reference; a listed one is replaced by its digest.
pub(super) fn as_reference(grants: &RoleAssignments) -> ([u8; 32], u32) {
    match grants.reference() {
        Some((digest, count)) => (*digest, count),
        None => (
            grants_digest(grants),
            u32::try_from(grants.iter().count()).unwrap_or(u32::MAX),
        ),
    }
}

/// Appends `"grants":[..]`.
pub(super) fn push_listed(out: &mut String, grants: &RoleAssignments) {
    out.push_str("\"grants\":[");
    let mut role_before: Option<&RoleName> = None;
    for assignment in grants.iter() {
        let role = assignment.role();
        if role_before == Some(role) {
            out.push(',');
        } else {
            if role_before.is_some() {
                out.push_str("]},");
            }
            out.push_str("{\"role\":");
            push_text(out, role.as_str());
            out.push_str(",\"scopes\":[");
            role_before = Some(role);
        }
        push_text(out, &assignment.scope().to_string());
    }
    if role_before.is_some() {
        out.push_str("]}");
    }
    out.push(']');
}

/// Appends `"grants-ref":{..}`.
pub(super) fn push_reference(out: &mut String, digest: &[u8; 32], count: u32) {
    let digest = BASE64URL_NOPAD.encode(digest);
    out.push_str(&format!(
        r#""grants-ref":{{"count":{count},"digest":"{digest}"}}"#
    ));
}

/// Reads `grants` or `grants-ref`, of which there is exactly one.
pub(super) fn read(claims: &Object<'_>) -> Option<RoleAssignments> {
    match (claims.get("grants"), claims.get("grants-ref")) {
        (Some(listed), None) => read_listed(listed.as_list()?),
        (None, Some(reference)) => read_reference(reference.as_object()?),
        _ => None,
    }
}

fn read_listed(groups: &[Json<'_>]) -> Option<RoleAssignments> {
    let mut pairs: Vec<RoleAssignment> = Vec::new();
    for group in groups {
        let group = group.as_object()?;
        let role = RoleName::parse(group.get("role")?.as_text()?).ok()?;
        if pairs.last().is_some_and(|before| *before.role() >= role) {
            return None;
        }
        let scopes = group.get("scopes")?.as_list()?;
        if scopes.is_empty() || pairs.len() + scopes.len() > MAX_LISTED {
            return None;
        }
        for scope in scopes {
            let next = RoleAssignment::new(role, super::read::id(scope)?);
            if pairs.last().is_some_and(|before| *before >= next) {
                return None;
            }
            pairs.push(next);
        }
    }
    RoleAssignments::listed(pairs).ok()
}

fn read_reference(reference: &Object<'_>) -> Option<RoleAssignments> {
    let count = u32::try_from(reference.get("count")?.as_integer()?).ok()?;
    let text = reference.get("digest")?.as_text()?;
    let digest = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    if count == 0 {
        None
    } else {
        Some(RoleAssignments::by_reference(
            digest.try_into().ok()?,
            count,
        ))
    }
}
