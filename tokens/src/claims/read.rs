//! Reads the claims: exact types, and nothing judged yet.

use core::fmt::Display;
use core::str::FromStr;
use std::borrow::Cow;

use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::Locale;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use super::AccessClaims;
use super::TokenId;
use super::grants;
use crate::client::ClientId;
use crate::json::Json;
use crate::json::Object;
use crate::proof::Acr;
use crate::refused::Code;

/// The claims of an access token, each of the right type.
pub(super) struct Claims<'a> {
    pub(super) iss: Cow<'a, str>,
    pub(super) aud: Cow<'a, str>,
    pub(super) tid: TenantId,
    pub(super) iat: u64,
    pub(super) nbf: u64,
    pub(super) exp: u64,
    account: Account,
    session: SessionId,
    client: ClientId,
    id: TokenId,
    pub(super) auth_time: u64,
    acr: Acr,
    grants: skeleton_invocation_context::RoleAssignments,
}

impl<'a> Claims<'a> {
    pub(super) fn of(object: &Object<'a>) -> Result<Self, Code> {
        if UNSUPPORTED
            .into_iter()
            .any(|name| object.get(name).is_some())
        {
            return Err(Code::Unsupported);
        }
        Self::read(object).ok_or(Code::Claims)
    }

    fn read(object: &Object<'a>) -> Option<Self> {
        let tid = id(object.get("tid")?)?;
        Some(Self {
            iss: owned_text(object.get("iss")?)?,
            aud: owned_text(object.get("aud")?)?,
            tid,
            iat: object.get("iat")?.as_integer()?,
            nbf: object.get("nbf")?.as_integer()?,
            exp: object.get("exp")?.as_integer()?,
            account: account(object, tid)?,
            session: id(object.get("sid")?)?,
            client: ClientId::parse(object.get("client_id")?.as_text()?).ok()?,
            id: id(object.get("jti")?)?,
            auth_time: object.get("auth_time")?.as_integer()?,
            acr: assurance(object)?,
            grants: grants::read(object)?,
        })
    }

    /// The claims for the caller of the verifier, once they are judged.
    pub(super) fn into_accepted(self) -> AccessClaims {
        let authentication = Authentication::new(
            Mechanism::Session {
                session: self.session,
            },
            self.acr.into(),
            Timestamp::from_secs(self.auth_time),
        );
        AccessClaims {
            identity: Identity::new(Actor::direct(self.account), authentication, self.grants),
            session: self.session,
            client: self.client,
            id: self.id,
            issued_at: Timestamp::from_secs(self.iat),
            expires_at: Timestamp::from_secs(self.exp),
        }
    }
}

/// Reads an id as tokens write it: 26 characters in upper case, so that one id has one spelling.
pub(super) fn id<T: FromStr + Display>(value: &Json<'_>) -> Option<T> {
    let text = value.as_text()?;
    if text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    text.parse().ok()
}

fn account(object: &Object<'_>, tenant: TenantId) -> Option<Account> {
    let subject: AccountId = id(object.get("sub")?)?;
    let kind = match object.get("account-kind")?.as_text()? {
        "user" => AccountKind::User,
        "service" => AccountKind::Service,
        _ => return None,
    };
    let mut account = Account::new(subject, kind, tenant);
    if let Some(locale) = object.get("locale") {
        account = account.with_locale(canonical_locale(locale.as_text()?)?);
    }
    match object.get("test") {
        None => Some(account),
        Some(Json::Bool(true)) => Some(account.into_test()),
        Some(_) => None,
    }
}

fn canonical_locale(text: &str) -> Option<Locale> {
    Locale::parse(text)
        .ok()
        .filter(|locale| locale.as_str() == text)
}

/// How strong the proof was; the methods behind it must be well formed.
fn assurance(object: &Object<'_>) -> Option<Acr> {
    let methods = object.get("amr")?.as_list()?;
    if methods.len() > MAX_METHODS || !methods.iter().all(is_method) {
        return None;
    }
    Acr::parse(object.get("acr")?.as_text()?)
}

fn is_method(value: &Json<'_>) -> bool {
    value.as_text().is_some_and(|text| {
        (1..=16).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    })
}

fn owned_text<'a>(value: &Json<'a>) -> Option<Cow<'a, str>> {
    if let Json::Text(text) = value {
        Some(text.clone())
    } else {
        None
    }
}

const MAX_METHODS: usize = 16;

/// Claims that change whose act it is or narrow where the token is good. What cannot be honoured is
/// refused, never skipped.
const UNSUPPORTED: [&str; 4] = ["act", "cnf", "credential", "idp"];
