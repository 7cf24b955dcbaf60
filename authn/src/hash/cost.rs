//! What a hash costs.

use argon2::Algorithm;
use argon2::Argon2;
use argon2::Params;
use argon2::Version;

/// A cost outside of the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("argon2id takes 19456 to 262144 KiB, 2 to 16 passes and 1 to 4 lanes here")]
pub struct CostError(());

/// What one Argon2id hash costs: memory, passes, lanes.
///
/// Never below the floor of the OWASP password storage cheat sheet, never above what a stored hash may
/// demand of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Cost {
    /// The least: 19 MiB, two passes, one lane.
    pub const FLOOR: Self = Self {
        memory_kib: 19 * 1_024,
        passes: 2,
        lanes: 1,
    };
    /// The most: 256 MiB, 16 passes, four lanes.
    pub const CEILING: Self = Self {
        memory_kib: 256 * 1_024,
        passes: 16,
        lanes: 4,
    };

    /// A cost of `memory_kib` KiB, `passes` passes and `lanes` lanes. Lanes are computed one after the other.
    ///
    /// # Errors
    ///
    /// [`CostError`] if one of them is below the floor or above the ceiling.
    pub const fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, CostError> {
        let cost = Self {
            memory_kib,
            passes,
            lanes,
        };
        if memory_kib < Self::FLOOR.memory_kib || passes < Self::FLOOR.passes {
            return Err(CostError(()));
        }
        if cost.is_bounded() {
            Ok(cost)
        } else {
            Err(CostError(()))
        }
    }

    /// Memory of one hash in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }

    /// A cost that was read from storage: it may lie below the floor of today, but not above the ceiling,
    /// nor below the least that Argon2 computes.
    pub(super) fn stored(memory_kib: u32, passes: u32, lanes: u32) -> Option<Self> {
        Some(Self {
            memory_kib,
            passes,
            lanes,
        })
        .filter(|cost| cost.is_bounded())
    }

    /// Hashes `password` into `out`. Takes the time and the memory that the cost says.
    pub(super) fn hash(
        self,
        password: &[u8],
        salt: &[u8],
        out: &mut [u8],
    ) -> Result<(), argon2::Error> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password, salt, out)
    }

    const fn is_bounded(self) -> bool {
        self.memory_kib <= Self::CEILING.memory_kib
            && self.passes <= Self::CEILING.passes
            && self.lanes <= Self::CEILING.lanes
            && self.passes > 0
            && self.lanes > 0
            && self.memory_kib >= 8 * self.lanes
    }
}
