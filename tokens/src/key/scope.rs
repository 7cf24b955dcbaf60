//! Whose tokens a key signs.

use skeleton_invocation_context::TenantId;

/// Whose tokens a key signs. How many keys there are is a choice, with one API for all of them.
///
/// A key keeps its scope for life. A token is good only if its tenant lies in the scope of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyScope {
    /// Those of every tenant. It signs for those that have no ring of their own.
    Global,
    /// Those of one tenant.
    Tenant(TenantId),
}

impl KeyScope {
    /// Whether a key of this scope may sign for `tenant`.
    #[must_use]
    pub fn covers(self, tenant: TenantId) -> bool {
        match self {
            Self::Global => true,
            Self::Tenant(own) => own == tenant,
        }
    }
}
