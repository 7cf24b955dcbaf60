//! Data keys at rest: wrapped by the tenant's key-encryption key under XAES-256-GCM (C2SP), 77 bytes each.

use subtle::ConstantTimeEq;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::Aead;
use xaes_256_gcm::aead::KeyInit;
use xaes_256_gcm::aead::Payload;
use zeroize::Zeroizing;

use super::Broken;
use super::bytes::put_l16;
use super::keys::Dek;
use super::keys::key_id;

/// The bytes of a wrap: form, epoch, nonce, key, tag.
pub(crate) const WRAP: usize = 77;
const FORM: u8 = 0x13;

/// A tenant's key-encryption key of one epoch. Wiped when dropped, and not printable.
#[derive(Clone)]
pub struct Kek {
    epoch: u32,
    key: Zeroizing<[u8; 32]>,
}

impl Kek {
    /// The key of an epoch. Its maker vouches that it is random and kept apart from the store.
    #[must_use]
    pub fn new(epoch: u32, key: [u8; 32]) -> Self {
        Self {
            epoch,
            key: Zeroizing::new(key),
        }
    }

    /// The epoch in which it wraps.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }
}

impl core::fmt::Debug for Kek {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Kek")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

/// Whose key is wrapped. All of it is authenticated.
pub(crate) struct Owner<'o> {
    pub(crate) tenant: &'o str,
    pub(crate) subject: &'o str,
    pub(crate) category: &'o str,
    pub(crate) generation: u32,
    pub(crate) commitment: &'o [u8; 32],
}

/// Wraps a data key for its owner.
pub(crate) fn wrap(
    kek: &Kek,
    owner: &Owner<'_>,
    dek: &Dek,
    nonce: [u8; 24],
) -> Result<[u8; WRAP], Broken> {
    let mut bytes = vec![FORM];
    bytes.extend(kek.epoch.to_be_bytes());
    let aad = aad(&bytes, owner);
    let payload = Payload {
        msg: dek.0.as_slice(),
        aad: &aad,
    };
    let sealed = cipher(kek)
        .encrypt(&nonce.into(), payload)
        .map_err(|_| Broken)?;
    bytes.extend(nonce);
    bytes.extend(sealed);
    bytes.try_into().map_err(|_| Broken)
}

/// The data key inside a wrap, if it is that owner's and the one that the owner's row commits to.
pub(crate) fn unwrap(kek: &Kek, owner: &Owner<'_>, wrapped: &[u8; WRAP]) -> Result<Dek, Broken> {
    let (head, rest) = wrapped.split_at_checked(5).ok_or(Broken)?;
    let (nonce, sealed) = rest.split_first_chunk::<24>().ok_or(Broken)?;
    let aad = aad(head, owner);
    let payload = Payload {
        msg: sealed,
        aad: &aad,
    };
    let opened = cipher(kek)
        .decrypt(&(*nonce).into(), payload)
        .map_err(|_| Broken)?;
    let opened = Zeroizing::new(opened);
    let key: &[u8; 32] = opened.as_slice().try_into().map_err(|_| Broken)?;
    let dek = Dek(Zeroizing::new(*key));
    let is_committed: bool = dek.commitment().ct_eq(owner.commitment).into();
    if is_committed { Ok(dek) } else { Err(Broken) }
}

/// The epoch of the key-encryption key that a wrap needs.
pub(crate) fn epoch(wrapped: &[u8; WRAP]) -> u32 {
    let [_, one, two, three, four, ..] = *wrapped;
    u32::from_be_bytes([one, two, three, four])
}

fn cipher(kek: &Kek) -> Xaes256Gcm {
    Xaes256Gcm::new((&*kek.key).into())
}

fn aad(head: &[u8], owner: &Owner<'_>) -> Vec<u8> {
    let mut aad = b"pii-crypto/1 wrap".to_vec();
    aad.extend(head);
    for part in [owner.tenant, owner.subject, owner.category] {
        put_l16(&mut aad, part.as_bytes());
    }
    aad.extend(owner.generation.to_be_bytes());
    aad.extend(key_id(owner.commitment));
    aad
}

#[cfg(test)]
mod tests;
