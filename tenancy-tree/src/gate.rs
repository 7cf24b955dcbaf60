//! The tenant of a request: by its host, before anything else is looked at.

use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::ClientIp;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::TenantId;

use crate::tenant::Host;
use crate::tenant::Resolved;
use crate::tenant::Tenant;
use crate::tenant::TenantDirectory;
use crate::tenant::TenantStatus;

/// The tenant that a request is for: what the layer hands to the inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedTenant(Arc<Tenant>);

impl ResolvedTenant {
    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> &Tenant {
        &self.0
    }
}

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no host, there are two, or it is none.
    #[error("the request names no host, or not one")]
    Malformed,
    /// The host is the root domain, at which no tenant is reached.
    #[error("the root domain is no tenant")]
    Apex,
    /// No tenant is reached there, or not any more.
    #[error("no tenant is reached at this host")]
    Unknown,
    /// The tenant may not be entered from that address, or the address is not known.
    #[error("the tenant may not be entered from this address")]
    AddressRefused,
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// The tenant is being made, or the tenants were never loaded.
    #[error("the tenant is not ready")]
    NotReady,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let denied = |code| Self::new(ProblemKind::PermissionDenied).with_code(code);
        match refusal {
            Refusal::Malformed => {
                Self::new(ProblemKind::Malformed).with_detail("the request must name one host")
            }
            // One answer to the byte: nobody learns which names are taken.
            Refusal::Apex | Refusal::Unknown => Self::new(ProblemKind::NotFound),
            Refusal::AddressRefused => denied("address-refused"),
            Refusal::Suspended => denied("tenant-suspended"),
            Refusal::NotReady => Self::new(ProblemKind::Unavailable)
                .with_code("tenant-not-ready")
                .with_retry_after(Duration::from_secs(5)),
        }
    }
}

/// Lets requests in by their host, and messages by their tenant. A plain function on a directory; the layer is its
/// door for HTTP and gRPC.
#[derive(Clone, Debug)]
pub struct TenantGate<D> {
    directory: D,
}

impl<D: TenantDirectory> TenantGate<D> {
    /// A gate that knows the tenants of `directory`.
    #[must_use]
    pub const fn new(directory: D) -> Self {
        Self { directory }
    }

    /// The tenant of a host as a request names it, if a client at that address may enter.
    ///
    /// An address, a name below a tenant's, a closed tenant and one that never was get one answer. The address is
    /// looked at before the tenant's status, so that who may not enter learns nothing of it.
    ///
    /// # Errors
    ///
    /// [`Refusal`], which is a problem too.
    pub fn admit(
        &self,
        host: Option<&str>,
        client_ip: Option<&ClientIp>,
    ) -> Result<ResolvedTenant, Refusal> {
        let host = host
            .and_then(|host| Host::parse(host).ok())
            .ok_or(Refusal::Malformed)?;
        let tenant = match self.directory.by_host(&host) {
            Resolved::Tenant(tenant) => tenant,
            Resolved::Apex => return Err(Refusal::Apex),
            Resolved::Unknown => return Err(Refusal::Unknown),
            Resolved::NotLoaded => return Err(Refusal::NotReady),
        };
        if matches!(tenant.status(), TenantStatus::Closed { .. }) {
            return Err(Refusal::Unknown);
        }
        if !tenant.ip_restriction().admits(client_ip) {
            return Err(Refusal::AddressRefused);
        }
        serving(tenant)
    }

    /// The tenant of a message, which came by no host and from no address.
    ///
    /// # Errors
    ///
    /// [`Refusal`], which is a problem too.
    pub fn admit_id(&self, id: TenantId) -> Result<ResolvedTenant, Refusal> {
        match self.directory.by_id(id) {
            Some(tenant) => serving(tenant),
            None if self.directory.is_loaded() => Err(Refusal::Unknown),
            None => Err(Refusal::NotReady),
        }
    }
}

fn serving(tenant: Arc<Tenant>) -> Result<ResolvedTenant, Refusal> {
    match tenant.status() {
        TenantStatus::Active | TenantStatus::Closing { .. } => Ok(ResolvedTenant(tenant)),
        TenantStatus::Suspended { .. } => Err(Refusal::Suspended),
        TenantStatus::Onboarding => Err(Refusal::NotReady),
        TenantStatus::Closed { .. } => Err(Refusal::Unknown),
    }
}
