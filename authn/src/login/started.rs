//! A session that was started.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_tokens::AccessToken;
use skeleton_tokens::AccessTokenDraft;
use skeleton_tokens::Acr;
use skeleton_tokens::Amr;
use skeleton_tokens::ClientId;
use skeleton_tokens::Missing;
use skeleton_tokens::WithClient;
use skeleton_tokens::WithProof;
use skeleton_tokens::WithSession;

use super::challenge::Proof;
use super::event::AuthnEvent;
use crate::account::StoredAccount;

/// A session that was started: whose, and on what proof.
#[derive(Clone, Debug)]
pub struct Started {
    tenant: TenantId,
    account: AccountId,
    kind: AccountKind,
    session: SessionId,
    client: ClientId,
    proof: Proof,
    started_at: Timestamp,
    is_first: bool,
}

impl Started {
    pub(super) const fn new(
        account: &StoredAccount,
        session: SessionId,
        client: ClientId,
        proof: Proof,
        started_at: Timestamp,
        is_first: bool,
    ) -> Self {
        Self {
            tenant: account.tenant(),
            account: account.id(),
            kind: account.kind(),
            session,
            client,
            proof,
            started_at,
            is_first,
        }
    }

    /// The tenant of the account.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who logged in.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Person or program.
    #[must_use]
    pub const fn kind(&self) -> AccountKind {
        self.kind
    }

    /// The session at the client.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }

    /// The program that asked.
    #[must_use]
    pub const fn client(&self) -> &ClientId {
        &self.client
    }

    /// How strong the proof was: a password alone is one factor.
    #[must_use]
    pub const fn assurance(&self) -> Assurance {
        self.proof.assurance
    }

    /// When the proof was given.
    #[must_use]
    pub const fn authenticated_at(&self) -> Timestamp {
        self.proof.at
    }

    /// When the session began.
    #[must_use]
    pub const fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// Whether the account logged in for the first time: true exactly once.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.is_first
    }

    /// An access token in the making, with account, session, client and proof. Its audience is due, then
    /// [`Issuer::issue`](skeleton_tokens::Issuer::issue).
    pub fn access_token(&self) -> AccessTokenDraft<WithSession, WithClient, Missing, WithProof> {
        AccessToken::of(self.tenant, self.account, self.kind)
            .session(self.session)
            .client(self.client.as_str())
            .authenticated(self.proof.at, Acr::from(self.assurance()), [Amr::Pwd])
    }

    /// What happened: a session started, and perhaps the first log-in.
    #[must_use]
    pub fn events(&self) -> Vec<AuthnEvent> {
        let (tenant, account, at) = (self.tenant, self.account, self.started_at);
        let client = self.client.clone();
        let started = AuthnEvent::SessionStarted {
            tenant,
            account,
            session: self.session,
            client,
            at,
        };
        let first = AuthnEvent::FirstLoggedIn {
            tenant,
            account,
            at,
        };
        [Some(started), self.is_first.then_some(first)]
            .into_iter()
            .flatten()
            .collect()
    }
}
