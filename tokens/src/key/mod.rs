//! Keys: which scope they sign for, the rings that hold them, and their public halves.

mod public;
mod published;
mod ring;
mod scope;
#[cfg(test)]
mod tests;

pub use public::PublicKeys;
pub use ring::KeyError;
pub use ring::KeyRings;
pub use scope::KeyScope;

pub(crate) use public::Kid;
pub(crate) use public::PublicKey;
pub(crate) use ring::Signing;
