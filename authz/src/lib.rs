#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod access;
mod authorizer;
#[cfg(feature = "axum-08")]
mod axum;
mod catalogue;
mod check;
mod decision;
#[cfg(feature = "serde")]
mod documents;
mod grant;
mod guarded;
#[cfg(feature = "tower")]
mod operations;
#[cfg(feature = "serde")]
mod problem;
mod proof;
mod refusal;
mod rules;
pub mod skeleton;
mod snapshot;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
mod tower;

pub use access::AccessError;
pub use access::AccessEvent;
pub use access::AccessLog;
pub use access::AccessStream;
pub use access::AccessVersion;
pub use access::AccessView;
pub use access::AccessViews;
pub use access::Forbidden;
pub use access::Guardrail;
pub use access::GuardrailId;
pub use access::Impersonation;
#[cfg(feature = "memory")]
pub use access::MemoryAccessLog;
pub use access::TenantRole;
pub use authorizer::Authorizer;
pub use authorizer::ResumeError;
#[cfg(feature = "axum-08")]
pub use axum::Checked;
#[cfg(feature = "axum-08")]
pub use axum::Listing;

pub use catalogue::Attributes;
pub use catalogue::Catalogue;
pub use catalogue::Definition;
pub use catalogue::Drift;
pub use catalogue::Lock;
pub use catalogue::LockError;
pub use catalogue::Permission;
pub use catalogue::PermissionId;
pub use catalogue::PermissionSet;
pub use catalogue::Policy;
pub use catalogue::PolicyName;
pub use catalogue::Resource;
pub use catalogue::Retired;
pub use catalogue::Role;
pub use catalogue::StandardPolicy;
pub use catalogue::StandardRole;
pub use check::CheckError;
pub use decision::Allow;
pub use decision::CarriedDecision;
pub use decision::Decision;
pub use decision::DecisionRecord;
pub use decision::Deny;
pub use decision::DenyReason;
pub use decision::Mask;
pub use decision::MaxAge;
pub use decision::Remedy;
pub use decision::Versions;
pub use grant::Grant;
pub use grant::GrantId;
pub use grant::Source;
pub use grant::Subject;
pub use grant::Window;
pub use grant::WindowError;
pub use guarded::Guarded;
pub use guarded::Locator;
pub use guarded::ResourceRef;
pub use guarded::Target;
#[cfg(feature = "tower")]
pub use operations::Need;
#[cfg(feature = "tower")]
pub use operations::Operations;
pub use proof::Authorized;
pub use proof::Placement;
pub use refusal::Refusal;
pub use refusal::RefusalKind;
pub use refusal::Unavailable;
pub use rules::AccessCommand;
pub use rules::RoleSpec;
pub use rules::RuleError;
/// Which containers a grant reaches from the one at which it stands.
pub use skeleton_tenancy_tree::Reach;
pub use snapshot::AccessChange;
pub use snapshot::AccessImpact;
pub use snapshot::Attenuation;
pub use snapshot::Effective;
pub use snapshot::Missing;
pub use snapshot::ScopeFilter;
pub use snapshot::Snapshot;
pub use snapshot::StalePlan;
pub use snapshot::Verdict;
#[cfg(feature = "tower")]
pub use tower::AuthorizationLayer;
#[cfg(feature = "tower")]
pub use tower::AuthorizationService;
#[cfg(feature = "tower")]
pub use tower::Pending;

/// What the macros of this crate expand to. Not an interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::catalogue::check;
    pub use skeleton_invocation_context::__private::is_name;
}
