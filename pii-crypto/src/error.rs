//! What can go wrong. No error carries a value, a key, or a text that came from outside.

use crate::audit::AuditRefused;
use crate::coordinates::IdError;
use crate::crypto::keys::NoRandomness;
use crate::kek::KekError;
use crate::store::StoreError;

/// Something that sealing or opening needs cannot be had now: try again.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// The store of keys.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key-encryption key.
    #[error(transparent)]
    Kek(#[from] KekError),
    /// The audit.
    #[error(transparent)]
    Audit(#[from] AuditRefused),
    /// Randomness.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The session is over: open a new one, which reads the keys anew.
    #[error("the session is over")]
    SessionOver,
    /// Other commits kept being faster.
    #[error("the keys keep changing")]
    Busy,
    /// The tenant's row, or a subject's, is not what this vault wrote.
    #[error("a row of keys is damaged")]
    Damaged,
}

/// Why a value was not sealed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The subject is forgotten: nothing about it is sealed any more.
    #[error("the data subject is forgotten")]
    Forgotten,
    /// The subject's id has no canonical text.
    #[error("the data subject has no canonical id")]
    Subject(#[from] IdError),
    /// The session was not asked for this subject and category.
    #[error("the session holds no key of this subject")]
    NotLoaded,
    /// The value is larger than 64 KiB, or has no form that can be sealed.
    #[error("the value cannot be sealed")]
    Value,
    /// The value was sealed elsewhere and could not be read there, or it is another person's.
    #[error("the sealed value cannot be carried over")]
    Carry(#[source] Box<OpenError>),
    /// Something cannot be had now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Why a value was not shown. None of these is an erasure.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The bytes are not what was sealed there.
    #[error("the sealed value is damaged")]
    Tampered,
    /// The subject never had this key.
    #[error("the sealed value belongs elsewhere")]
    WrongContext,
    /// Nothing is known of the subject, or its key's epoch is gone.
    #[error("the key is missing")]
    KeyMissing,
    /// The format or the suite is unknown to this build.
    #[error("the sealed value is of an unknown format")]
    Unsupported,
    /// The session was not asked for this subject.
    #[error("the session holds no key of this subject")]
    NotLoaded,
    /// Something cannot be had now.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}
