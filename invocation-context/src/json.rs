//! The JSON forms: ids and names as text, instants as RFC 3339, and the document inside events.

mod document;
mod strict;
pub(crate) mod text;

pub use document::EventContextError;
pub use text::TimestampError;
pub use text::deserialize_id;
pub use text::serialize_id;
