//! What happened.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_tokens::ClientId;

/// What happened, for whoever records it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthnEvent {
    /// `session-started`: every log-in is one.
    #[non_exhaustive]
    SessionStarted {
        /// The tenant of the account.
        tenant: TenantId,
        /// Who logged in.
        account: AccountId,
        /// The session at the client.
        session: SessionId,
        /// The program that asked.
        client: ClientId,
        /// When.
        at: Timestamp,
    },
    /// `first-logged-in`: once in the life of an account.
    #[non_exhaustive]
    FirstLoggedIn {
        /// The tenant of the account.
        tenant: TenantId,
        /// Who logged in.
        account: AccountId,
        /// When.
        at: Timestamp,
    },
}

impl AuthnEvent {
    /// The stable name of the event.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SessionStarted { .. } => "session-started",
            Self::FirstLoggedIn { .. } => "first-logged-in",
        }
    }
}
