#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod columns;
#[cfg(feature = "conformance")]
pub mod conformance;
mod forest;
mod gate;
mod in_tenant;
#[cfg(feature = "memory")]
mod memory;
mod publication;
mod reach;
mod recorded;
mod rollup;
mod shards;
mod snapshot;
mod store;
mod tenant;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
mod tower;
mod tree;

pub use columns::ColumnError;
pub use columns::Dialect;
pub use columns::FilterError;
pub use columns::ScopeColumns;
pub use columns::ScopePredicate;
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
pub use reach::Reach;
pub use recorded::Cause;
pub use recorded::Proposal;
pub use recorded::Recorded;
pub use rollup::Measure;
pub use rollup::Rollup;
pub use rollup::RollupOverflow;
pub use snapshot::MoveImpact;
pub use snapshot::MovePlan;
pub use snapshot::Node;
pub use snapshot::ScopePath;
pub use snapshot::ScopeRange;
pub use snapshot::TreeSnapshot;
pub use store::AppendError;
pub use store::DynTenantStore;
pub use store::DynTreeStore;
pub use store::Head;
pub use store::StoreError;
pub use store::TenantStore;
pub use store::TreeStore;
pub use tenant::CidrList;
pub use tenant::CidrListError;
pub use tenant::Directory;
pub use tenant::EntryPoint;
pub use tenant::EntryPointProvisioner;
pub use tenant::Host;
pub use tenant::HostError;
pub use tenant::IpRestriction;
pub use tenant::LabelError;
pub use tenant::Lockout;
pub use tenant::NewTenant;
pub use tenant::OnboardError;
pub use tenant::ProvisionError;
pub use tenant::ResidencyLabel;
pub use tenant::Resolved;
pub use tenant::RootDomain;
pub use tenant::SlugError;
pub use tenant::Tenant;
pub use tenant::TenantCommand;
pub use tenant::TenantDirectory;
pub use tenant::TenantError;
pub use tenant::TenantEvent;
pub use tenant::TenantKind;
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
pub use tree::Skipped;
pub use tree::Tree;
pub use tree::TreeCommand;
pub use tree::TreeError;
pub use tree::TreeEvent;
pub use tree::TreeVersion;
