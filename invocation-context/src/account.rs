//! Accounts, and who acts for whom.

mod actor;

pub use actor::Actor;
pub use actor::ActorError;
pub use actor::ActorKind;
pub use actor::Agent;
pub use actor::Beneficiary;
pub use actor::Delegation;
pub use actor::Impersonated;
pub use actor::Impersonation;
pub use actor::Impersonator;

use crate::id::AccountId;
use crate::id::TenantId;
use crate::locale::Locale;

/// Whether an account belongs to a person or to a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "an account is a person's or a program's"
)]
pub enum AccountKind {
    /// A person.
    User,
    /// A program.
    Service,
}

/// A user or a service, member of one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    id: AccountId,
    kind: AccountKind,
    tenant: TenantId,
    locale: Option<Locale>,
    is_test: bool,
}

impl Account {
    /// An account of `tenant`, without a locale of its own, and not a test account.
    #[must_use]
    pub const fn new(id: AccountId, kind: AccountKind, tenant: TenantId) -> Self {
        Self {
            id,
            kind,
            tenant,
            locale: None,
            is_test: false,
        }
    }

    /// The same account with the locale its owner chose.
    #[must_use]
    pub fn with_locale(self, locale: Locale) -> Self {
        Self {
            locale: Some(locale),
            ..self
        }
    }

    /// The same account marked as one of tests, which billing and analytics skip.
    #[must_use]
    pub fn into_test(self) -> Self {
        Self {
            is_test: true,
            ..self
        }
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

    /// The tenant whose member the account is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The locale its owner chose.
    #[must_use]
    pub const fn locale(&self) -> Option<Locale> {
        self.locale
    }

    /// Whether the account exists for tests.
    #[must_use]
    pub const fn is_test(&self) -> bool {
        self.is_test
    }
}
