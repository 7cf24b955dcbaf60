//! The rules of a tenant: who holds what, its own roles, its guardrails; two streams, and the published view of them.

mod event;
mod impersonation;
mod kept;
mod log;
#[cfg(feature = "memory")]
mod memory;
mod minimised;
mod prepared;
mod role;
mod view;
mod views;

pub use event::AccessEvent;
pub use event::AccessStream;
pub use event::AccessVersion;
pub use impersonation::Impersonation;
pub use log::AccessLog;
pub(crate) use log::ErasedAccessLog;
#[cfg(feature = "memory")]
pub use memory::MemoryAccessLog;
pub(crate) use prepared::During;
pub use role::Forbidden;
pub use role::Guardrail;
pub use role::GuardrailId;
pub(crate) use role::OWN;
pub use role::TenantRole;
pub use view::AccessView;
pub use views::AccessError;
pub use views::AccessViews;
