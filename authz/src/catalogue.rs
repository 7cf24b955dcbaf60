//! What a product protects: resources, permissions, policies and standard roles, said once.

mod attributes;
mod check;
#[cfg(feature = "serde")]
mod document;
mod lock;
mod macros;
mod permission;
mod policy;
mod role;
mod set;
mod value;

pub use attributes::Attributes;
#[doc(hidden)]
pub use check::check;
pub(crate) use check::check_skeleton;
pub use lock::Drift;
pub use lock::Lock;
pub use lock::LockError;
pub use permission::Definition;
pub use permission::Permission;
pub use permission::PermissionId;
pub use permission::Resource;
pub use permission::Retired;
pub use policy::Policy;
pub use policy::PolicyName;
pub use policy::StandardPolicy;
pub use role::Role;
pub use role::StandardRole;
pub use set::PermissionSet;
pub use value::Catalogue;
