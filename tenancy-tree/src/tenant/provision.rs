//! Makes the entry point of a tenant: DNS, certificate, route, keys.

use core::fmt;
use core::future::Future;
use core::pin::Pin;

use super::Tenant;
use crate::in_tenant::InTenant;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An entry point could not be made now. What was answered is the source.
#[derive(Debug)]
pub struct ProvisionError(BoxError);

impl ProvisionError {
    /// An entry point that could not be made, for this reason.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for ProvisionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the entry point could not be made")
    }
}

impl std::error::Error for ProvisionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Makes what a tenant's entry point needs. Without one, wildcard DNS and a wildcard certificate are expected, and a
/// tenant is active as soon as it is there.
pub trait EntryPointProvisioner: Send + Sync + 'static {
    /// Makes the entry point of a tenant. It is called again after a failure, and after a success that was not
    /// recorded: doing it twice must do no harm.
    fn provision(
        &self,
        t: InTenant<'_>,
        tenant: &Tenant,
    ) -> impl Future<Output = Result<(), ProvisionError>> + Send;
}

/// An [`EntryPointProvisioner`] of a type nobody needs to name.
pub(super) trait ErasedProvisioner: Send + Sync {
    fn provision<'f>(
        &'f self,
        t: InTenant<'f>,
        tenant: &'f Tenant,
    ) -> Pin<Box<dyn Future<Output = Result<(), ProvisionError>> + Send + 'f>>;
}

impl<P: EntryPointProvisioner> ErasedProvisioner for P {
    fn provision<'f>(
        &'f self,
        t: InTenant<'f>,
        tenant: &'f Tenant,
    ) -> Pin<Box<dyn Future<Output = Result<(), ProvisionError>> + Send + 'f>> {
        Box::pin(EntryPointProvisioner::provision(self, t, tenant))
    }
}
