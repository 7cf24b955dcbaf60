//! What a payload needs, and where.

use core::future::Future;
use core::pin::Pin;

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::InTenant;

use crate::catalogue::Permission;
use crate::proof::Placement;
use crate::refusal::Unavailable;

/// A command or query that says what it needs, and where: without it a payload cannot be routed.
///
/// ```compile_fail
/// #[derive(serde::Deserialize)]
/// struct OpenAccount;
/// let operations = skeleton_authz::Operations::new().guarded::<OpenAccount>("open-account");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it needs",
    note = "implement `Guarded` for the payload: its permission, and the scope or resource it is about"
)]
pub trait Guarded {
    /// What it needs.
    type Needs: Permission;

    /// Where: taken from the payload itself, so that check and effect cannot read two scopes.
    fn target(&self) -> Target<'_>;
}

/// Where a permission is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target<'p> {
    /// In this container.
    Scope(ContainerId),
    /// At the root of the caller's tenant: what concerns the tenant as a whole.
    Root,
    /// Where a container is that is to move, where that lies now, and where it is to lie: a move changes who sees what
    /// in all three. A move that would give its author more than she has takes `grant:assign-beyond` as well.
    Move {
        /// What moves, with all that is below it.
        container: ContainerId,
        /// Below which.
        to: ContainerId,
    },
    /// Where this resource is.
    Resource(ResourceRef<'p>),
}

impl Target<'_> {
    /// The word for its kind.
    #[cfg(all(feature = "testing", feature = "tower"))]
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Scope(_) => "scope",
            Self::Root => "root",
            Self::Move { .. } => "move",
            Self::Resource(_) => "resource",
        }
    }
}

/// A resource by its kind and its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRef<'p> {
    kind: &'p str,
    id: String,
}

impl<'p> ResourceRef<'p> {
    /// The resource of that kind and id.
    #[must_use]
    pub const fn new(kind: &'p str, id: String) -> Self {
        Self { kind, id }
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> &str {
        self.kind
    }

    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

/// Finds where resources are: a port of the product.
pub trait Locator: Send + Sync + 'static {
    /// Where a resource of the tenant is; nothing if the tenant has none of that kind and id.
    fn locate(
        &self,
        t: InTenant<'_>,
        resource: &ResourceRef<'_>,
    ) -> impl Future<Output = Result<Option<Placement>, Unavailable>> + Send;
}

pub(crate) type Located<'f> =
    Pin<Box<dyn Future<Output = Result<Option<Placement>, Unavailable>> + Send + 'f>>;

/// A [`Locator`] of a type nobody needs to name.
pub(crate) trait ErasedLocator: Send + Sync {
    fn locate<'f>(&'f self, t: InTenant<'f>, resource: &'f ResourceRef<'f>) -> Located<'f>;
}

impl<L: Locator> ErasedLocator for L {
    fn locate<'f>(&'f self, t: InTenant<'f>, resource: &'f ResourceRef<'f>) -> Located<'f> {
        Box::pin(Locator::locate(self, t, resource))
    }
}
