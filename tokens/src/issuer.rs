//! Signs tokens.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::Timestamp;
use zeroize::Zeroizing;

use crate::claims::Payload;
use crate::claims::SKEW;
use crate::claims::Times;
use crate::claims::TokenId;
use crate::client::ClientId;
use crate::compact;
use crate::draft::AccessTokenDraft;
use crate::draft::WithAudience;
use crate::draft::WithClient;
use crate::draft::WithProof;
use crate::draft::WithSession;
use crate::key::KeyRings;
use crate::key::Signing;
use crate::kind::AccessToken;
use crate::kind::TokenKind;
use crate::names::IssuerNames;
use crate::signed::SignedToken;

/// Signs access tokens with the keys of a [`KeyRings`]. Cheap to clone.
#[derive(Clone)]
pub struct Issuer {
    rings: KeyRings,
    names: IssuerNames,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
}

impl Issuer {
    /// An issuer that signs with `rings` and is called as `names` says.
    #[must_use]
    pub fn new(
        rings: &KeyRings,
        names: IssuerNames,
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
    ) -> Self {
        Self {
            rings: rings.clone(),
            names,
            clock: Arc::new(clock),
            ids: Arc::new(ids),
        }
    }

    /// Signs what the draft says, valid from now, in whole seconds.
    ///
    /// The key is that of the tenant's own ring, else the global one. Up to 64 pairs of role and scope
    /// are listed, as long as the token stays within 4 KiB; beyond, the token refers to them by
    /// [`grants_digest`](crate::grants_digest), and nothing is cut.
    ///
    /// # Errors
    ///
    /// [`IssueError`]; see [`IssueErrorKind`].
    #[expect(clippy::needless_pass_by_value, reason = "a draft is issued once")]
    pub fn issue(
        &self,
        draft: AccessTokenDraft<WithSession, WithClient, WithAudience, WithProof>,
    ) -> Result<SignedToken<AccessToken>, IssueError> {
        let tenant = draft.subject.tenant;
        let signing = self
            .rings
            .signing_for(tenant)
            .ok_or(IssueErrorKind::NoKey)?;
        let issuer = self
            .names
            .issuer_of(signing.scope())
            .ok_or(IssueErrorKind::NoIssuer)?;
        let client = ClientId::parse(&draft.client.0).map_err(|_| IssueErrorKind::Client)?;
        if !is_audience(&draft.audience.0) {
            return Err(IssueErrorKind::Audience.into());
        }
        if matches!(draft.grants.reference(), Some((_, 0))) {
            return Err(IssueErrorKind::Grants.into());
        }
        let now = self.clock.now();
        if draft.proof.at > now.saturating_add(Duration::from_secs(SKEW)) {
            return Err(IssueErrorKind::Proof.into());
        }
        let id = TokenId::generate(&*self.ids, now);
        let expires_at = now
            .as_secs()
            .saturating_add(draft.lifetime.as_secs().into());
        let payload = Payload {
            issuer: &issuer,
            audience: &draft.audience.0,
            subject: &draft.subject,
            client: &client,
            session: draft.session.0,
            id,
            times: Times {
                issued_at: now.as_secs(),
                expires_at,
            },
            proof: &draft.proof,
            grants: &draft.grants,
        };
        let text = sign_shortest(&payload, &signing)?;
        Ok(SignedToken::new(text, id, Timestamp::from_secs(expires_at)))
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// A token was not issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token was not issued: {kind}")]
pub struct IssueError {
    kind: IssueErrorKind,
}

impl IssueError {
    /// What stood in the way.
    #[must_use]
    pub const fn kind(self) -> IssueErrorKind {
        self.kind
    }
}

impl From<IssueErrorKind> for IssueError {
    fn from(kind: IssueErrorKind) -> Self {
        Self { kind }
    }
}

/// What stands in the way of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueErrorKind {
    /// Neither the tenant nor all tenants together have a key: call
    /// [`KeyRings::ensure`](crate::KeyRings::ensure) first.
    #[error("no key signs for the tenant")]
    NoKey,
    /// The tenant has no slug.
    #[error("the tenant's issuer has no name")]
    NoIssuer,
    /// The client is not one that [`ClientId::parse`](crate::ClientId::parse) reads.
    #[error("the client id is malformed")]
    Client,
    /// The audience is empty, longer than 255 bytes, or not visible ASCII.
    #[error("the audience is malformed")]
    Audience,
    /// The grants are a reference to an empty set: name none instead.
    #[error("a reference names no grants")]
    Grants,
    /// The proof lies in the future.
    #[error("the proof lies in the future")]
    Proof,
    /// The token would exceed 4 KiB even with its grants by reference.
    #[error("the token would be too large")]
    TooLarge,
}

fn sign_shortest(payload: &Payload<'_>, key: &Signing) -> Result<Zeroizing<String>, IssueError> {
    if payload.may_list() {
        let token = sign(&payload.listed(), key);
        if token.len() <= compact::MAX_ISSUED_BYTES {
            return Ok(token);
        }
    }
    let token = sign(&payload.by_reference(), key);
    if token.len() <= compact::MAX_ISSUED_BYTES {
        Ok(token)
    } else {
        Err(IssueErrorKind::TooLarge.into())
    }
}

fn sign(payload: &str, key: &Signing) -> Zeroizing<String> {
    let header = compact::header(key.kid(), AccessToken::TYP);
    let len = [header.len(), payload.len(), 64].map(|len| BASE64URL_NOPAD.encode_len(len));
    let mut token = Zeroizing::new(String::with_capacity(len.iter().sum::<usize>() + 2));
    BASE64URL_NOPAD.encode_append(header.as_bytes(), &mut token);
    token.push('.');
    BASE64URL_NOPAD.encode_append(payload.as_bytes(), &mut token);
    let signature = key.sign(token.as_bytes());
    token.push('.');
    BASE64URL_NOPAD.encode_append(&signature, &mut token);
    token
}

fn is_audience(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}
