//! The layers of this crate.
//!
//! At the edge, from the outside in: [`ContextLayer`], then whatever finds the tenant and authenticates, then
//! [`ToggleLayer`]. In a service behind it: [`InternalContextLayer`] instead of all of them. At a client:
//! [`PropagateLayer`]. `SpanLayer` (feature `tracing`) stands directly inside of the door.
//!
//! One router has one door: a second one answers 500.

mod context_layer;
mod internal_layer;
mod propagate_layer;
mod refusal;
#[cfg(feature = "tracing")]
mod span_layer;
mod toggle_layer;

pub use context_layer::ContextFuture;
pub use context_layer::ContextLayer;
pub use context_layer::ContextService;
pub use internal_layer::InternalContextLayer;
pub use internal_layer::InternalContextService;
pub use propagate_layer::Propagate;
pub use propagate_layer::PropagateError;
pub use propagate_layer::PropagateFuture;
pub use propagate_layer::PropagateLayer;
pub use refusal::AnswerFuture;
#[cfg(feature = "tracing")]
pub use span_layer::SpanFuture;
#[cfg(feature = "tracing")]
pub use span_layer::SpanLayer;
#[cfg(feature = "tracing")]
pub use span_layer::SpanService;
pub use toggle_layer::ToggleLayer;
pub use toggle_layer::ToggleService;
