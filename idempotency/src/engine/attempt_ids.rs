//! Names of attempts without a call of the operating system for each.

use core::num::NonZeroU128;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering;

use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::Timestamp;

/// How many of the 80 bits after the time count; the rest tells engines apart.
const COUNTING: u32 = 32;

/// ULIDs that differ from those of any other engine by 48 random bits, drawn once, and from each other by a counter. Of two
/// in one millisecond the later one is the greater one.
#[derive(Debug)]
pub(super) struct AttemptIds {
    engine: u128,
    next: AtomicU64,
}

impl AttemptIds {
    pub(super) fn new() -> Self {
        let drawn = RandomIds.next(Timestamp::MIN).get();
        // Without the last bit an id could be nothing but zeros behind its time.
        let engine = (drawn | 1) & ((1 << (80 - COUNTING)) - 1);
        Self {
            engine,
            next: AtomicU64::new(0),
        }
    }
}

impl IdGenerator for AttemptIds {
    fn next(&self, at: Timestamp) -> NonZeroU128 {
        let count = u128::from(self.next.fetch_add(1, Ordering::Relaxed)) & ((1 << COUNTING) - 1);
        let random = count << (80 - COUNTING) | self.engine;
        let id = u128::from(at.as_millis()) << 80 | random;
        NonZeroU128::new(id).unwrap_or(NonZeroU128::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_engine_grow_and_those_of_two_differ() {
        let (one, other) = (AttemptIds::new(), AttemptIds::new());
        let at = Timestamp::from_millis(1_795_425_600_000);
        let (first, second) = (one.next(at), one.next(at));
        assert!(first < second);
        assert_ne!(first, other.next(at));
        assert_eq!(first.get() >> 80, u128::from(at.as_millis()));
    }
}
