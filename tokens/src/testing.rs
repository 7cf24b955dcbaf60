//! Rings with known keys. **For tests only**: whoever knows the seed signs whatever is wanted.

use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::Timestamp;

use crate::key::KeyRings;
use crate::key::KeyScope;

/// Rings with one scope, whose key comes from `seed` (RFC 8032 section 5.1.5) and was active always.
///
/// # Security
///
/// For tests only. [`KeyRings::in_process`] makes rings with secret keys.
#[must_use]
pub fn ring_with(scope: KeyScope, seed: [u8; 32]) -> KeyRings {
    rings_with([(scope, seed)])
}

/// As [`ring_with`], with several scopes.
///
/// # Security
///
/// For tests only.
#[must_use]
pub fn rings_with(keys: impl IntoIterator<Item = (KeyScope, [u8; 32])>) -> KeyRings {
    let rings = KeyRings::in_process(SystemClock);
    for (scope, seed) in keys {
        rings.add(scope, &seed, Timestamp::MIN);
    }
    rings
}
