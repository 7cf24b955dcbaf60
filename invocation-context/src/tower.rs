//! The layers of this crate.

mod context_layer;

pub use context_layer::ContextFuture;
pub use context_layer::ContextLayer;
pub use context_layer::ContextService;
