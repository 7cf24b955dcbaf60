//! Recognises a payload without keeping it.

mod json;

use core::fmt;
use core::hash::Hash;
use core::hash::Hasher;

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use zeroize::Zeroizing;

pub use json::JsonError;

/// The key under which fingerprints are made.
///
/// # Security
///
/// Keyed, so that a stolen table answers no guesses. Redacted, and wiped when dropped. It cannot be printed or
/// written out:
///
/// ```compile_fail
/// fn shown(keys: &skeleton_idempotency::FingerprintKeys) -> String {
///     format!("{keys}")
/// }
/// ```
///
/// ```compile_fail
/// fn stored(keys: &skeleton_idempotency::FingerprintKeys) -> serde_json::Result<Vec<u8>> {
///     serde_json::to_vec(keys)
/// }
/// ```
#[derive(Clone)]
pub struct FingerprintKeys {
    id: u8,
    /// Keyed already; it wipes itself.
    mac: Hmac<Sha256>,
}

impl FingerprintKeys {
    /// One key of 32 random bytes. It must be the same in every process that shares a store.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        let secret = Zeroizing::new(secret);
        // HMAC fills up a key that is shorter than a block with zeros.
        let mut block = Zeroizing::new([0; 64]);
        for (place, byte) in block.iter_mut().zip(*secret) {
            *place = byte;
        }
        Self {
            id: 1,
            mac: Hmac::new((&*block).into()),
        }
    }

    /// The fingerprint of a JSON payload: blind to the order of members, to white space and to escapes, while
    /// numbers count as they are written.
    ///
    /// # Errors
    ///
    /// [`JsonError`] if the payload is not JSON, repeats a member, or nests deeper than 64.
    pub fn of_json(&self, payload: &[u8]) -> Result<Fingerprint, JsonError> {
        self.of_json_with("", payload)
    }

    /// The fingerprint of a payload that is not JSON: every byte counts.
    #[must_use]
    pub fn of_bytes(&self, payload: &[u8]) -> Fingerprint {
        self.tag(Form::Raw, "", payload)
    }

    /// The fingerprint of a payload that is a value and not a text: what it says of itself counts.
    #[must_use]
    pub fn of_typed(&self, payload: &(impl Canonical + ?Sized)) -> Fingerprint {
        let mut bytes = Vec::new();
        payload.write_canonical(&mut bytes);
        self.tag(Form::Typed, "", &bytes)
    }

    /// The fingerprint of a request's JSON payload and its query, which counts byte by byte.
    pub(crate) fn of_json_with(
        &self,
        query: &str,
        payload: &[u8],
    ) -> Result<Fingerprint, JsonError> {
        Ok(self.tag(Form::Json, query, &json::canonical(payload)?))
    }

    /// The same for a payload that is not JSON.
    pub(crate) fn of_bytes_with(&self, query: &str, payload: &[u8]) -> Fingerprint {
        self.tag(Form::Raw, query, payload)
    }

    fn tag(&self, form: Form, query: &str, payload: &[u8]) -> Fingerprint {
        let mut mac = self.mac.clone();
        mac.update(&[form as u8]);
        // A query is bounded by the request line, well below 4 GiB.
        mac.update(&u32::try_from(query.len()).unwrap_or(u32::MAX).to_be_bytes());
        mac.update(query.as_bytes());
        mac.update(payload);
        let digest = mac.finalize().into_bytes();
        let mut bytes = [self.id; 17];
        for (place, byte) in bytes.iter_mut().skip(1).zip(digest) {
            *place = byte;
        }
        Fingerprint(bytes)
    }
}

impl fmt::Debug for FingerprintKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FingerprintKeys")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy)]
enum Form {
    Json = 1,
    Raw = 2,
    Typed = 3,
}

/// A payload that says itself what counts of it, in one way for equal values.
pub trait Canonical {
    /// Writes what counts.
    fn write_canonical(&self, bytes: &mut Vec<u8>);
}

/// What is kept of a payload: the key's id and half of a keyed digest.
#[derive(Clone, Copy, Eq)]
pub struct Fingerprint([u8; 17]);

impl Fingerprint {
    /// Reads what a store kept.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 17]) -> Self {
        Self(bytes)
    }

    /// What a store keeps.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 17] {
        &self.0
    }
}

/// Without an early exit: the time it takes does not tell how many bytes agree.
impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        let differing = pairs.fold(0, |bits, (one, other)| bits | (one ^ other));
        core::hint::black_box(differing) == 0
    }
}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}
