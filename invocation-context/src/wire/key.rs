//! The keys of a trust domain.

use core::fmt;

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The bytes of a tag.
pub(super) const TAG: usize = 16;
/// The bytes of a key's name.
pub(super) const KEY_ID: usize = 4;

/// A key that signs contexts. Whoever holds it can forge one: one trust domain is one circle of trust.
///
/// # Security
///
/// 32 bytes from the operating system's generator. Not printable and wiped when dropped:
///
/// ```compile_fail
/// fn print(key: &skeleton_invocation_context::ContextKey) -> String {
///     key.to_string()
/// }
/// ```
#[derive(Clone)]
pub struct ContextKey {
    id: [u8; KEY_ID],
    secret: Zeroizing<[u8; 32]>,
}

impl ContextKey {
    /// A key and the name under which readers find it.
    #[must_use]
    pub fn new(id: [u8; 4], secret: [u8; 32]) -> Self {
        Self {
            id,
            secret: Zeroizing::new(secret),
        }
    }

    /// The name of the key on the wire.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The key as a trust domain uses it: everything that is the same for every context is hashed once.
    pub(super) fn signer(&self, audience: &str) -> Signer {
        let begun = |label: &[u8]| {
            let mut mac = self.mac();
            mac.update(label);
            mac.update(&[u8::try_from(audience.len()).unwrap_or(u8::MAX)]);
            mac.update(audience.as_bytes());
            mac
        };
        Signer {
            id: self.id,
            context: begun(b"skeleton-context/1\0"),
            hop: begun(b"skeleton-hop/1\0"),
        }
    }

    fn mac(&self) -> Hmac<Sha256> {
        let made = <Hmac<Sha256> as KeyInit>::new_from_slice(self.secret.as_slice());
        // HMAC takes keys of every length, so the second arm is never taken.
        made.unwrap_or_else(|_| <Hmac<Sha256> as KeyInit>::new(&Default::default()))
    }
}

impl fmt::Debug for ContextKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContextKey(..)")
    }
}

/// A key ready to sign and to verify for one audience.
#[derive(Clone)]
pub(super) struct Signer {
    id: [u8; KEY_ID],
    context: Hmac<Sha256>,
    hop: Hmac<Sha256>,
}

impl Signer {
    pub(super) const fn id(&self) -> [u8; KEY_ID] {
        self.id
    }

    /// The tag of a context half.
    pub(super) fn sign_context(&self, signed: &[u8]) -> [u8; TAG] {
        left(over(&self.context, &[signed]))
    }

    /// The tag of a hop half that belongs to the context half with the tag `of`.
    pub(super) fn sign_hop(&self, of: &[u8; TAG], signed: &[u8]) -> [u8; TAG] {
        left(over(&self.hop, &[of, signed]))
    }

    /// Whether `tag` is the context half's; takes the same time wherever the two differ.
    pub(super) fn verifies_context(&self, signed: &[u8], tag: &[u8; TAG]) -> bool {
        over(&self.context, &[signed])
            .verify_truncated_left(tag)
            .is_ok()
    }

    /// Whether `tag` is the hop half's, after the context half with the tag `of`.
    pub(super) fn verifies_hop(&self, of: &[u8; TAG], signed: &[u8], tag: &[u8; TAG]) -> bool {
        over(&self.hop, &[of, signed])
            .verify_truncated_left(tag)
            .is_ok()
    }
}

fn over(begun: &Hmac<Sha256>, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = begun.clone();
    for part in parts {
        mac.update(part);
    }
    mac
}

fn left(mac: Hmac<Sha256>) -> [u8; TAG] {
    let whole = mac.finalize().into_bytes();
    whole.first_chunk().copied().unwrap_or_default()
}
