//! Numbers that look drawn, and are the same in every run.

/// Marsaglia's xorshift, 64 bits.
#[derive(Debug)]
pub(super) struct Xorshift(u64);

impl Xorshift {
    pub(super) const fn new(seed: u64) -> Self {
        // No seed leads to zero, at which it would stay.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`, which is not zero.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        // The upper half, which is the better one; the quotient fits.
        u32::try_from(((self.next() >> 32) * u64::from(end)) >> 32).unwrap_or(0)
    }

    /// One of some; nothing of none.
    pub(super) fn pick<'t, T>(&mut self, some: &'t [T]) -> Option<&'t T> {
        let len = u32::try_from(some.len()).unwrap_or(u32::MAX);
        some.get(self.below(len.max(1)) as usize)
    }
}
