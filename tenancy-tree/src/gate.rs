//! The tenant of a request: by its host, before anything else is looked at.

use core::time::Duration;
use std::sync::Arc;

use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

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
    /// No tenant is reached there.
    #[error("no tenant is reached at this host")]
    Unknown,
    /// The tenant is being made.
    #[error("the tenant is not ready")]
    NotReady,
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Malformed => {
                Self::new(ProblemKind::Malformed).with_detail("the request must name one host")
            }
            Refusal::Unknown => Self::new(ProblemKind::NotFound),
            Refusal::NotReady => Self::new(ProblemKind::Unavailable)
                .with_code("tenant-not-ready")
                .with_retry_after(Duration::from_secs(5)),
        }
    }
}

/// Lets requests in by their host. A plain function on a directory; the layer is its door for HTTP.
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

    /// The tenant of a host as a request names it.
    ///
    /// The root domain itself serves nothing here; an address, a name below a tenant's, and a tenant that does not
    /// exist get one answer.
    ///
    /// # Errors
    ///
    /// [`Refusal`], which is a problem too.
    pub fn admit(&self, host: Option<&str>) -> Result<ResolvedTenant, Refusal> {
        let host = host
            .and_then(|host| Host::parse(host).ok())
            .ok_or(Refusal::Malformed)?;
        let Resolved::Tenant(tenant) = self.directory.by_host(&host) else {
            return Err(Refusal::Unknown);
        };
        match tenant.status() {
            TenantStatus::Active => Ok(ResolvedTenant(tenant)),
            TenantStatus::Onboarding => Err(Refusal::NotReady),
        }
    }
}
