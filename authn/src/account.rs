//! Accounts, as far as logging in needs them.

use core::fmt;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use crate::email::Email;
use crate::hash::PasswordHash;
use crate::identifier::CanonicalIdentifier;
use crate::password::Password;

/// An account that shall be able to log in.
#[derive(Debug)]
pub struct NewAccount {
    pub(crate) account: AccountId,
    pub(crate) kind: AccountKind,
    pub(crate) email: Email,
    pub(crate) password: Password,
}

impl NewAccount {
    /// The account of that id, reached and found by `email`.
    #[must_use]
    pub const fn new(
        account: AccountId,
        kind: AccountKind,
        email: Email,
        password: Password,
    ) -> Self {
        Self {
            account,
            kind,
            email,
            password,
        }
    }
}

/// An account as a store keeps it. One person in two tenants is two accounts.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredAccount {
    tenant: TenantId,
    id: AccountId,
    kind: AccountKind,
    email: Email,
    password: PasswordHash,
    is_active: bool,
    first_logged_in: Option<Timestamp>,
}

impl StoredAccount {
    /// An active account that never logged in.
    #[must_use]
    pub const fn new(
        tenant: TenantId,
        id: AccountId,
        kind: AccountKind,
        email: Email,
        password: PasswordHash,
    ) -> Self {
        Self {
            tenant,
            id,
            kind,
            email,
            password,
            is_active: true,
            first_logged_in: None,
        }
    }

    /// The same account, deactivated.
    #[must_use]
    pub fn into_deactivated(self) -> Self {
        Self {
            is_active: false,
            ..self
        }
    }

    /// The same account, logged in for the first time at `at`.
    #[must_use]
    pub fn with_first_log_in(self, at: Timestamp) -> Self {
        Self {
            first_logged_in: Some(at),
            ..self
        }
    }

    /// The tenant whose member it is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Names the account.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.id
    }

    /// Person or program.
    #[must_use]
    pub const fn kind(&self) -> AccountKind {
        self.kind
    }

    /// Where mail goes.
    #[must_use]
    pub const fn email(&self) -> &Email {
        &self.email
    }

    /// The form by which it is found, unique in its tenant.
    #[must_use]
    pub fn canonical(&self) -> CanonicalIdentifier {
        CanonicalIdentifier::of(&self.email)
    }

    /// The hash of its password.
    #[must_use]
    pub const fn password(&self) -> &PasswordHash {
        &self.password
    }

    /// Whether it may log in.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.is_active
    }

    /// When it logged in for the first time.
    #[must_use]
    pub const fn first_logged_in(&self) -> Option<Timestamp> {
        self.first_logged_in
    }
}

impl fmt::Debug for StoredAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredAccount")
            .field("tenant", &self.tenant)
            .field("id", &self.id)
            .field("is_active", &self.is_active)
            .finish_non_exhaustive()
    }
}
