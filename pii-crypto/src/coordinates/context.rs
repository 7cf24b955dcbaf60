//! The vocabulary of `skeleton-invocation-context` as this crate's.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::TenantId;

use super::AsSubject;
use super::IdError;
use super::RecordId;
use super::SubjectId;
use super::TenantRef;
use crate::audit::Purpose;
use crate::audit::RevealAccess;

impl From<TenantId> for TenantRef {
    fn from(id: TenantId) -> Self {
        Self(id.to_string().into())
    }
}

impl From<EventId> for RecordId {
    fn from(id: EventId) -> Self {
        Self(id.to_string().into())
    }
}

impl From<AccountId> for SubjectId {
    fn from(id: AccountId) -> Self {
        Self(id.to_string().into())
    }
}

impl AsSubject for AccountId {
    fn as_subject(&self) -> Result<SubjectId, IdError> {
        Ok((*self).into())
    }
}

impl RevealAccess {
    /// The accountable account of an invocation reads for `purpose`.
    #[must_use]
    pub fn of(ctx: &InvocationContext<Authenticated>, purpose: Purpose) -> Self {
        Self::new(
            ctx.actor().accountable_account().id(),
            purpose,
            ctx.trace().current(),
        )
    }
}
