//! Who holds what: the stream of a tenant's grants, and the published view of it.

mod event;
mod log;
#[cfg(feature = "memory")]
mod memory;
mod view;
mod views;

pub use event::AccessEvent;
pub use event::GrantsVersion;
pub use event::Recorded;
pub use log::AccessLog;
pub(crate) use log::ErasedAccessLog;
#[cfg(feature = "memory")]
pub use memory::MemoryAccessLog;
pub use view::AccessView;
pub use views::AccessError;
pub use views::AccessViews;
