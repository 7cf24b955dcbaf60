//! Strict JSON, for payloads whose signature was verified.
//!
//! A reader of its own, because the usual ones keep the last of two equal members, and because a feature
//! that another crate of a build switches on in a shared parser must not change what a token means.
//! Every limit is checked while reading: depth 8, 64 members per object, 2 KiB per string, integers
//! below 2^53. No member may repeat, at any depth, and nothing may stand around the one object.

mod reader;
#[cfg(test)]
mod tests;
mod value;
mod writer;

pub(crate) use reader::parse_object;
pub(crate) use value::Json;
pub(crate) use value::Object;
pub(crate) use writer::push_text;
