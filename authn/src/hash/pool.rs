//! The pool: never more hashes at once than permits, whoever hangs up.

use core::fmt;
use core::num::NonZeroUsize;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering;
use std::sync::Arc;
use std::thread::available_parallelism;

use super::cost::Argon2Cost;
use super::phc::PasswordHash;
use super::phc::Phc;
use super::queue::Full;
use super::queue::Queue;
use crate::password::Password;

/// Computes password hashes on the blocking threads of tokio, a bounded number at once. Cheap to clone:
/// clones share the permits.
///
/// A permit moves into the computation: a caller who goes away does not free a core that still hashes.
/// The most memory in use is permits × cost; a stored hash is checked at its own cost, up to
/// [`Argon2Cost::CEILING`]. Needs a tokio runtime with its time driver.
#[derive(Clone)]
pub struct HashingPool {
    shared: Arc<Shared>,
}

struct Shared {
    cost: Argon2Cost,
    queue: Queue,
    counters: Arc<Counters>,
}

/// What a pool did since it was made, and does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Hashes begun, those of unknown accounts included.
    pub hashed: u64,
    /// Callers turned away.
    pub shed: u64,
    /// Stored hashes that could not be read, or whose cost is out of bounds. Worth an alarm.
    pub unreadable: u64,
    /// Hashes being computed.
    pub in_flight: usize,
    /// The most hashes that were ever computed at once.
    pub most_in_flight: usize,
}

impl HashingPool {
    /// A pool with one permit per core but one, and at least one.
    #[must_use]
    pub fn new(cost: Argon2Cost) -> Self {
        let cores = available_parallelism().map_or(1, NonZeroUsize::get);
        Self::of(cost, cores.saturating_sub(1).max(1))
    }

    /// The same cost with this many permits, and fresh counters.
    #[must_use]
    pub fn with_permits(self, permits: NonZeroUsize) -> Self {
        Self::of(self.shared.cost, permits.get())
    }

    /// What the pool did, and does.
    #[must_use]
    pub fn stats(&self) -> PoolStats {
        let Counters {
            hashed,
            shed,
            unreadable,
            in_flight,
            most_in_flight,
        } = &*self.shared.counters;
        PoolStats {
            hashed: hashed.load(Ordering::Acquire),
            shed: shed.load(Ordering::Acquire),
            unreadable: unreadable.load(Ordering::Acquire),
            in_flight: in_flight.load(Ordering::Acquire),
            most_in_flight: most_in_flight.load(Ordering::Acquire),
        }
    }

    /// Hashes a password that shall be set, with a new salt of the operating system.
    pub(crate) async fn create(&self, password: &Password) -> Result<PasswordHash, HashingError> {
        let mut salt = [0_u8; 16];
        getrandom::fill(&mut salt).map_err(|_| HashingError::NoRandomness)?;
        let (password, cost) = (password.clone(), self.shared.cost);
        let created = self
            .run(move || Phc::create(password.as_bytes(), salt, cost))
            .await?;
        created.map_err(|_| HashingError::Saturated)
    }

    /// Whether the password matches. Exactly one hash is computed, also for an account that there is not.
    pub(crate) async fn matches(
        &self,
        password: &Password,
        stored: Option<&PasswordHash>,
    ) -> Result<bool, HashingError> {
        let parsed = stored.and_then(Phc::parse);
        if stored.is_some() && parsed.is_none() {
            self.shared
                .counters
                .unreadable
                .fetch_add(1, Ordering::AcqRel);
        }
        let is_real = parsed.is_some();
        let phc = parsed.unwrap_or_else(|| Phc::decoy(self.shared.cost));
        let is_match = self.check(phc, password).await?;
        Ok(is_real && is_match)
    }

    async fn check(&self, phc: Phc, password: &Password) -> Result<bool, HashingError> {
        let password = password.clone();
        let checked = self.run(move || phc.matches(password.as_bytes())).await?;
        checked.map_err(|_| HashingError::Saturated)
    }

    fn of(cost: Argon2Cost, permits: usize) -> Self {
        let shared = Shared {
            cost,
            queue: Queue::new(permits),
            counters: Arc::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        hash: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashingError> {
        let counters = Arc::clone(&self.shared.counters);
        let permit = match self.shared.queue.enter().await {
            Ok(permit) => permit,
            Err(Full) => {
                counters.shed.fetch_add(1, Ordering::AcqRel);
                return Err(HashingError::Saturated);
            }
        };
        let hashing = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let _running = Running::begin(&counters);
            hash()
        });
        hashing.await.map_err(|_| HashingError::Saturated)
    }
}

impl fmt::Debug for HashingPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingPool")
            .field("cost", &self.shared.cost)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

/// No hash was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashingError {
    /// The queue is full, the wait was too long, memory is short, or the runtime shuts down.
    Saturated,
    /// The operating system gave no salt.
    NoRandomness,
}

#[derive(Default)]
struct Counters {
    hashed: AtomicU64,
    shed: AtomicU64,
    unreadable: AtomicU64,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

/// Counts one computation while it runs.
struct Running<'c>(&'c Counters);

impl<'c> Running<'c> {
    fn begin(counters: &'c Counters) -> Self {
        counters.hashed.fetch_add(1, Ordering::AcqRel);
        let now = counters.in_flight.fetch_add(1, Ordering::AcqRel) + 1;
        counters.most_in_flight.fetch_max(now, Ordering::AcqRel);
        Self(counters)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests;
