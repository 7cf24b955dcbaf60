//! The envelope, version 1: header, nonce, ciphertext, tag.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::Aead;
use aes_gcm::aead::KeyInit;
use aes_gcm::aead::Payload;
use data_encoding::BASE64URL_NOPAD;
use zeroize::Zeroizing;

use super::Broken;
use super::bytes::put_l16;
use super::keys::AES_256_GCM;
use super::keys::SealingKey;
use super::padding::Padding;
use super::padding::strip;
use crate::coordinates::Coordinates;

/// The most bytes of a value.
pub(crate) const MAX_PLAINTEXT: usize = 65_536;
/// The most bytes of an envelope.
pub(crate) const MAX_ENVELOPE: usize = 67_642;
/// What the text form begins with.
pub(crate) const PREFIX: &str = "pii1:";

const HEADER: usize = 18;
const MAX_PART: usize = 65_535;
const NONCE: usize = 12;
const TAG: usize = 16;
const FORMAT: u8 = 1;
const PADDED: u8 = 0b100;
const CONTENT: u8 = 0b11;

/// What the plaintext is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(unnameable_types, reason = "part of the trait that seals PiiValue")]
pub enum Content {
    Bytes = 0,
    Text = 1,
    Json = 2,
}

/// Bytes that have the outer form of an envelope this build can open. That they are authentic is not known yet.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Envelope(Vec<u8>);

/// Why bytes are not an envelope that this build can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an envelope of a known format and suite")]
pub struct EnvelopeError(());

impl Envelope {
    /// Checks the outer form; the caps before anything is kept.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let [first, flags, ..] = bytes else {
            return Err(EnvelopeError(()));
        };
        let fits = (HEADER + NONCE + TAG..=MAX_ENVELOPE).contains(&bytes.len());
        let is_known = *first == FORMAT << 4 | AES_256_GCM
            && flags & !(CONTENT | PADDED) == 0
            && flags & CONTENT != CONTENT;
        if fits && is_known {
            Ok(Self(bytes.to_vec()))
        } else {
            Err(EnvelopeError(()))
        }
    }

    pub(crate) fn from_text(text: &str) -> Result<Self, EnvelopeError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(EnvelopeError(()))?;
        if encoded.len() > MAX_ENVELOPE.div_ceil(3) * 4 {
            return Err(EnvelopeError(()));
        }
        let bytes = BASE64URL_NOPAD
            .decode(encoded.as_bytes())
            .map_err(|_| EnvelopeError(()))?;
        Self::parse(&bytes)
    }

    pub(crate) fn to_text(&self) -> String {
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&self.0))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Which key it claims to be sealed under.
    pub(crate) fn key_id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        for (place, byte) in id.iter_mut().zip(self.0.iter().skip(2)) {
            *place = *byte;
        }
        id
    }
}

/// Seals a value that fits.
pub(crate) fn seal(
    key: &SealingKey,
    at: &Coordinates,
    (content, value): (Content, &[u8]),
    padding: Padding,
    nonce: [u8; NONCE],
) -> Result<Envelope, Broken> {
    if value.len() > MAX_PLAINTEXT || !padding.is_known() {
        return Err(Broken);
    }
    let padded = if padding.is_padded() { PADDED } else { 0 };
    let mut bytes = vec![FORMAT << 4 | AES_256_GCM, content as u8 | padded];
    bytes.extend(key.id);
    let aad = aad(&bytes, at)?;
    let plain = padding.pad(value);
    let payload = Payload {
        msg: &plain,
        aad: &aad,
    };
    let sealed = cipher(key)
        .encrypt(&nonce.into(), payload)
        .map_err(|_| Broken)?;
    bytes.extend(nonce);
    bytes.extend(sealed);
    Ok(Envelope(bytes))
}

/// Opens an envelope at its place; anything that is not exactly what was sealed there is broken.
pub(crate) fn open(
    key: &SealingKey,
    at: &Coordinates,
    content: Content,
    envelope: &Envelope,
) -> Result<Zeroizing<Vec<u8>>, Broken> {
    let (header, rest) = envelope.0.split_at_checked(HEADER).ok_or(Broken)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or(Broken)?;
    let aad = aad(header, at)?;
    let payload = Payload {
        msg: sealed,
        aad: &aad,
    };
    let opened = cipher(key)
        .decrypt(&(*nonce).into(), payload)
        .map_err(|_| Broken)?;
    let opened = Zeroizing::new(opened);
    let flags = *header.get(1).ok_or(Broken)?;
    if flags & CONTENT != content as u8 {
        return Err(Broken);
    }
    if flags & PADDED == 0 {
        return Ok(opened);
    }
    Ok(Zeroizing::new(strip(&opened)?.to_vec()))
}

fn cipher(key: &SealingKey) -> Aes256Gcm {
    Aes256Gcm::new((&*key.key).into())
}

/// What is authenticated and never sent. A part whose length has no two bytes has no place in it.
fn aad(header: &[u8], at: &Coordinates) -> Result<Vec<u8>, Broken> {
    let mut aad = b"pii-crypto/1".to_vec();
    aad.extend(header);
    for part in [
        at.tenant.as_str(),
        at.subject.as_str(),
        &*at.category,
        at.record.as_str(),
        &*at.tag,
    ] {
        if part.len() > MAX_PART {
            return Err(Broken);
        }
        put_l16(&mut aad, part.as_bytes());
    }
    Ok(aad)
}

#[cfg(test)]
mod tests;
