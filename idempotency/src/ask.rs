//! One attempt at an invocation, as a store knows it: what it asks for, what it is granted, how it proves itself later.

use core::time::Duration;

use skeleton_invocation_context::Timestamp;

use crate::fingerprint::Fingerprint;
use crate::key::IdempotencyKey;

skeleton_invocation_context::ulid_id! {
    /// One attempt at an invocation; drawn anew for each. Of two at one key the later one is the greater one.
    pub struct Owner;
}

impl Owner {
    /// This attempt under a name that is later than `last`: clocks of two machines differ, and so may one within a
    /// millisecond.
    #[must_use]
    pub fn later_than(self, last: Self) -> Self {
        if self > last {
            return self;
        }
        let at = last.created_at().as_millis().saturating_add(1);
        let mut bytes = self.to_bytes();
        for (place, byte) in bytes.iter_mut().zip(at.to_be_bytes().into_iter().skip(2)) {
            *place = byte;
        }
        Self::from_bytes(bytes).unwrap_or(self)
    }
}

/// How an operation is kept from happening twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The effect lives in the record's own database: claim, effect and answer are committed together, or the claim with
    /// the first event of a workflow and the answer with its last. Exactly once.
    Transactional,
    /// The effect lives in steps, each under a key derived from the invocation's. Whoever claims after a crash goes on.
    /// Each step at least once; once if its receiver honours the key.
    Resumable,
    /// The effect lives anywhere. After a crash nobody knows whether it happened, and nobody repeats it unasked. At most
    /// once.
    AtMostOnce,
}

impl Mode {
    /// The number under which stores keep the mode.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Transactional => 1,
            Self::Resumable => 2,
            Self::AtMostOnce => 3,
        }
    }

    /// The mode of that number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Transactional),
            2 => Some(Self::Resumable),
            3 => Some(Self::AtMostOnce),
            _ => None,
        }
    }
}

/// How a claim is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Hold {
    /// Until the log has finished the workflow that the claim begins: without a lease.
    Log,
    /// Until the transaction that makes the claim ends, which it does with the answer in it or not at all. Nothing is
    /// written before.
    Commit,
    /// For so long, unless it is extended.
    Lease(Duration),
}

/// Who may go on with a claim, and end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fence {
    /// Whoever drives the log: its checkpoint is the fence.
    Log,
    /// The attempt that was granted: see [`Grant::fence`].
    Attempt {
        /// Which grant of the key.
        epoch: u64,
        /// To which attempt.
        owner: Owner,
        /// Of which payload: to whoever brought another one nothing stored is shown.
        fingerprint: Fingerprint,
    },
}

/// What an attempt asks a store for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    key: IdempotencyKey,
    fingerprint: Fingerprint,
    mode: Mode,
    owner: Owner,
    expires_at: Timestamp,
}

impl Ask {
    /// An ask for `key`: [`Engine::begin`](crate::Engine::begin) makes it, tests of stores do so too.
    #[must_use]
    pub const fn new(
        key: IdempotencyKey,
        fingerprint: Fingerprint,
        mode: Mode,
        owner: Owner,
        expires_at: Timestamp,
    ) -> Self {
        Self {
            key,
            fingerprint,
            mode,
            owner,
            expires_at,
        }
    }

    /// Which invocation.
    #[must_use]
    pub const fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// Of which payload.
    #[must_use]
    pub const fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Under which mode.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Which attempt.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// The same ask by another attempt.
    #[must_use]
    pub fn by(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }

    /// Until when the record is kept.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// The right to run: made by a store that granted a claim, and by nobody else.
///
/// It cannot be made up:
///
/// ```compile_fail
/// use skeleton_idempotency::{Grant, Owner};
/// fn made_up(owner: Owner) -> Grant {
///     Grant { epoch: 1, owner }
/// }
/// ```
///
/// It cannot be copied, so one grant is one run:
///
/// ```compile_fail
/// fn twice(grant: skeleton_idempotency::Grant) -> (skeleton_idempotency::Grant, skeleton_idempotency::Grant) {
///     (grant.clone(), grant)
/// }
/// ```
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Grant {
    epoch: u64,
    owner: Owner,
    fingerprint: Fingerprint,
}

impl Grant {
    /// For authors of stores: call it where the store has made the claim durable, or noted it in the transaction that
    /// will, and nowhere else.
    pub const fn by_store(ask: &Ask, epoch: u64) -> Self {
        Self {
            epoch,
            owner: ask.owner,
            fingerprint: ask.fingerprint,
        }
    }

    /// Grows with each grant of one key. Show it to a resource that can compare: it refuses whoever comes with less.
    #[must_use]
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The attempt that was granted.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// By what the attempt proves itself to its store.
    #[must_use]
    pub const fn fence(&self) -> Fence {
        Fence::Attempt {
            epoch: self.epoch,
            owner: self.owner,
            fingerprint: self.fingerprint,
        }
    }
}
