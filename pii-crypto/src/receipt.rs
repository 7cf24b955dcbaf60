//! Receipts: evidence that keys were destroyed, checked by anyone with the public key and without a vault.

use data_encoding::HEXLOWER;
use ed25519_dalek::Signature;
use ed25519_dalek::Signer;
use ed25519_dalek::SigningKey;
use ed25519_dalek::VerifyingKey;
use sha2::Digest;
use sha2::Sha256;

use crate::coordinates::ForgetOrderId;
use crate::coordinates::TenantRef;
use crate::crypto::Broken;
use crate::crypto::bytes::Cursor;
use crate::crypto::bytes::put_l16;
use crate::crypto::envelope::Envelope;
use crate::crypto::keys::key_id;
use crate::row::DeadKey;

const FORM: &[u8] = b"pii-crypto/1 receipt";
/// The most bytes of an account's id in a receipt: no id, however long, keeps a receipt from being read.
const MAX_ACTOR: usize = 256;

/// Why a receipt is not evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The bytes are not a receipt.
    #[error("not a receipt")]
    Malformed,
    /// The signature is not that key's.
    #[error("the signature does not verify")]
    Signature,
    /// It does not follow the receipt before.
    #[error("the receipt does not follow the one before")]
    Chain,
}

/// Signs receipts with Ed25519 (RFC 8032). The key is wiped when dropped, and not printable.
#[derive(Clone)]
pub struct ReceiptSigner(SigningKey);

impl ReceiptSigner {
    /// A signer whose private key is this seed of 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The key with which anyone can check.
    #[must_use]
    pub fn verifying_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

impl core::fmt::Debug for ReceiptSigner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ReceiptSigner(..)")
    }
}

/// A signed statement that keys were destroyed at an instant. It holds no personal data: every text in it is a code
/// or an opaque id, and the subject appears as a pseudonym.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    tenant: TenantRef,
    sequence: u64,
    previous: [u8; 32],
    order: ForgetOrderId,
    subject_pseudonym: [u8; 32],
    forgotten_at: u64,
    reason: String,
    actor: String,
    destroyed: Vec<DeadKey>,
    signature: [u8; 64],
}

/// What a receipt says, before it is signed.
pub(crate) struct Statement<'s> {
    pub(crate) tenant: &'s TenantRef,
    pub(crate) sequence: u64,
    pub(crate) previous: [u8; 32],
    pub(crate) order: &'s ForgetOrderId,
    pub(crate) subject_pseudonym: [u8; 32],
    pub(crate) forgotten_at: u64,
    pub(crate) reason: &'s str,
    pub(crate) actor: &'s str,
    pub(crate) destroyed: Vec<DeadKey>,
}

impl Receipt {
    pub(crate) fn sign(signer: &ReceiptSigner, statement: Statement<'_>) -> Self {
        let mut receipt = Self {
            tenant: statement.tenant.clone(),
            sequence: statement.sequence,
            previous: statement.previous,
            order: statement.order.clone(),
            subject_pseudonym: statement.subject_pseudonym,
            forgotten_at: statement.forgotten_at,
            reason: statement.reason.to_owned(),
            actor: within(statement.actor, MAX_ACTOR).to_owned(),
            destroyed: statement.destroyed,
            signature: [0; 64],
        };
        receipt.signature = signer.0.sign(&receipt.statement()).to_bytes();
        receipt
    }

    /// Checks the signature, and that the receipt follows `previous`; the first one follows nothing.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] if either does not hold.
    pub fn verify(&self, key: &[u8; 32], previous: Option<&Self>) -> Result<(), ReceiptError> {
        let key = VerifyingKey::from_bytes(key).map_err(|_| ReceiptError::Signature)?;
        let signature = Signature::from_bytes(&self.signature);
        key.verify_strict(&self.statement(), &signature)
            .map_err(|_| ReceiptError::Signature)?;
        let (sequence, digest) = previous.map_or((Some(1), [0; 32]), |one| {
            (one.sequence.checked_add(1), one.digest())
        });
        let follows = sequence == Some(self.sequence)
            && self.previous == digest
            && previous.is_none_or(|one| one.tenant == self.tenant);
        if follows {
            Ok(())
        } else {
            Err(ReceiptError::Chain)
        }
    }

