//! The port to whatever keeps accounts.

use core::fmt;
use core::future::Future;
use core::pin::Pin;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use crate::account::StoredAccount;
use crate::identifier::CanonicalIdentifier;

/// Keeps accounts. Every call names its tenant, and another tenant's account answers like an unknown one.
///
/// Each call is one atomic step: callers race, and exactly one of them is the first.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a store of accounts",
    note = "implement `AccountStore`, or take `MemoryAccounts` of the feature `memory`"
)]
pub trait AccountStore: Send + Sync + 'static {
    /// The account that this identifier names in this tenant, deactivated ones included.
    fn find(
        &self,
        tenant: TenantId,
        identifier: &CanonicalIdentifier,
    ) -> impl Future<Output = Result<Option<StoredAccount>, StoreError>> + Send;

    /// Keeps a new account, unless its identifier or its id is taken in its tenant.
    fn insert(
        &self,
        account: StoredAccount,
    ) -> impl Future<Output = Result<Insertion, StoreError>> + Send;

    /// Notes that the account logs in at `at`, if it is active; tells the first time from all others.
    fn record_log_in(
        &self,
        tenant: TenantId,
        account: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<LogInRecord, StoreError>> + Send;

    /// Deactivates the account: from now on [`record_log_in`](Self::record_log_in) refuses it.
    fn deactivate(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> impl Future<Output = Result<Deactivation, StoreError>> + Send;
}

/// What became of a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the port decides what a store may answer"
)]
pub enum Insertion {
    /// It is kept.
    Inserted,
    /// Another account of the tenant has the identifier.
    IdentifierTaken,
    /// An account of the tenant has the id.
    AccountTaken,
}

/// What became of a log-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the port decides what a store may answer"
)]
pub enum LogInRecord {
    /// It is the account's first, and is now noted as such.
    First,
    /// It is one of many.
    Repeated,
    /// The account is deactivated or unknown.
    Inactive,
}

/// What became of a deactivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the port decides what a store may answer"
)]
pub enum Deactivation {
    /// The account was active until now.
    Deactivated,
    /// It was deactivated before.
    AlreadyDeactivated,
    /// The tenant has no such account.
    Unknown,
}

/// The store did not answer.
#[derive(Debug)]
pub struct StoreError {
    source: BoxError,
}

impl StoreError {
    /// Wraps what the store's client said. It goes to logs by `source()`, never to callers.
    #[must_use]
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self {
            source: source.into(),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store of accounts did not answer")
    }
}

impl core::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        Some(&*self.source)
    }
}

type BoxError = Box<dyn core::error::Error + Send + Sync>;
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The port behind a pointer, so that whoever holds it need not name the store.
pub(crate) trait AnyAccounts: Send + Sync {
    fn find<'a>(
        &'a self,
        tenant: TenantId,
        identifier: &'a CanonicalIdentifier,
    ) -> Answer<'a, Option<StoredAccount>>;
    fn insert(&self, account: StoredAccount) -> Answer<'_, Insertion>;
    fn record_log_in(
        &self,
        tenant: TenantId,
        account: AccountId,
        at: Timestamp,
    ) -> Answer<'_, LogInRecord>;
    fn deactivate(&self, tenant: TenantId, account: AccountId) -> Answer<'_, Deactivation>;
}

impl<S: AccountStore> AnyAccounts for S {
    fn find<'a>(
        &'a self,
        tenant: TenantId,
        identifier: &'a CanonicalIdentifier,
    ) -> Answer<'a, Option<StoredAccount>> {
        Box::pin(AccountStore::find(self, tenant, identifier))
    }

    fn insert(&self, account: StoredAccount) -> Answer<'_, Insertion> {
        Box::pin(AccountStore::insert(self, account))
    }

    fn record_log_in(
        &self,
        tenant: TenantId,
        account: AccountId,
        at: Timestamp,
    ) -> Answer<'_, LogInRecord> {
        Box::pin(AccountStore::record_log_in(self, tenant, account, at))
    }

    fn deactivate(&self, tenant: TenantId, account: AccountId) -> Answer<'_, Deactivation> {
        Box::pin(AccountStore::deactivate(self, tenant, account))
    }
}
