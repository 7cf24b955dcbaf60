//! The tenant of a call to a store, and who makes the call.

use core::fmt;

use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::EventOrigin;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::TenantId;

/// The tenant within which a store acts: the first argument of every store call. No store method takes a bare id.
///
/// ```compile_fail
/// use skeleton_invocation_context::TenantId;
/// use skeleton_tenancy_tree::InTenant;
/// fn act(_: InTenant<'_>) {}
/// fn bare(id: TenantId) {
///     act(id);
/// }
/// ```
#[derive(Clone, Copy)]
pub struct InTenant<'c> {
    tenant: TenantId,
    origin: Origin<'c>,
}

/// On whose account a store acts.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Origin<'c> {
    /// An invocation, or the event of one.
    Invocation(&'c dyn EventOrigin),
    /// A job of the platform, for this reason.
    Background(&'c str),
}

impl<'c> InTenant<'c> {
    /// The tenant of the caller.
    #[must_use]
    pub fn of(ctx: &'c InvocationContext<Authenticated>) -> Self {
        Self {
            tenant: ctx.tenant(),
            origin: Origin::Invocation(ctx),
        }
    }

    /// This tenant, for a job that nobody asked for. The reason is recorded.
    #[must_use]
    pub const fn background(tenant: TenantId, reason: &'c str) -> Self {
        Self {
            tenant,
            origin: Origin::Background(reason),
        }
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// On whose account the store acts.
    #[must_use]
    pub const fn origin(&self) -> Origin<'c> {
        self.origin
    }
}

impl fmt::Debug for InTenant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InTenant")
            .field("tenant", &self.tenant)
            .field("origin", &self.origin)
            .finish()
    }
}

impl fmt::Debug for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invocation(origin) => {
                write!(
                    f,
                    "Invocation({})",
                    origin.event_context().trace().current()
                )
            }
            Self::Background(reason) => write!(f, "Background({reason})"),
        }
    }
}
