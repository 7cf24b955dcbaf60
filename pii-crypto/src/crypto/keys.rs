//! Data keys, and what is derived from one.

use hkdf::Hkdf;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The only suite that values are sealed with: AES-256-GCM.
pub(crate) const AES_256_GCM: u8 = 1;

/// A key of one data subject, drawn at random: what can be derived again cannot be destroyed.
#[derive(Clone)]
pub(crate) struct Dek(pub(crate) Zeroizing<[u8; 32]>);

/// Why no key could be drawn: the operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct NoRandomness(());

impl Dek {
    pub(crate) fn draw() -> Result<Self, NoRandomness> {
        let mut key = Zeroizing::new([0; 32]);
        random(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// Names and commits to the key: 32 bytes, of which the first 16 stand in every envelope.
    pub(crate) fn commitment(&self) -> [u8; 32] {
        *derive(&self.0, b"pii-crypto/1 key-id")
    }

    /// The key that seals values.
    pub(crate) fn sealing_key(&self) -> SealingKey {
        let mut info = b"pii-crypto/1 enc".to_vec();
        info.push(AES_256_GCM);
        SealingKey {
            key: derive(&self.0, &info),
            id: key_id(&self.commitment()),
        }
    }
}

/// The first half of a commitment.
pub(crate) fn key_id(commitment: &[u8; 32]) -> [u8; 16] {
    let mut id = [0; 16];
    for (place, byte) in id.iter_mut().zip(commitment) {
        *place = *byte;
    }
    id
}

/// A key that seals values, and its name.
#[derive(Clone)]
pub(crate) struct SealingKey {
    pub(crate) key: Zeroizing<[u8; 32]>,
    pub(crate) id: [u8; 16],
}

/// HKDF-SHA256 (RFC 5869) without salt, 32 bytes.
pub(crate) fn derive(secret: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // 32 bytes are far below the limit of 255 blocks, so this cannot fail.
    let _fits = Hkdf::<Sha256>::new(None, secret).expand(info, out.as_mut_slice());
    out
}

/// HMAC-SHA256 (RFC 2104) over parts that the caller has made injective.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length, so this one always fits.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Fills `bytes` from the operating system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), NoRandomness> {
    getrandom::fill(bytes).map_err(|_| NoRandomness(()))
}
