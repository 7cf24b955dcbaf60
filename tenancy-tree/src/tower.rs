//! Step 2 of the way of an invocation: the host decides the tenant. A door on [`TenantGate`](crate::TenantGate) for
//! HTTP and gRPC; it decides nothing itself.

mod future;
mod host;
mod layer;
mod service;

pub use future::TenantFuture;
pub use layer::TenantLayer;
pub use service::TenantService;