    /// Whether a sealed value, in its text form, was sealed under a key that this receipt calls destroyed.
    #[must_use]
    pub fn covers(&self, envelope: &str) -> bool {
        Envelope::from_text(envelope).is_ok_and(|envelope| {
            self.destroyed
                .iter()
                .any(|key| key_id(&key.commitment) == envelope.key_id())
        })
    }

    /// The order that was carried out.
    #[must_use]
    pub const fn order(&self) -> &ForgetOrderId {
        &self.order
    }

    /// Its place in the tenant's chain, from 1.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whether it is that tenant's, and of that number.
    pub(crate) fn is_at(&self, tenant: &TenantRef, sequence: u64) -> bool {
        self.tenant == *tenant && self.sequence == sequence
    }

    /// When the keys were destroyed, in milliseconds since 1970.
    #[must_use]
    pub const fn forgotten_at_millis(&self) -> u64 {
        self.forgotten_at
    }

    /// How many keys were destroyed.
    #[must_use]
    pub fn destroyed(&self) -> usize {
        self.destroyed.len()
    }

    /// SHA-256 of the whole receipt: what the next one names.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.to_bytes()).into()
    }

    /// The canonical bytes: what was signed, then the signature.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.statement();
        bytes.extend(self.signature);
        bytes
    }

    /// Reads the canonical bytes. That they are evidence is for [`Receipt::verify`].
    ///
    /// # Errors
    ///
    /// [`ReceiptError::Malformed`] if the bytes are not exactly one receipt.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReceiptError> {
        Self::read(bytes).map_err(|_| ReceiptError::Malformed)
    }

    fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let mut cursor = Cursor(bytes.strip_prefix(FORM).ok_or(Broken)?);
        let mut receipt = Self {
            tenant: cursor.l16()?.parse().map_err(|_| Broken)?,
            sequence: cursor.u64()?,
            previous: cursor.array()?,
            order: cursor.l16()?.parse().map_err(|_| Broken)?,
            subject_pseudonym: cursor.array()?,
            forgotten_at: cursor.u64()?,
            reason: cursor.l16()?.to_owned(),
            actor: cursor.l16()?.to_owned(),
            destroyed: Vec::new(),
            signature: [0; 64],
        };
        for _ in 0..cursor.u32()? {
            receipt.destroyed.push(DeadKey {
                category: cursor.l16()?.to_owned(),
                generation: cursor.u32()?,
                commitment: cursor.array()?,
            });
        }
        receipt.signature = cursor.array()?;
        cursor.end()?;
        Ok(receipt)
    }

    fn statement(&self) -> Vec<u8> {
        let mut bytes = FORM.to_vec();
        put_l16(&mut bytes, self.tenant.as_str().as_bytes());
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.previous);
        put_l16(&mut bytes, self.order.as_str().as_bytes());
        bytes.extend(self.subject_pseudonym);
        bytes.extend(self.forgotten_at.to_be_bytes());
        put_l16(&mut bytes, self.reason.as_bytes());
        put_l16(&mut bytes, self.actor.as_bytes());
        bytes.extend(
            u32::try_from(self.destroyed.len())
                .unwrap_or(u32::MAX)
                .to_be_bytes(),
        );
        for key in &self.destroyed {
            put_l16(&mut bytes, key.category.as_bytes());
            bytes.extend(key.generation.to_be_bytes());
            bytes.extend(key.commitment);
        }
        bytes
    }

    /// A view for people and logs. The canonical bytes are the evidence; they are in it, in base64url.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let destroyed: Vec<_> = self
            .destroyed
            .iter()
            .map(|key| {
                serde_json::json!({
                    "category": key.category,
                    "generation": key.generation,
                    "key-id": HEXLOWER.encode(&key_id(&key.commitment)),
                })
            })
            .collect();
        serde_json::json!({
            "kind": "forgotten",
            "tenant": self.tenant.as_str(),
            "sequence": self.sequence,
            "order": self.order.as_str(),
            "subject-pseudonym": HEXLOWER.encode(&self.subject_pseudonym),
            "forgotten-at-millis": self.forgotten_at,
            "reason": self.reason,
            "destroyed": destroyed,
            "receipt": data_encoding::BASE64URL_NOPAD.encode(&self.to_bytes()),
        })
    }
}

/// As many whole characters of `text` as fit into `max` bytes.
fn within(text: &str, max: usize) -> &str {
    let ends = text.char_indices().map(|(at, char)| at + char.len_utf8());
    let end = ends.take_while(|end| *end <= max).last().unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
