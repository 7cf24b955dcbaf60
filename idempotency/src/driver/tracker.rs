//! Keeps count of what runs, so that a service can end without cutting it off.

use core::fmt;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How many attempts run at once by default.
const CAPACITY: u32 = 1_024;
/// How long attempts that were cut short have to say so to their store.
const GRACE: Duration = Duration::from_secs(5);

/// Keeps count of the attempts that run, whether their callers are still there or not. Clones count together.
#[derive(Clone)]
pub struct Tracker(Arc<Running>);

struct Running {
    permits: Arc<Semaphore>,
    capacity: u32,
    is_closing: AtomicBool,
    is_over: AtomicBool,
    over: Notify,
}

/// What was left when a tracker was drained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a report")]
pub struct Drained {
    /// How many attempts had not ended. Those whose mode resumes gave their lease back as far as the store could be had.
    pub left: u32,
}

impl Default for Tracker {
    fn default() -> Self {
        Self::new()
    }
}

impl Tracker {
    /// A tracker of at most 1 024 attempts at once.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// A tracker of at most so many attempts at once; whoever comes beyond gets a 503.
    #[must_use]
    pub fn with_capacity(capacity: u32) -> Self {
        let permits = usize::try_from(capacity).unwrap_or(Semaphore::MAX_PERMITS);
        Self(Arc::new(Running {
            permits: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            capacity,
            is_closing: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            over: Notify::new(),
        }))
    }

    /// How many attempts run now.
    #[must_use]
    pub fn running(&self) -> u32 {
        let free = u32::try_from(self.0.permits.available_permits()).unwrap_or(u32::MAX);
        self.0.capacity.saturating_sub(free)
    }

    /// Lets nobody begin any more (503), and waits until everybody has ended, but no longer than `limit`. Attempts that a
    /// later one may resume are then dropped, and their leases end, so that somebody else goes on at once; others stay.
    ///
    /// Call it after the server has stopped, before the runtime ends.
    pub async fn drain(&self, limit: Duration) -> Drained {
        let running = &self.0;
        if timeout(limit, self.everybody()).await.is_ok() {
            return Drained { left: 0 };
        }
        running.is_over.store(true, Ordering::Release);
        running.over.notify_waiters();
        let left = match timeout(GRACE, self.everybody()).await {
            Ok(()) => 0,
            Err(_) => self.running(),
        };
        Drained { left }
    }

    /// Takes part; nothing if too many run, or it drains.
    pub(super) fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if self.is_closing() {
            return None;
        }
        Arc::clone(&self.0.permits).try_acquire_owned().ok()
    }

    /// Returns when whatever still runs is to be cut short.
    pub(super) async fn over(&self) {
        let notified = self.0.over.notified();
        if !self.0.is_over.load(Ordering::Acquire) {
            notified.await;
        }
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing.load(Ordering::Acquire)
    }

    /// Waits until nobody runs.
    async fn everybody(&self) {
        self.0.is_closing.store(true, Ordering::Release);
        // A semaphore serves whoever waits first, so nobody slips in before.
        let _all = self.0.permits.acquire_many(self.0.capacity).await;
    }
}

impl fmt::Debug for Tracker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracker")
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}
