//! Tenants: their names, their entry points, and the directory that finds them.

mod directory;
mod event;
mod host;
mod slug;
mod tenants;

pub use directory::Directory;
pub use directory::Resolved;
pub use directory::TenantDirectory;
pub use event::EntryPoint;
pub use event::Tenant;
pub use event::TenantEvent;
pub use event::TenantKind;
pub use event::TenantKindError;
pub use event::TenantStatus;
pub use event::TenantVersion;
pub use host::Host;
pub use host::HostError;
pub use host::RootDomain;
pub use slug::SlugError;
pub use slug::TenantSlug;
pub use tenants::NewTenant;
pub use tenants::OnboardError;
pub use tenants::Tenants;
