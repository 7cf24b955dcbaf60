#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod access;
mod account;
mod authentication;
#[cfg(feature = "axum-08")]
mod axum;
mod context;
#[cfg(feature = "http")]
mod edge;
mod event;
#[cfg(feature = "http")]
mod http;
mod id;
mod invocation;
#[cfg(feature = "serde")]
mod json;
mod label;
mod locale;
mod name;
pub mod problem;
mod provenance;
mod service;
mod source;
mod step;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod toggle;
#[cfg(feature = "tonic-014")]
pub mod tonic;
#[cfg(feature = "tower")]
pub mod tower;
mod trace;
mod trace_parent;
#[cfg(feature = "tracing")]
mod tracing;
#[cfg(feature = "wire")]
mod wire;

pub use access::Access;
pub use access::AccessKind;
pub use access::Authenticated;
pub use access::RequestedTenant;
pub use access::Unauthenticated;
pub use account::Account;
pub use account::AccountKind;
pub use account::Actor;
pub use account::ActorError;
pub use account::ActorKind;
pub use account::Agent;
pub use account::Beneficiary;
pub use account::Delegation;
pub use account::Impersonated;
pub use account::Impersonation;
pub use account::Impersonator;
pub use authentication::ApiKeyHash;
pub use authentication::Assurance;
pub use authentication::Authentication;
pub use authentication::Identity;
pub use authentication::Mechanism;
pub use authentication::RoleAssignment;
pub use authentication::RoleAssignments;
pub use authentication::TooManyRoles;
pub use context::Child;
pub use context::ContextError;
pub use context::InvocationContext;
pub use context::Namespace;
pub use context::NotAuthenticated;
#[cfg(feature = "http")]
pub use edge::CidrError;
#[cfg(feature = "http")]
pub use edge::Edge;
#[cfg(feature = "http")]
pub use edge::TrustedProxies;
pub use event::EventAccess;
pub use event::EventContext;
pub use event::EventOrigin;
pub use event::Lineage;
#[cfg(feature = "http")]
pub use http::ProblemBody;
#[cfg(feature = "http")]
pub use http::is_grpc;
pub use id::AccountId;
pub use id::ActionId;
pub use id::ContainerId;
pub use id::CredentialId;
pub use id::EventId;
pub use id::ExternalInvocationId;
pub use id::IdError;
pub use id::IdentityProviderId;
pub use id::InvocationId;
pub use id::MessageId;
pub use id::SessionId;
pub use id::TenantId;
pub use invocation::Invocation;
#[cfg(feature = "serde")]
pub use json::EventContextError;
#[cfg(feature = "serde")]
pub use json::TimestampError;
pub use locale::Locale;
pub use locale::LocaleError;
pub use name::NameError;
pub use name::Operation;
pub use name::RoleName;
pub use problem::Problem;
pub use problem::ProblemKind;
pub use provenance::AgentFamilies;
pub use provenance::ClientIp;
pub use provenance::Provenance;
pub use provenance::UserAgent;
pub use provenance::UserAgentParser;
pub use service::ServiceIdentity;
pub use source::IdGenerator;
pub use source::RandomIds;
pub use step::Step;
pub use step::StepPath;
pub use step::StepPathFull;
pub use time::Clock;
pub use time::SystemClock;
pub use time::Timestamp;
#[cfg(feature = "http")]
pub use toggle::DeclareError;
pub use toggle::LOG_LEVEL;
pub use toggle::LogLevel;
pub use toggle::ToggleChoice;
pub use toggle::ToggleError;
pub use toggle::ToggleKey;
pub use toggle::ToggleName;
#[cfg(feature = "http")]
pub use toggle::ToggleRegistry;
pub use toggle::ToggleType;
pub use toggle::ToggleUnset;
pub use toggle::ToggleValue;
pub use toggle::Toggles;
pub use trace::External;
pub use trace::MadeBy;
pub use trace::Trace;
pub use trace_parent::TraceParent;
pub use trace_parent::TraceParentError;
#[cfg(feature = "wire")]
pub use wire::ContextKey;
#[cfg(feature = "wire")]
pub use wire::ReceiveError;
#[cfg(feature = "wire")]
pub use wire::SealError;
#[cfg(feature = "wire")]
pub use wire::SealedContext;
#[cfg(feature = "wire")]
pub use wire::TrustDomain;
#[cfg(feature = "wire")]
pub use wire::TrustDomainError;

/// What the macros of this crate expand to. Not an interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::id::RawId;
    #[cfg(feature = "serde")]
    pub use crate::json::deserialize_id;
    #[cfg(feature = "serde")]
    pub use crate::json::serialize_id;
    pub use crate::name::is_name;
    #[cfg(feature = "serde")]
    pub use serde;
}
