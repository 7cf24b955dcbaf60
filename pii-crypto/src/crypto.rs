//! Keys, envelopes and wraps: pure functions from bytes to bytes. Nothing here knows a store.

pub(crate) mod bytes;
pub(crate) mod envelope;
pub(crate) mod keys;
pub(crate) mod padding;
pub(crate) mod wrap;

/// An authenticated decryption failed, or a part has no right shape. It says nothing more, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken;

#[cfg(test)]
mod tests;
