//! The ports: where trees and tenants are kept.

mod dynamic;
mod shared;

use core::fmt;
use core::future::Future;
use core::num::NonZeroU32;

use skeleton_invocation_context::TenantId;

pub use self::dynamic::DynTenantStore;
pub use self::dynamic::DynTreeStore;
use crate::in_tenant::InTenant;
use crate::recorded::Recorded;
use crate::tenant::TenantEvent;
use crate::tenant::TenantVersion;
use crate::tree::TreeEvent;
use crate::tree::TreeVersion;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A store cannot be had. What it answered is the source.
#[derive(Debug)]
pub struct StoreError(BoxError);

impl StoreError {
    /// A store that cannot be had, for this reason.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store is unavailable")
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Why an append wrote nothing.
///
/// [`AppendError::Unavailable`] alone leaves open whether something was written: the store may have failed after it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The stream has another version than expected.
    #[error("the stream is at version {actual}")]
    Stale {
        /// The version it has.
        actual: u64,
    },
    /// Another tenant has, or had, the entry point that an event gives. [`TenantStore`] only.
    #[error("the entry point is taken")]
    Taken,
    /// The store cannot be had.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

/// How long the stream of a tenant is. No data of the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Head {
    tenant: TenantId,
    version: u64,
}

impl Head {
    /// The stream of `tenant` has `version` events.
    #[must_use]
    pub const fn new(tenant: TenantId, version: u64) -> Self {
        Self { tenant, version }
    }

    /// Whose stream it is.
    #[must_use]
    pub const fn tenant(self) -> TenantId {
        self.tenant
    }

    /// How many events it has.
    #[must_use]
    pub const fn version(self) -> u64 {
        self.version
    }
}

/// Keeps the events of every tenant's tree, one stream per tenant. An adapter is done when it passes
/// [`tree_store_suite!`](crate::tree_store_suite) on its real server.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep trees",
    note = "a store of trees implements `append`, `read` and `heads`; `MemoryTrees` is one, with the feature `memory`"
)]
pub trait TreeStore: Send + Sync + 'static {
    /// Appends all of `events` if the stream is at `expected`, else nothing. Durable when it returns, and never done
    /// in part, though the future be dropped or the process killed.
    fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> impl Future<Output = Result<TreeVersion, AppendError>> + Send;

    /// At most `max` events after a version, in order, without gaps. None only at the end of the stream.
    fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> impl Future<Output = Result<Vec<Recorded<TreeEvent>>, StoreError>> + Send;

    /// The lengths of some of the streams that have events, in the order of their tenants, the first one after
    /// `after`. None only at the end.
    fn heads(
        &self,
        after: Option<TenantId>,
    ) -> impl Future<Output = Result<Vec<Head>, StoreError>> + Send;
}

/// Keeps the events of the tenants themselves, one stream per tenant. An adapter is done when it passes
/// [`tenant_store_suite!`](crate::tenant_store_suite) on its real server.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep tenants",
    note = "a store of tenants implements `append`, `read` and `heads`; `MemoryTenants` is one, with the feature `memory`"
)]
pub trait TenantStore: Send + Sync + 'static {
    /// Appends all of `events` if the tenant's stream is at `expected`, else nothing.
    ///
    /// An entry point ([`TenantEvent::entry_point`]) that another tenant's stream was given, at whatever time, is
    /// [`AppendError::Taken`]: of two processes that onboard one slug one wins.
    fn append(
        &self,
        t: InTenant<'_>,
        expected: TenantVersion,
        events: &[Recorded<TenantEvent>],
    ) -> impl Future<Output = Result<TenantVersion, AppendError>> + Send;

    /// At most `max` events after a version, in order, without gaps. None only at the end of the stream.
    fn read(
        &self,
        t: InTenant<'_>,
        after: TenantVersion,
        max: NonZeroU32,
    ) -> impl Future<Output = Result<Vec<Recorded<TenantEvent>>, StoreError>> + Send;

    /// As [`TreeStore::heads`].
    fn heads(
        &self,
        after: Option<TenantId>,
    ) -> impl Future<Output = Result<Vec<Head>, StoreError>> + Send;
}
