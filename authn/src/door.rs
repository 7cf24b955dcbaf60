//! Where somebody logs in.

use skeleton_invocation_context::AccessKind;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Namespace;
use skeleton_invocation_context::TenantId;

/// The context asks for no tenant: the tenant's layer is missing before the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the context asks for no tenant")]
pub struct NoTenant(());

/// The door of one tenant: whose accounts may log in here. It comes from the context alone, never from
/// what a caller writes into a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    tenant: TenantId,
}

impl Door {
    /// The door through which this invocation came.
    ///
    /// # Errors
    ///
    /// [`NoTenant`] if the context passed no tenant's door.
    pub fn of<A: AccessKind>(ctx: &InvocationContext<A>) -> Result<Self, NoTenant> {
        match ctx.namespace() {
            Namespace::Actors { tenant, .. }
            | Namespace::Anonymous {
                tenant: Some(tenant),
            } => Ok(Self { tenant }),
            Namespace::Anonymous { tenant: None } => Err(NoTenant(())),
        }
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(self) -> TenantId {
        self.tenant
    }
}
