#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod forest;
mod gate;
mod in_tenant;
#[cfg(feature = "memory")]
mod memory;
mod snapshot;
mod store;
mod tenant;
#[cfg(feature = "tower")]
mod tower;
mod tree;

pub use forest::Forest;
pub use gate::Refusal;
pub use gate::ResolvedTenant;
pub use gate::TenantGate;
pub use in_tenant::InTenant;
pub use in_tenant::Origin;
#[cfg(feature = "memory")]
pub use memory::MemoryTenants;
#[cfg(feature = "memory")]
pub use memory::MemoryTrees;
pub use snapshot::Node;
pub use snapshot::TreeSnapshot;
pub use store::AppendError;
pub use store::StoreError;
pub use store::TenantStore;
pub use store::TreeStore;
pub use tenant::Directory;
pub use tenant::EntryPoint;
pub use tenant::Host;
pub use tenant::HostError;
pub use tenant::NewTenant;
pub use tenant::OnboardError;
pub use tenant::Resolved;
pub use tenant::RootDomain;
pub use tenant::SlugError;
pub use tenant::Tenant;
pub use tenant::TenantDirectory;
pub use tenant::TenantEvent;
pub use tenant::TenantKind;
pub use tenant::TenantKindError;
pub use tenant::TenantSlug;
pub use tenant::TenantStatus;
pub use tenant::TenantVersion;
pub use tenant::Tenants;
#[cfg(feature = "tower")]
pub use tower::TenantFuture;
#[cfg(feature = "tower")]
pub use tower::TenantLayer;
#[cfg(feature = "tower")]
pub use tower::TenantService;
pub use tree::Applied;
pub use tree::Limits;
pub use tree::NameError;
pub use tree::Recorded;
pub use tree::Skipped;
pub use tree::Tree;
pub use tree::TreeCommand;
pub use tree::TreeError;
pub use tree::TreeEvent;
pub use tree::TreeVersion;
