//! A hash of few instructions, for ids that nobody chooses.

use std::hash::BuildHasher;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;
use std::hash::RandomState;

/// The fastest of the usual ways to hash what needs no protection: one multiplication per word.
#[derive(Default)]
pub(super) struct Fold(u64);

pub(super) type Quick = BuildHasherDefault<Fold>;

/// A row per way to hash.
pub(super) trait Hashing: BuildHasher + Default {
    const WALK: &'static str;
}

impl Hashing for RandomState {
    const WALK: &'static str = "walk";
}

impl Hashing for Quick {
    const WALK: &'static str = "walk-quick-hash";
}

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
