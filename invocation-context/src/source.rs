//! Where new ids come from.

use core::num::NonZeroU128;
use std::sync::Arc;

use crate::time::Timestamp;

/// Draws ids. A parameter everywhere, so that tests are repeatable.
pub trait IdGenerator: Send + Sync {
    /// A new ULID whose first 48 bits are `at` in milliseconds.
    fn next(&self, at: Timestamp) -> NonZeroU128;
}

impl<G: IdGenerator + ?Sized> IdGenerator for &G {
    fn next(&self, at: Timestamp) -> NonZeroU128 {
        (**self).next(at)
    }
}

impl<G: IdGenerator + ?Sized> IdGenerator for Arc<G> {
    fn next(&self, at: Timestamp) -> NonZeroU128 {
        (**self).next(at)
    }
}

/// Ids with 80 random bits of the operating system each.
///
/// # Security
///
/// The ids are not monotonic within a millisecond: a counter would make the next id guessable. The last
/// 8 bytes are never zero, since they serve as the parent id of W3C Trace Context.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a unit struct is its own constructor"
)]
pub struct RandomIds;

impl IdGenerator for RandomIds {
    fn next(&self, at: Timestamp) -> NonZeroU128 {
        loop {
            let mut random = [0_u8; 16];
            if getrandom::fill(random.as_mut_slice()).is_err() {
                // Without entropy no id may be handed out: whoever waits for one waits for the source.
                std::thread::yield_now();
                continue;
            }
            if let Some(id) = assemble(at, u128::from_be_bytes(random)) {
                return id;
            }
        }
    }
}

/// Joins 48 bits of time and 80 random bits; `None` if the last 8 bytes would be zero.
pub(crate) fn assemble(at: Timestamp, random: u128) -> Option<NonZeroU128> {
    const RANDOM_BITS: u128 = (1 << 80) - 1;
    const LOW_64: u128 = u64::MAX as u128;

    if random & LOW_64 == 0 {
        return None;
    }
    NonZeroU128::new(u128::from(at.as_millis()) << 80 | random & RANDOM_BITS)
}
