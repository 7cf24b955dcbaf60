//! Sealed contexts that somebody touched.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::wire::SealedContext;

impl SealedContext {
    /// The same halves with one bit of their bytes turned: bits are counted through the context and then the hop, and
    /// around.
    #[must_use]
    pub fn with_flipped_bit(&self, bit: usize) -> Self {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        let (mut context, mut hop) = (decode(self.context()), decode(self.hop()));
        let at = bit % ((context.len() + hop.len()) * 8).max(1);
        let (byte, mask) = (at / 8, 1 << (at % 8));
        let mut bytes = context.iter_mut().chain(&mut hop);
        if let Some(byte) = bytes.nth(byte) {
            *byte ^= mask;
        }
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Self::forged(&encode(&context), &encode(&hop))
    }

    /// The context half of one call with the hop half of another.
    #[must_use]
    pub fn with_hop_of(&self, other: &Self) -> Self {
        Self::forged(self.context(), other.hop())
    }
}
