//! Keys for receivers of other systems.

use core::fmt;

use data_encoding::HEXLOWER;

/// An idempotency key for a call onward, made from an invocation's key and the call's name. Its text is a UUID of
/// version 4 in small letters (RFC 9562), since receivers check that.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DerivedKey([u8; 16]);

impl DerivedKey {
    /// The first half of a digest, with the bits of a UUID of version 4.
    pub(super) const fn of(digest: [u8; 32]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..] = digest;
        let (version, variant) = (g & 0x0f | 0x40, i & 0x3f | 0x80);
        Self([a, b, c, d, e, f, version, h, variant, j, k, l, m, n, o, p])
    }

    /// Its 16 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = HEXLOWER.encode(&self.0);
        let part = |from, to| hex.get(from..to).unwrap_or_default();
        let parts = [
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32),
        ];
        f.pad(&parts.join("-"))
    }
}

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DerivedKey({self})")
    }
}
