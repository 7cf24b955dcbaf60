//! The port: where the events of a tenant's rules are kept.

use core::future::Future;
use core::num::NonZeroU32;
use core::pin::Pin;

use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;

use super::AccessEvent;
use super::AccessStream;
use super::AccessVersion;

/// Keeps the events of every tenant's rules, two streams per tenant: a port on the product's event log.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not keep the rules of tenants",
    note = "a log of rules implements `append` and `read`; `MemoryAccessLog` is one, with the feature `memory`"
)]
pub trait AccessLog: Send + Sync + 'static {
    /// Appends all of `events`, which belong to `stream`, if both streams of the tenant are as long as expected, else
    /// nothing; the length of the stream after it.
    ///
    /// What was decided rests on both: whoever compared one only would let two changes pass that together leave nobody
    /// in charge, or give what nobody held.
    fn append(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        expected: AccessVersion,
        events: &[Recorded<AccessEvent>],
    ) -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// At most `max` events of a stream after the first `after`, in order, without gaps. None only at the end.
    fn read(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        after: u64,
        max: NonZeroU32,
    ) -> impl Future<Output = Result<Vec<Recorded<AccessEvent>>, StoreError>> + Send;
}

type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// An [`AccessLog`] of a type nobody needs to name.
pub(crate) trait ErasedAccessLog: Send + Sync {
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        stream: AccessStream,
        expected: AccessVersion,
        events: &'f [Recorded<AccessEvent>],
    ) -> Boxed<'f, Result<u64, AppendError>>;

    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        stream: AccessStream,
        after: u64,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded<AccessEvent>>, StoreError>>;
}

impl<L: AccessLog> ErasedAccessLog for L {
    fn append<'f>(
        &'f self,
        t: InTenant<'f>,
        stream: AccessStream,
        expected: AccessVersion,
        events: &'f [Recorded<AccessEvent>],
    ) -> Boxed<'f, Result<u64, AppendError>> {
        Box::pin(AccessLog::append(self, t, stream, expected, events))
    }

    fn read<'f>(
        &'f self,
        t: InTenant<'f>,
        stream: AccessStream,
        after: u64,
        max: NonZeroU32,
    ) -> Boxed<'f, Result<Vec<Recorded<AccessEvent>>, StoreError>> {
        Box::pin(AccessLog::read(self, t, stream, after, max))
    }
}
