//! The port: where the events of grants are kept.

use core::future::Future;
use core::num::NonZeroU32;
use core::pin::Pin;

use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::StoreError;

use super::GrantsVersion;
use super::Recorded;

/// Keeps the events of every tenant's grants, one stream per tenant: a port on the product's event log.
pub trait AccessLog: Send + Sync + 'static {
    /// Appends all of `events` if the stream is at `expected`, else nothing.
    fn append(
        &self,
        t: InTenant<'_>,
        expected: GrantsVersion,
        events: &[Recorded],
    ) -> impl Future<Output = Result<GrantsVersion, AppendError>> + Send;

    /// At most `max` events after a version, in order, without gaps.
    fn read(
        &self,
        t: InTenant<'_>,
        after: GrantsVersion,
        max: NonZeroU32,
    ) -> impl Future<Output = Result<Vec<Recorded>, StoreError>> + Send;
}

type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// An [`AccessLog`] of a type nobody needs to name.
pub(crate) trait ErasedAccessLog: Send + Sync {
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        expected: GrantsVersion,
        events: &'f [Recorded],
    ) -> Boxed<'f, Result<GrantsVersion, AppendError>>;

    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        after: GrantsVersion,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded>, StoreError>>;
}

impl<L: AccessLog> ErasedAccessLog for L {
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        expected: GrantsVersion,
        events: &'f [Recorded],
    ) -> Boxed<'f, Result<GrantsVersion, AppendError>> {
        Box::pin(AccessLog::append(self, t, expected, events))
    }

    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        after: GrantsVersion,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded>, StoreError>> {
        Box::pin(AccessLog::read(self, t, after, max))
    }
}
