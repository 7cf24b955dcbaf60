//! Hashes at rest: PHC strings of Argon2id.

use core::fmt;

use data_encoding::BASE64_NOPAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::cost::Argon2Cost;

/// A stored hash: `$argon2id$v=19$m=..,t=..,p=..$salt$hash`.
///
/// # Security
///
/// It prints as `PasswordHash(..)` and is zeroed when dropped. A stored text is not trusted: its cost is
/// bounded before anything is allocated for it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(Zeroizing<String>);

impl PasswordHash {
    /// A hash as a store kept it. It is read when it is used; one that cannot be read matches no password.
    #[must_use]
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The PHC string, for the store.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// A hash taken apart: what it takes to check a password.
pub(super) struct Phc {
    cost: Argon2Cost,
    pub(super) salt: Vec<u8>,
    hash: Zeroizing<Vec<u8>>,
}

impl Phc {
    /// Reads a stored hash. `None` for another algorithm, another spelling, or a cost out of bounds.
    pub(super) fn parse(stored: &PasswordHash) -> Option<Self> {
        if stored.0.len() > LONGEST {
            return None;
        }
        let mut parts = stored.0.strip_prefix("$argon2id$v=19$")?.split('$');
        let cost = cost(parts.next()?)?;
        let salt = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        let hash = BASE64_NOPAD
            .decode(parts.next()?.as_bytes())
            .ok()
            .map(Zeroizing::new)?;
        let is_sized = (8..=48).contains(&salt.len()) && (16..=64).contains(&hash.len());
        if parts.next().is_none() && is_sized {
            Some(Self { cost, salt, hash })
        } else {
            None
        }
    }

    /// Hashes a new password.
    pub(super) fn create(
        password: &[u8],
        salt: [u8; 16],
        cost: Argon2Cost,
    ) -> Result<PasswordHash, argon2::Error> {
        let mut hash = Zeroizing::new([0_u8; HASH]);
        cost.hash(password, &salt, hash.as_mut_slice())?;
        let (m, t, p) = (cost.memory_kib(), cost.passes(), cost.lanes());
        let (salt, hash) = (
            BASE64_NOPAD.encode(&salt),
            BASE64_NOPAD.encode(hash.as_slice()),
        );
        let text = format!("$argon2id$v=19$m={m},t={t},p={p}${salt}${hash}");
        Ok(PasswordHash(Zeroizing::new(text)))
    }

    /// Whether `password` is the one: one hash, compared in constant time. A hash that cannot be computed,
    /// for want of memory, decides nothing.
    pub(super) fn matches(&self, password: &[u8]) -> Result<bool, argon2::Error> {
        let mut hash = Zeroizing::new(vec![0_u8; self.hash.len()]);
        self.cost.hash(password, &self.salt, &mut hash)?;
        Ok(hash.as_slice().ct_eq(self.hash.as_slice()).into())
    }

    /// Costs what a check costs, and matches nothing.
    pub(super) fn decoy(cost: Argon2Cost) -> Self {
        Self {
            cost,
            salt: vec![0; 16],
            hash: Zeroizing::new(vec![0; HASH]),
        }
    }
}

/// The length of new hashes in bytes.
const HASH: usize = 32;
/// No hash that is read is longer: 32 bytes of names and numbers, a salt of 64 letters, a hash of 86.
const LONGEST: usize = 256;

fn cost(text: &str) -> Option<Argon2Cost> {
    let mut parts = text.split(',');
    let memory_kib = number(parts.next()?.strip_prefix("m=")?)?;
    let passes = number(parts.next()?.strip_prefix("t=")?)?;
    let lanes = number(parts.next()?.strip_prefix("p=")?)?;
    if parts.next().is_some() {
        return None;
    }
    Argon2Cost::stored(memory_kib, passes, lanes)
}

/// A decimal number without sign or leading zero.
fn number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if is_plain { text.parse().ok() } else { None }
}
